"""windows: Bartlett's, Hann's, Hamming's, Blackman's and Kaiser's window functions."""
from typing import Callable

import torch
from torch import Tensor, nn

from lockstep.cases import case, normal


class Windowed(nn.Module):
    """A signal weighted by a window of its own length and dtype."""

    def __init__(self, window: Callable, *parameters: object) -> None:
        super().__init__()
        self.window, self.parameters_of = window, parameters

    def forward(self, x: Tensor) -> Tensor:
        return x * self.window(x.shape[-1], *self.parameters_of, dtype=x.dtype)


def defaults(x: Tensor) -> tuple[Tensor, ...]:
    return tuple(x * window(7) for window in (torch.bartlett_window, torch.hann_window, torch.hamming_window,
                                              torch.blackman_window, torch.kaiser_window))


def cases():
    windows = {"bartlett": (torch.bartlett_window,), "hann": (torch.hann_window,), "hamming": (torch.hamming_window, 0.6),
               "hamming_both": (torch.hamming_window, 0.6, 0.3), "blackman": (torch.blackman_window,),
               "kaiser": (torch.kaiser_window, 8.5)}
    for name, (window, *parameters) in windows.items():
        yield case(f"{name}_periodic", Windowed(window, True, *parameters), normal(3, 8), dtypes=("float32", "float64"))
        yield case(f"{name}_symmetric", Windowed(window, False, *parameters), normal(3, 7), dtypes=("float32", "float64"))
        yield case(f"{name}_two", Windowed(window, False, *parameters), normal(2))
        yield case(f"{name}_one", Windowed(window, False, *parameters), normal(3, 1))
        yield case(f"{name}_empty", Windowed(window, True, *parameters), normal(3, 0))
    yield case("defaults", defaults, normal(7))
    yield case("kaiser_flat", Windowed(torch.kaiser_window, True, 0.0), normal(5))
    yield case("half", Windowed(torch.hann_window, True), normal(5), dtypes=("float16",), refuses="a window in float16")
