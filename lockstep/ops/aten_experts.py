"""Products of mixtures of experts: rows sorted by their expert, each expert's run of rows with its own matrix."""
from __future__ import annotations

from ..graph.build import contract, iota
from ..graph.control import loop
from ..graph.functions import where
from . import aten
from .common import Tensor, constant, refuse, zeros


@aten("transformers::grouped_mm_fallback.default")
def grouped_product(rows: Tensor, matrices: Tensor, offs: Tensor) -> Tensor:
    """rows [S, K], matrices [G, K, N]: run g of the rows ends before offs[g]; rows behind the last run give zero.

    Every matrix meets all rows and is kept for its own: no matrix is read twice, and none is copied for each row.
    """
    position = iota(rows.dims[0])
    start = zeros((rows.dims[0], matrices.dims[2]), rows.dtype)

    def body(step, carried, slices):
        (total, first), (matrix, end) = carried, slices
        mine = ((position >= first) & (position < end)).unsqueeze(1)
        return [where(mine, contract("sk,kn->sn", rows, matrix), total), end], []
    return loop(matrices.dims[0], [start, constant(0, "int64")], [matrices, offs.cast("int64")], body)[0]


@aten("_grouped_mm.default")
def grouped_mm(x, mat2, offs=None, bias=None, out_dtype=None):
    """`offs` marks the rows of x; without it both are batches of matrices."""
    if x.rank == 3 and mat2.rank == 3 and offs is None:
        y = contract("gmk,gkn->gmn", x, mat2)
    elif x.rank == 2 and mat2.rank == 3 and offs is not None:
        y = grouped_product(x, mat2, offs)
    else:
        refuse("a grouped product is supported for sorted rows with one matrix a group, or for two batches of matrices")
    if bias is not None:
        refuse("a grouped product with a bias is not supported by PyTorch itself; add it")
    return y if out_dtype is None else y.cast(out_dtype)
