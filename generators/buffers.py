"""buffers: what a run leaves in a module's buffers: counters, running statistics, caches of keys and values."""
import torch
from torch import nn

from lockstep.cases import case, integers, normal


class Counter(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("runs", torch.zeros((), dtype=torch.int64))
        self.register_buffer("total", torch.zeros(3))

    def forward(self, x):
        self.runs += 1
        self.total.add_(x.sum(0))
        return x * self.runs - self.total


class Reassigned(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("mean", torch.zeros(3))

    def forward(self, x):
        self.mean = self.mean * 0.9 + x.mean(0) * 0.1
        return x - self.mean


class Cache(nn.Module):
    """Keys of all steps so far, written at a position that is counted."""

    def __init__(self):
        super().__init__()
        self.register_buffer("keys", torch.zeros(2, 8, 4))
        self.register_buffer("position", torch.tensor([2]))

    def forward(self, x):
        self.keys.index_copy_(1, self.position, x)
        self.position.add_(1)
        return torch.softmax(x @ self.keys.transpose(1, 2), -1) @ self.keys


class Sliced(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("window", torch.zeros(5, 3))

    def forward(self, x):
        older = self.window[1:].clone()
        self.window[:-1] = older
        self.window[-1:] = x
        return self.window.mean(0)


def given_cache(keys, x, position):
    """A cache that the caller holds: in, and anew out."""
    keys = keys.index_copy(1, position, x)
    return torch.softmax(x @ keys.transpose(1, 2), -1) @ keys, keys


class Normalised(nn.Module):
    def __init__(self, norm: nn.Module):
        super().__init__()
        self.norm = norm

    def forward(self, x):
        return torch.relu(self.norm(x))


def cases():
    yield case("counter", Counter(), normal(4, 3))
    yield case("counter_any_size", Counter(), normal(4, 3), dynamic={0: {0: "rows"}})
    yield case("reassigned", Reassigned(), normal(4, 3),
               gaps={"traced": "torch.jit.trace leaves out that a buffer is set anew; PyTorch's own trace does not keep it either"})
    yield case("cache", Cache(), normal(2, 1, 4))
    yield case("sliced", Sliced(), normal(1, 3))
    yield case("given_cache", given_cache, normal(2, 8, 4), normal(2, 1, 4), integers(1, low=0, high=8))
    for name, norm, rule in [("batch_norm_1d", nn.BatchNorm1d(3), normal(6, 3)), ("batch_norm_2d", nn.BatchNorm2d(3), normal(2, 3, 4, 5)),
                             ("batch_norm_momentum", nn.BatchNorm1d(3, momentum=0.4, eps=1e-2), normal(4, 3, 5)),
                             ("batch_norm_bare", nn.BatchNorm2d(3, affine=False), normal(2, 3, 4, 4)),
                             ("batch_norm_stateless", nn.BatchNorm1d(3, track_running_stats=False), normal(4, 3, 5)),
                             ("instance_norm", nn.InstanceNorm1d(3, track_running_stats=True, affine=True), normal(2, 3, 7))]:
        yield case(f"training_{name}", Normalised(norm), rule, training=True)
