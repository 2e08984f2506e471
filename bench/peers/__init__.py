"""The others: a file each, with the package's name, `DISTRIBUTION`, and `opened(job)`, which gives the call."""
