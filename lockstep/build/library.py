"""Calls a compiled model through its C interface, NumPy in and out."""
from __future__ import annotations

import ctypes
import math
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Sequence

import numpy as np

from ..errors import BadInput, LockstepError

DTYPES = ("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "bfloat16", "float32",
          "float64", "complex64", "complex128")
STATUS = ("ok", "bad_dim", "over_capacity", "failed_guard", "bad_weights", "no_memory")
_Index = ctypes.c_int64


class _Port(ctypes.Structure):
    _fields_ = [("name", ctypes.c_char_p), ("dtype", ctypes.c_int32), ("rank", ctypes.c_int32),
                ("dims", ctypes.POINTER(_Index))]


class _Input(ctypes.Structure):
    _fields_ = [("data", ctypes.c_void_p), ("dims", ctypes.POINTER(_Index))]


class _Output(ctypes.Structure):
    _fields_ = [("data", ctypes.c_void_p), ("capacity", _Index), ("dims", ctypes.POINTER(_Index))]


class _Model(ctypes.Structure):
    _fields_ = [
        ("name", ctypes.c_char_p), ("inputs", ctypes.c_int32), ("outputs", ctypes.c_int32), ("symbols", ctypes.c_int32),
        ("states", ctypes.c_int32), ("input", ctypes.POINTER(_Port)), ("output", ctypes.POINTER(_Port)),
        ("state", ctypes.POINTER(_Port)),
        ("symbol_names", ctypes.POINTER(ctypes.c_char_p)),
        ("weights_open", ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_char_p, ctypes.POINTER(ctypes.c_void_p),
                                          ctypes.c_char_p, ctypes.c_size_t)),
        ("weights_close", ctypes.CFUNCTYPE(None, ctypes.c_void_p)),
        ("session_open", ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.POINTER(ctypes.c_void_p))),
        ("session_close", ctypes.CFUNCTYPE(None, ctypes.c_void_p)),
        ("symbols_of", ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(_Input), ctypes.POINTER(_Index))),
        ("prepare", ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.POINTER(_Index))),
        ("run", ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.POINTER(_Input), ctypes.POINTER(_Output))),
        ("message", ctypes.CFUNCTYPE(ctypes.c_char_p, ctypes.c_void_p)),
        ("needed", ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.POINTER(_Index))),
        ("reset", ctypes.CFUNCTYPE(None, ctypes.c_void_p)),
        ("state_data", ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int32)),
        ("seed", ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_uint64))]


@dataclass(frozen=True)
class Port:
    """An input or output: dims holds -1 where the extent is known only at run time."""

    name: str
    dtype: str
    dims: tuple[int, ...]


