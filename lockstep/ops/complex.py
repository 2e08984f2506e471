"""Complex tensors as definitions see them: a pair of real tensors. The graph knows reals alone.

Where a program takes or gives complex numbers, their parts lie interleaved along a last dim of 2, as std::complex and
NumPy keep them; `joined` and `separated` go between that and the pair.
"""
from __future__ import annotations

from typing import Any, Callable, Sequence

import numpy as np

from ..graph import functions as f
from ..graph.build import Tensor, broadcast, concat, constant, expand, full, placeholder
from ..graph.build import weight as graph_weight
from ..graph.core import FLOATS, PARTS, Type
from ..graph.dims import Dim
from ..graph.world import as_reals
from . import aten
from .common import category, promote_dtypes, refuse, result_type

WHOLES = {part: whole for whole, part in PARTS.items()}


class Complex:
    """A complex tensor: its real and imaginary part, of one dtype and one shape."""

    __slots__ = ("real", "imag")

    def __init__(self, real: Tensor, imag: Tensor):
        shape = broadcast(real.dims, imag.dims)
        assert real.dtype == imag.dtype and real.dtype in WHOLES, f"a complex tensor of {real.dtype} and {imag.dtype}"
        self.real, self.imag = expand(real, shape), expand(imag, shape)

    @property
    def dtype(self) -> str:
        return WHOLES[self.real.dtype]

    @property
    def dims(self) -> tuple[Dim, ...]:
        return self.real.dims

    @property
    def rank(self) -> int:
        return self.real.rank

    @property
    def type(self) -> Type:
        return Type(self.dtype, self.dims)

    def __add__(self, other: "Complex") -> "Complex":
        return Complex(self.real + other.real, self.imag + other.imag)

    def __sub__(self, other: "Complex") -> "Complex":
        return Complex(self.real - other.real, self.imag - other.imag)

    def __mul__(self, other: "Complex") -> "Complex":
        return Complex(self.real * other.real - self.imag * other.imag, self.real * other.imag + self.imag * other.real)

    def __truediv__(self, other: "Complex") -> "Complex":
        """The divisor's larger part is divided out first, so that no square overflows. By zero: each part by zero.

        Which of the parts is the larger is never asked (as Smith does, Communications of the ACM 5, 1962, algorithm 116):
        where they are nearly alike, the answer would be too close to call.
        """
        size = f.maximum(f.absolute(other.real), f.absolute(other.imag))
        c, e = (f.where(f.isinf(part), f.copysign(constant(1, part.dtype), part), part / size)
                for part in (other.real, other.imag))
        square, zero = c * c + e * e, f.equal(size, 0)
        real = (self.real * c + self.imag * e) / square / size
        imag = (self.imag * c - self.real * e) / square / size
        return Complex(f.where(zero, self.real / size, real), f.where(zero, self.imag / size, imag))

    def __neg__(self) -> "Complex":
        return Complex(-self.real, -self.imag)

    def conj(self) -> "Complex":
        return Complex(self.real, -self.imag)

    def scaled(self, factor: Any) -> "Complex":
        """Both parts times a real number or tensor."""
        return Complex(self.real * factor, self.imag * factor)

    def times_i(self) -> "Complex":
        return Complex(-self.imag, self.real)

    def cast(self, dtype: str) -> "Complex":
        return Complex(self.real.cast(PARTS[dtype]), self.imag.cast(PARTS[dtype]))

    def abs(self) -> Tensor:
        return f.hypot(self.real, self.imag)

    def angle(self) -> Tensor:
        return f.atan2(self.imag, self.real)

    def nonzero(self) -> Tensor:
        return f.not_equal(self.real, 0) | f.not_equal(self.imag, 0)


# ---- registration

def aten_complex(*names: str) -> Callable:
    """Registers a definition for ATen overloads where an operand or the result is complex."""
    return aten(*(f"complex {name}" for name in names))


# ---- dtypes

def is_complex(x: Any) -> bool:
    """Of a tensor, a dtype's name or a number."""
    return isinstance(x, (Complex, complex)) or isinstance(x, str) and x in PARTS


