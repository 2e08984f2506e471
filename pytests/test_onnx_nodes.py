"""ONNX's own cases for single operators (onnx.backend.test), interpreted: what is not refused must be right."""
from __future__ import annotations

import warnings

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from lockstep.capture import onnx_file
from lockstep.errors import LockstepError, Unsupported
from lockstep.graph.core import Graph
from lockstep.graph.interpret import bind_symbols, evaluate
from lockstep.graph.world import World
from lockstep.ops import onnx_definition
from lockstep.ops.define import define

KNOWN = {                     # prefix of the case's name -> why it need not be right yet
    "resize_downsample_scales_linear_align_corners": "takes the size before it is rounded; PyTorch and ORT do not",
    "resize_downsample_scales_cubic_align_corners": "takes the size before it is rounded; PyTorch and ORT do not",
}
LEAST_RIGHT = 1440            # of about 1,880; raise it when more is defined


def array(value) -> np.ndarray:
    return numpy_helper.to_array(value) if isinstance(value, onnx.TensorProto) else np.asarray(value)


def with_constants(model: onnx.ModelProto, places: list[int], inputs: list) -> onnx.ModelProto:
    """The model with some inputs fixed to what the case feeds them."""
    fixed = onnx.ModelProto()
    fixed.CopyFrom(model)
    for place in sorted(places, reverse=True):
        name = fixed.graph.input[place].name
        del fixed.graph.input[place]
        fixed.graph.initializer.append(numpy_helper.from_array(array(inputs[place]), name))
    return fixed


def graph_of(model: onnx.ModelProto, inputs: list) -> tuple[Graph, list[int]]:
    """The graph, and which inputs had to be fixed because a shape or axis depends on them; the last ones first."""
    fixed: list[int] = []
    while True:
        try:
            return define(onnx_file.capture(with_constants(model, fixed, inputs), onnx_definition, "node")), fixed
        except Unsupported as reason:
            free = [k for k in range(len(inputs)) if k not in fixed and not isinstance(inputs[k], (list, dict, type(None)))]
            if "must be known" not in str(reason) or not free:
                raise
            fixed.append(free[-1])


def check(case) -> None:
    graph, fixed = graph_of(case.model, case.data_sets[0][0])
    for inputs, outputs in case.data_sets:
        arrays = [array(x) for k, x in enumerate(inputs) if k not in fixed]
        results = evaluate(graph, arrays, World(False, bind_symbols(graph, [x.shape for x in arrays])))
        assert len(results) == len(outputs)
        for result, expected in zip(results, map(array, outputs)):
            assert (result.dtype, result.shape) == (expected.dtype, expected.shape)
            if result.dtype.kind == "f" or result.dtype.name == "bfloat16":
                np.testing.assert_allclose(result.astype(np.float64), expected.astype(np.float64),
                                           rtol=max(case.rtol, 1e-3), atol=max(case.atol, 1e-6))
            else:
                np.testing.assert_array_equal(result, expected)


@pytest.mark.filterwarnings("ignore")
def test_every_operator_case_of_onnx_is_right_or_refused():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from onnx.backend.test.case.node import collect_testcases
        cases = collect_testcases(None)
    right, wrong, known = 0, [], set()
    for case in cases:
        name = case.name.removeprefix("test_").removesuffix("_expanded")
        try:
            check(case)
            right += 1
        except LockstepError:
            continue
        except Exception as failure:  # a crash of the interpreter and a wrong number both count as wrong
            known.add(name) if name in KNOWN else wrong.append(f"{name}: {str(failure).strip().splitlines()[0]}")
    assert not wrong, "\n".join(wrong)
    assert known == set(KNOWN), f"right after all: {set(KNOWN) - known}"
    assert right >= LEAST_RIGHT
