"""Writes a plan down as C++: text.py (numbers and indices), nest.py (loop nests), steps.py (all steps), unit.py (a
model's source), package.py (a folder a user builds)."""
