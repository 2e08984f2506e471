"""control_flow_loop: scripted loops whose number of turns a size or the data decides, and what they collect and write."""
from typing import List, Tuple

import torch
from torch import Tensor, nn

from lockstep.cases import case, integers, normal, uniform, values


class Gate(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        if x.sum() > 0:
            return x
        return -x


class Cell(nn.Module):
    def __init__(self):
        super().__init__()
        self.gate = torch.jit.script(Gate())
        self.linear = nn.Linear(4, 4)

    def forward(self, x: Tensor, h: Tensor) -> Tuple[Tensor, Tensor]:
        new_h = torch.tanh(self.gate(self.linear(x)) + h)
        return new_h, new_h


class RecurrentLoop(nn.Module):
    """MyRNNLoop of the TorchScript tutorial: a scripted loop around a traced cell that holds a scripted gate."""

    def __init__(self):
        super().__init__()
        self.cell = torch.jit.trace(Cell(), (torch.ones(3, 4), torch.zeros(3, 4)))

    def forward(self, xs: Tensor) -> Tuple[Tensor, Tensor]:
        h, y = torch.zeros(3, 4), torch.zeros(3, 4)
        for i in range(xs.size(0)):
            y, h = self.cell(xs[i], h)
        return y, h


class Collected(nn.Module):
    def forward(self, xs: Tensor) -> Tuple[Tensor, Tensor, Tensor]:
        sums: List[Tensor] = [torch.zeros(xs.size(1))]
        turns: List[int] = []
        for i in range(xs.size(0)):
            sums.append(sums[-1] * 0.5 + xs[i])
            turns.append(i * i)
        backwards = torch.zeros(xs.size(1))
        for row in sums:
            backwards = torch.tanh(backwards + row)
        return torch.stack(sums), torch.cat(sums), backwards * len(turns)


class RowByRow(nn.Module):
    def forward(self, xs: Tensor) -> Tensor:
        out = torch.zeros_like(xs)
        for i in range(xs.size(0)):
            out[i] = xs[i] * i
            if i % 2 == 1:
                out[i, 0] = xs[xs.size(0) - 1 - i].sum()
            else:
                out[i] += out[i - 1 if i > 0 else 0]
        return out


class UntilLarge(nn.Module):
    def forward(self, x: Tensor) -> Tuple[Tensor, Tensor]:
        turns = 0
        while bool(x.abs().sum() < 100):
            x = x * 2
            turns += 1
            if turns > 20:
                break
        return x, torch.tensor(turns)


class EarlyReturn(nn.Module):
    def forward(self, xs: Tensor, most: Tensor) -> Tensor:
        total = torch.zeros(xs.size(1))
        for k in range(int(most)):
            if k == 1:
                continue
            total = total + xs[k % xs.size(0)]
            if bool(total.max() > 3):
                return total * k
        return -total


class Pairs(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        total = torch.zeros(())
        for i in range(x.size(0)):
            for j in range(x.size(1)):
                total = total + x[i, j] * (i - j) if x[i, j] > 0 else total * 0.5
        return total


class Greedy(nn.Module):
    """Decoding: the token that is chosen decides the next turn, and whether there is one."""

    def __init__(self):
        super().__init__()
        self.embedding, self.cell, self.head = nn.Embedding(10, 8), nn.GRUCell(8, 8), nn.Linear(8, 10)

    def forward(self, h: Tensor, most: Tensor) -> Tuple[Tensor, Tensor]:
        token = torch.zeros(1, dtype=torch.long)
        tokens = torch.full([12], -1, dtype=torch.long)
        for k in range(int(most)):
            h = self.cell(self.embedding(token), h)
            token = self.head(h).argmax(-1)
            tokens[k] = token[0]
            if int(token) == 3:
                break
        return tokens, h


class HundredTurns(nn.Module):
    def forward(self, x: Tensor) -> Tuple[Tensor, Tensor]:
        rows: List[Tensor] = []
        for k in range(100):
            x = torch.tanh(x * 0.9 + k * 0.01)
            rows.append(x)
        return x, torch.stack(rows, 1)


def scripted(module: nn.Module) -> torch.jit.ScriptModule:
    return torch.jit.script(module.eval())


def cases():
    yield case("recurrent", scripted(RecurrentLoop()), normal(5, 3, 4), dynamic={0: {0: "steps"}})
    yield case("recurrent_100_steps", scripted(RecurrentLoop()), normal(100, 3, 4))
    yield case("collected", scripted(Collected()), normal(4, 3), dynamic={0: {0: "steps"}})
    yield case("collected_fixed", scripted(Collected()), normal(4, 3))
    yield case("row_by_row", scripted(RowByRow()), normal(5, 3), dynamic={0: {0: "rows", 1: "columns"}},
               sizes=(5, 1, 9))
    yield case("pairs", scripted(Pairs()), normal(4, 3), dynamic={0: {0: "rows", 1: "columns"}})
    for name, rule in {"many": uniform(3), "none": normal(40, mean=9.0), "stopped": values([1e-9, 0.0])}.items():
        yield case(f"until_large_{name}", scripted(UntilLarge()), rule)
    for most in (0, 1, 2, 7):
        yield case(f"early_return_{most}", scripted(EarlyReturn()), uniform(3, 2), values(most, dtype="int64"))
    yield case("early_return_soon", scripted(EarlyReturn()), normal(3, 2, mean=2.0), values(9, dtype="int64"))
    yield case("greedy", scripted(Greedy()), normal(1, 8), integers(low=8, high=12))
    yield case("greedy_nothing", scripted(Greedy()), normal(1, 8), values(0, dtype="int64"))
    yield case("hundred_turns", scripted(HundredTurns()), normal(4, 3))
