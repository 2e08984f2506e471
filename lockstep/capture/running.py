"""Normalisations in training: they move running statistics in place, which neither their schemas nor torch.export say."""
from __future__ import annotations

from typing import Any

import torch

from ..graph.core import Origin

aten = torch.ops.aten

_TRAINING_AT = {"batch_norm.default": 5, "native_batch_norm.default": 5, "instance_norm.default": 5}
_ALWAYS_TRAINS = "_batch_norm_with_update.default"


def moves_statistics(name: str, args: tuple, handles: type) -> bool:
    """Whether a call is of a normalisation that updates the statistics it is given."""
    trains = name == _ALWAYS_TRAINS or name in _TRAINING_AT and bool(args[_TRAINING_AT[name]])
    return trains and isinstance(args[3], handles)


def plain(op: torch._ops.OpOverload) -> torch._ops.OpOverload:
    """The operator; where it is native_batch_norm with a schema that says what it writes, that."""
    return aten.native_batch_norm.default if op == aten._native_batch_norm_legit.default else op


def moving_statistics(recorder: Any, name: str, args: tuple, apply: Any, origin: Origin) -> Any:
    """The call's results; the statistics (arguments 3 and 4) hold their new values. `apply(op, args)` records a call."""
    x, weight, bias, mean, variance, *rest = args
    if name == "instance_norm.default":
        _, momentum, eps, _ = rest
        result = apply(aten.instance_norm.default, (x, weight, bias, None, None, True, momentum, eps, False))
        spatial = list(range(2, x.fake.dim()))
        batch = apply(aten.var_mean.correction, (x, spatial), {"correction": 1})
        for old, of_instances in zip((mean, variance), batch[::-1]):
            mixed = apply(aten.mul.Tensor, (apply(aten.mean.dim, (of_instances, [0])), momentum))
            kept = apply(aten.mul.Tensor, (old, 1 - momentum))
            total = apply(aten.add.Tensor, (mixed, kept))
            recorder.write(old, apply(aten._to_copy.default, (total,), {"dtype": old.fake.dtype}), origin)
        return result
    functional = aten._batch_norm_with_update_functional if name == _ALWAYS_TRAINS else \
        aten._native_batch_norm_legit_functional
    *results, new_mean, new_variance = apply(functional.default, (x, weight, bias, mean, variance, *rest[:3]))
    for old, new in ((mean, new_mean), (variance, new_variance)):
        if new.fake.dtype != old.fake.dtype:           # PyTorch's decomposition leaves 16-bit floats in float32
            new = recorder.record("lockstep::rounded_to", (new, old.fake.dtype), {}, old.fake, origin)
        recorder.write(old, new, origin)
    return results[0] if name == "batch_norm.default" else results


def without_momentum(op: torch._ops.OpOverload, args: tuple) -> tuple:
    """Arguments from which a result's type can be found: a momentum that is itself computed says nothing of it."""
    names = [a.name for a in op._schema.arguments]
    k = names.index("momentum") if "momentum" in names else None
    return tuple(args) if k is None or isinstance(args[k], float) else (*args[:k], 0.0, *args[k + 1:])
