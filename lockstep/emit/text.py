"""Numbers, indices and names as C++ text."""
from __future__ import annotations

import keyword
import math
import re
from typing import Any

import numpy as np

from ..graph import dims as d
from ..graph.dims import Axis, Dim

CPP_TYPE = {"bool": "bool", "int8": "std::int8_t", "int16": "std::int16_t", "int32": "std::int32_t", "int64": "std::int64_t",
            "uint8": "std::uint8_t", "uint16": "std::uint16_t", "uint32": "std::uint32_t", "uint64": "std::uint64_t",
            "float32": "float", "float64": "double"}
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
    return d.text(expression, lambda atom: atom.name if isinstance(atom, Axis) else size(atom.name),
                  quotient, rest, "{op}({a}, {b})").replace("min(", "smaller(").replace("max(", "larger(")


def size(symbol: str) -> str:
    """The C++ name of a named extent."""
    return f"size_{identifier(symbol)}"


def literal(value: Any, dtype: str) -> str:
    """A number as the dtype holds it, exact: hexadecimal floats, no decimal rounding."""
    kind = CPP_TYPE[dtype]
    if isinstance(value, d.Expr):
        return f"{kind}({index(value)})"
    if dtype == "bool":
        return "true" if value else "false"
    if dtype in ("float32", "float64"):
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
    kind = CPP_TYPE[dtype]
    with np.errstate(all="ignore"):
        number = float(np.dtype(dtype).type(value))
    if math.isnan(number):
        return f"std::numeric_limits<{kind}>::quiet_NaN()"
    if math.isinf(number):
        return f"{'-' if number < 0 else ''}std::numeric_limits<{kind}>::infinity()"
    suffix = "f" if dtype == "float32" else ""
    if number == int(number) and abs(number) < 1e6 and not (number == 0 and math.copysign(1, number) < 0):
        return f"{int(number)}.0{suffix}"
    return re.sub(r"\.?0*p", "p", number.hex()) + suffix


def quoted(text: str) -> str:
    """A C++ string literal: control characters and question marks as octal escapes, the rest as UTF-8."""
    escaped = "".join(f"\\{ord(c):03o}" if ord(c) < 32 or c in "?\x7f" else "\\" + c if c in '"\\' else c for c in text)
    return f'"{escaped}"'
