"""constants: tensors that come from no input, such as zeros, ranges and identity matrices."""
import torch
from torch import Tensor, nn

from lockstep.cases import case, integers, normal


class Remembered(nn.Module):
    """A sum with tensors the module holds: a registered buffer and one made of a Python list."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("offset", torch.tensor([0.5, -1.5, 2.25, 1e-40]))
        self.register_buffer("index", torch.tensor([2, 0, 1]), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        return x[self.index] + self.offset


def alike(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    return torch.zeros_like(x), torch.ones_like(x), torch.full_like(x, 3)


def alike_of_another_type(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    return (torch.zeros_like(x, dtype=torch.int64), torch.ones_like(x, dtype=torch.bool),
            torch.full_like(x, 2.75, dtype=torch.float64))


def new_from(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    return x.new_zeros(2, 3), x.new_ones(4), x.new_full((3, 1), 7)


def shaped(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    return x + torch.zeros(3, 4), x * torch.ones(4), x - torch.full((3, 1), 0.1)


def full_of_types(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    return (x + torch.full((4,), 3), x.double() + torch.full((4,), 0.1, dtype=torch.float64),
            torch.full((4,), 1, dtype=torch.int32) - x)


def full_of_true(x: Tensor) -> Tensor:
    return (x > 0) ^ torch.full((4,), True, dtype=torch.bool)


def full_of_special(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    return (torch.full_like(x, float("-inf")), torch.full_like(x, float("nan")),
            torch.full_like(x, -0.0))


def ranges(x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    return (x + torch.arange(4), x + torch.arange(2, 6), x + torch.arange(10, 1, -3)[:1],
            x + torch.arange(-1, 7, 2))


def downwards(x: Tensor) -> Tensor:
    return torch.arange(0.0, -8.0, -4.0) * x


def real_ranges(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    return (x + torch.arange(0.0, 1.0, 0.25), x + torch.arange(1.0, -1.0, -0.5),
            torch.arange(0.1, 0.7, 0.1) + x[0, 0])


def range_of_type(x: Tensor) -> tuple[Tensor, Tensor]:
    return x * torch.arange(4, dtype=torch.float64), x * torch.arange(1, 5, dtype=torch.int32)


def empty_range(x: Tensor) -> Tensor:
    return x[:0] + torch.arange(0).unsqueeze(1)


def spaced(x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    return (x + torch.linspace(-1.0, 1.0, 4), x + torch.linspace(0.1, 0.7, 4),
            x + torch.linspace(3.0, -2.5, 4), x + torch.linspace(2.0, 9.0, 1))


def spaced_logarithmically(x: Tensor) -> tuple[Tensor, Tensor]:
    return x + torch.logspace(-2.0, 1.0, 4), x + torch.logspace(0.0, 3.0, 4, base=2.0)


def identities(x: Tensor) -> tuple[Tensor, Tensor]:
    return x + torch.eye(3, 4), x @ torch.eye(4)


def literal(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    return (x + torch.tensor([1.0, -0.1, 2.5e-3, 1e30]), x * torch.tensor(0.7),
            x + torch.tensor([1, 2, 3, 4]))


def unchanged_by_input(x: Tensor) -> tuple[Tensor, Tensor]:
    return x * 1.0, torch.arange(5) * 2


def filled_in_place(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    table = torch.zeros(3, 4)
    table[1] = x[0]
    table[:, 2].fill_(5.0)
    return table, (x * 2).fill_(-1.5), (x + 1).zero_()


def positions_of(x: Tensor) -> Tensor:
    return x + torch.arange(x.size(1)).unsqueeze(1)


def matrix_of(x: Tensor) -> Tensor:
    return x + torch.zeros(x.size(0), 4) + torch.ones_like(x) + torch.full((x.size(0), 1), 0.25)



def cases():
    yield case("alike", alike, normal(3, 4), dtypes=("float32", "float64", "int64", "int32", "bool"))
    yield case("alike_of_another_type", alike_of_another_type, normal(3, 4), dtypes=("float32", "int32"))
    yield case("alike_empty", alike, normal(0, 4))
    yield case("new_from", new_from, normal(3, 4), dtypes=("float32", "int64"))
    yield case("shaped", shaped, normal(3, 4))
    yield case("full_of_types", full_of_types, normal(3, 4))
    yield case("full_of_true", full_of_true, normal(3, 4),
               gaps={"traced": "torch.jit.trace records a fill value that is a bool; aten::full refuses it"})
    yield case("full_of_special", full_of_special, normal(3, 4))
    yield case("ranges", ranges, integers(3, 4, low=-9, high=9, dtype=None),
               dtypes=("float32", "int64", "int32"))
    yield case("downwards", downwards, normal(2), because="0 * -4.0 is -0.0, and the range starts with 0")
    yield case("real_ranges", real_ranges, normal(3, 4),
               because="six or seven elements fit between 0.1 and 0.7, as the rounding decides")
    yield case("range_of_type", range_of_type, normal(3, 4), dtypes=("float32", "int64"))
    yield case("empty_range", empty_range, normal(3, 4))
    yield case("spaced", spaced, normal(3, 4),
               because="PyTorch counts the second half of a linspace back from its end")
    yield case("spaced_logarithmically", spaced_logarithmically, normal(3, 4))
    yield case("identities", identities, normal(3, 4))
    yield case("literal", literal, normal(3, 4))
    yield case("unchanged_by_input", unchanged_by_input, normal(3, 4),
               because="the second answer does not depend on the input at all")
    yield case("filled_in_place", filled_in_place, normal(3, 4))
    yield case("remembered", Remembered(), normal(3, 4), keep_weights=True)
    yield case("positions_dynamic", positions_of, normal(2, 5, 3), dynamic={0: {1: "length"}})
    yield case("matrix_dynamic", matrix_of, normal(3, 4), dynamic={0: {0: "batch"}})
