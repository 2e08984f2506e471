"""`python -m bench.prepare JOB`: the files of a model that every side reads, made once.

input_k.npy, answer_k.npy (PyTorch's), model.onnx or onnx_refused.txt; at last prepared.json: the arithmetic.
"""
from __future__ import annotations

import json
import sys
import warnings

import numpy as np
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from lockstep.cases.onnx_export import export, silence

from .job import Job, LeftOut
from .models import MODELS
from .worker import flattened


def floating_point_operations(module: torch.nn.Module, inputs: tuple) -> int:
    """What PyTorch's counter counts of one call: products and convolutions, two operations a multiplication.

    The counter sees operators: attention and recurrent layers have to show theirs.
    """
    torch.backends.mha.set_fastpath_enabled(False)
    with FlopCounterMode(display=False) as counter, torch.no_grad(), \
            torch.backends.mkldnn.flags(enabled=False), sdpa_kernel(SDPBackend.MATH):
        module(*inputs)
    torch.backends.mha.set_fastpath_enabled(True)
    return counter.get_total_flops()


def export_scripted(module: torch.nn.Module, inputs: tuple, path: str) -> str | None:
    """Writes the model by the TorchScript exporter, which keeps loops; gives its reason where it refuses."""
    try:
        with silence():
            torch.onnx.export(torch.jit.script(module), inputs, path, dynamo=False)
    except Exception as failure:  # the exporter raises whatever its stages raise
        return f"torch.onnx.export refused: {LeftOut.words(failure)}"
    return None


def main() -> None:
    warnings.filterwarnings("ignore")
    job = Job.read(sys.argv[1])
    model = MODELS[job.model]
    module, inputs = model.opened()
    with torch.inference_mode():
        answers = list(flattened(module(*inputs)))
    for kind, arrays in (("input", map(np.asarray, inputs)), ("answer", answers)):
        for k, array in enumerate(arrays):
            np.save(job.folder / f"{kind}_{k}.npy", array)
    path = job.folder / "model.onnx"
    with torch.no_grad():
        refused = (export_scripted(module, inputs, str(path)) if model.scripted else
                   export(module, inputs, None, path))
    if refused:
        (job.folder / "onnx_refused.txt").write_text(refused)
    done = {"operations": floating_point_operations(module, inputs)}
    (job.folder / "prepared.json").write_text(json.dumps(done))


if __name__ == "__main__":
    main()
