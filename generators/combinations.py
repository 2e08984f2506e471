"""combinations: torch.combinations, every choice of so many elements of a row."""
import torch
from torch import Tensor, nn

from lockstep.cases import case, distinct, normal


class Combinations(nn.Module):
    def __init__(self, r: int = 2, with_replacement: bool = False):
        super().__init__()
        self.r, self.with_replacement = r, with_replacement

    def forward(self, x: Tensor) -> Tensor:
        return torch.combinations(x, self.r, self.with_replacement)


def cases():
    yield case("pairs", Combinations(), distinct(5), dtypes=("float32", "float64", "int64", "bool", "float16"))
    yield case("triples", Combinations(3), distinct(6))
    yield case("single", Combinations(1), distinct(4))
    yield case("with_replacement", Combinations(3, True), distinct(3))
    yield case("more_than_there_are", Combinations(4), distinct(3))
    yield case("empty", Combinations(), normal(0))
