"""Rewrites of a graph that keep its meaning: pipeline.py is the list of them, in order; one rewrite a file."""