def part_dtype(dtype: str | None) -> str | None:
    """The dtype of a complex dtype's parts; any other dtype as it is."""
    return PARTS.get(dtype, dtype)


def complex_dtype(dtype: str) -> str:
    """The complex dtype with parts of a dtype (whole numbers: as float32)."""
    part = part_dtype(dtype) if category(dtype) >= 2 or is_complex(dtype) else "float32"
    return WHOLES.get("float32" if part == "bfloat16" else part) or refuse(
        f"complex numbers with parts of {part} are not supported; use complex64")


def common_dtype(*operands: Any) -> str:
    """torch.result_type where one operand at least is complex: tensors with dims decide, then tensors without, then Python
    numbers; a complex one makes the decided float complex, in the decided precision."""
    groups: list[str | None] = [None, None, None]
    for x in operands:
        if x is not None:
            tensor = isinstance(x, (Tensor, Complex))
            group = (0 if x.rank else 1) if tensor else 2
            dtype = x.dtype if tensor else "complex64" if is_complex(x) else result_type(x)
            groups[group] = dtype if groups[group] is None else _promoted(groups[group], dtype)
    decided, *others = [dtype for dtype in groups if dtype is not None]
    for dtype in others:
        if is_complex(dtype) and decided in FLOATS:
            decided = complex_dtype(decided)
        elif not is_complex(decided) and (is_complex(dtype) or category(dtype) > category(decided)):
            decided = dtype
    return decided


def _promoted(a: str, b: str) -> str:
    parts = promote_dtypes(part_dtype(a), part_dtype(b))
    return complex_dtype(parts) if is_complex(a) or is_complex(b) else parts


# ---- values

def as_complex(x: Any, dtype: str) -> Complex:
    """A tensor or number as a complex tensor of a dtype; what was real has the imaginary part 0."""
    part = part_dtype(dtype)
    if isinstance(x, Complex):
        return x.cast(dtype)
    if isinstance(x, Tensor):
        return Complex(x.cast(part), full(x.dims, 0, part))
    return Complex(constant(x.real, part), constant(x.imag, part)) if isinstance(x, complex) else \
        Complex(constant(x, part), constant(0, part))


def promote(*operands: Any) -> list[Complex]:
    """Tensors and numbers in their common complex dtype."""
    dtype = common_dtype(*operands)
    return [as_complex(x, dtype) for x in operands]


def real_of(x: Any) -> Any:
    return x.real if is_complex(x) else x


def separated(x: Tensor) -> Complex:
    """The pair of what lies interleaved along the last dim."""
    return Complex(x.select(-1, 0), x.select(-1, 1))


def joined(x: Complex) -> Tensor:
    """The parts interleaved along a new last dim of 2."""
    return concat([x.real.unsqueeze(x.rank), x.imag.unsqueeze(x.rank)], x.rank)


def port(name: str, type_: Type) -> Tensor:
    """An input as the graph knows it."""
    whole = type_.dtype in PARTS
    return placeholder(name, part_dtype(type_.dtype), (*type_.dims, 2) if whole else type_.dims)


def weight(name: str, array: np.ndarray) -> Complex:
    """A complex parameter, buffer or constant, its parts interleaved in the weights file."""
    return separated(graph_weight(name, as_reals(array)))


def parts(function: Callable) -> Callable:
    """A real definition on the real parts, and again on the imaginary parts of all its complex arguments."""
    def apply(*args, **kwargs):
        results = [function(*_part(args, take), **dict(zip(kwargs, _part(kwargs.values(), take)))) for take in (0, 1)]
        if isinstance(results[0], (tuple, list)):
            return tuple(Complex(a, b) for a, b in zip(*results))
        return Complex(*results)
    return apply


def _part(arguments: Sequence, take: int) -> list:
    found = []
    for a in arguments:
        if isinstance(a, (list, tuple)):
            found.append(_part(a, take))
        elif isinstance(a, str):
            found.append(part_dtype(a))
        else:
            found.append((a.imag if take else a.real) if is_complex(a) else a)
    return found
