"""einsum: sums of products over named dims, and what is einsum by another name."""
from __future__ import annotations

from string import ascii_letters
from typing import Sequence

from ..graph.build import axes_for, contract, reindex
from . import aten
from .common import Tensor, is_float, promote

Named = tuple[Tensor, str]      # a tensor and one letter a dim, no letter twice


@aten("einsum.default")
def einsum(equation, operands, *, path=None):
    """Operands are multiplied pair by pair, from the left or as `path` says (pairs; products go last)."""
    terms, out = letters_of(equation, operands)
    pool = [without_ones(*diagonal(x, term)) for x, term in zip(operands, terms)]
    steps = iter(path or ())
    while len(pool) > 1:
        i, j = sorted((next(steps), next(steps))) if path else (0, 1)
        b, a = pool.pop(j), pool.pop(i)
        kept = "".join(dict.fromkeys(out + "".join(term for _, term in pool)))
        pool.insert(len(pool) if path else 0, product(a, b, kept))
    x, term = summed_to(*pool[0], out)
    return aligned(x, term, out)


@aten("tensordot.default")
def tensordot(a, b, dims_a, dims_b):
    left, right = list(ascii_letters[:a.rank]), list(ascii_letters[a.rank:a.rank + b.rank])
    for i, j in zip(dims_a, dims_b):
        right[j] = left[i]
    out = [c for c in (*left, *right) if (c in left) != (c in right)]
    return einsum(f"{''.join(left)},{''.join(right)}->{''.join(out)}", [a, b]).cast(a.dtype)


@aten("_trilinear.default")
def trilinear(a, b, c, expand_a, expand_b, expand_c, summed, unroll_dim=1):
    """The product of three operands, each without the dims it is expanded by, summed over `summed`."""
    letters = ascii_letters[:a.rank + len(expand_a)]
    left, middle, right, out = ("".join(c for k, c in enumerate(letters) if k not in gone)
                                for gone in (expand_a, expand_b, expand_c, summed))
    return einsum(f"{left},{middle},{right}->{out}", [a, b, c])


def letters_of(equation: str, operands: Sequence[Tensor]) -> tuple[list[str], str]:
    """The letters of every operand and of the output, ellipses spelled out in letters not used otherwise.

    Without an arrow the output has the ellipsis and then the letters that occur once, capitals first.
    """
    inputs, arrow, out = equation.replace(" ", "").partition("->")
    if not arrow:
        single = sorted(c for c in inputs if c.isalpha() and inputs.count(c) == 1)
        out = "..." * ("..." in inputs) + "".join(single)
    terms = inputs.split(",")
    hidden = [x.rank - len(term) + 3 if "..." in term else 0 for x, term in zip(operands, terms)]
    spare = "".join(c for c in ascii_letters if c not in equation)[:max(hidden)]
    spelled = [term.replace("...", spare[len(spare) - count:]) for term, count in zip(terms, hidden)]
    return spelled, out.replace("...", spare)


def diagonal(x: Tensor, term: str) -> Named:
    """The elements whose indices agree wherever a letter repeats."""
    letters = "".join(dict.fromkeys(term))
    dims = [x.dims[term.index(c)] for c in letters]
    axes = axes_for(dims)
    return reindex(x, [axes[letters.index(c)] for c in term], dims), letters


def without_ones(x: Tensor, term: str) -> Named:
    """Dims of extent one are left out: they stretch to what other operands have under their letter."""
    return x.squeeze(), "".join(c for c, n in zip(term, x.dims) if n != 1)


def summed_to(x: Tensor, term: str, kept: str) -> Named:
    """Summed over the letters that are not kept; whole numbers sum in int64, as PyTorch sums them."""
    lone = [k for k, c in enumerate(term) if c not in kept]
    if not lone:
        return x, term
    return (x if is_float(x.dtype) else x.cast("int64")).sum(lone), "".join(c for c in term if c in kept)


def product(first: Named, second: Named, kept: str) -> Named:
    """The product of two named tensors, summed over the letters that are not kept."""
    (a, s), (b, t) = summed_to(*first, kept + second[1]), summed_to(*second, kept + first[1])
    out = "".join(c for c in kept if c in s or c in t)
    if set(out) == {*s, *t}:
        a, b = promote(aligned(a, s, out), aligned(b, t, out))
        return a * b, out
    return contract(f"{s},{t}->{out}", a, b), out


def aligned(x: Tensor, term: str, letters: str) -> Tensor:
    """x with its dims in the order of `letters`, of extent one where it has no such letter."""
    moved = x.permute([term.index(c) for c in letters if c in term])
    return moved.reshape([x.dims[term.index(c)] if c in term else 1 for c in letters])
