"""Packages that a generator asks its questions of, and that need not be installed."""
from __future__ import annotations

import importlib
from types import ModuleType

from ..errors import LockstepError


class NotInstalled(LockstepError):
    """A generator needs a package that is not installed here: its suite is skipped with this reason."""

    exit_code = 2


def needs(package: str) -> ModuleType:
    """The package, imported: `transformers = needs("transformers")` at the top of a generator.

    Raises NotInstalled where it is not there, which skips the suite; a package that is there and fails raises as it is.
    """
    try:
        return importlib.import_module(package)
    except ModuleNotFoundError as failure:
        if failure.name != package.partition(".")[0]:
            raise
        raise NotInstalled(f"the package {package} is not installed") from failure
