"""Sweeps: PyTorch's own databases of operators and models, asked one by one and counted."""
