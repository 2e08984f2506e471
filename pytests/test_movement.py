"""Movement, reductions and windows by tiles and lanes: extents around a tile's sides, all element sizes, exactly."""
from __future__ import annotations

from typing import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

import lockstep

EXTENTS = ((1, 33), (33, 1), (15, 16), (16, 17), (17, 15), (33, 64), (64, 33), (100, 47))
DTYPES = (torch.bool, torch.uint8, torch.int16, torch.bfloat16, torch.float32, torch.int64)


class Function(nn.Module):
    def __init__(self, function: Callable) -> None:
        super().__init__()
        self.function = function

    def forward(self, *inputs: Tensor) -> list[Tensor]:
        return self.function(*inputs)


def numbers(dims: tuple[int, ...], dtype: torch.dtype = torch.float32) -> Tensor:
    """Whole numbers, all sums of which are exact, whatever their order."""
    count = torch.Size(dims).numel()
    return (torch.arange(count) * 37 % 101 - 50).reshape(dims).to(dtype)


def same(function: Callable, *inputs: Tensor, dynamic: dict | None = None, others: tuple = ()) -> None:
    """The C++ gives PyTorch's elements, for the example and for other inputs of the same model."""
    compiled = lockstep.compile(Function(function).eval(), inputs, dynamic=dynamic)
    for given in (inputs, *others):
        for k, (got, wanted) in enumerate(zip(compiled(*given), function(*given), strict=True)):
            assert got.shape == wanted.shape and got.dtype == wanted.dtype
            assert torch.equal(got, wanted), f"output {k} of {[tuple(x.shape) for x in given]}: {got} is not {wanted}"


def moved(*inputs: Tensor) -> list[Tensor]:
    """Transpositions, alone and in expressions, with batches before and after."""
    results = []
    for x in inputs:
        results += [x.t().contiguous(), x.t() == x.t().roll(1, 0), torch.where(x.t() == x[0, 0], x[0, 0], x.t()),
                    x[1:, 2:].t().contiguous(), x[::2, ::3].t().contiguous(), x.flip(0).t().contiguous(),
                    x.expand(2, *x.shape).permute(2, 0, 1).contiguous(), x.t().to(torch.float64), x.t().bool()]
    return results


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_transpositions_are_exact(dtype: torch.dtype) -> None:
    same(moved, *(numbers(dims, dtype) for dims in EXTENTS))


def test_transpositions_of_extents_known_at_run_time() -> None:
    def function(x: Tensor) -> list[Tensor]:
        return [x.t().contiguous(), x.t() * 2 + 1, torch.erf(x.t() * 0), x.unsqueeze(0).permute(2, 0, 1).contiguous()]
    others = tuple((numbers(dims),) for dims in EXTENTS)
    same(function, numbers((20, 40)), dynamic={0: {0: "rows", 1: "columns"}}, others=others)


def test_layouts_of_images() -> None:
    x = numbers((2, 12, 17, 18))
    same(lambda x: [x.permute(0, 2, 3, 1).contiguous(), x.permute(0, 3, 1, 2).contiguous(),
                    x.permute(3, 2, 1, 0).contiguous(),
                    functional.pixel_shuffle(x, 2), functional.pixel_unshuffle(x[:, :, :16], 2),
                    functional.pixel_shuffle(x[:, :, :, :16], 2), functional.interpolate(x, scale_factor=2),
                    functional.interpolate(x, scale_factor=(3, 4)), x.repeat_interleave(2, -1) > 0,
                    x.reshape(2, 3, 4, 17, 18).transpose(1, 2).reshape(2, 12, 17, 18)], x)


def test_reductions_of_whole_numbers_are_exact() -> None:
    def reduced(*inputs: Tensor) -> list[Tensor]:
        return [y for x in inputs for y in (x.sum(0), x.sum(1), x.sum(), x.amax(0) + x.sum(0), x.amin(1), x.t().sum(0),
                                            x[:, ::2].sum(1), x.expand(3, *x.shape).sum(1), (x * 2 + 1).sum(0) * 3)]
    same(reduced, *(numbers(dims) for dims in EXTENTS), numbers((40, 300)))


def test_reductions_of_extents_known_at_run_time() -> None:
    others = tuple((numbers(dims),) for dims in EXTENTS)
    dynamic = {0: {0: "rows", 1: "columns"}}
    same(lambda x: [x.sum(0), x.sum(1), x.amax(0)], numbers((20, 40)), dynamic=dynamic, others=others)


@pytest.mark.parametrize("extent", [7, 16, 17, 33, 35, 66])
def test_windows(extent: int) -> None:
    def pooled(x: Tensor) -> list[Tensor]:
        return [functional.max_pool2d(x, 2), functional.max_pool2d(x, 3, 2, 1), functional.max_pool2d(x, 3, 1, 1),
                functional.max_pool2d(x, 2, 2, ceil_mode=True), functional.max_pool2d(x, (1, 3), (1, 3)),
                functional.avg_pool2d(x, 2), functional.avg_pool2d(x, (4, 2), 2),
                functional.adaptive_avg_pool2d(x[..., :4, :4], 1)]
    x = numbers((1, 2, 7, extent))
    x[0, 0, 3, extent // 2] = torch.nan
    x[0, 1, 2, extent - 1] = -torch.inf
    same(lambda x: [torch.nan_to_num(y, 123.0, 456.0, 789.0) for y in pooled(x)], x)


def test_rows_are_gathered_where_they_are() -> None:
    table, places = numbers((9, 37)), torch.tensor([[0, 8, 3], [8, 1, 0]])
    same(lambda t, i: [functional.embedding(i, t), t[i], t.index_select(1, i[0]), t.gather(1, i), t[:, i],
                       t[i, i] + t[0, 0]], table, places)
    compiled = lockstep.compile(Function(lambda t, i: [t[i]]).eval(), (table, places))
    with pytest.raises(lockstep.errors.BadInput, match="failed_guard"):
        compiled(table, places + 1)


def test_pieces_side_by_side() -> None:
    def pieces(x: Tensor, y: Tensor) -> list[Tensor]:
        return [torch.cat([x, y], 1), torch.stack([x, x * 2], -1), x[:, 3:17].contiguous(), x[:, 1::2].contiguous(),
                x[:, ::3].contiguous(), x.flip(1), x.roll(5, 1), functional.pad(x, (1, 2, 3, 4), value=7.0),
                x.triu(), x.tril(2), x.cumsum(0), x.cumsum(1), *x.cummax(0), *x.cummin(1),
                functional.unfold(x.reshape(1, 1, *x.shape), 3, padding=1), x.repeat(2, 3), x.repeat_interleave(2, 1)]
    for columns, others in ((33, 5), (16, 3), (18, 31)):
        same(pieces, numbers((19, columns)), numbers((19, others)))
