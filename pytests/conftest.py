"""What every test may use: the folder of the checkout, and a suite with goldens that needs no PyTorch."""
from __future__ import annotations

from pathlib import Path

import pytest

from fake_suite import FakeSuite

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture
def fake_suite(tmp_path: Path) -> FakeSuite:
    """The suite `doubling` in TMP/emitted, its goldens in TMP/golden."""
    suite = FakeSuite(tmp_path)
    suite.write()
    return suite
