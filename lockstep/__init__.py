"""Lockstep turns PyTorch models into self-contained C++17 and proves that both compute the same."""
from __future__ import annotations

from .errors import BadInput, BuildError, Differs, LockstepError, Unsupported

__all__ = ["BadInput", "BuildError", "Choices", "Differs", "LockstepError", "Unsupported", "compile", "convert", "define", "kernel",
           "load", "verify"]


def __getattr__(name: str):
    """The interface, imported when first used: errors and command-line help need none of it."""
    if name in ("Choices", "compile", "convert", "load", "verify"):
        from . import api
        return getattr(api, name)
    if name in ("define", "kernel"):
        from .ops import custom
        return getattr(custom, name)
    raise AttributeError(f"module 'lockstep' has no attribute '{name}'")
