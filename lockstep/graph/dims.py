"""Integer expressions: the extents of tensors (over named symbols) and the indices of loops (over axes).

An expression is a polynomial with integer coefficients over atoms. An atom is a symbol such as `batch` (an extent
known at run time, at least 0), a loop axis (0 <= axis < extent), or a floor-division, remainder, minimum or maximum
that could not be simplified away. A plain int is an expression too: static shapes are the case where every
expression is a number, and arithmetic on ints never leaves int.

Floor-division and remainder simplify with the ranges of axes: (4*i + j) // 4 is i where j is an axis of extent 4.
That rule alone turns the index arithmetic of a reshape into affine form once its axes are split into digits.
"""
from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Callable, Iterable, Mapping, Sequence, Union

Dim = Union[int, "Expr"]


@dataclass(frozen=True)
class Symbol:
    """An extent that is known only at run time, by name; at least `least` (below 0: a number that is no extent)."""

    name: str
    least: int = 0


@dataclass(frozen=True)
class Axis:
    """A loop axis: takes the values 0 .. extent-1. Axes are told apart by their name alone."""

    name: str
    extent: Dim


@dataclass(frozen=True)
class Opaque:
    """floordiv, mod, min or max of two expressions that no rule simplifies."""

    op: str
    a: Dim
    b: Dim


Atom = Union[Symbol, Axis, Opaque]


class Expr:
    """A polynomial: {monomial (sorted tuple of atoms): coefficient}, never a mere number."""

    __slots__ = ("terms", "_hash")

    def __init__(self, terms: Mapping[tuple[Atom, ...], int]):
        self.terms = dict(sorted(terms.items(), key=lambda item: (len(item[0]), tuple(map(_order, item[0])))))
        self._hash = hash(tuple(self.terms.items()))

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Expr) and self._hash == other._hash and self.terms == other.terms

    def __add__(self, other: Dim) -> Dim:
        return _sum(self, other)

    __radd__ = __add__

    def __neg__(self) -> Dim:
        return self * -1

    def __sub__(self, other: Dim) -> Dim:
        return _sum(self, -other)

    def __rsub__(self, other: Dim) -> Dim:
        return _sum(-self, other)

    def __mul__(self, other: Dim) -> Dim:
        product: dict[tuple[Atom, ...], int] = {}
        for left, a in self.terms.items():
            for right, b in _terms(other).items():
                key = tuple(sorted(left + right, key=_order))
                product[key] = product.get(key, 0) + a * b
        return _normal(product)

    __rmul__ = __mul__

    def __floordiv__(self, other: Dim) -> Dim:
        return floordiv(self, other)

    def __rfloordiv__(self, other: Dim) -> Dim:
        return floordiv(other, self)

    def __mod__(self, other: Dim) -> Dim:
        return mod(self, other)

    def __rmod__(self, other: Dim) -> Dim:
        return mod(other, self)

    def __repr__(self) -> str:
        from .dims_text import text
        return text(self)

    def __bool__(self) -> bool:
        raise TypeError(f"the truth of {self!r} is not known before run time")

    def __index__(self) -> int:
        raise TypeError(f"{self!r} is not known before run time")


def symbol(name: str, least: int = 0) -> Expr:
    """The extent called `name`."""
    return Expr({(Symbol(name, least),): 1})


def axis(name: str, extent: Dim) -> Dim:
    """A loop axis; one of extent 1 is the number 0."""
    return 0 if extent == 1 else Expr({(Axis(name, extent),): 1})


@lru_cache(maxsize=None)
def _order(atom: Atom) -> str:
    kinds = {Symbol: "0", Axis: "1", Opaque: "2"}
    return kinds[type(atom)] + (repr(atom) if isinstance(atom, Opaque) else atom.name)


def _terms(value: Dim) -> Mapping[tuple[Atom, ...], int]:
    if isinstance(value, Expr):
        return value.terms
    return {(): int(value)} if value else {}


def _normal(terms: Mapping[tuple[Atom, ...], int]) -> Dim:
    kept = {key: coefficient for key, coefficient in terms.items() if coefficient}
    if not kept:
        return 0
    return kept[()] if len(kept) == 1 and () in kept else Expr(kept)


def _sum(a: Dim, b: Dim) -> Dim:
    total = dict(_terms(a))
    for key, coefficient in _terms(b).items():
        total[key] = total.get(key, 0) + coefficient
    return _normal(total)


