"""Example inputs in every form a user may give them, as arrays in the model's order; what does not fit is named."""
from __future__ import annotations

import inspect
from typing import Any, Callable, Mapping, Sequence

import numpy as np

from ..errors import BadInput, Unsupported
from ..graph import dims as d
from ..graph.core import PORT_DTYPES, Graph

MOST_DIMS = 64                             # NumPy's limit
Free = dict[int, dict[int, str]]          # {input position: {dim: symbol}}


def arguments_of(forward: Callable) -> list[str]:
    """The names of a forward's positional parameters; [] where it takes *args."""
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [p.name for p in inspect.signature(forward).parameters.values() if p.kind in kinds]


def example_arrays(example_inputs: Any, input: Sequence[tuple] | None,
                   names: Sequence[str]) -> tuple[list[np.ndarray], Free]:
    """(arrays in order, {position: {dim: symbol}} from -1 extents).

    Raises BadInput where names or numbers do not fit, Unsupported for a layout or dtype that has no meaning here.
    """
    if example_inputs is not None and input is not None:
        raise BadInput("example inputs are given both as arrays and as shapes; give one of the two")
    if input is not None:
        return _drawn(input, names)
    if example_inputs is None:
        if names:
            raise BadInput(f"the model takes {', '.join(names)}: give example inputs, or their shapes and dtypes "
                           f"(--input {names[0]}:1,3,10,10 or --inputs FILE.npz)")
        return [], {}
    if isinstance(example_inputs, Mapping):
        ordered = _in_order(example_inputs, names)
    elif isinstance(example_inputs, (list, tuple)):
        ordered = list(example_inputs)
    else:
        ordered = [example_inputs]
    return [_array(x, names[k] if k < len(names) else str(k)) for k, x in enumerate(ordered)], {}


def _in_order(given: Mapping[str, Any], names: Sequence[str]) -> list:
    """Values by argument name in the order of the arguments; none before the last one given may be left out."""
    if not names:
        return list(given.values())
    _refuse_unknown(given, names)
    count = max((names.index(k) + 1 for k in given), default=0)
    missing = [k for k in names[:count] if k not in given]
    if missing:
        raise BadInput(f"no example input for {', '.join(missing)}; the model takes {', '.join(names)}")
    return [given[k] for k in names[:count]]


def _refuse_unknown(given: Mapping[str, Any] | Sequence[str], names: Sequence[str]) -> None:
    unknown = [k for k in given if k not in names]
    if unknown:
        raise BadInput(f"the model has no input {', '.join(unknown)}; it takes {', '.join(names) or 'none'}")


def _array(x: Any, name: str) -> np.ndarray:
    if type(x).__module__.startswith("torch") or hasattr(x, "detach"):
        return _array_of_tensor(x, name)
    if isinstance(x, (bool, int, float, complex)):
        raise BadInput(f"example input '{name}' is the number {x}; numbers are fixed in the model: "
                       f"bind it before converting, or make it a tensor")
    if not isinstance(x, (np.ndarray, np.generic)):
        raise BadInput(f"example input '{name}' is a {type(x).__name__}; give a tensor or an array")
    _check_dtype(np.asarray(x).dtype.name, name)
    return np.asarray(x)


def _array_of_tensor(x: Any, name: str) -> np.ndarray:
    from ..capture.recorder import to_numpy
    if str(x.layout) != "torch.strided" or x.is_quantized:
        raise Unsupported(f"example input '{name}' is sparse or quantised; only dense tensors are converted: "
                          f"give x.to_dense() or x.dequantize(), and let the model take that")
    _check_dtype(str(x.dtype).removeprefix("torch."), name)
    if x.is_meta:
        raise BadInput(f"example input '{name}' is on the device meta, which holds no data; give a tensor with values")
    if x.dim() > MOST_DIMS:
        raise Unsupported(f"example input '{name}' has {x.dim()} dims; at most {MOST_DIMS} are supported")
    return to_numpy(x)


def _check_dtype(dtype: str, name: str) -> None:
    if dtype not in PORT_DTYPES:
        raise Unsupported(f"example input '{name}' has the dtype {dtype}, which is not supported; "
                          f"there are {', '.join(PORT_DTYPES)}")


