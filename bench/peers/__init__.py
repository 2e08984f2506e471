"""The others: a file each, with its package as `DISTRIBUTION`, and `opened(job)`, which gives the timed call."""