class Library:
    """A compiled model with its weights and one session."""

    def __init__(self, path: Path, name: str, weights: Path | None):
        self.path = path
        self._library = ctypes.CDLL(str(path))
        entry = getattr(self._library, f"{name}_model")
        entry.restype = ctypes.POINTER(_Model)
        self._model = entry().contents
        self.name = name
        self.inputs = [_port(self._model.input[k]) for k in range(self._model.inputs)]
        self.outputs = [_port(self._model.output[k]) for k in range(self._model.outputs)]
        self.states = [_port(self._model.state[k]) for k in range(self._model.states)]
        self._most: list[int] = []            # what earlier runs needed, a symbol each
        self._extents = [[max(n, 0) for n in port.dims] for port in self.outputs]      # of the last run
        self._weights, self._session = ctypes.c_void_p(), ctypes.c_void_p()
        message = ctypes.create_string_buffer(512)
        where = None if weights is None else str(weights).encode()
        if self._model.weights_open(where, ctypes.byref(self._weights), message, 512) != 0:
            raise BadInput(message.value.decode(errors="replace"))
        if self._model.session_open(self._weights, ctypes.byref(self._session)) != 0:
            raise LockstepError(f"{name}: a session could not be opened")

    def run(self, arrays: Sequence[np.ndarray], fill: int | None = None) -> list[np.ndarray]:
        """The outputs for given inputs; with `fill`, their memory holds that byte before the run, so that what is never
        written shows. Raises BadInput for a wrong number, dtype, rank or extent, with the name."""
        held = self._checked(arrays)
        dims = [(_Index * max(a.ndim, 1))(*a.shape) for a in held]
        inputs = (_Input * max(len(held), 1))(*[_Input(a.ctypes.data, n) for a, n in zip(held, dims)])
        symbols = (_Index * max(self._model.symbols, 1))()
        if self._model.symbols_of(inputs, symbols) != 0:
            self._model.run(self._session, inputs, (_Output * max(len(self.outputs), 1))())
            raise BadInput(f"{self.name}: {self._say()}")
        while True:
            symbols[:] = [max(pair) for pair in zip_longest(symbols, self._most, fillvalue=0)]
            self._check(self._model.prepare(self._session, symbols))
            results = [_room(extents, port.dtype, fill) for extents, port in zip(self._extents, self.outputs)]
            found = [(_Index * max(len(port.dims), 1))(*extents) for port, extents in zip(self.outputs, self._extents)]
            outputs = (_Output * max(len(results), 1))(
                *[_Output(a.ctypes.data, a.size, n) for a, n in zip(results, found)])
            status = self._model.run(self._session, inputs, outputs)
            if STATUS[status] not in ("ok", "over_capacity"):
                self._check(status)
            before = list(symbols), self._extents
            self._extents = [list(n)[:len(port.dims)] for n, port in zip(found, self.outputs)]
            if status == 0:
                return [_cut(array, extents) for array, extents in zip(results, self._extents)]
            self._model.needed(self._session, symbols)
            self._most = [n if name.startswith("most_") else 0 for name, n in zip(self.symbols, symbols)]
            if before == (list(symbols), self._extents):
                self._check(status)

    def first_run(self, arrays: Sequence[np.ndarray], fill: int | None = None) -> list[np.ndarray]:
        """The outputs of a run that no other went before, then what it leaves in the buffers that the model updates."""
        self.reset()
        return [*self.run(list(arrays), fill), *self.state().values()]

    @property
    def symbols(self) -> list[str]:
        """The extents that the arena is prepared for, by name."""
        return [self._model.symbol_names[k].decode() for k in range(self._model.symbols)]

    def reset(self) -> None:
        """The buffers that the model updates as they were at first, and its random numbers from their start."""
        self._model.reset(self._session)

    def seed(self, key: int) -> None:
        """The key of the model's random numbers; the same key gives the same numbers again."""
        self._model.seed(self._session, key)

    def state(self) -> dict[str, np.ndarray]:
        """What each buffer that the model updates holds now, by name."""
        held = {}
        for k, port in enumerate(self.states):
            array = np.empty(port.dims, _numpy(port.dtype))
            ctypes.memmove(array.ctypes.data, self._model.state_data(self._session, k), array.nbytes)
            held[port.name] = array
        return held

    def _checked(self, arrays: Sequence[np.ndarray]) -> list[np.ndarray]:
        if len(arrays) != len(self.inputs):
            raise BadInput(f"{self.name} takes {len(self.inputs)} inputs ({', '.join(p.name for p in self.inputs)}), "
                           f"got {len(arrays)}")
        held = []
        for array, port in zip(arrays, self.inputs):
            array = np.asarray(array)
            if array.dtype != _numpy(port.dtype):
                raise BadInput(f"input '{port.name}' has dtype {array.dtype}, the model takes {port.dtype}")
            if array.ndim != len(port.dims):
                raise BadInput(f"input '{port.name}' has rank {array.ndim}, the model takes rank {len(port.dims)}")
            held.append(np.ascontiguousarray(array).reshape(array.shape))
        return held

    def _say(self) -> str:
        return self._model.message(self._session).decode(errors="replace")

    def _check(self, status: int) -> None:
        if status != 0:
            error = BadInput if STATUS[status] in ("bad_dim", "failed_guard") else LockstepError
            raise error(f"{self.name}: {STATUS[status]}: {self._say()}")

    def __del__(self) -> None:
        if getattr(self, "_session", None):
            self._model.session_close(self._session)
        if getattr(self, "_weights", None):
            self._model.weights_close(self._weights)


def _room(extents: Sequence[int], dtype: str, fill: int | None) -> np.ndarray:
    """Memory for a tensor; every byte of it `fill`, where one is given."""
    array = np.empty(extents, _numpy(dtype))
    if fill is not None:
        ctypes.memset(array.ctypes.data, fill, array.nbytes)
    return array


def _cut(array: np.ndarray, extents: Sequence[int]) -> np.ndarray:
    """The tensor of these extents at the front of the memory that it was given."""
    size = math.prod(extents)
    return array.reshape(-1)[:size].reshape(extents)


def _numpy(dtype: str) -> np.dtype:
    from ..graph.world import numpy_dtype
    return numpy_dtype(dtype)


def _port(port: _Port) -> Port:
    return Port(port.name.decode(), DTYPES[port.dtype], tuple(port.dims[k] for k in range(port.rank)))
