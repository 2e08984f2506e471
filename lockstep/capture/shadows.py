"""Functions that look at numbers on their way, which tensors without data do not have, in operators that do not."""
from __future__ import annotations

import math
from itertools import combinations, combinations_with_replacement
from typing import Any, Callable

import torch
from torch import Tensor
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from ..errors import Unsupported

aten = torch.ops.aten
SHADOWS: dict[Callable, Callable] = {}
_TWO_DIMS = "expected input to have two or fewer dimensions but got an input with"


class Shadowed(TorchFunctionMode):
    """Inside, calls of the functions in SHADOWS are their spelling here."""

    def __torch_function__(self, func: Callable, types: Any, args: tuple = (), kwargs: dict | None = None) -> Any:
        return SHADOWS.get(func, func)(*args, **(kwargs or {}))


def shadow(*functions: Callable) -> Callable:
    def register(spelling: Callable) -> Callable:
        SHADOWS.update(dict.fromkeys(functions, spelling))
        return spelling
    return register


def require(condition: Tensor, message: str) -> None:
    """The run fails where the condition is false, as eager PyTorch would with the message."""
    aten._assert_async.msg(condition, message)


@shadow(torch.equal, Tensor.equal, torch.allclose, Tensor.allclose)
def one_bool(*_: Any, **__: Any) -> bool:
    raise Unsupported("torch.equal and torch.allclose give a Python bool that depends on data; "
                      "keep a tensor: (a == b).all(), torch.isclose(a, b).all()")


@shadow(torch.narrow, Tensor.narrow)
def narrow(input: Tensor, dim: int, start: Any, length: Any) -> Tensor:
    if not isinstance(start, Tensor):
        return torch.narrow(input, dim, start, length)
    if start.dim() or start.dtype == torch.bool or start.is_floating_point() or start.is_complex():
        raise RuntimeError("start must be an 0-dim integral Tensor.")
    extent = input.shape[dim]
    first = torch.where(start < 0, start + extent, start).item()
    torch._check(first >= 0)
    torch._check(first + length <= extent)
    return torch.narrow(input, dim, first, length)


@shadow(torch.tensor_split, Tensor.tensor_split)
def tensor_split(input: Tensor, *args: Any, **kwargs: Any) -> Any:
    """At places that are data; how many parts there are is not."""
    named = {**dict(zip(("tensor_indices_or_sections", "dim"), args)), **kwargs}
    places, dim = named.get("tensor_indices_or_sections"), named.get("dim", 0)
    if not isinstance(places, Tensor) or places.dim() != 1:
        return torch.tensor_split(input, *args, **kwargs)
    extent = input.shape[dim]
    places = torch.where(places < 0, places + extent, places).clamp(0, extent)
    parts = []
    for first, after in zip((0, *places.unbind()), (*places.unbind(), extent)):
        start = first.item() if isinstance(first, Tensor) else first
        length = torch.as_tensor(after - first).clamp(min=0).item()
        torch._check(start >= 0)
        torch._check(length >= 0)
        torch._check(start + length <= extent)
        parts.append(torch.narrow(input, dim, start, length))
    return tuple(parts)


@shadow(torch.combinations, aten.combinations.default)
def all_combinations(input: Tensor, r: int = 2, with_replacement: bool = False) -> Tensor:
    """The places are known where the number of elements is."""
    if input.dim() != 1 or not isinstance(input.shape[0], int) or r < 1:
        return torch.combinations(input, r, with_replacement)
    chosen = (combinations_with_replacement if with_replacement else combinations)(range(input.shape[0]), r)
    return input[torch.tensor(list(chosen), dtype=torch.int64).reshape(-1, r)]


@shadow(torch.ctc_loss, aten.ctc_loss.IntList)
def ctc_loss(log_probs: Tensor, targets: Tensor, input_lengths: Any, target_lengths: Any, blank: int = 0,
             reduction: int = 1, zero_infinity: bool = False) -> Tensor:
    """The mean over listed lengths makes a tensor of them inside, whose numbers it then reads."""
    if reduction != 1 or isinstance(target_lengths, Tensor):
        return torch.ctc_loss(log_probs, targets, input_lengths, target_lengths, blank, reduction, zero_infinity)
    losses = torch.ctc_loss(log_probs, targets, input_lengths, target_lengths, blank, 0, zero_infinity)
    return (losses / torch.tensor([max(n, 1) for n in target_lengths])).mean()


