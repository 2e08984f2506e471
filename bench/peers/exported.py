"""What the peers that read ONNX share."""
from __future__ import annotations

import numpy as np

from ..job import Job, LeftOut


def onnx_file(job: Job) -> str:
    """The model as an .onnx file. Raises LeftOut with the exporter's reason where it refused."""
    refused = job.folder / "onnx_refused.txt"
    if refused.exists():
        raise LeftOut(refused.read_text())
    return str(job.folder / "model.onnx")


def named_inputs(job: Job, names: list[str]) -> dict[str, np.ndarray]:
    return dict(zip(names, job.inputs(), strict=True))
