"""A case's module as an .onnx file, through PyTorch's own exporter (torch.export and the dynamo ONNX exporter)."""
from __future__ import annotations

import contextlib
import io
import logging
import re
import warnings
from pathlib import Path
from typing import Iterator, Mapping

import onnx
import torch

from ..capture.exported import dynamic_shapes
from ..graph.source import relative


def export(module: torch.nn.Module, args: tuple, dynamic: Mapping[int, Mapping[int, str]] | None, path: str | Path
           ) -> str | None:
    """Writes `path`, weights inside; dynamic is {input position: {dim: name}}.

    Gives None, or, where the exporter refuses the module, the first line of its reason; then nothing is written.
    """
    try:
        with silence():
            shapes = dynamic_shapes(module, len(args), dynamic)
            made = torch.onnx.export(module, args, dynamo=True, dynamic_shapes=shapes, verbose=False)
    except Exception as failure:  # the exporter raises whatever its stages raise; its message is what is recorded
        cause = failure.__cause__ or failure
        lines = str(cause).strip().splitlines()
        return f"torch.onnx.export refused: {lines[0] if lines else type(cause).__name__}"
    made.save(str(path), external_data=False)
    model = onnx.load(str(path))
    strip_paths(model)
    onnx.save(model, str(path))
    return None


def strip_paths(model: onnx.ModelProto) -> None:
    """Shortens the source paths that the exporter notes to what is the same on every machine."""
    functions = [node for function in model.functions for node in function.node]
    for node in [*model.graph.node, *functions]:
        for note in node.metadata_props:
            note.value = re.sub(r'File "([^"]+)"', lambda found: f'File "{relative(found[1])}"', note.value)


@contextlib.contextmanager
def silence() -> Iterator[None]:
    """No progress lines, warnings or log records from the exporter."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()), \
                contextlib.redirect_stderr(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