def is_static(value: Dim) -> bool:
    return not isinstance(value, Expr)


def product(extents: Iterable[Dim]) -> Dim:
    """The product of extents: the number of elements of a shape (1 for a scalar)."""
    total: Dim = 1
    for extent in extents:
        total = total * extent
    return total


def strides(extents: Sequence[Dim]) -> list[Dim]:
    """How many elements apart neighbours along each dim are in row-major order."""
    found: list[Dim] = []
    step: Dim = 1
    for extent in reversed(extents):
        found.append(step)
        step = step * extent
    return found[::-1]


def at_least(value: Dim) -> int | None:
    """The largest number known to be <= value; None where nothing is known."""
    total = 0
    for monomial, coefficient in _terms(value).items():
        low, high = 1, 1
        for atom in monomial:
            a, b = _range(atom)
            if a is None or a < 0:
                return None
            low, high = low * a, None if high is None or b is None else high * b
        if coefficient < 0 and high is None:
            return None
        total += coefficient * (low if coefficient > 0 else high)
    return total


def _range(atom: Atom) -> tuple[int | None, int | None]:
    if isinstance(atom, Symbol):
        return atom.least, None
    if isinstance(atom, Axis):
        return 0, atom.extent - 1 if is_static(atom.extent) else None
    a, b = at_least(atom.a), at_least(atom.b)
    if atom.op in ("floordiv", "mod"):
        return (0 if b is not None and b > 0 and (atom.op == "mod" or (a is not None and a >= 0)) else None), \
            (atom.b - 1 if atom.op == "mod" and is_static(atom.b) else None)
    known = [low for low in (a, b) if low is not None]
    if atom.op == "max":
        return (max(known) if known else None), None
    return (min(known) if len(known) == 2 else None), None


def _largest(value: Dim) -> Dim | None:
    """The largest value an index expression takes over its axes, as an expression over symbols; None if unknown."""
    total: Dim = 0
    for monomial, coefficient in _terms(value).items():
        if coefficient < 0 and not all(isinstance(atom, Symbol) for atom in monomial):
            if any(isinstance(atom, Opaque) and _range(atom)[0] is None for atom in monomial):
                return None
            continue                       # an axis starts at 0, so the product is at most 0
        factor: Dim = coefficient
        for atom in monomial:
            if isinstance(atom, Symbol):
                factor = factor * Expr({(atom,): 1})
            elif isinstance(atom, Axis):
                factor = factor * (atom.extent - 1)
            elif atom.op == "mod":
                factor = factor * (atom.b - 1)
            elif atom.op == "floordiv" and _largest(atom.a) is not None:
                factor = factor * floordiv(_largest(atom.a), atom.b)
            else:
                return None
        total = total + factor
    return total


def _smallest(value: Dim) -> Dim | None:
    largest = _largest(-value)
    return None if largest is None else -largest


def less(a: Dim, b: Dim) -> bool:
    """True where a < b is certain for every value of axes and symbols (axes only run where extents are positive)."""
    largest = _largest(a - b)
    if largest is None:
        return False
    # every extent that an axis runs over is at least 1 while the axis runs: count symbols from there
    low = at_least(_assume_positive(-1 - largest))
    return low is not None and low >= 0


def not_negative(value: Dim) -> bool:
    """True where value >= 0 is certain."""
    return less(-1 - value, 0) or less(-value, 1)


def _assume_positive(value: Dim) -> Dim:
    return substitute(value, lambda atom: Expr({(Symbol(atom.name, max(atom.least, 1)),): 1}) - 0
                      if isinstance(atom, Symbol) and atom.least >= 0 else None) if not is_static(value) else value


def _divide_terms(value: Dim, divisor: Dim) -> tuple[Dim, Dim]:
    """(quotient, rest) with value == quotient * divisor + rest, taking out the terms that the divisor divides."""
    if is_static(divisor) or len(divisor.terms) == 1:
        (factor, number), = _terms(divisor).items()
        quotient: dict[tuple[Atom, ...], int] = {}
        rest: dict[tuple[Atom, ...], int] = {}
        for monomial, coefficient in _terms(value).items():
            left = _without(monomial, factor)
            if left is not None and coefficient % number == 0:
                quotient[left] = coefficient // number
            elif left is not None and not factor and monomial == () and number > 0:
                quotient[()], rest[()] = divmod(coefficient, number)
            else:
                rest[monomial] = coefficient
        return _normal(quotient), _normal(rest)
    return _divide_polynomial(value, divisor)


