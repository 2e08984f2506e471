"""sixteen_bits: operators of several steps on float16 and bfloat16, which compute in float32 and round once."""
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lockstep.cases import case, integers, normal, uniform, values

HALVES = ("float16", "bfloat16")


def activations(x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    return F.gelu(x), F.silu(x), F.softplus(x), F.mish(x)


def between(x: Tensor, y: Tensor) -> Tensor:
    return torch.lerp(x, y, 0.3)


def sums(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    return x.sum(-1), x.mean(), x.cumsum(-1)


def deviations(x: Tensor) -> tuple[Tensor, Tensor]:
    return x.var(-1), x.std(0)


def length(x: Tensor) -> Tensor:
    return torch.linalg.vector_norm(x, dim=-1)


def large_mean(x: Tensor) -> tuple[Tensor, Tensor]:
    return x.mean(-1), F.avg_pool1d(x, 8)


def steps(x: Tensor, y: Tensor) -> Tensor:
    return (x * 3.0 + y) / 7.0


def added_products(start: Tensor, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    return torch.addbmm(start, x, y, beta=0.5, alpha=-1.5), torch.addbmm(start, x, y, beta=0)


def volumes(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    return F.adaptive_avg_pool3d(x, (2, 3, 2)), F.adaptive_avg_pool3d(x, 1), F.interpolate(x, size=(3, 2, 2), mode="area")


def backwards(gradient: Tensor, y: Tensor) -> Tensor:
    return torch._softmax_backward_data(gradient, y, -1, y.dtype)


def orders(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    return torch.polygamma(0, x), torch.polygamma(1, x), torch.polygamma(4, x)


def long_range(x: Tensor) -> Tensor:
    return torch.arange(0, 5000, dtype=x.dtype) * x


def shorter(x: Tensor) -> Tensor:
    return torch.renorm(x, 2.0, 0, 1.5)


def by_the_batch(x: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
    return F.batch_norm(x, None, None, scale, shift, training=True)


def likelihoods(x: Tensor, classes: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    logarithms = torch.log_softmax(x, -1)
    return F.nll_loss(logarithms, classes), F.nll_loss(logarithms, classes, reduction="sum"), F.cross_entropy(x, classes)


def segments(x: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
    return torch.segment_reduce(x, "sum", lengths=lengths), torch.segment_reduce(x, "mean", lengths=lengths)


def cases():
    yield case("softmax", nn.Softmax(-1), normal(4, 33, std=3.0), dtypes=HALVES)
    yield case("log_softmax", nn.LogSoftmax(-1), normal(4, 33, std=3.0), dtypes=HALVES,
               because="PyTorch rounds between the steps of this one")
    yield case("layer_norm", nn.LayerNorm(40), normal(3, 40, mean=2.0), dtypes=HALVES)
    yield case("group_norm", nn.GroupNorm(2, 4), normal(2, 4, 5, 3), dtypes=HALVES)
    yield case("batch_norm", nn.BatchNorm2d(3), normal(2, 3, 4, 5), dtypes=HALVES)
    yield case("activations", activations, normal(5, 17), dtypes=HALVES)
    yield case("between", between, normal(5, 17), normal(5, 17), dtypes=HALVES)
    yield case("sums", sums, normal(3, 200), dtypes=HALVES, because="a sum that rounded at every addition would lose most digits")
    yield case("deviations", deviations, normal(6, 50, mean=4.0), dtypes=HALVES)
    yield case("length", length, normal(4, 50, std=100.0), dtypes=HALVES)
    yield case("large_mean", large_mean, uniform(2, 3, 64, low=5e4, high=6e4), dtypes=HALVES,
               because="float16 holds the mean, but not the sum")
    yield case("large_length", length, uniform(3, 20, low=500.0, high=900.0), dtypes=HALVES,
               because="float16 holds the length, but not the squares")
    yield case("linear", nn.Linear(40, 7), normal(5, 40), dtypes=HALVES)
    yield case("convolution", nn.Conv2d(3, 4, 3, padding=1), normal(2, 3, 6, 5), dtypes=HALVES)
    yield case("added_products", added_products, normal(3, 4), normal(9, 3, 5), normal(9, 5, 4), dtypes=HALVES,
               because="PyTorch rounds after the product of each of the batch")
    yield case("volumes", volumes, normal(2, 2, 5, 6, 3), dtypes=HALVES,
               because="PyTorch rounds after every addition of a window in three dims")
    yield case("layer_norm_of_one", nn.LayerNorm(1), normal(5, 1, mean=8.0), dtypes=HALVES,
               because="PyTorch takes the mean off after it scales, which leaves something")
    yield case("layer_norm_of_equals", nn.LayerNorm(4), values([[100.0] * 4, [1.0, 1.0, 1.0, 2.0]]), dtypes=HALVES)
    yield case("softmax_backward", backwards, normal(3, 5), values([[0.5, 0.25, 0.25, 0.0, 0.0]] * 3), dtypes=HALVES,
               because="a gradient of zero keeps its sign")
    yield case("polygamma", orders, uniform(4, 5, low=0.5, high=9.0), dtypes=HALVES)
    yield case("long_range", long_range, values(1.0), dtypes=HALVES, because="16 bits do not hold every whole number so far")
    yield case("renorm", shorter, normal(4, 6), dtypes=HALVES)
    yield case("batch_statistics", by_the_batch, normal(6, 3, 5), normal(3, std=4.0), normal(3), dtypes=HALVES)
    yield case("running_statistics", nn.BatchNorm1d(3), normal(6, 3, 5), dtypes=HALVES, training=True)
    yield case("likelihoods", likelihoods, normal(40, 6), integers(40, low=0, high=6), dtypes=HALVES,
               because="PyTorch rounds after every sample that it adds")
    yield case("segments", segments, normal(30, 3), values([12, 3, 15], dtype="int64"), dtypes=HALVES)
    yield case("steps", steps, normal(4, 9), normal(4, 9), dtypes=HALVES, because="operators of their own round each")
