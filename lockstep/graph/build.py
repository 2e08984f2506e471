"""How definitions make nodes: tensors with operators, and one function per primitive that infers the result's type.

Shapes are explicit inside the graph: the functions here insert the movement that broadcasting needs. Dtypes are never
mixed silently: two tensors of different dtypes are an error here, and promotion is the business of the definitions.
A Python number takes the dtype of the tensor it meets.
"""
from __future__ import annotations

import re
from typing import Any, Iterable, Sequence

from ..errors import Unsupported
from . import dims as d
from .core import FLOATS, Node, Type, Value
from .dims import Axis, Dim, Expr
from .dims_cases import settled
from .scalar import SCALARS

Number = Any   # int, float, bool or an extent expression: exact, rounded to the dtype only when used


class Tensor(Value):
    """A value that definitions compute with."""

    __slots__ = ()
    __array_priority__ = 1000

    def __add__(self, other): return apply("add", self, other)
    def __radd__(self, other): return apply("add", other, self)
    def __sub__(self, other): return apply("subtract", self, other)
    def __rsub__(self, other): return apply("subtract", other, self)
    def __mul__(self, other): return apply("multiply", self, other)
    def __rmul__(self, other): return apply("multiply", other, self)
    def __truediv__(self, other): return apply("divide", self, other)
    def __rtruediv__(self, other): return apply("divide", other, self)
    def __neg__(self): return apply("negative", self)
    def __lt__(self, other): return apply("less", self, other)
    def __le__(self, other): return apply("less_equal", self, other)
    def __gt__(self, other): return apply("greater", self, other)
    def __ge__(self, other): return apply("greater_equal", self, other)
    def __and__(self, other): return apply("bit_and", self, other)
    def __or__(self, other): return apply("bit_or", self, other)
    def __xor__(self, other): return apply("bit_xor", self, other)
    def __invert__(self): return apply("bit_not", self)

    def cast(self, dtype: str) -> "Tensor":
        """The same values in another dtype, converted as PyTorch converts (floats to integers: towards zero)."""
        if dtype == self.dtype:
            return self
        return _map("cast", (self,), dtype)

    def rounded_to(self, dtype: str) -> "Tensor":
        """The same values as an operation of a narrower dtype gives them: a cast whose rounding the truth does not have."""
        return Node("map", (self,), {"fn": "cast", "unrounded": True}, (Type(dtype, self.dims),)).results[0]

    # reductions over dims (None: all)
    def sum(self, dims=None, keepdim=False): return reduce("sum", self, dims, keepdim)
    def prod(self, dims=None, keepdim=False): return reduce("prod", self, dims, keepdim)
    def max(self, dims=None, keepdim=False): return reduce("max", self, dims, keepdim)
    def min(self, dims=None, keepdim=False): return reduce("min", self, dims, keepdim)
    def any(self, dims=None, keepdim=False): return reduce("any", self, dims, keepdim)
    def all(self, dims=None, keepdim=False): return reduce("all", self, dims, keepdim)

    def mean(self, dims=None, keepdim=False) -> "Tensor":
        """The sum divided by the count; NaN where the count is zero."""
        count = d.product(self.dims[k] for k in axes_of(dims, self.rank))
        return self.sum(dims, keepdim) / count

    # movement
    def reshape(self, *shape) -> "Tensor": return reshape(self, _flat(shape))
    def expand(self, *shape) -> "Tensor": return expand(self, _flat(shape))
    def flip(self, *dims) -> "Tensor": return flip(self, _flat(dims))

    def permute(self, *order) -> "Tensor":
        order = axes_of(_flat(order), self.rank, sort=False)
        axes = axes_for([self.dims[k] for k in order])
        return reindex(self, [axes[order.index(k)] for k in range(self.rank)], [self.dims[k] for k in order])

    def transpose(self, a: int, b: int) -> "Tensor":
        order = list(range(self.rank))
        order[a], order[b] = order[b], order[a]
        return self.permute(order)

    def unsqueeze(self, dim: int) -> "Tensor":
        dim = dim % (self.rank + 1)
        return reshape(self, (*self.dims[:dim], 1, *self.dims[dim:]))

    def squeeze(self, *dims: int) -> "Tensor":
        gone = set(axes_of(_flat(dims) if dims else None, self.rank))
        return reshape(self, [n for k, n in enumerate(self.dims) if k not in gone or n != 1])

    def slice(self, dim: int, start: Dim, stop: Dim, step: int = 1) -> "Tensor":
        """Elements start, start+step, ... before stop along dim; 0 <= start <= stop <= extent, step > 0."""
        return strided(self, dim, start, (stop - start + step - 1) // step, step)

    def select(self, dim: int, index: Dim) -> "Tensor":
        """The slice at one index along dim, without that dim."""
        dim = dim % self.rank
        dims = [n for k, n in enumerate(self.dims) if k != dim]
        axes = axes_for(dims)
        return reindex(self, [*axes[:dim], index, *axes[dim:]], dims)

    def pad(self, before: Sequence[Dim], after: Sequence[Dim], fill: Number = 0) -> "Tensor":
        """Padded with `fill`: before[k] and after[k] elements along dim k; negative counts cut off."""
        dims = [n + b + a for n, b, a in zip(self.dims, before, after)]
        axes = axes_for(dims)
        index = [axis - b for axis, b in zip(axes, before)]
        guard = []
        for position, n, b, a in zip(index, self.dims, before, after):
            if not d.not_negative(-b):
                guard.append(position)
            if not d.not_negative(-a):
                guard.append(n - 1 - position)
        return reindex(self, index, dims, guard, fill)


def _flat(items: Sequence) -> list:
    return list(items[0]) if len(items) == 1 and isinstance(items[0], (list, tuple)) else list(items)


def axes_of(dims: int | Iterable[int] | None, rank: int, sort: bool = True) -> list[int]:
    """Dims given as PyTorch gives them (None: all, one, several, negative) as indices from 0."""
    if dims is None:
        return list(range(rank))
    listed = [dims] if isinstance(dims, int) else list(dims)
    for k in listed:
        if not -max(rank, 1) <= k < max(rank, 1):
            raise Unsupported(f"dim {k} is out of range for a tensor of rank {rank}")
    positive = [k % max(rank, 1) for k in listed if rank]
    return sorted(set(positive)) if sort else positive


def axes_for(dims: Sequence[Dim]) -> list[Dim]:
    """The canonical loop axes o0, o1, ... of a shape, as expressions (an extent of 1 gives 0)."""
    return [d.axis(f"o{k}", n) for k, n in enumerate(dims)]


# ---- sources

def constant(value: Number, dtype: str) -> Tensor:
    """A scalar; its value is exact (int, float, bool or an extent expression) and rounded only when used."""
    return Node("constant", (), {"value": value}, (Type(dtype, ()),)).results[0]


def full(dims: Sequence[Dim], value: Number, dtype: str) -> Tensor:
    return expand(constant(value, dtype), dims)


def weight(name: str, array: Any) -> Tensor:
    """A parameter, buffer or tensor constant: its values are a NumPy array kept in the weights file under `name`."""
    return Node("weight", (), {"name": name, "array": array}, (Type(str(array.dtype), tuple(array.shape)),)).results[0]


def state(name: str, array: Any) -> Tensor:
    """A buffer that runs update: what the last run left in it, at first a NumPy array that the weights file holds."""
    return Node("state", (), {"name": name, "array": array}, (Type(str(array.dtype), tuple(array.shape)),)).results[0]


def placeholder(name: str, dtype: str, dims: Sequence[Dim]) -> Tensor:
    return Node("input", (), {"name": name}, (Type(dtype, tuple(dims)),), frozenset()).results[0]


def iota(extent: Dim, dtype: str = "int64") -> Tensor:
    """0, 1, ..., extent-1."""
    return Node("iota", (), {}, (Type(dtype, (extent,)),)).results[0]


# ---- pointwise

def as_tensor(x: Tensor | Number, like: Tensor) -> Tensor:
    return x if isinstance(x, Tensor) else constant(x, like.dtype)


def apply(name: str, *operands: Tensor | Number) -> Tensor:
    """map: one scalar function over the broadcast elements of its operands."""
    tensors = [x for x in operands if isinstance(x, Tensor)]
    if not tensors:
        raise TypeError(f"{name} needs a tensor operand")
    like = tensors[-1]
    values = tuple(as_tensor(x, like) for x in operands)
    dtypes = {x.dtype for x in (values[1:] if name == "select" else values)}
    if len(dtypes) != 1:
        raise TypeError(f"{name} of {' and '.join(sorted(dtypes))}: definitions promote dtypes before they compute")
    dtype = "bool" if SCALARS[name].result == "bool" else values[-1].dtype
    return _map(_LOGIC.get(name, name) if values[-1].dtype == "bool" else name, values, dtype)


# arithmetic on truth values is logic
_LOGIC = {"multiply": "bit_and", "minimum": "bit_and", "add": "bit_or", "maximum": "bit_or", "fmin": "bit_and", "fmax": "bit_or"}
_LOGICAL_MODES = {"sum": "max", "prod": "min"}


def _map(name: str, values: tuple[Tensor, ...], dtype: str) -> Tensor:
    shape = broadcast(*(x.dims for x in values))
    return Node("map", tuple(expand(x, shape) for x in values), {"fn": name}, (Type(dtype, shape),)).results[0]


def broadcast(*shapes: Sequence[Dim]) -> tuple[Dim, ...]:
    """The shape that all shapes broadcast to, aligned at the last dim. Extents that are not known to be equal are required
    to be so when the program runs."""
    rank = max(map(len, shapes))
    result: list[Dim] = [1] * rank
    for shape in shapes:
        for k, n in enumerate(shape, rank - len(shape)):
            if n == 1 or n == result[k]:
                continue
            if result[k] == 1:
                result[k] = n
            elif d.is_static(n) and d.is_static(result[k]):
                raise Unsupported(f"shapes {', '.join(str(list(s)) for s in shapes)} do not broadcast: "
                                  f"{result[k]} and {n} differ")
            else:
                _require_equal(n, result[k])
                result[k] = n if d.is_static(n) else result[k]
    return tuple(result)


# ---- movement

def reindex(x: Tensor, index: Sequence[Dim], dims: Sequence[Dim], guard: Sequence[Dim] = (), fill: Number = 0) -> Tensor:
    """out[o] = x[index(o)] where every guard(o) >= 0, else fill; index has one expression over o0, o1, ... a dim of x."""
    dims, index = tuple(dims), tuple(index)
    guard = tuple(g for g in guard if not d.not_negative(g))
    if len(index) != x.rank:
        raise ValueError(f"{len(index)} index expressions for a tensor of rank {x.rank}")
    if not guard and dims == x.dims and list(index) == axes_for(dims):
        return x
    if x.node.op == "reindex" and not x.node.attrs["guard"]:         # movement of movement is movement
        inner = x.node
        place = {f"o{k}": position for k, position in enumerate(index)}
        composed = [d.substitute(i, lambda atom: place.get(atom.name) if isinstance(atom, Axis) else None)
                    for i in inner.attrs["index"]]
        return reindex(inner.inputs[0], composed, dims, guard, fill)
    return Node("reindex", (x,), {"index": index, "guard": guard, "fill": fill}, (Type(x.dtype, dims),)).results[0]


def expand(x: Tensor, shape: Sequence[Dim]) -> Tensor:
    """Broadcast to a shape; new dims come first, dims of extent 1 repeat."""
    shape = tuple(shape)
    if x.dims == shape:
        return x
    axes = axes_for(shape)[len(shape) - x.rank:]
    for have, want in zip(x.dims, shape[len(shape) - x.rank:]):
        if have != 1 and have != want:
            if d.is_static(have) and d.is_static(want):
                raise Unsupported(f"cannot expand {list(x.dims)} to {list(shape)}: {have} is neither 1 nor {want}")
            _require_equal(have, want)
    return reindex(x, [0 if n == 1 else axis for n, axis in zip(x.dims, axes)], shape)


def reshape(x: Tensor, shape: Sequence[Dim]) -> Tensor:
    """The same elements in row-major order under another shape; one -1 is inferred."""
    shape = list(shape)
    if any(n is not None and d.is_static(n) and n == -1 for n in shape):
        rest = d.product(n for n in shape if not (d.is_static(n) and n == -1))
        total = d.product(x.dims)
        shape = [(total // rest if rest != 0 else 0) if d.is_static(n) and n == -1 else n for n in shape]
    if tuple(shape) == x.dims:
        return x
    have, want = d.product(x.dims), d.product(shape)
    if have == want:
        return reindex(x, reshape_index(x.dims, shape), shape)
    if d.is_static(have) and d.is_static(want):
        raise Unsupported(f"cannot reshape {list(x.dims)} to {shape}: the numbers of elements differ")
    _require_equal(have, want)
    linear = sum((axis * step for axis, step in zip(axes_for(shape), d.strides(shape))), 0)
    return reindex(x, [linear // step % n for n, step in zip(x.dims, d.strides(x.dims))], shape)


def _require_equal(a: Dim, b: Dim) -> None:
    from .control import require_equal        # which builds on this module
    require_equal(a, b)


def reshape_index(old: Sequence[Dim], new: Sequence[Dim]) -> list[Dim]:
    """Where each element of a row-major reshape comes from: common leading and trailing dims stay affine."""
    axes = axes_for(new)
    index: list[Dim] = []
    i = j = 0
    while i < len(old):
        # the smallest groups old[i:a], new[j:b] with equal products are reshaped on their own
        a, b = i + 1, j
        size_old, size_new = old[i], 1
        while size_old != size_new:
            grow_new = b < len(new) and (_divides(new[b] * size_new, size_old) or a >= len(old)
                                         or not _bigger(size_new, size_old))
            if grow_new:
                size_new = size_new * new[b]
                b += 1
            elif a < len(old):
                size_old = size_old * old[a]
                a += 1
            else:
                break
        linear: Dim = 0
        for k in range(j, b):
            linear = linear * new[k] + axes[k]
        for k in range(i, a):
            rest = d.product(old[k + 1:a])
            part = linear if rest == 1 else linear // rest if rest != 0 else 0
            index.append(part if k == i else part % old[k] if old[k] != 0 else 0)
        i, j = a, b
    return index


def _divides(a: Dim, b: Dim) -> bool:
    if d.is_static(a) and d.is_static(b):
        return a != 0 and b % a == 0
    return d.mod(b, a) == 0 if a != 0 else False


def _bigger(a: Dim, b: Dim) -> bool:
    return a > b if d.is_static(a) and d.is_static(b) else _divides(b, a)


def flip(x: Tensor, dims: Sequence[int]) -> Tensor:
    turned = set(axes_of(dims, x.rank))
    return reindex(x, [n - 1 - axis if k in turned else axis
                       for k, (n, axis) in enumerate(zip(x.dims, axes_for(x.dims)))], x.dims)


def strided(x: Tensor, dim: int, start: Dim, count: Dim, step: Dim = 1) -> Tensor:
    """`count` elements along dim from `start`, `step` apart (negative steps walk back)."""
    dim = dim % x.rank
    dims = [*x.dims[:dim], settled(count), *x.dims[dim + 1:]]
    axes = axes_for(dims)
    axes[dim] = axes[dim] * step + start
    return reindex(x, axes, dims)


def windows(x: Tensor, first: int, kernel: Sequence[int], stride: Sequence[int], dilation: Sequence[int],
            counts: Sequence[Dim]) -> Tensor:
    """Sliding windows over the dims from `first`: [..., *counts, *kernel], element (c, k) at c*stride + k*dilation."""
    dims = [*x.dims[:first], *counts, *kernel]
    axes = axes_for(dims)
    places = axes[first:first + len(kernel)]
    steps = axes[first + len(kernel):]
    moved = [place * s + step * w for place, s, step, w in zip(places, stride, steps, dilation)]
    return reindex(x, [*axes[:first], *moved], dims)


def concat(values: Sequence[Tensor], dim: int) -> Tensor:
    """The values one after another along dim."""
    dim = dim % values[0].rank
    if len(values) == 1:
        return values[0]
    extent = sum((x.dims[dim] for x in values[1:]), values[0].dims[dim])
    dims = (*values[0].dims[:dim], extent, *values[0].dims[dim + 1:])
    for x in values:
        if [n for k, n in enumerate(x.dims) if k != dim] != [n for k, n in enumerate(dims) if k != dim]:
            raise Unsupported(f"cannot concatenate {list(x.dims)} with {list(values[0].dims)} along dim {dim}")
    return Node("concat", tuple(values), {"axis": dim}, (Type(values[0].dtype, dims),)).results[0]


# ---- data-dependent movement

def gather(x: Tensor, places: Sequence[Dim | Tensor], dims: Sequence[Dim]) -> Tensor:
    """out[o] = x[places(o)]: each place is an index expression over o0, o1, ... or an int64 tensor of shape `dims`.

    A place outside its extent fails the run (Status failed_guard; IndexError in the interpreter).
    """
    tensors = [expand(p, dims) for p in places if isinstance(p, Tensor)]
    numbered = iter(range(len(tensors)))
    index = tuple(("value", next(numbered)) if isinstance(p, Tensor) else p for p in places)
    return Node("gather", (x, *tensors), {"index": index}, (Type(x.dtype, tuple(dims)),)).results[0]


def scatter(base: Tensor, places: Sequence[Dim | Tensor], updates: Tensor, mode: str = "set") -> Tensor:
    """A copy of base in which, update by update in row-major order, base[places(u)] is set to or combined with updates[u].

    mode: set, sum, prod, max or min; places as in `gather`, over the axes of `updates`.
    """
    tensors = [expand(p, updates.dims) for p in places if isinstance(p, Tensor)]
    numbered = iter(range(len(tensors)))
    index = tuple(("value", next(numbered)) if isinstance(p, Tensor) else p for p in places)
    mode = _LOGICAL_MODES.get(mode, mode) if base.dtype == "bool" else mode
    return Node("scatter", (base, updates, *tensors), {"index": index, "mode": mode}, (base.type,)).results[0]


# ---- reductions

def reduce(monoid: str, x: Tensor, dims: int | Iterable[int] | None, keepdim: bool = False) -> Tensor:
    """sum, prod, max, min, any or all over dims (None: all). max and min keep NaN; the empty sum is 0, product 1."""
    axes = axes_of(dims, x.rank)
    kept = tuple(n for k, n in enumerate(x.dims) if k not in axes)
    out = Node("reduce", (x,), {"monoid": monoid, "axes": tuple(axes)}, (Type(x.dtype, kept),)).results[0] if axes else x
    return reshape(out, [1 if k in axes else n for k, n in enumerate(x.dims)]) if keepdim and axes else out


def arg_reduce(which: str, x: Tensor, dim: int, keepdim: bool = False) -> Tensor:
    """The first index (int64) along dim of the maximum ("max") or minimum ("min"); a NaN wins."""
    dim = dim % x.rank
    kept = tuple(n for k, n in enumerate(x.dims) if k != dim)
    out = Node("arg_reduce", (x,), {"which": which, "axis": dim}, (Type("int64", kept),)).results[0]
    return out.unsqueeze(dim) if keepdim else out


def scan(monoid: str, x: Tensor, dim: int) -> tuple[Tensor, Tensor]:
    """Running sum, prod, max or min along dim, and for max and min the last index (int64) where it was attained."""
    types = (x.type, Type("int64", x.dims)) if monoid in ("max", "min") else (x.type,)
    results = Node("scan", (x,), {"monoid": monoid, "axis": dim % x.rank}, types).results
    return results[0], results[-1]


def sort(x: Tensor, dim: int, descending: bool = False, stable: bool = True) -> tuple[Tensor, Tensor]:
    """Values in order along dim and where they came from (int64); NaN counts as the largest. Equals keep their order;
    where the source leaves that open (not `stable`), their places are too close to call."""
    return Node("sort", (x,), {"axis": dim % x.rank, "descending": descending, "stable": stable}, (x.type, Type("int64", x.dims))).results


# ---- products

def contract(equation: str, a: Tensor, b: Tensor) -> Tensor:
    """A product of two tensors in einsum's notation, one letter a dim, `...` for broadcast leading dims.

    Each letter is an output letter or in both operands: a letter summed over in one operand alone is `sum`'s business.
    """
    left, right, out = re.fullmatch(r"([\w.]*),([\w.]*)->([\w.]*)", equation).groups()
    if "..." in equation:
        spare = [c for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" if c not in equation]
        counts = [x.rank - (len(term) - 3) if "..." in term else 0 for x, term in ((a, left), (b, right))]
        letters = "".join(spare[:max(counts)])
        left = left.replace("...", letters[len(letters) - counts[0]:])
        right = right.replace("...", letters[len(letters) - counts[1]:])
        out = out.replace("...", letters)
    extents: dict[str, Dim] = {}
    for x, term in ((a, left), (b, right)):
        if len(term) != x.rank:
            raise Unsupported(f"equation {equation}: {len(term)} letters for a tensor of shape {list(x.dims)}")
        for letter, n in zip(term, x.dims):
            extents[letter] = broadcast([extents.get(letter, 1)], [n])[0]
    a = expand(a, [extents[c] for c in left])
    b = expand(b, [extents[c] for c in right])
    return Node("contract", (a, b), {"equation": f"{left},{right}->{out}"},
                (Type(a.dtype, tuple(extents[c] for c in out)),)).results[0]


# ---- whole kernels

def kernel(name: str, inputs: Sequence[Tensor], types: Sequence[Type], **attrs: Any) -> tuple[Tensor, ...]:
    """A whole kernel from the runtime headers: for what is no loop nest."""
    return Node("kernel", tuple(inputs), {"name": name, **attrs}, tuple(types)).results


def is_float(dtype: str) -> bool:
    return dtype in FLOATS


def fixed(extent: Dim, what: str) -> int:
    """An extent as a number; Unsupported names `what` where it is known only at run time."""
    if isinstance(extent, Expr):
        raise Unsupported(f"{what} must be a fixed number, but is {extent}")
    return int(extent)
