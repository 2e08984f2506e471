"""16-bit floats: an operator that takes several steps computes them in float32 and rounds once, as PyTorch's kernels do.

A definition says nothing of it. Where what it built rounds more than once, it is asked again with its operands in
float32, and its results are rounded to the dtypes that the source states. What moves, compares or rounds once stays in
16 bits: the detour would change nothing there.
"""
from __future__ import annotations

from typing import Any, Callable, Sequence

import numpy as np

from ..graph.core import Node, Type, next_serial
from ..graph.build import Tensor
from ..graph.dims import Expr
from ..graph.ulp import ulp_of
from ..graph.world import HALVES, numpy_dtype

# PyTorch composes these of other operators, or its loop keeps 16-bit floats: every step rounds
COMPOSED = frozenset({
    "add.Tensor", "sub.Tensor", "subtract.Tensor", "rsub.Scalar", "rsub.Tensor", "addbmm.default", "addr.default",
    "bilinear.default", "linalg_cross.default", "logit.default", "special_logit.default", "logsumexp.default",
    "special_logsumexp.default", "log_softmax.int", "_log_softmax.default", "cosine_similarity.default",
    "binary_cross_entropy_with_logits.default", "scaled_dot_product_attention.default", "_adaptive_avg_pool3d.default",
    "adaptive_avg_pool3d.default", "index_reduce.default", "scatter_reduce.two", "index_put.default",
    "_unsafe_index_put.default", "histc.default", "grid_sampler.default", "grid_sampler_2d.default",
    "grid_sampler_3d.default", "batch_norm.default", "native_batch_norm.default", "instance_norm.default",
    "_native_batch_norm_legit.no_stats", "_native_batch_norm_legit.default",
    "_native_batch_norm_legit_no_training.default", "_native_batch_norm_legit_functional.default",
    "_batch_norm_no_update.default", "_batch_norm_with_update_functional.default",
    "conv_transpose1d.default", "conv_transpose2d.input", "conv_transpose3d.input", "polygamma.default",
    "special_polygamma.default", "alpha_dropout.default", "feature_alpha_dropout.default",
    "soft_margin_loss.default", "kl_div.default", "fractional_max_pool2d.default",
    "fractional_max_pool3d.default", "segment_reduce.default", "nll_loss_forward.default",
    "nll_loss2d_forward.default", "nll_loss.default", "nll_loss_nd.default", "nll_loss2d.default",
    "cross_entropy_loss.default",
    *(f"upsample_{kind}.{form}" for kind in ("linear1d", "bilinear2d", "trilinear3d", "bicubic2d")
                                for form in ("default", "vec"))})


def rounded_once(target: str, function: Callable, args: Sequence, kwargs: dict, types: Sequence[Type | None]) -> tuple:
    """The results of function(*args, **kwargs), the definition of `target`; `types` are the source's of its results."""
    first = next_serial()
    results = _listed(function(*args, **kwargs))
    if target in COMPOSED or not any(map(_is_half, _tensors((*args, *kwargs.values())))) or \
            _roundings(results, first) < 2:
        return results
    wide = _listed(function(*(_widened(a) for a in args), **{k: _widened(v) for k, v in kwargs.items()}))
    return tuple(x.rounded_to(type_.dtype) if isinstance(x, Tensor) and _narrower(x, type_) else x
                 for x, type_ in zip(wide, (*types, *[None] * (len(wide) - len(types)))))


def _listed(result: Any) -> tuple:
    return tuple(result) if isinstance(result, (tuple, list)) else (result,)


def _tensors(arguments: Any) -> list[Tensor]:
    return [x for a in arguments for x in (_tensors(a) if isinstance(a, (list, tuple)) else [a]) if isinstance(x, Tensor)]


def _is_half(x: Tensor) -> bool:
    return x.dtype in HALVES


def _narrower(x: Tensor, type_: Type | None) -> bool:
    return type_ is not None and type_.dtype in HALVES and x.dtype == "float32"


def _widened(a: Any) -> Any:
    if isinstance(a, (list, tuple)):
        return [_widened(x) for x in a]
    if isinstance(a, Tensor) and _is_half(a):
        return a.cast("float32")
    return "float32" if isinstance(a, str) and a in HALVES else a


def _roundings(results: tuple, first: int) -> int:
    """How often an element of the results was rounded to 16 bits by nodes numbered from `first` on."""
    seen: set[int] = set()
    waiting = [x.node for x in _tensors(results)]
    count = 0
    while waiting:
        node = waiting.pop()
        if id(node) not in seen and node.serial >= first:
            seen.add(id(node))
            waiting.extend(x.node for x in node.inputs)
            count += _rounds(node)
    return count


def _rounds(node: Node) -> int:
    """0 for what is exact, 1 for one rounding an element, 2 for sums and whatever else rounds on its way."""
    dtype = node.types[0].dtype
    if dtype not in HALVES:
        return 0
    if node.op == "map":
        return int(node.attrs["fn"] != "cast" and ulp_of(node.attrs["fn"], dtype) > 0)
    if node.op == "constant":
        value = node.attrs["value"]
        return int(not isinstance(value, Expr) and bool(numpy_dtype(dtype).type(value) != np.float64(value)))
    if node.op in ("reduce", "scan"):
        return 2 * (node.attrs["monoid"] in ("sum", "prod"))
    if node.op == "scatter":
        return 2 * (node.attrs["mode"] in ("sum", "prod"))
    return 2 * (node.op in ("loop", "kernel")) + (node.op == "contract")
