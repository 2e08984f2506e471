"""Complex tensors made, moved, split and put together: what happens to both parts alike, as the real definition says."""
from __future__ import annotations

from typing import Any

from ..graph import functions as f
from ..graph.build import broadcast, expand, full, gather, iota
from ..graph.core import PARTS
from ..graph.dims import product
from . import ATEN
from .aten_movement import cat, stack
from .aten_indexing import masked_fill
from .complex import (Complex, aten_complex, as_complex, common_dtype, is_complex, joined, part_dtype, parts, promote,
                      real_of, separated)

# the real definition moves, adds or drops elements of its first operand
_MOVED = """
    view view_copy reshape _unsafe_view _reshape_alias flatten.using_ints ravel unflatten.int squeeze squeeze_copy
    squeeze.dim squeeze.dims squeeze_copy.dim squeeze_copy.dims unsqueeze unsqueeze_copy expand expand_copy broadcast_to
    transpose.int swapaxes swapdims transpose_copy.int permute permute_copy t numpy_T t_copy mT movedim.int
    movedim.intlist moveaxis.int moveaxis.intlist flip fliplr flipud rot90 roll slice.Tensor slice_copy.Tensor narrow
    narrow_copy select.int select_copy.int unbind.int unbind_copy.int split.Tensor unsafe_split.Tensor split_copy.Tensor
    split.sizes split_with_sizes unsafe_split_with_sizes split_with_sizes_copy chunk unsafe_chunk tensor_split.sections
    tensor_split.indices diagonal diagonal_copy linalg_diagonal diag diag_embed trace repeat tile repeat_interleave.self_int
    tril triu unfold unfold_copy im2col col2im pixel_shuffle pixel_unshuffle channel_shuffle native_channel_shuffle
    index_select gather take_along_dim take index.Tensor _unsafe_index.Tensor embedding
    clone alias detach contiguous lift_fresh_copy lift_fresh lift alias_copy detach_copy positive resolve_conj resolve_neg
    cumsum nan_to_num reflection_pad1d reflection_pad2d reflection_pad3d replication_pad1d replication_pad2d
    replication_pad3d _pad_circular as_strided as_strided_copy""".split()
# ... of its first operand and of those at these places, whose elements go into the first's dtype
_WRITTEN = {"slice_scatter": (1,), "select_scatter": (1,), "diagonal_scatter": (1,), "scatter.src": (3,), "scatter_add": (3,),
            "index_copy": (3,), "index_put": (2,), "_unsafe_index_put": (2,), "put": (2,), "masked_scatter": (2,), "as_strided_scatter": (1,)}


def _overload(name: str) -> str:
    return name if "." in name else f"{name}.default"


def _on_parts(name: str, places: tuple[int, ...] = ()) -> None:
    @aten_complex(name)
    def apply(x, *args, **kwargs):
        if not isinstance(x, Complex):
            x = as_complex(x, kwargs.get("dtype") or common_dtype(x, *(args[k - 1] for k in places)))
        args = [as_complex(a, x.dtype) if k in places else a for k, a in enumerate(args, 1)]
        return parts(ATEN[name].function)(x, *args, **kwargs)


def _shaped(name: str) -> None:
    """What takes no more than the shape of its second operand, whatever dtype that has."""
    @aten_complex(name)
    def apply(x, other):
        real = ATEN[name].function
        other = real_of(other)
        return parts(lambda part: real(part, other))(x) if isinstance(x, Complex) else real(x, other)


for _name in _MOVED:
    _on_parts(_overload(_name))
for _name in ("view_as", "reshape_as", "expand_as"):
    _shaped(_overload(_name))
for _name, _places in _WRITTEN.items():
    _on_parts(_overload(_name), _places)


# ---- between real and complex

@aten_complex("complex.default")
def complex_(real, imag):
    return Complex(real, imag)


@aten_complex("polar.default")
def polar(size, angle):
    return Complex(size * f.cos(angle), size * f.sin(angle))


@aten_complex("view_as_real.default", "view_as_real_copy.default")
def view_as_real(x):
    return joined(x)


@aten_complex("view_as_complex.default", "view_as_complex_copy.default")
def view_as_complex(x):
    return separated(x)


@aten_complex("real.default")
def real(x):
    return x.real


@aten_complex("imag.default")
def imag(x):
    return x.imag


@aten_complex("conj.default", "_conj.default", "conj_physical.default", "_conj_physical.default", "_conj_copy.default")
def conj(x):
    return x.conj()


@aten_complex("mH.default", "adjoint.default", "matrix_H.default")
def conjugate_transpose(x):
    return parts(lambda part: part.transpose(-2, -1))(x.conj())


def converted(x: Any, dtype: str | None) -> Any:
    """x in a dtype: a complex number loses its imaginary part where the dtype is real, and is true where it is not zero."""
    if dtype is None or dtype == x.dtype:
        return x
    if dtype == "bool" and isinstance(x, Complex):
        return x.nonzero()
    return as_complex(x, dtype) if is_complex(dtype) else real_of(x).cast(dtype)


@aten_complex("_to_copy.default", "to.dtype_layout")
def to_copy(x, *, dtype=None, **_):
    return converted(x, dtype)


@aten_complex("to.dtype")
def to_dtype(x, dtype, *_, **__):
    return converted(x, dtype)


@aten_complex("to.device")
def to_device(x, device, dtype, *_, **__):
    return converted(x, dtype)


@aten_complex("to.other", "type_as.default")
def to_other(x, other, *_, **__):
    return converted(x, other.dtype)


