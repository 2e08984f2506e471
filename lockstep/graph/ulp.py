"""The largest error of every scalar function, in units in the last place (ULP), of float32 and of float64.

One ULP is the distance between neighbouring numbers of the type at the exact result. A row says how far
a correct implementation may be from the exact result for given arguments; the bounds of whole models are
made of these rows.

Where the figures come from:

* float32: the runtime's own functions (lockstep/runtime/lockstep/math*.hpp), measured by
  gtest/sweep_math.cpp with and without fused multiply-add, and rounded up. Functions that the runtime
  computes in float64 and rounds once are below 0.51; their rows say 1.0, what PyTorch's vector library
  (SLEEF, "u10") promises.
* float64: the GNU C library ("Known Maximum Errors in Math Functions" in its manual), rounded up to 1.0 or
  more. `sigmoid`, `rsqrt`, `erfinv`, `digamma`, `xlogy` and the logarithms of sums are several such steps.
* Operations that IEEE 754 rounds once are 0.5; those that pick, compare or change a sign are exact, 0.0.
* The scaled Bessel functions, `erfcx`, `ndtri`, `zeta` and the incomplete gamma functions: the largest of the
  runtime's, SciPy's and PyTorch's float64 errors against 40 digits of mpmath, rounded up.

Where terms cancel or an exponent is rounded, a row counts the ULP of `special.size`: of one for `lgamma` and
`digamma` near their roots, of the larger terms for `zeta`, of what rounding grows to for polynomials.
`logaddexp`, `logaddexp2` and `xlogy` are meant away from their roots, except where float64 carries float32.
"""

from __future__ import annotations

from .polynomials import POLYNOMIALS

EXACT = (0.0, 0.0)
ROUNDED_ONCE = (0.5, 0.5)

ULP: dict[str, tuple[float, float]] = {
    # IEEE 754 operations, rounded once
    "add": ROUNDED_ONCE,
    "subtract": ROUNDED_ONCE,
    "multiply": ROUNDED_ONCE,
    "divide": ROUNDED_ONCE,
    "reciprocal": ROUNDED_ONCE,
    "sqrt": ROUNDED_ONCE,
    "fma": ROUNDED_ONCE,
    "cast": ROUNDED_ONCE,
    "ldexp": ROUNDED_ONCE,
    # exact
    "abs": EXACT,
    "neg": EXACT,
    "negative": EXACT,
    "sign": EXACT,
    "floor": EXACT,
    "ceil": EXACT,
    "trunc": EXACT,
    "round": EXACT,
    "maximum": EXACT,
    "minimum": EXACT,
    "fmax": EXACT,
    "fmin": EXACT,
    "copysign": EXACT,
    "nextafter": EXACT,
    "fmod": EXACT,
    "signbit": EXACT,
    "isnan": EXACT,
    "isinf": EXACT,
    "isfinite": EXACT,
    "select": EXACT,
    "compare": EXACT,
    "equal": EXACT,
    "not_equal": EXACT,
    "less": EXACT,
    "less_equal": EXACT,
    "greater": EXACT,
    "greater_equal": EXACT,
    "logical_and": EXACT,
    "logical_or": EXACT,
    "logical_xor": EXACT,
    "logical_not": EXACT,
    "bitwise_and": EXACT,
    "bitwise_or": EXACT,
    "bitwise_xor": EXACT,
    "bitwise_not": EXACT,
    "bit_and": EXACT,
    "bit_or": EXACT,
    "bit_xor": EXACT,
    "bit_not": EXACT,
    "shift_left": EXACT,
    "shift_right": EXACT,
    "bitcast": EXACT,
    "index": EXACT,
    "splat": EXACT,
    # an exact fmod, then an addition of the divisor, or a difference and a division
    "remainder": ROUNDED_ONCE,
    "floor_divide": (1.0, 1.0),
    "trunc_divide": ROUNDED_ONCE,
    # exponentials and logarithms
    "exp": (1.0, 1.0),
    "exp2": (1.3, 1.0),
    "expm1": (1.5, 1.0),
    "log": (1.0, 1.0),
    "log2": (1.0, 1.0),
    "log10": (1.0, 2.0),
    "log1p": (1.8, 1.0),
    "pow": (1.0, 1.0),
    "sigmoid": (2.7, 2.5),
    "logaddexp": (1.0, 2.0),
    "logaddexp2": (1.0, 2.0),
    "xlogy": (1.5, 1.5),
    "rsqrt": (1.5, 1.5),
    "hypot": (1.0, 1.0),
    # trigonometric and hyperbolic functions
    "sin": (1.0, 1.0),
    "cos": (1.0, 1.0),
    "tan": (1.0, 1.0),
    "asin": (1.0, 1.0),
    "acos": (1.0, 1.0),
    "atan": (1.0, 1.0),
    "atan2": (1.0, 1.0),
    "sinh": (1.0, 2.0),
    "cosh": (1.0, 2.0),
    "tanh": (1.5, 2.0),
    "asinh": (1.0, 2.0),
    "acosh": (1.0, 2.0),
    "atanh": (1.0, 2.0),
    # special functions
    "erf": (1.2, 1.0),
    "erfc": (1.0, 5.0),
    "erfinv": (1.0, 4.0),
    "lgamma": (1.0, 4.0),
    "digamma": (1.0, 8.0),
    "i0e": (1.0, 7.0),
    "i1e": (1.0, 9.0),
    "k0e": (1.0, 9.0),
    "k1e": (1.0, 5.0),
    "erfcx": (1.0, 7.0),
    "ndtri": (1.0, 3.0),
    "zeta": (1.0, 4.0),
    "igamma": (1.0, 16.0),
    "igammac": (1.0, 16.0),
    # of what rounding grows to along the recurrence
    **dict.fromkeys(POLYNOMIALS, (2.0, 2.0)),
}

COLUMNS = {"float32": 0, "float64": 1}
# Computed in float32 and rounded once: a ULP of float32 in theirs.
_COMPUTED_WIDER = {"float16": 2.0 ** -13, "bfloat16": 2.0 ** -16}


class MissingUlpRow(KeyError):
    """A scalar function or a dtype without a row: an error, not half a ULP."""

    def __str__(self) -> str:
        return str(self.args[0])


def ulp_of(name: str, dtype: str) -> float:
    """The largest error in ULP of scalar function `name` in `dtype`: a torch dtype or its name.

    Raises MissingUlpRow (a KeyError) when the table has no such row or column.
    """
    column = str(dtype).removeprefix("torch.")
    if name not in ULP:
        raise MissingUlpRow(f"no ULP figure for function {name!r}; add a measured row to {__name__}.ULP")
    if column in _COMPUTED_WIDER:
        return 0.5 + ULP[name][0] * _COMPUTED_WIDER[column] if ULP[name][0] else 0.0
    if column not in COLUMNS:
        raise MissingUlpRow(f"no ULP figures for dtype {column!r}; the table has {', '.join(COLUMNS)}")
    return ULP[name][COLUMNS[column]]