def _drawn(input: Sequence[tuple], names: Sequence[str]) -> tuple[list[np.ndarray], Free]:
    """Arrays for (name, shape, dtype) triples; an extent of -1 becomes a symbol, drawn as 3."""
    from ..cases.rules import generator_for, integers, normal
    arrays, free = [], {}
    for position, (name, shape, dtype) in enumerate(_placed(input, names)):
        label = name or (names[position] if position < len(names) else f"input{position}")
        if any(n < -1 for n in shape):
            raise BadInput(f"input '{label}' has the shape {list(shape)}; extents are at least 0, "
                           f"or -1 where they may vary")
        dtype = str(dtype).removeprefix("torch.")
        _check_dtype(dtype, label)
        varying = {axis: f"{label}_{axis}" for axis, n in enumerate(shape) if n == -1}
        if varying:
            free[position] = varying
        concrete = tuple(3 if n == -1 else n for n in shape)
        whole = dtype.startswith(("int", "uint"))
        rule = integers(*concrete, low=0, high=2, dtype=dtype) if whole else normal(*concrete, dtype=dtype)
        try:
            arrays.append(rule.array(generator_for(label, shape, dtype), dtype))
        except (MemoryError, ValueError) as failure:       # ValueError: more elements than an index can count
            raise BadInput(f"input '{label}' of shape {list(shape)} does not fit into memory; "
                           f"give a smaller one") from failure
    return arrays, free


def _placed(input: Sequence[tuple], names: Sequence[str]) -> list[tuple]:
    """(name, shape, dtype) triples in the model's order: those with a name at its place, the others in the gaps."""
    listed = [((*entry, "float32") if len(entry) == 2 else tuple(entry)) for entry in input]
    by_name = {entry[0]: entry for entry in listed if entry[0]}
    unnamed = [entry for entry in listed if not entry[0]]
    if len(by_name) + len(unnamed) != len(listed):
        twice = [k for k in by_name if sum(entry[0] == k for entry in listed) > 1]
        raise BadInput(f"input {', '.join(twice)} is given twice")
    if not names:
        return listed
    _refuse_unknown(by_name, names)
    if not by_name:
        return unnamed
    rest = iter(unnamed)
    filled = {k: by_name[k] if k in by_name else next(rest, None) for k in names}
    return _in_order({k: entry for k, entry in filled.items() if entry is not None}, names) + list(rest)


def check_count(arrays: Sequence, names: Sequence[str], required: int) -> None:
    """Raises BadInput unless there are examples for the required arguments and no more than there are names."""
    if len(arrays) > len(names):
        raise BadInput(f"the model takes {len(names)} inputs ({', '.join(names) or 'none'}), got {len(arrays)}")
    if len(arrays) < required:
        raise BadInput(f"no example input for {', '.join(names[len(arrays):required])}; the model takes "
                       f"{len(names)} inputs ({', '.join(names)}), got {len(arrays)}")


def varying(free: Free, named: Free, arrays: Sequence[np.ndarray]) -> Free:
    """The dims that may vary: those given as -1, under the names that `dynamic` gives where it does.

    Raises BadInput where two dims of one name have different extents in the examples.
    """
    placed = {k: {**free.get(k, {}), **named.get(k, {})} for k in sorted({*free, *named})}
    seen: dict[str, int] = {}
    for position, dims in placed.items():
        for axis, symbol in dims.items() if position < len(arrays) else ():
            extent = arrays[position].shape[axis]
            if seen.setdefault(symbol, extent) != extent:
                raise BadInput(f"two dims are called '{symbol}', but the example inputs have {seen[symbol]} and "
                               f"{extent} there")
    return placed


def check_ports(graph: Graph, arrays: Sequence[np.ndarray]) -> None:
    """The examples' dtypes and shapes against the model's. Raises BadInput with the input's name."""
    for name, value, array in zip(graph.input_names, graph.input_types, arrays):
        if array.dtype.name != value.dtype:
            raise BadInput(f"input '{name}' has dtype {array.dtype}, the model takes {value.dtype}")
        if array.ndim != value.rank:
            raise BadInput(f"input '{name}' has rank {array.ndim}, the model takes rank {value.rank}")
        for axis, (have, want) in enumerate(zip(array.shape, value.dims)):
            if d.is_static(want) and have != want:
                raise BadInput(f"input '{name}' has extent {have} along dim {axis}, the model takes {want}")
