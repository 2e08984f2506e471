"""A user's own model: reading it (models.py), and judging its C++ against the original (verdict.py)."""
