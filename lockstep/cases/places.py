"""Where things lie: generators and goldens in the checkout, models and emitted code in the build folder."""
from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Places:
    """The folders of one checkout and one build."""

    generators: Path
    golden: Path
    build: Path

    def models(self, suite: str) -> Path:
        return self.build / "models" / suite

    def emitted(self, suite: str) -> Path:
        return self.build / "emitted" / suite
