"""ctc_loss: connectionist temporal classification, the likelihood of labels over every way to spread them in time."""
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lockstep.cases import case, integers, normal, values


class Loss(nn.Module):
    """CTC loss of logits, for given lengths."""

    def __init__(self, times: list[int], labels: list[int], reduction: str = "mean", blank: int = 0, zero_infinity: bool = False):
        super().__init__()
        self.times, self.labels, self.reduction, self.blank, self.zero_infinity = times, labels, reduction, blank, zero_infinity

    def forward(self, logits: Tensor, targets: Tensor) -> Tensor:
        return F.ctc_loss(F.log_softmax(logits, -1), targets, self.times, self.labels, self.blank, self.reduction, self.zero_infinity)


def by_tensors(log_probs: Tensor, targets: Tensor, times: Tensor, labels: Tensor) -> Tensor:
    return F.ctc_loss(log_probs, targets, times, labels, reduction="none")


def of_one(log_probs: Tensor, targets: Tensor) -> Tensor:
    return F.ctc_loss(log_probs, targets, torch.tensor(6), torch.tensor(3), reduction="sum")


def cases():
    for reduction in ("none", "mean", "sum"):
        yield case(reduction, Loss([8, 8, 8], [3, 4, 2], reduction), normal(8, 3, 5), integers(3, 4, low=1, high=5),
                   dtypes=("float32", "float64"))
    yield case("lengths", Loss([8, 5, 7], [3, 1, 2]), normal(8, 3, 5), integers(3, 3, low=1, high=5))
    yield case("one_after_another", Loss([8, 8, 6], [3, 1, 2], "none"), normal(8, 3, 5), integers(6, low=1, high=5),
               because="targets may be one row of all samples' labels")
    yield case("no_labels", Loss([6, 6], [0, 2], "none"), normal(6, 2, 4), integers(2, 2, low=1, high=4))
    yield case("no_time", Loss([0, 4], [0, 1], "none"), normal(4, 2, 3), integers(2, 1, low=1, high=3))
    yield case("blank_last", Loss([7, 7], [3, 2], "none", blank=4), normal(7, 2, 5), integers(2, 3, low=0, high=4))
    yield case("repeated_labels", Loss([7], [3], "none"), normal(7, 1, 4), values([[2, 2, 2]], dtype="int64"),
               because="between equal labels a blank cannot be left out")
    yield case("impossible", Loss([2, 6], [4, 2], "none"), normal(6, 2, 4), integers(2, 4, low=1, high=4),
               because="four labels do not fit into two moments: infinite")
    yield case("impossible_as_zero", Loss([2, 6], [4, 2], zero_infinity=True), normal(6, 2, 4), integers(2, 4, low=1, high=4))
    yield case("padding", Loss([6, 6], [1, 2], "none"), normal(6, 2, 4), values([[1, -1, 99], [3, 2, -7]], dtype="int64"),
               because="what lies behind the last label is not read")
    yield case("large_logits", Loss([9], [4]), normal(9, 1, 6, std=300.0), integers(1, 4, low=1, high=6))
    yield case("lengths_as_tensors", by_tensors, normal(6, 2, 4, mean=-2.0), integers(2, 3, low=1, high=4),
               values([6, 4], dtype="int64"), values([3, 1], dtype="int64"))
    yield case("one_sample", of_one, normal(6, 5, mean=-2.0), integers(3, low=1, high=5))
