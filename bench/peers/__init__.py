"""The others: a file each, with `DISTRIBUTION`, its package, and `opened(job)`, a context that gives the timed call."""
