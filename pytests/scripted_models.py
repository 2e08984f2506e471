"""Small modules whose control flow the data decides, for the tests of TorchScript: one construct each."""
from __future__ import annotations

from typing import Dict, List, NamedTuple, Optional, Tuple

import torch
from torch import Tensor, nn


class ElseIf(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        largest = x.max().item()
        if largest > 3:
            y = x - 3
        elif largest > 2 and x.size(0) > 1:
            y = x - 2
        elif not bool(x.min() < 0) or largest == 0:
            y = x * 10
        else:
            y = -x
        return y


class EarlyReturn(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        if x.sum() > 0:
            return x
        y = x * 2
        if y.max().item() > -0.5:
            return y
        return -y


class Arithmetic(nn.Module):
    def forward(self, x: Tensor):
        n, f, yes = int(x[0]), float(x[1]), bool(x[2] > 0)
        both = (n & 3) | 4 if yes else n ^ 1
        more = max(n, 3) + min(f, 0.5) - abs(-n) + n // 2 - n % 3
        root = float(n) ** 0.5 / 2 + round(f)
        return (torch.tensor([n, both]), torch.tensor([more, root]), x * n + f, 2 - x * f, x / (n + 1), x > n,
                torch.full([2], f), torch.full_like(x, n), x.masked_fill(x > 1, f), torch.clamp(x, min=f),
                torch.where(x > 0, f, 0.0), x.clone().fill_(n), torch.tensor(n < 2 or f > 1))


class Sized(nn.Module):
    def forward(self, x: Tensor, count: Tensor) -> Tuple[Tensor, Tensor, Tensor]:
        n = int(count)
        y = torch.zeros(n, 2)
        for k in range(n):
            y[k] = k * 1.5
        return y + 1, x[:n].sum(0), torch.arange(n)


class Windows(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        out = torch.zeros_like(x)
        for k in range(x.size(0) - 1):
            out[k:k + 2] += x[k:k + 2] * k
        return out


class ListItem(nn.Module):
    def forward(self, x: Tensor, which: Tensor) -> Tensor:
        factors, tensors = [1.0, 2.5, -4.0], [x, x.sin(), x * x]
        return tensors[int(which)] * factors[int(which)]


class SizesInside(nn.Module):
    """Extents that vary from turn to turn, where what is carried does not."""

    def forward(self, x: Tensor, count: Tensor) -> Tensor:
        total = torch.zeros(x.size(1))
        for k in range(int(count)):
            total = total + x[:k].sum(0) + x[x[:, 0] > k * 0.1].sum(0)
        return total


class Nested(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        total = torch.zeros(())
        for i in range(x.size(0)):
            j = 0
            while j < x.size(1) and bool(total < 5):
                if x[i, j] > 0:
                    total = total + x[i, j] * i
                j += 1
        return total


class BreakAndContinue(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        h = torch.zeros(x.size(1))
        for row in x:
            if bool(row[0] < 0):
                continue
            h = h + row
            if bool(h.sum() > 2):
                break
            h = h * 2
        return h


class ReturnInside(nn.Module):
    def forward(self, x: Tensor, most: Tensor) -> Tensor:
        for k in range(int(most)):
            if bool(x[k % x.size(0)].sum() > 1):
                return x * k
        return -x


class Collected(nn.Module):
    def forward(self, x: Tensor):
        rows: List[Tensor] = []
        sums: List[Tensor] = [x[0] * 0]
        pairs: List[Tuple[Tensor, int]] = []
        for k in range(x.size(0)):
            rows.append(x[k] * 2)
            sums.append(sums[-1] * 0.5 + rows[-1])
            pairs.append((rows[-1], k * 2))
        total = torch.zeros_like(x[0])
        for row, factor in pairs:
            total = total + row * factor
        return torch.stack(rows, -1), torch.cat(sums), total, rows[0], rows[-1], torch.stack(rows[::-1]) * len(rows)


class Comprehended(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return torch.stack([row.cumsum(0) for row in x])


class WhileRows(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        rows: List[Tensor] = []
        while bool(x.sum() < 50):
            x = x * 1.5
            rows.append(x)
        return torch.stack(rows)


class State(NamedTuple):
    value: Tensor
    turns: int


@torch.jit.script
class Accumulator:
    def __init__(self, start: Tensor):
        self.total = start
        self.count = 0

    def add(self, x: Tensor) -> None:
        self.total = self.total + x
        self.count += 1


class Structures(nn.Module):
    def forward(self, x: Tensor) -> Tuple[Tensor, Dict[str, Tensor]]:
        state, sums, seen = State(x[0], 0), {"all": x[0]}, Accumulator(x[0])
        for k in range(x.size(0)):
            state = State(state.value * x[k], state.turns + 2)
            sums["all"] = sums["all"] + state.value
            if bool(x[k, 0] > 0):
                seen.add(x[k])
        return state.value * state.turns, {"all": sums["all"], "mean": seen.total / (seen.count + 1)}


def scaled(x: Tensor, factor: float) -> Tensor:
    return x * factor if x.sum() > 0 else x + factor


class Forked(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        parts = [torch.jit.fork(scaled, x, 2.0), torch.jit.fork(scaled, -x, 3.0)]
        return torch.jit.wait(parts[0]) + torch.jit.wait(parts[1])


class Raises(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        n = int(x[0])
        if n < 0:
            raise ValueError(f"{n} is negative")
        assert n < 10, "too large"
        for _ in range(n):
            if bool(x[1] > 50):
                raise ValueError("too much")
            x = x + 1
        if bool(x[2] < 0):
            x = x * 2
            if bool(x[2] < -8):
                raise ValueError("too little")
        return x


class Positions(nn.Module):
    def forward(self, x: Tensor) -> Tuple[Tensor, Tensor]:
        places = torch.nonzero(x)
        return places, x[x > 0] * places.size(0)


class MaybeItself(nn.Module):
    def forward(self, x: Tensor):
        a, b = x * 1, x * 1
        y, z = a, b
        if x.sum() > 0:
            y = a * 2
        y.add_(1)
        for row in x:
            z = z * row
        z[0] = 3.0
        return a, y, b, z


class WrittenThroughViews(nn.Module):
    def forward(self, x: Tensor) -> Tuple[Tensor, Tensor]:
        y = x.clone()
        first = y[0]
        if x.sum() > 0:
            y[1] = 7.0
        else:
            first.add_(1)
            y.t().mul_(2)
        return y, first


# ---- what is refused

class NoneOnOneSide(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        y: Optional[Tensor] = None
        if x.sum() > 0:
            y = x * 2
        return x if y is None else y


class AppendedSometimes(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        rows: List[Tensor] = []
        for row in x:
            if row.sum() > 0:
                rows.append(row)
        return torch.stack(rows)


class GrowingTensor(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        y = x[:0]
        for k in range(x.size(0)):
            y = torch.cat([y, x[k:k + 1]])
        return y


class OtherDtype(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        if x.sum() > 0:
            return x > 0
        return x


class SameRowAgain(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        row, rows = torch.zeros(3), torch.jit.annotate(List[Tensor], [])
        for k in range(x.size(0)):
            rows.append(row.add_(x[k]))
        return torch.stack(rows)


class CarriedIsWritten(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        h = x[0].clone()
        for row in x:
            h.add_(1)
            h = h * row
        return h


class TwoNames(nn.Module):
    def forward(self, x: Tensor) -> Tuple[Tensor, Tensor]:
        y, h = torch.zeros(3), torch.zeros(3)
        for row in x:
            h = h + row
            y = h
        return y.mul_(2), h


class ViewOfOneSide(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        y = x.clone()
        part = y[0] if x.sum() > 0 else y[1]
        part.add_(1)
        return y


class NumberOut(nn.Module):
    def forward(self, x: Tensor) -> float:
        return x.sum().item()


class StringAsked(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x if f"{x[0].item()}" == "1.0" else x * 2


class ListOut(nn.Module):
    def forward(self, x: Tensor) -> List[Tensor]:
        return [row * 2 for row in x]


class KeyFromData(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        table = {0: x, 1: -x}
        return table[int(x[0])]


class ReadsGrowing(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        rows: List[Tensor] = []
        for row in x:
            rows.append(row)
            row.add_(torch.stack(rows).sum(0))
        return torch.stack(rows)