def _divide_polynomial(value: Dim, divisor: Expr) -> tuple[Dim, Dim]:
    """Division by a divisor of several terms: repeatedly cancels the divisor's leading term."""
    lead, number = list(divisor.terms.items())[-1]
    quotient: Dim = 0
    rest: Dim = 0
    for _ in range(64):
        if value == 0:
            break
        for monomial, coefficient in reversed(_terms(value).items()):
            left = _without(monomial, lead)
            if left is not None and coefficient % number == 0:
                term = _normal({left: coefficient // number})
                quotient, value = quotient + term, value - term * divisor
                break
        else:
            break
    return quotient, value + rest


def _without(monomial: tuple[Atom, ...], factor: tuple[Atom, ...]) -> tuple[Atom, ...] | None:
    left = list(monomial)
    for atom in factor:
        if atom not in left:
            return None
        left.remove(atom)
    return tuple(left)


def floordiv(a: Dim, b: Dim) -> Dim:
    """a // b rounded down, for b > 0; 0 for b = 0, which only an empty extent gives: no element is there to use it."""
    if is_static(b) and b == 0:
        return 0
    if is_static(a) and is_static(b):
        return a // b
    if b == 1 or a == 0:
        return a
    quotient, rest = _divide_terms(a, b)
    if _within(rest, b):
        return quotient
    if not is_static(rest) and len(rest.terms) == 1:
        (monomial, coefficient), = rest.terms.items()
        if coefficient == 1 and len(monomial) == 1 and isinstance(monomial[0], Opaque) and monomial[0].op == "floordiv":
            return quotient + floordiv(monomial[0].a, monomial[0].b * b)
    coarse = _coarser(rest, b)
    if coarse is not None:                                   # (4*i + j) // 8 is i // 2 where 0 <= j < 4
        scale, high, _ = coarse
        return quotient + floordiv(high, b // scale)
    return quotient + Expr({(Opaque("floordiv", rest, b),): 1})


def mod(a: Dim, b: Dim) -> Dim:
    """a - b * (a // b), for b > 0; 0 for b = 0, as in `floordiv`."""
    if is_static(b) and b == 0:
        return 0
    if is_static(a) and is_static(b):
        return a % b
    if b == 1:
        return 0
    _, rest = _divide_terms(a, b)
    if is_static(rest) and is_static(b):
        return rest % b
    if _within(rest, b):
        return rest
    coarse = _coarser(rest, b)
    if coarse is not None:                                   # (4*i + j) % 8 is 4 * (i % 2) + j where 0 <= j < 4
        scale, high, low = coarse
        return mod(high, b // scale) * scale + low
    return Expr({(Opaque("mod", rest, b),): 1})


def _coarser(value: Dim, b: Dim) -> tuple[Dim, Dim, Dim] | None:
    """(scale, high, low) with value = scale * high + low, scale dividing b and 0 <= low < scale; None if there is none."""
    if is_static(value):
        return None
    divisors = {abs(c) for monomial, c in value.terms.items() if monomial} if is_static(b) else \
        {_normal({monomial: 1}) for monomial in (tuple(a for a in m if isinstance(a, Symbol)) for m in value.terms) if monomial}
    for scale in sorted(divisors, key=str, reverse=True):
        if scale == 1 or scale == b or (mod(b, scale) if is_static(b) else _divide_terms(b, scale)[1]) != 0:
            continue
        high, low = _divide_terms(value, scale)
        if high != 0 and _within(low, scale):
            return scale, high, low
    return None


def _within(rest: Dim, b: Dim) -> bool:
    smallest = _smallest(rest)
    return smallest is not None and not_negative_symbols(smallest) and less(rest, b)


def not_negative_symbols(value: Dim) -> bool:
    low = at_least(value)
    return low is not None and low >= 0


def minimum(a: Dim, b: Dim) -> Dim:
    return _choose("min", a, b)


def maximum(a: Dim, b: Dim) -> Dim:
    return _choose("max", a, b)


def _choose(op: str, a: Dim, b: Dim) -> Dim:
    if is_static(a) and is_static(b):
        return min(a, b) if op == "min" else max(a, b)
    if a == b:
        return a
    if _covers(a, b):
        return b if op == "min" else a
    if _covers(b, a):
        return a if op == "min" else b
    return Expr({(Opaque(op, a, b),): 1})


def _covers(a: Dim, b: Dim) -> bool:
    """True where a >= b is certain, looking into a minimum or maximum on either side."""
    if not_negative_symbols(a - b):
        return True
    for value, holds, every in ((b, lambda part: _covers(a, part), "max"), (a, lambda part: _covers(part, b), "min")):
        if not is_static(value) and len(value.terms) == 1:
            (monomial, coefficient), = value.terms.items()
            if coefficient == 1 and len(monomial) == 1 and isinstance(monomial[0], Opaque) \
                    and monomial[0].op in ("min", "max"):
                parts = (monomial[0].a, monomial[0].b)
                return all(map(holds, parts)) if monomial[0].op == every else any(map(holds, parts))
    return False


def scaled(value: Dim, factor: float) -> Dim | None:
    """int(value * factor) as doubles compute it, through the fraction that the factor stands for (1.7 is 17/10); None
    where that fraction gives another number for some extent below 65536 (0.29 * 100 is 28.999...)."""
    if is_static(value):
        return int(value * factor)
    fraction = Fraction(factor).limit_denominator(10 ** 6)
    if any(int(n * factor) != n * fraction.numerator // fraction.denominator for n in range(1 << 16)):
        return None
    return value * fraction.numerator // fraction.denominator


def substitute(value: Dim, replace: Callable[[Atom], Dim | None]) -> Dim:
    """The expression with atoms replaced; `replace` gives None for an atom that stays. Simplifies anew."""
    if is_static(value):
        return value
    total: Dim = 0
    for monomial, coefficient in value.terms.items():
        term: Dim = coefficient
        for atom in monomial:
            new = replace(atom)
            if new is None:
                new = _apply(atom.op, substitute(atom.a, replace), substitute(atom.b, replace)) \
                    if isinstance(atom, Opaque) else Expr({(atom,): 1})
            term = term * new
        total = total + term
    return total


def _apply(op: str, a: Dim, b: Dim) -> Dim:
    return {"floordiv": floordiv, "mod": mod, "min": minimum, "max": maximum}[op](a, b)


def atoms(value: Dim) -> set[Atom]:
    """Every symbol and axis that the expression contains, however deep."""
    found: set[Atom] = set()
    for monomial in _terms(value):
        for atom in monomial:
            found |= (atoms(atom.a) | atoms(atom.b)) if isinstance(atom, Opaque) else {atom}
    return found


def opaque_atoms(value: Dim) -> list[Opaque]:
    """The floor-divisions and remainders left in an expression, innermost first."""
    found: list[Opaque] = []
    for monomial in _terms(value):
        for atom in monomial:
            if isinstance(atom, Opaque):
                found += opaque_atoms(atom.a) + opaque_atoms(atom.b) + [atom]
    return found


def coefficient_of(value: Dim, one: Axis) -> Dim | None:
    """The factor of an axis in an expression that is affine in it; None where it is not affine."""
    factor: Dim = 0
    for monomial, coefficient in _terms(value).items():
        for atom in monomial:
            if isinstance(atom, Opaque) and one in atoms(Expr({(atom,): 1})):
                return None
        count = monomial.count(one)
        if count > 1:
            return None
        if count:
            factor = factor + _normal({_without(monomial, (one,)): coefficient})
    return factor


def solve(value: Dim) -> tuple[str, int, int] | None:
    """(symbol, factor, rest) of an extent that is factor * symbol + rest with a factor above 0; None for any other."""
    named = [(monomial, factor) for monomial, factor in _terms(value).items() if monomial]
    if len(named) != 1 or len(named[0][0]) != 1 or not isinstance(named[0][0][0], Symbol) or named[0][1] < 0:
        return None
    ((symbol,), factor), = named
    return symbol.name, factor, _terms(value).get((), 0)


def evaluate(value: Dim, env: Mapping[str, object]):
    """The value for given symbols and axes by name: ints, or NumPy integer arrays for axes."""
    if is_static(value):
        return value
    total = 0
    for monomial, coefficient in value.terms.items():
        term = coefficient
        for atom in monomial:
            if isinstance(atom, Opaque):
                a, b = evaluate(atom.a, env), evaluate(atom.b, env)
                if atom.op in ("min", "max"):
                    import numpy
                    factor = (numpy.minimum if atom.op == "min" else numpy.maximum)(a, b)
                else:
                    factor = 0 if isinstance(b, int) and b == 0 else a // b if atom.op == "floordiv" else a % b
            else:
                factor = env[atom.name]
            term = term * factor
        total = total + term
    return total
