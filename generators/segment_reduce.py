"""segment_reduce: neighbours along one dim reduced together, in segments of given lengths."""
import torch
from torch import Tensor, nn

from lockstep.cases import case, normal, values

LENGTHS = values([2, 0, 3, 1], dtype="int64")


class ByLengths(nn.Module):
    def __init__(self, reduce: str, axis: int = 0, initial: float | None = None, unsafe: bool = False):
        super().__init__()
        self.reduce, self.axis, self.initial, self.unsafe = reduce, axis, initial, unsafe

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        return torch.segment_reduce(x, self.reduce, lengths=lengths, axis=self.axis, initial=self.initial, unsafe=self.unsafe)


class ByOffsets(ByLengths):
    def forward(self, x: Tensor, offsets: Tensor) -> Tensor:
        return torch.segment_reduce(x, self.reduce, offsets=offsets, axis=self.axis, initial=self.initial, unsafe=True)


def cases():
    for reduce in ("sum", "mean", "max", "min", "prod"):
        yield case(f"{reduce}", ByLengths(reduce), normal(6, 3), LENGTHS, dtypes=("float32", "float64"))
        yield case(f"{reduce}_initial", ByLengths(reduce, initial=0.75), normal(6), LENGTHS,
                   because="every segment starts from it, an empty one gives it")
        yield case(f"{reduce}_offsets", ByOffsets(reduce), normal(6, 2), values([0, 2, 2, 5, 6], dtype="int64"))
    yield case("rows_of_their_own", ByLengths("sum", 1), normal(2, 5, 3), values([[2, 3, 0], [1, 1, 3]], dtype="int64"))
    yield case("rows_of_their_own_mean", ByLengths("mean", 1, 1.5), normal(2, 5), values([[2, 3, 0], [1, 1, 3]], dtype="int64"))
    yield case("not_all", ByOffsets("sum"), normal(7), values([1, 3, 6], dtype="int64"),
               because="what lies before the first offset and behind the last does not count")
    yield case("int32_lengths", ByLengths("max"), normal(6), values([2, 0, 3, 1], dtype="int32"))
    yield case("not_finite", ByLengths("max"), values([1.0, float("nan"), float("-inf"), 2.0, float("inf"), -1.0]), LENGTHS)
    yield case("not_finite_mean", ByLengths("mean"), values([1.0, float("nan"), float("-inf"), 2.0, float("inf"), -1.0]), LENGTHS)
    yield case("dynamic_columns", ByLengths("sum"), normal(6, 3), LENGTHS, dynamic={0: {1: "columns"}})
