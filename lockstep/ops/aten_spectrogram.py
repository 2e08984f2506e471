"""Short-time Fourier transforms: a signal cut into windows that overlap, each transformed; and back by adding them up."""
from __future__ import annotations

from typing import Any

from ..graph import dims as d
from ..graph.build import Tensor, axes_for, full, scatter, windows
from ..graph.dims import Dim
from . import aten
from .aten_fft import BY_COUNT, BY_ROOT, UNSCALED, fft_c2c, fft_c2r, fft_r2c
from .aten_padding import pad
from .common import refuse, zeros
from .complex import Complex, aten_complex, joined, part_dtype, parts, promote


def _window(window: Any, length: int, n: int, dtype: str) -> Any:
    """The window in the middle of n elements, zero around it; None where it is one everywhere."""
    if window is None and length == n:
        return None
    left = (n - length) // 2
    held = full((length,), 1, dtype) if window is None else window
    return _each(Tensor.pad, held, [left], [n - length - left], 0)


def _scaled(x: Any, window: Any) -> Any:
    if window is None or not isinstance(x, Complex) and not isinstance(window, Complex):
        return x if window is None else x * window
    x, window = promote(x, window)
    return x * window


def _in_windows(x: Tensor, n: int, hop: int) -> Tensor:
    """[batch, time] as [batch, frames, n]."""
    return windows(x, 1, [n], [hop], [1], [(x.dims[1] - n) // hop + 1])


@aten("stft.default")
@aten_complex("stft.default")
def stft(x, n_fft, hop_length=None, win_length=None, window=None, normalized=False, onesided=None, return_complex=None,
         align_to_window=None):
    """[batch, frequencies, frames] of [batch, time]; real signals give the lower half of the frequencies."""
    if align_to_window:
        refuse("stft with align_to_window is not supported; pad the signal and the window before")
    if x.rank == 1:
        found = stft(_each(Tensor.unsqueeze, x, 0), n_fft, hop_length, win_length, window, normalized, onesided,
                     return_complex)
        return _each(Tensor.squeeze, found, 0)
    hop, length = hop_length or n_fft // 4, win_length or n_fft
    held = _window(window, length, n_fft, part_dtype(x.dtype))
    frames = _scaled(_each(_in_windows, x, n_fft, hop), held)
    whole = isinstance(frames, Complex)
    scale = BY_ROOT if normalized else UNSCALED
    spectrum = fft_c2c(frames, [2], scale, True) if whole else fft_r2c(frames, [2], scale, onesided is not False)
    spectrum = parts(Tensor.transpose)(spectrum, 1, 2)
    return spectrum if (whole if return_complex is None else return_complex) else joined(spectrum)


def _each(function, x, *args):
    return parts(function)(x, *args) if isinstance(x, Complex) else function(x, *args)


@aten("stft.center")
@aten_complex("stft.center")
def stft_center(x, n_fft, hop_length=None, win_length=None, window=None, center=True, pad_mode="reflect",
                normalized=False, onesided=None, return_complex=None, align_to_window=None):
    """The signal is padded first, so that frame k is centred at time k * hop."""
    if center and x.rank == 1:
        x = _each(_padded, _each(Tensor.unsqueeze, x, 0), n_fft // 2, pad_mode)
        x = _each(Tensor.squeeze, x, 0)
    elif center:
        x = _each(_padded, x, n_fft // 2, pad_mode)
    return stft(x, n_fft, hop_length, win_length, window, normalized, onesided, return_complex, align_to_window)


def _padded(x: Tensor, count: int, mode: str) -> Tensor:
    return pad(x, [count, count], mode)


@aten_complex("istft.default")
def istft(x, n_fft, hop_length=None, win_length=None, window=None, center=True, normalized=False, onesided=None,
          length=None, return_complex=False):
    """The least-squares signal of overlapping windows: their sum over the sum of the windows' squares (Griffin and Lim, IEEE
    Transactions on Acoustics, Speech and Signal Processing 32, 1984)."""
    if x.rank == 2:
        found = istft(parts(Tensor.unsqueeze)(x, 0), n_fft, hop_length, win_length, window, center, normalized, onesided,
                      length, return_complex)
        return _each(Tensor.squeeze, found, 0)
    hop, width = hop_length or n_fft // 4, win_length or n_fft
    held = _window(window, width, n_fft, x.real.dtype)
    held = full((n_fft,), 1, x.real.dtype) if held is None else held
    spectrum, scale = parts(Tensor.transpose)(x, 1, 2), BY_ROOT if normalized else BY_COUNT
    frames = fft_c2c(spectrum, [2], scale, False) if return_complex else fft_c2r(spectrum, [2], scale, n_fft)
    count = x.dims[2]
    total = n_fft + hop * (count - 1)
    weights = _each(_added, _each(Tensor.expand, held * held, 1, count, n_fft), total, hop)
    start = n_fft // 2 if center else 0
    stop = start + length if length is not None else total - start
    signal, weights = (_each(Tensor.slice, one, 1, start, d.minimum(stop, total)) for one in (
        _each(_added, _scaled(frames, held), total, hop), weights))
    signal, weights = promote(signal, weights) if isinstance(signal, Complex) else (signal, weights)
    return _each(Tensor.pad, signal / weights, [0, 0], [0, stop - d.minimum(stop, total)], 0)


def _added(frames: Tensor, total: Dim, hop: int) -> Tensor:
    """[batch, frames, n] added up where the frames lie: [batch, total]."""
    batch, frame, place = axes_for(frames.dims)
    return scatter(zeros((frames.dims[0], total), frames.dtype), [batch, frame * hop + place], frames, "sum")
