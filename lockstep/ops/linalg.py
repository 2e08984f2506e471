"""What the definitions of linear algebra share: kernels over all matrices of a batch, transposes, identities, shapes."""
from __future__ import annotations

from typing import Any, Sequence

from ..graph import dims as d
from ..graph import functions as f
from ..graph.build import Tensor, broadcast, expand, iota, kernel
from ..graph.core import Type
from ..graph.dims import Dim


def each_matrix(name: str, inputs: Sequence[Tensor], results: Sequence[tuple[str, Sequence[Dim]]], batch: Sequence[Dim],
                **attributes: Any) -> list[Tensor]:
    """A kernel over a batch: every input is [*batch, its own dims]; a result's dtype and own dims are given."""
    count = d.product(batch)
    flat = [x.reshape(count, *x.dims[len(batch):]) for x in inputs]
    types = [Type(dtype, (count, *dims)) for dtype, dims in results]
    return [r.reshape(*batch, *r.dims[1:]) for r in kernel(name, flat, types, batch=count, **attributes)]


def together(*operands: Tensor, ranks: Sequence[int] | None = None) -> tuple[tuple[Dim, ...], list[Tensor]]:
    """The common batch and the operands broadcast to it; ranks: how many dims of each are its own (2 each)."""
    ranks = ranks or [2] * len(operands)
    batch = broadcast(*(x.dims[:x.rank - own] for x, own in zip(operands, ranks)))
    return batch, [expand(x, (*batch, *x.dims[x.rank - own:])) for x, own in zip(operands, ranks)]


def transposed(x: Tensor) -> Tensor:
    return x.transpose(-2, -1)


def identity(rows: Dim, columns: Dim, like: Tensor) -> Tensor:
    """Ones on the diagonal, for every matrix of `like`."""
    one = f.equal(iota(rows).unsqueeze(1), iota(columns)).cast(like.dtype)
    return expand(one, (*like.dims[:-2], rows, columns))


def is_vector(a: Tensor, b: Tensor) -> bool:
    """Whether torch.linalg takes b as one vector for each matrix of a."""
    return b.rank == 1 or a.rank - 1 == b.rank and a.dims[:-1] == b.dims
