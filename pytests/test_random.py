"""Random numbers: the bits against published answers, the C++ against the interpreter, distributions, seeds and runs."""
from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import stats

import lockstep
from lockstep.graph.primitives.random import philox

# Random123's known answers for philox4x32-10: counter, key, first word of the result
ANSWERS = [((0, 0, 0, 0), (0, 0), 0x6627E8D5), ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2, 0x408F276D),
           ((0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344), (0xA4093822, 0x299F31D0), 0xD16CFE09)]


@pytest.mark.parametrize("counter, key, word", ANSWERS)
def test_philox_gives_the_published_words(counter, key, word):
    assert int(philox(counter, key)) == word


class Draws(torch.nn.Module):
    def __init__(self, draw):
        super().__init__()
        self.draw = draw

    def forward(self, x):
        return self.draw(x)


N = 4000
DISTRIBUTIONS = {
    "uniform": (lambda x: torch.rand_like(x), stats.uniform.cdf),
    "normal": (lambda x: torch.randn_like(x), stats.norm.cdf),
    "scaled": (lambda x: torch.normal(x + 3, torch.full_like(x, 2.0)), stats.norm(3, 2).cdf),
    "complex_uniform": (lambda x: torch.rand_like(torch.complex(x, x)).imag, stats.uniform.cdf),
    "complex_normal": (lambda x: torch.randn_like(torch.complex(x, x)).real, stats.norm(0, 0.5 ** 0.5).cdf),
    "exponential": (lambda x: x.clone().exponential_(0.5), stats.expon(scale=2).cdf),
    "cauchy": (lambda x: x.clone().cauchy_(1.0, 2.0), stats.cauchy(1, 2).cdf),
    "log_normal": (lambda x: x.clone().log_normal_(0.5, 0.25), stats.lognorm(0.25, scale=np.exp(0.5)).cdf),
}


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_what_is_drawn_has_its_distribution(name):
    draw, expected = DISTRIBUTIONS[name]
    drawn = lockstep.compile(Draws(draw), torch.zeros(N))(torch.zeros(N)).numpy()
    assert drawn.shape == (N,) and drawn.dtype == np.float32
    assert stats.kstest(drawn, expected).pvalue > 1e-3


def test_the_cpp_draws_what_the_interpreter_draws():
    report = lockstep.verify(Draws(lambda x: (torch.rand_like(x), torch.randint_like(x, 3, 9), torch.bernoulli(x))),
                             torch.full((3, 5), 0.25))
    assert report.right and [v.shape for v in report.outputs] == [(3, 5)] * 3


def test_a_permutation_and_a_sample_without_replacement_repeat_nothing():
    weights = torch.tensor([0.1, 0.0, 5.0, 1.0, 1.0])
    model = lockstep.compile(Draws(lambda x: (torch.randperm(50), torch.multinomial(x, 4))), weights)
    for _ in range(5):
        order, chosen = model(weights)
        assert sorted(order.tolist()) == list(range(50))
        assert sorted(chosen.tolist()) == [0, 2, 3, 4]


def test_dropout_keeps_the_mean_and_drops_its_share():
    dropped = lockstep.compile(Draws(lambda x: torch.nn.functional.dropout(x, 0.3, True)), torch.ones(N))(torch.ones(N))
    assert set(np.unique(dropped.numpy())) == {0.0, np.float32(1 / 0.7)}
    assert abs((dropped == 0).double().mean().item() - 0.3) < 5 * np.sqrt(0.3 * 0.7 / N)


def test_runs_differ_and_a_seed_repeats_them():
    model = lockstep.compile(Draws(lambda x: torch.rand_like(x)), torch.zeros(8))
    first, second = (model(torch.zeros(8)) for _ in range(2))
    assert not torch.equal(first, second)
    model.library.reset()
    assert torch.equal(model(torch.zeros(8)), first)
    model.library.seed(7)
    other = model(torch.zeros(8))
    assert not torch.equal(other, first)
    model.library.seed(7)
    assert torch.equal(model(torch.zeros(8)), other)


def test_random_numbers_inside_a_loop_are_refused():
    def scan(x):
        from torch._higher_order_ops import scan as scanned
        return scanned(lambda c, row: (c + torch.rand_like(row), c * row), torch.zeros(3), x)[1]
    with pytest.raises(lockstep.Unsupported, match="inside a loop"):
        lockstep.compile(Draws(scan), torch.ones(4, 3))
