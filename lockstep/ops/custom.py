"""Custom operators: what a user's own operator means (`define`), and C++ kernels of the user's own (`kernel`)."""
from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Callable, Sequence

from ..errors import BadInput
from ..graph import build
from ..graph.build import Tensor
from ..graph.core import Type
from ..graph.primitives.kernels import KERNELS, Kernel, of_elements
from . import aten, onnx

FOLDER = "custom"            # where the headers of users' kernels lie, beside the runtime headers


def define(*names: str, since: int = 1) -> Callable:
    """Says what an operator means: decorates a function over graph values (`lockstep.graph.build` is the vocabulary).

    names are operators as PyTorch or ONNX spell them: "my_lib::my_add" (the overload `default` where none is named),
    "aten::asinh", "aten::add.Tensor", "onnx::Asinh", "onnx::my.domain.MyOp". For PyTorch the function has the overload's
    own parameters; for ONNX the node's inputs in order, then its attributes by name, and `since` is the first
    operator-set version that it holds for. It goes before a definition of Lockstep's own. Raises BadInput for a name of
    another form.
    """
    for name in names:
        if not re.fullmatch(r"\w+::\w[\w.]*", name, re.ASCII):
            raise BadInput(f"define({name!r}): write NAMESPACE::OPERATOR or NAMESPACE::OPERATOR.OVERLOAD, "
                           f"for instance my_lib::my_add")

    def register(function: Callable) -> Callable:
        for name in names:
            namespace, _, operator = name.partition("::")
            if namespace == "onnx":
                onnx(operator, since)(function)
            else:
                overload = operator if "." in operator else f"{operator}.default"
                aten(overload if namespace == "aten" else f"{namespace}::{overload}")(function)
        return function
    return register


def files_of(ops: Path) -> list[Path]:
    """A file of definitions and the headers of the kernels in it: what emitted code depends on."""
    return [ops, *(one.file for one in KERNELS.values() if one.file is not None
                   and Path(one.value.__code__.co_filename).resolve() == ops)]


class CustomKernel:
    """A user's kernel: called with graph values it gives graph values, and the emitted code calls the user's C++."""

    def __init__(self, name: str):
        self.name = name

    def __call__(self, inputs: Sequence[Tensor], types: Sequence[Type], **numbers: Any) -> Any:
        """Results of the given types (several: a tuple). `numbers` (extents, ints, floats, bools) reach the NumPy function
        by name, and the C++ function in this order, behind the pointers."""
        results = build.kernel(self.name, inputs, types, **numbers)
        return results[0] if len(results) == 1 else results


def kernel(header: str | Path, *, name: str | None = None, growth: float = 4.0, scale: Callable = of_elements,
           error: Callable | None = None, scratch: Callable | None = None) -> Callable[[Callable], CustomKernel]:
    """Registers a C++ kernel of the user's own; decorates the NumPy function that says what it computes.

    header   the file that holds it, relative to the decorated function's file; it is copied into what is emitted
    name     the C++ function ("my_kernel", or "my_lib::my_kernel"); default: the decorated function's name
    growth   how far the C++ may be off: exact for inputs that differ by at most so many ULP (backward error)
    scale    what those ULP are of: each element's own magnitude, or another function of `graph.primitives.kernels`
    error    an error meaning of its own instead of growth, as `lockstep.graph.primitives` describes it
    scratch  elements of scratch memory, in the first input's dtype, as a function of the node

    The C++ function gets pointers to the inputs, pointers to the outputs, the scratch memory if there is some, then the
    numbers (`lockstep::Index` or double) in the call's order; it returns false where the data has no answer.
    Raises BadInput where the header cannot be read or another kernel has its file name.
    """
    def register(value: Callable) -> CustomKernel:
        spelled = name or value.__name__
        if not re.fullmatch(r"[A-Za-z_]\w*(::[A-Za-z_]\w*)*", spelled, re.ASCII):
            raise BadInput(f"kernel {spelled!r}: the name of a C++ function is needed, for instance my_lib::my_kernel")
        file = (Path(value.__code__.co_filename).parent / header).resolve()
        if not file.is_file():
            raise BadInput(f"kernel {spelled}: its header {file} does not exist")
        place = f"{FOLDER}/{file.name}"
        taken = [other.file for other in KERNELS.values() if other.header == place and other.file != file]
        if taken:
            raise BadInput(f"kernel {spelled}: {taken[0]} is a header of that name already; rename one")
        KERNELS[f"::{spelled}"] = Kernel(value, place, growth, scale, error=error, scratch=scratch, file=file)
        return CustomKernel(f"::{spelled}")
    return register