@aten_complex("copy.default")
def copy(x, source, non_blocking=False):
    source = converted(source, x.dtype)
    return parts(expand)(source, x.dims) if isinstance(source, Complex) else expand(source, x.dims)


# ---- several into one

@aten_complex("cat.default", "concat.default", "concatenate.default")
def cat_(tensors, dim=0):
    return parts(cat)(promote(*tensors), dim)


@aten_complex("stack.default")
def stack_(tensors, dim=0):
    return parts(stack)(promote(*tensors), dim)


@aten_complex("broadcast_tensors.default")
def broadcast_tensors(tensors):
    """Each keeps its own dtype."""
    dims = broadcast(*(x.dims for x in tensors))
    return [parts(expand)(x, dims) if isinstance(x, Complex) else expand(x, dims) for x in tensors]


@aten_complex("meshgrid.default", "meshgrid.indexing")
def meshgrid(tensors, **indexing):
    return parts(ATEN["meshgrid.default"].function)(tensors, **indexing)


@aten_complex("where.self", "where.ScalarSelf", "where.ScalarOther", "where.Scalar")
def where(mask, a, b):
    a, b = promote(a, b)
    return parts(f.where)(mask, a, b)


@aten_complex("masked_select.default")
def masked_select(x, mask):
    """The places are found once: how many there are is then known to be the same of both parts."""
    dims = broadcast(x.dims, mask.dims)
    places = ATEN["masked_select.default"].function(iota(product(dims)).reshape(dims), mask)
    return parts(lambda part: gather(expand(part, dims).reshape(-1), [places], places.dims))(x)


@aten_complex("masked_fill.Scalar", "masked_fill.Tensor")
def masked_fill_(x, mask, value):
    return parts(masked_fill)(x, mask, as_complex(value, x.dtype))


@aten_complex("constant_pad_nd.default")
def constant_pad(x, pad, value=0):
    return parts(ATEN["constant_pad_nd.default"].function)(x, pad, complex(value))


@aten_complex("pad.default")
def pad(x, pad, mode="constant", value=None):
    real_ = ATEN["pad.default"].function
    return parts(real_)(x, pad, mode, complex(value or 0) if mode == "constant" else None)


@aten_complex("index_add.default")
def index_add(x, dim, index, source, *, alpha=1):
    scaled = as_complex(source, x.dtype) * as_complex(alpha, x.dtype) if alpha != 1 else source
    return parts(ATEN["index_add.default"].function)(x, dim, index, scaled)


@aten_complex("index_fill.int_Scalar", "index_fill.int_Tensor")
def index_fill(x, dim, index, value):
    value = as_complex(value, x.dtype)
    return parts(ATEN["index_fill.int_Tensor"].function)(x, dim, index, value)


@aten_complex("scatter.value")
def scatter_value(x, dim, index, value):
    return parts(ATEN["scatter.value"].function)(x, dim, index, complex(value))


# ---- factories

def filled(dims, value, dtype: str) -> Any:
    """A number spread over dims; beside a complex tensor, a real one may be asked for."""
    if dtype not in PARTS:
        return full(dims, value, dtype)
    value = as_complex(value, dtype)
    return Complex(expand(value.real, dims), expand(value.imag, dims))


@aten_complex("full.default")
def full_(size, value, *, dtype=None, **_):
    return filled(size, value, dtype or "complex64")


@aten_complex("full_like.default")
def full_like(x, value, *, dtype=None, **_):
    return filled(x.dims, value, dtype or x.dtype)


@aten_complex("new_full.default")
def new_full(x, size, value, *, dtype=None, **_):
    return filled(size, value, dtype or x.dtype)


@aten_complex("scalar_tensor.default")
def scalar_tensor(value, *, dtype=None, **_):
    return filled((), value, dtype or "complex64")


@aten_complex("fill.Scalar", "fill.Tensor")
def fill(x, value):
    return filled(x.dims, value, x.dtype)


def _constant_factories(prefix: str, value: int) -> None:
    @aten_complex(f"{prefix}_like.default")
    def like(x, *, dtype=None, **_):
        return filled(x.dims, value, dtype or x.dtype)

    @aten_complex(f"new_{prefix}.default")
    def new(x, size, *, dtype=None, **_):
        return filled(size, value, dtype or x.dtype)


for _prefix, _value in {"zeros": 0, "ones": 1, "empty": 0}.items():
    _constant_factories(_prefix, _value)


@aten_complex("new_empty_strided.default")
def new_empty_strided(x, size, stride, *, dtype=None, **_):
    return filled(size, 0, dtype or x.dtype)


def _of_reals(name: str) -> None:
    @aten_complex(name)
    def apply(*args, dtype, **kwargs):
        """The real factory; the imaginary part is 0."""
        return as_complex(ATEN[name].function(*args, dtype=part_dtype(dtype), **kwargs), dtype)


for _name in ("zeros", "ones", "eye", "eye.m", "arange", "arange.start", "arange.start_step", "empty.memory_format",
              "empty_strided", "empty_permuted"):
    _of_reals(_overload(_name))


@aten_complex("linspace.default")
def linspace(start, end, steps, *, dtype=None, **_):
    dtype = dtype or "complex64"
    real_ = ATEN["linspace.default"].function
    return Complex(*(real_(*ends, steps, dtype=PARTS[dtype]) for ends in (
        (complex(start).real, complex(end).real), (complex(start).imag, complex(end).imag))))