@shadow(functional.ctc_loss)
def ctc_loss_by_name(log_probs: Tensor, targets: Tensor, input_lengths: Any, target_lengths: Any, blank: int = 0,
                     reduction: str = "mean", zero_infinity: bool = False) -> Tensor:
    """What PyTorch's function calls is not seen from outside it."""
    how = functional._Reduction.get_enum(reduction)
    return ctc_loss(log_probs, targets, input_lengths, target_lengths, blank, how, zero_infinity)


@shadow(torch.cov, Tensor.cov, aten.cov.default)
def covariance(input: Tensor, correction: int = 1, fweights: Tensor | None = None,
               aweights: Tensor | None = None) -> Tensor:
    """Step by step as ATen takes it, because each step rounds 16-bit floats."""
    _check_observations(input, fweights, aweights)
    x = input.reshape(1, -1) if input.dim() < 2 else input
    weights = fweights if aweights is None else aweights if fweights is None else fweights * aweights
    if weights is None:
        count, weighted = x.shape[1], x
        degrees: Any = max(count - correction, 0) if isinstance(count, int) else \
            (torch.ones_like(x[0], dtype=torch.int64).sum() - correction).clamp(min=0)     # a free size may be 0
    else:
        count, weighted = weights.sum(), x * weights
        require(count != 0, "cov(): weights sum to zero, can't be normalized")
        lost = 1 if aweights is None or correction == 0 else (weights * aweights).sum() / count
        degrees = (count - correction * lost).clamp(min=0)
    x = x - (weighted.sum(1) / count).unsqueeze(1)
    return (torch.mm(x, (x if weights is None else x * weights).t().conj()) / degrees).squeeze()


def _check_observations(x: Tensor, fweights: Tensor | None, aweights: Tensor | None) -> None:
    """What cov() refuses, in its words."""
    torch._check(x.dim() <= 2, lambda: f"cov(): {_TWO_DIMS} {x.dim()} dimensions")
    torch._check(x.dtype != torch.bool, lambda: "cov(): bool dtype is not supported for input")
    observations = x.shape[-1] if x.dim() else 1
    for name, weights, right, kind in (("fweights", fweights, not _floats(fweights), "integral"),
                                       ("aweights", aweights, _floats(aweights), "floating point")):
        if weights is None:
            continue
        expected, got = f"cov(): expected {name} to have", f"but got {name} with"
        torch._check(weights.dim() <= 1, lambda: f"{expected} one or fewer dimensions {got} {weights.dim()} dimensions")
        torch._check(right, lambda: f"{expected} {kind} dtype {got} {weights.dtype} dtype")
        torch._check(weights.numel() == observations,
                     lambda: f"{expected} the same numel as there are observations in the input but got "
                             f"{weights.numel()} != {observations}")
        require((weights >= 0).all(), f"cov(): {name} cannot be negative")


def _floats(weights: Tensor | None) -> bool:
    return weights is not None and weights.is_floating_point()


@shadow(torch.corrcoef, Tensor.corrcoef, aten.corrcoef.default)
def correlations(input: Tensor) -> Tensor:
    torch._check(input.dim() <= 2, lambda: f"corrcoef(): {_TWO_DIMS} {input.dim()} dimensions")
    among = covariance(input)
    if among.dim() == 0:
        return among / among                           # NaN where there is no deviation
    variances = among.diag()
    deviations = (variances.real if among.is_complex() else variances).sqrt()
    among = among / deviations.reshape(-1, 1) / deviations
    if among.is_complex():
        return torch.complex(among.real.clip(-1, 1), among.imag.clip(-1, 1))
    return among.clip(-1, 1)


@shadow(functional.gaussian_nll_loss)
def gaussian_nll_loss(input: Tensor, target: Tensor, var: Tensor | float, full: bool = False, eps: float = 1e-6,
                      reduction: str = "mean") -> Tensor:
    if reduction not in ("none", "mean", "sum"):
        raise ValueError(f"{reduction} is not valid")
    if isinstance(var, Tensor):
        require(~(var < 0).any(), "var has negative entry/entries")
    elif var < 0:
        raise ValueError("var has negative entry/entries")
    else:
        var = var * torch.ones_like(input)
    if var.size() != input.size():
        if input.size()[:-1] == var.size():
            var = var.unsqueeze(-1)
        elif input.ndim != var.ndim or sum(n for m, n in zip(input.size(), var.size()) if m != n) != 1:
            raise ValueError("var is of incorrect size")
    var = var.clamp(min=eps)
    loss = 0.5 * (torch.log(var) + (input - target) ** 2 / var)
    if full:
        loss = loss + 0.5 * math.log(2 * math.pi)
    return {"none": lambda: loss, "mean": loss.mean, "sum": loss.sum}[reduction]()
