"""What a generator may say: `case(name, model, *inputs)` and its few widenings, as frozen data."""
from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Callable, Mapping

from .rules import Rule, generator_for

ROUTES = ("exported", "traced", "scripted", "onnx")


@dataclass(frozen=True)
class Case:
    """One question put to PyTorch: a module or function, input rules, and what is expected to be refused.

    model      an nn.Module, or a function of tensors; or a ScriptModule, where data decides what runs and nothing else keeps that
    inputs     one Rule per tensor argument, in order
    dtype      the dtype of rules that name none
    dynamic    {input position: {dim: symbol name}}; every symbol gets three sizes: the example's, 0 (1 where PyTorch takes no empty
               tensor there), and a larger one
    refuses    part of the message with which conversion must refuse the model (nothing is run then)
    gaps       {route: reason}: routes known not to work yet; one that works after all is an error
    because    why the case exists, where its name does not tell
    slack      factor on the bound; above 1 only with `because`
    smallest   a dynamic dim's least size: 1 where a route leaves empty tensors to PyTorch's own special case
    """

    name: str
    model: Any
    inputs: tuple[Rule, ...]
    dtype: str = "float32"
    dynamic: Mapping[int, Mapping[int, str]] = field(default_factory=dict)
    sizes: tuple[int, ...] = ()
    refuses: str | None = None
    gaps: Mapping[str, str] = field(default_factory=dict)
    because: str | None = None
    keep_weights: bool = False
    training: bool = False
    slack: float = 1.0
    smallest: int = 0


def case(name: str, model: Any, *inputs: Rule, dtypes: tuple[str, ...] = ("float32",),
         dynamic: Mapping[int, Mapping[int, str]] | None = None, sizes: tuple[int, ...] = (),
         refuses: str | None = None, gaps: Mapping[str, str] | None = None, because: str | None = None,
         keep_weights: bool = False, training: bool = False, slack: float = 1.0, smallest: int = 0) -> list[Case]:
    """One case per dtype: `name` for float32 (or for the only dtype), `name_DTYPE` for each other.

    The model may be an nn.Module or a function of tensors. A module that has parameters is redrawn from the case's
    name and cast to the dtype; `model` may also be a zero-argument class or factory marked by `fresh(factory)`.
    Raises ValueError for an unknown route in gaps, a slack without a reason, or an input that is no rule.
    """
    if not re.fullmatch(r"\w+", name, re.ASCII):
        raise ValueError(f"case {name!r}: a name is made of letters, digits and underscores")
    for position, rule in enumerate(inputs):
        if not isinstance(rule, Rule):
            raise ValueError(f"case {name}: input {position} is {type(rule).__name__}, not a rule such as normal(2, 3)")
    for route in gaps or {}:
        if route not in ROUTES:
            raise ValueError(f"case {name}: gaps names the route '{route}'; routes are {', '.join(ROUTES)}")
    if slack != 1.0 and not because:
        raise ValueError(f"case {name}: slack={slack} needs because=")
    return [Case(name if dtype == "float32" or len(dtypes) == 1 else f"{name}_{dtype}", model, tuple(inputs), dtype,
                 dynamic or {}, sizes, refuses, gaps or {}, because, keep_weights, training, slack, smallest)
            for dtype in dtypes]


def inputs_of(suite: str, one: Case, data_set: int = 0, smallest: int = 1) -> list:
    """The arrays of one data set: 0 at the example's sizes, 1 with every dynamic dim `smallest`, 2 with each larger.

    Returns NumPy arrays; the caller makes tensors of them. Drawn from suite, case and data set alone.
    """
    arrays = []
    for position, rule in enumerate(one.inputs):
        shape = list(rule.shape)
        for axis, _ in one.dynamic.get(position, {}).items():
            shape[axis] = resize(shape[axis], data_set, one.sizes, smallest)
        rng = generator_for(suite, one.name, position, data_set)
        arrays.append(rule.resized(tuple(shape)).array(rng, one.dtype))
    return arrays


def resize(extent: int, data_set: int, sizes: tuple[int, ...] = (), smallest: int = 1) -> int:
    """A dynamic dim's extent in a data set: the case's own `sizes`, else the example's, `smallest`, twice and one more."""
    chosen = sizes or (extent, smallest, 2 * extent + 1)
    return chosen[data_set]


def flatten(cases: Callable) -> list[Case]:
    """A generator's cases as one list; each `yield` may give a Case or the list that `case` returns."""
    flat: list[Case] = []
    for item in cases():
        flat.extend(item if isinstance(item, (list, tuple)) else [item])
    return flat
