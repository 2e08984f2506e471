"""What the processes of a run agree on: the folder of a model's files, and how they are told which model."""
from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np


@dataclass(frozen=True)
class Job:
    """A model, its folder (inputs, PyTorch's answers, model.onnx), and the number of threads.

    march: what the C++ is compiled for. width: the bits of a vector, for peers that ask; 0 is their choice.
    """

    model: str
    folder: Path
    threads: int = 1
    march: str = "native"
    width: int = 0

    @classmethod
    def read(cls, text: str) -> Job:
        told = json.loads(text)
        return cls(**{**told, "folder": Path(told["folder"])})

    def text(self) -> str:
        return json.dumps({**vars(self), "folder": str(self.folder)})

    @property
    def own(self) -> Path:
        """The folder of what is made for this instruction set and this number of threads."""
        return self.folder / f"{self.march}-{self.threads}"

    def inputs(self) -> list[np.ndarray]:
        return self._arrays("input")

    def answers(self) -> list[np.ndarray]:
        return self._arrays("answer")

    def _arrays(self, kind: str) -> list[np.ndarray]:
        count = len(list(self.folder.glob(f"{kind}_*.npy")))
        return [np.load(self.folder / f"{kind}_{k}.npy") for k in range(count)]


class LeftOut(Exception):
    """Why a side does not take part."""

    @staticmethod
    def words(failure: Exception) -> str:
        """An exception's kind and the first line of what it says."""
        said = str(failure).strip().splitlines() or [""]
        return f"{type(failure).__name__}: {said[0][:300]}"
