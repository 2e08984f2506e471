"""What a user, or a measurement on a machine, decides of a plan. The results hold for all of them."""
from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Mapping

from ..errors import BadInput


@dataclass(frozen=True)
class Choices:
    """Recorded in every package, so that the same one can be made again.

    fast_conv    3 x 3 convolutions with stride 1 by Winograd's F(2 x 2, 3 x 3): four ninths of the multiplications, errors
                 that grow with the spread of the inputs beyond the bound, and NaN beside infinities
    near         bytes of a block of rows that several steps walk one after another: in the nearest cache
    next         bytes of such a block where there are products among the steps: in the next cache
    rows         rows of a block with products, which read all their weights again for every block
    """

    fast_conv: bool = False
    near: int = 12 << 10
    next: int = 768 << 10
    rows: int = 32

    @classmethod
    def read(cls, found: Any, where: str) -> "Choices":
        """From what a package.json records. Raises BadInput for what is none."""
        known = {field.name: type(field.default) for field in fields(cls)}
        if not isinstance(found, Mapping) or not found.keys() <= known.keys():
            raise BadInput(f"{where} holds no choices of a plan: these are {', '.join(known)}")
        for name, value in found.items():
            if type(value) is not known[name] or known[name] is int and value < 1:
                raise BadInput(f"{where}: {name} must be {'true or false' if known[name] is bool else 'a number from 1'}, not {value!r}")
        return cls(**found)
