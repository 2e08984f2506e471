"""einsum: sums of products over named axes, as Einstein's notation spells them."""
from typing import Optional

import torch
from torch import Tensor, nn

from lockstep.cases import case, normal, values


class Einsum(nn.Module):
    """An equation over one, two or three operands."""

    def __init__(self, equation: str):
        super().__init__()
        self.equation = equation

    def forward(self, x: Tensor, y: Optional[Tensor] = None, z: Optional[Tensor] = None) -> Tensor:
        operands = [x]
        if y is not None:
            operands.append(y)
        if z is not None:
            operands.append(z)
        return torch.einsum(self.equation, operands)


def cases():
    yield case("matrix_product", Einsum("ij,jk->ik"), normal(3, 4), normal(4, 5),
               dtypes=("float32", "float64", "int64", "int32"))
    yield case("transposed_product", Einsum("ij,kj->ki"), normal(3, 4), normal(5, 4))
    yield case("batched_product", Einsum("bij,bjk->bik"), normal(2, 3, 4), normal(2, 4, 5))
    yield case("attention_scores", Einsum("bqhd,bkhd->bhqk"), normal(2, 3, 2, 4), normal(2, 5, 2, 4))
    yield case("outer", Einsum("i,j->ij"), normal(3), normal(4), dtypes=("float32", "int64"))
    yield case("inner", Einsum("i,i->"), normal(6), normal(6))
    yield case("elementwise", Einsum("ij,ij->ij"), normal(3, 4), normal(3, 4))
    yield case("transpose", Einsum("ijk->kij"), normal(2, 3, 4))
    yield case("sum_of_an_axis", Einsum("ijk->ik"), normal(2, 3, 4))
    yield case("sum_of_all", Einsum("ij->"), normal(3, 4))
    yield case("diagonal", Einsum("ii->i"), normal(4, 4), dtypes=("float32", "int64", "bool"))
    yield case("batched_diagonal", Einsum("bii->bi"), normal(2, 3, 3))
    yield case("trace", Einsum("ii"), normal(4, 4),
               because="a repeated letter of an implicit output is summed")
    yield case("diagonal_of_an_operand", Einsum("ii,ij->ij"), normal(3, 3), normal(3, 4))
    yield case("implicit_output", Einsum("ji,jk"), normal(3, 4), normal(3, 2),
               because="without an arrow the output has the letters that occur once, in alphabetical order")
    yield case("implicit_order", Einsum("zb,ba"), normal(2, 3), normal(3, 4),
               because="the alphabetical order puts the second operand's axis first")
    yield case("spaces_and_capitals", Einsum(" aB , Bc -> c a "), normal(2, 3), normal(3, 4))
    yield case("ellipsis", Einsum("...ij,...jk->...ik"), normal(2, 1, 3, 4), normal(5, 4, 2),
               because="the ellipses are broadcast against each other")
    yield case("ellipsis_moved", Einsum("...i->i..."), normal(2, 3, 4))
    yield case("three_operands", Einsum("ij,jk,kl->il"), normal(2, 3), normal(3, 4), normal(4, 5))
    yield case("three_operands_shared_letter", Einsum("bi,bj,b->ij"), normal(3, 4), normal(3, 2), normal(3))
    yield case("bilinear_form", Einsum("bn,anm,bm->ba"), normal(2, 3), normal(5, 3, 4), normal(2, 4))
    yield case("size_one_axis_broadcast", Einsum("ij,ij->i"), normal(3, 4), normal(3, 1),
               because="an extent of one stretches to the other operand's")
    yield case("empty_contraction", Einsum("ij,jk->ik"), normal(2, 0), normal(0, 3))
    yield case("not_finite", Einsum("ij,j->i"), values([[0.0, 1.0], [float("nan"), 1.0], [1.0, -1e30]]),
               values([float("inf"), 2.0]))
    yield case("dynamic_batch", Einsum("bij,jk->bik"), normal(2, 3, 4), normal(4, 5),
               dynamic={0: {0: "batch"}})
    yield case("dynamic_contraction", Einsum("bi,bj->ij"), normal(3, 4), normal(3, 2),
               dynamic={0: {0: "batch"}, 1: {0: "batch"}})
