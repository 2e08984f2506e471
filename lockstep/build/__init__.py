"""Building and loading what was emitted: compiler.py (shared libraries, cached by content), library.py (calling them)."""
