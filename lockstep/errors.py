"""The errors users meet, and the exit codes that go with them."""
from __future__ import annotations


HOW_TO_DEFINE = "define it with --ops (docs/custom-operators.md)"


class LockstepError(Exception):
    """Any failure that Lockstep explains itself; `exit_code` is what the command line ends with."""

    exit_code = 4


class BadInput(LockstepError):
    """The model, its example inputs or an option cannot be used as given (exit code 2)."""

    exit_code = 2


class Unsupported(LockstepError):
    """The model uses something that cannot be converted faithfully; nothing was emitted (exit code 3)."""

    exit_code = 3


class BuildError(LockstepError):
    """The C++ compiler is missing or refused the emitted code (exit code 4)."""


class Differs(LockstepError):
    """The C++ and the reference disagree beyond the bound (exit code 1)."""

    exit_code = 1
