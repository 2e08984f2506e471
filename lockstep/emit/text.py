"""Numbers, indices and names as C++ text."""
from __future__ import annotations

import keyword
import math
import re
from typing import Any

import numpy as np

from ..graph import dims as d
from ..graph import dims_text
from ..graph.core import FLOATS
from ..graph.dims import Axis, Dim
from ..graph.world import numpy_dtype
from ..plan.support import HALVES

# what an element is in memory; and what it is in registers, where 16-bit floats are computed as floats and rounded
CPP_TYPE = {"bool": "bool", "int8": "std::int8_t", "int16": "std::int16_t", "int32": "std::int32_t", "int64": "std::int64_t",
            "uint8": "std::uint8_t", "uint16": "std::uint16_t", "uint32": "std::uint32_t", "uint64": "std::uint64_t",
            "float16": "lockstep::half", "bfloat16": "lockstep::bfloat16", "float32": "float", "float64": "double"}
PORT_TYPE = {**CPP_TYPE, "complex64": "std::complex<float>", "complex128": "std::complex<double>"}
REGISTER_TYPE = {**CPP_TYPE, **{dtype: "float" for dtype in HALVES}}
_RESERVED = {"int", "float", "double", "long", "short", "char", "bool", "void", "auto", "const", "new", "delete", "this",
             "namespace", "template", "class", "struct", "union", "operator", "register", "default", "switch", "case",
             "do", "goto", "signed", "unsigned", "static", "inline", "extern", "typename", "using", "virtual", "volatile",
             "public", "private", "protected", "sizeof", "typedef", "friend", "explicit", "export", "enum", "true", "false",
             "lockstep", "std", "main", "at", "arena", "weights", "symbols", "inputs", "outputs", "sum", "exp"}


def identifier(name: str) -> str:
    """A C++ identifier that reads like the name."""
    plain = re.sub(r"\W+", "_", name).strip("_") or "value"
    plain = re.sub(r"__+", "_", plain)
    if plain[0].isdigit():
        plain = "m" + plain
    return plain + "_" if plain in _RESERVED or keyword.iskeyword(plain) else plain


def index(expression: Dim) -> str:
    """An index expression over loop variables and sizes."""
    if d.is_static(expression):
        return str(expression)
    quotient = "floor_quotient({a}, {b})"
    rest = "floor_rest({a}, {b})"
    return dims_text.text(expression, lambda atom: atom.name if isinstance(atom, Axis) else size(atom.name),
                  quotient, rest, "{op}({a}, {b})").replace("min(", "smaller(").replace("max(", "larger(")


def size(symbol: str) -> str:
    """The C++ name of a named extent: the name itself, so that names which differ stay different."""
    return "size_" + re.sub(r"[^0-9A-Za-z_]", lambda odd: f"_x{ord(odd[0]):x}_", symbol)


def rounded(expression: str, dtype: str) -> str:
    """The expression in the precision of its dtype: 16-bit floats are computed as floats."""
    return f"round_to<{CPP_TYPE[dtype]}>({expression})" if dtype in HALVES else expression


def literal(value: Any, dtype: str) -> str:
    """A number as the dtype holds it, exact: hexadecimal floats, no decimal rounding."""
    kind = REGISTER_TYPE[dtype]
    if isinstance(value, d.Expr):
        return f"{kind}({index(value)})"
    if dtype == "bool":
        return "true" if value else "false"
    if dtype in FLOATS:
        return _float(value, dtype)
    number = int(value)
    bits = 8 * np.dtype(dtype).itemsize
    number &= (1 << bits) - 1
    if not dtype.startswith("u") and number >= 1 << (bits - 1):
        number -= 1 << bits
    if dtype == "int64":
        return f"std::int64_t({number})" if number > -2 ** 63 else "std::numeric_limits<std::int64_t>::min()"
    if dtype == "uint64":
        return f"std::uint64_t({number}u)"
    return f"{kind}({number})" if number > -2 ** 31 else f"std::numeric_limits<{kind}>::min()"


def _float(value: Any, dtype: str) -> str:
    kind = REGISTER_TYPE[dtype]
    with np.errstate(all="ignore"):
        number = float(numpy_dtype(dtype).type(value))
    if math.isnan(number):
        return f"std::numeric_limits<{kind}>::quiet_NaN()"
    if math.isinf(number):
        return f"{'-' if number < 0 else ''}std::numeric_limits<{kind}>::infinity()"
    suffix = "f" if kind == "float" else ""
    if number == int(number) and abs(number) < 1e6 and not (number == 0 and math.copysign(1, number) < 0):
        return f"{int(number)}.0{suffix}"
    return re.sub(r"\.?0*p", "p", number.hex()) + suffix


def quoted(text: str) -> str:
    """A C++ string literal: control characters and question marks as octal escapes, the rest as UTF-8."""
    escaped = "".join(f"\\{ord(c):03o}" if ord(c) < 32 or c in "?\x7f" else "\\" + c if c in '"\\' else c for c in text)
    return f'"{escaped}"'


def comment(text: str) -> str:
    """A name as it may stand in a comment of C or C++: nothing that ends the comment, or carries it to the next line."""
    plain = "".join(" " if ord(c) < 32 or c in "\x7f\x85\u2028\u2029" else c for c in text).replace("\\", "/")
    return plain.replace("*/", "* /").replace("/*", "/ *")
