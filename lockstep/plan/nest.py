"""The plan's vocabulary: buffers, scalar expressions over loop axes, and the steps that a program runs in order.

After planning nothing is decided any more: emission only writes these down.
"""
from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Callable, Mapping, Sequence, Union

from ..graph import dims as d
from ..graph.core import Origin, Type
from ..graph.dims import Axis, Dim
from .choices import Choices


@dataclass(eq=False)
class Buffer:
    """Memory for `size` elements. kind: input, output, weight, derived (computed from weights when they are opened), state
    (kept from run to run), arena, local (a thread's own), or stack; of the last but it `offset` is in bytes."""

    name: str
    dtype: str
    dims: tuple[Dim, ...]
    kind: str
    size: Dim = 0
    offset: Dim = 0
    array: Any = None
    complex: bool = False                # to the outside, complex numbers; here their parts along a last dim of 2

    @property
    def port(self) -> Type:
        """What the outside sees."""
        plain = Type(self.dtype, self.dims)
        return plain.as_complex if self.complex else plain

    @property
    def strides(self) -> list[Dim]:
        """Row-major strides in elements."""
        return d.strides(self.dims)


# ---- scalar expressions: what one element of a nest is

@dataclass(frozen=True)
class Load:
    """The element at an offset (an expression over axes and symbols)."""

    buffer: Buffer
    offset: Dim
    dtype: str


@dataclass(frozen=True)
class GatherLoad:
    """The element at offset + sum of stride * place; a place must lie in [0, extent), else the run's guard fails."""

    buffer: Buffer
    offset: Dim
    places: tuple[tuple["Scalar", Dim, Dim], ...]          # (place, stride, extent)
    dtype: str


@dataclass(frozen=True)
class Literal:
    """An exact number, or an expression over symbols, rounded to the dtype."""

    value: Any
    dtype: str


@dataclass(frozen=True)
class IndexValue:
    """An index expression as a number."""

    expression: Dim
    dtype: str


@dataclass(frozen=True)
class RandomBits:
    """32 random bits: those of the element at a place (an index) of a stream, in this run."""

    stream: int
    place: IndexValue
    dtype: str


@dataclass(frozen=True)
class Apply:
    """A scalar function (`graph/scalar.py`) of expressions; cast's target is the dtype."""

    fn: str
    args: tuple["Scalar", ...]
    dtype: str


@dataclass(frozen=True)
class Guarded:
    """The inner expression where every guard is >= 0, else the fill; the inner one is not evaluated there."""

    guards: tuple[Dim, ...]
    inner: "Scalar"
    fill: Literal
    dtype: str


@dataclass(frozen=True)
class Reduced:
    """The inner expression folded by a monoid over axes."""

    monoid: str
    axes: tuple[Any, ...]                                   # graph.dims.Axis
    inner: "Scalar"
    dtype: str


@dataclass(frozen=True)
class ArgReduced:
    """The first index along an axis at which the inner expression is largest or smallest; NaN wins."""

    which: str
    axis: Any
    inner: "Scalar"
    dtype: str


Scalar = Union[Load, GatherLoad, Literal, IndexValue, RandomBits, Apply, Guarded, Reduced, ArgReduced]


# ---- steps

@dataclass(frozen=True)
class Nest:
    """For every point of the axes: target[offset] = value, while what lies at the `fetched` places comes nearer. `why` tells
    the schedule's reasons."""

    axes: tuple[Any, ...]
    target: Buffer
    offset: Dim
    value: Scalar
    vector: Any = None                                      # the axis that runs over vector lanes, or None
    transposed: Any = None                                  # the axis that loads walk while stores walk `vector`, or None
    interleaved: Any = None                                 # the short axis whose elements lie between those of `vector`, or None
    origins: frozenset[Origin] = frozenset()
    why: str = ""
    fetched: tuple[Load, ...] = ()


@dataclass(frozen=True)
class ScatterNest:
    """For every point of the axes, in order: combine value into target[offset + sum of stride * place]."""

    axes: tuple[Any, ...]
    target: Buffer
    offset: Dim
    places: tuple[tuple[Scalar, Dim, Dim], ...]
    value: Scalar
    mode: str
    origins: frozenset[Origin] = frozenset()


@dataclass(frozen=True)
class ScanNest:
    """For every point of the axes: a running fold along `along`, stored (and its index) at each place."""

    axes: tuple[Any, ...]
    along: Any
    monoid: str
    value: Scalar
    target: Buffer
    index_target: Buffer | None
    offset: Dim
    origins: frozenset[Origin] = frozenset()


@dataclass(frozen=True)
class SortRows:
    """For every point of the axes: a row of `extent` elements, put in stable order together with its indices; or only the
    `first` of that order, which needs no scratch."""

    axes: tuple[Any, ...]
    extent: Dim
    descending: bool
    source: Buffer
    source_offset: Dim
    source_stride: Dim
    values: Buffer
    indices: Buffer
    offset: Dim
    stride: Dim
    scratch: Buffer | None
    origins: frozenset[Origin] = frozenset()
    first: int | None = None


@dataclass(frozen=True)
class MatrixView:
    """A matrix inside a buffer: the offset (over batch axes), and the strides of rows and columns."""

    buffer: Buffer
    offset: Dim
    row: Dim
    column: Dim


@dataclass(frozen=True)
class PackColumns:
    """For every point of the axes: the k x n matrix laid out at the offset as panels of columns, `vectors` wide."""

    axes: tuple[Any, ...]
    n: Dim
    k: Dim
    matrix: MatrixView
    target: Buffer
    offset: Dim
    vectors: str
    origins: frozenset[Origin] = frozenset()
    why: str = ""


@dataclass(frozen=True)
class Gemm:
    """For every point of the axes: C = A B, with C of m x n and a sum over k; B lies packed at the offset."""

    axes: tuple[Any, ...]
    m: Dim
    n: Dim
    k: Dim
    a: MatrixView
    packed: Buffer
    offset: Dim
    c: MatrixView
    vectors: str
    origins: frozenset[Origin] = frozenset()
    why: str = ""


@dataclass(frozen=True)
class ConvolutionShape:
    """Channels, the output's height and width, and the kernel's geometry, as the kernels take them."""

    inside: Dim
    outside: Dim
    height: Dim
    width: Dim
    kernel_height: Dim
    kernel_width: Dim
    stride_y: Dim
    stride_x: Dim
    dilation_y: Dim
    dilation_x: Dim


@dataclass(frozen=True)
class ImageView:
    """Where the channels of an image lie: element (c, y, x) at offset + c // block * group + y * row + x * pixel + c % block
    * channel."""

    buffer: Buffer
    offset: Dim
    block: Dim
    group: Dim
    row: Dim
    pixel: Dim
    channel: Dim


@dataclass(frozen=True)
class ChannelView:
    """A number for every channel, one after another from the offset on."""

    buffer: Buffer
    offset: Dim


@dataclass(frozen=True)
class Finish:
    """What a kernel does with a sum before it stores it: times the scale, plus the shift and the addend, within limits, before
    which zeros become positive unless they keep their sign."""

    scale: ChannelView | None = None
    shift: ChannelView | None = None
    addend: ImageView | None = None
    least: Any = None
    most: Any = None
    signed_zeros: bool = False


@dataclass(frozen=True)
class PackFilters:
    """For every point of the axes: filters with strides of (output channel, input channel, y, x) laid out for a kernel."""

    axes: tuple[Any, ...]
    kernel: str
    shape: ConvolutionShape
    filters: Buffer
    start: Dim
    strides: tuple[Dim, ...]
    target: Buffer
    offset: Dim
    origins: frozenset[Origin] = frozenset()


@dataclass(frozen=True)
class Convolve:
    """For every point of the axes: y = x convolved with the filters packed at the offset, by a kernel of the runtime. What lies
    around x is in memory, or `border` tells the image's height and width and its padding above and to the left."""

    axes: tuple[Any, ...]
    kernel: str
    shape: ConvolutionShape
    x: ImageView
    packed: Buffer
    offset: Dim
    y: ImageView
    origins: frozenset[Origin] = frozenset()
    why: str = ""
    border: tuple[Dim, ...] = ()
    scratch: Buffer | None = None
    finish: Finish | None = None

    def with_views(self, change: Callable[[Any], Any]) -> "Convolve":
        """The step with its images, and what it finishes with, lying elsewhere."""
        finish = self.finish and replace(self.finish, **{name: change(view) for name in ("scale", "shift", "addend")
                                                         if (view := getattr(self.finish, name)) is not None})
        return replace(self, x=change(self.x), y=change(self.y), finish=finish)


@dataclass(frozen=True)
class KernelCall:
    """A kernel of the runtime headers on whole buffers; it says whether the data has an answer."""

    name: str
    header: str
    inputs: tuple[Buffer, ...]
    outputs: tuple[Buffer, ...]
    arguments: Mapping[str, Any]
    scratch: Buffer | None = None
    origins: frozenset[Origin] = frozenset()


@dataclass(frozen=True)
class Repeat:
    """The steps once for every value of the axis, in order; where there is a condition, only while it is true before a
    turn, and `turns` then holds how many there were. Where turns are `blocks`, none uses what another leaves."""

    axis: Any
    steps: tuple[Any, ...]
    condition: Buffer | None = None
    turns: Buffer | None = None
    origins: frozenset[Origin] = frozenset()
    why: str = ""
    blocks: bool = False
    work: Dim = 0                                           # about how many operations, where threads may share the turns


@dataclass(frozen=True)
class Choose:
    """One list of steps where the condition is true, the other where it is not."""

    condition: Scalar
    then: tuple[Any, ...]
    otherwise: tuple[Any, ...]
    origins: frozenset[Origin] = frozenset()


@dataclass(frozen=True)
class Compact:
    """The values of the axis at which the mask is true, one after another, and how many there are."""

    axis: Any
    mask: Scalar
    places: Buffer
    found: Buffer
    origins: frozenset[Origin] = frozenset()


@dataclass(frozen=True)
class Measure:
    """The extent `name` is what the buffer holds; the run ends where that is less than `least` or more than `most`, which
    for a `prepared` extent means that the caller must prepare for more."""

    name: str
    value: Buffer
    least: int | None
    most: Dim | None
    prepared: bool
    origins: frozenset[Origin] = frozenset()


@dataclass(frozen=True)
class Plan:
    """A whole program: ports, weights, arena and steps.

    setup       what runs once, when the weights are opened: it depends on nothing else; `setup_arena` is its own memory
    derived     bytes of what it leaves for every run
    local       bytes that every thread has of its own
    delivery    what runs last, once nothing can fail any more: it writes what a failed run may not have touched
    symbols     extents known before a run -> (least, greatest or None)
    prepared    extents that the caller prepares memory for: the most that may be found of a measured extent
    measured    extents found during the run
    state       (buffer kept from run to run, the weight that it starts as)
    choices     what was decided of it from outside
    """

    inputs: tuple[Buffer, ...]
    outputs: tuple[Buffer, ...]
    weights: tuple[Buffer, ...]
    steps: tuple[Any, ...]
    arena: Dim
    buffers: tuple[Buffer, ...]
    symbols: Mapping[str, tuple[int, int | None]] = field(default_factory=dict)
    input_names: tuple[str, ...] = ()
    output_names: tuple[str, ...] = ()
    tree: Any = None
    delivery: tuple[Any, ...] = ()
    prepared: tuple[str, ...] = ()
    measured: tuple[str, ...] = ()
    state: tuple[tuple[Buffer, Buffer], ...] = ()
    setup: tuple[Any, ...] = ()
    setup_arena: int = 0
    derived: int = 0
    local: Dim = 0
    choices: Choices = Choices()

    @property
    def prepared_symbols(self) -> list[str]:
        """The extents that `prepare` takes: those that the inputs tell, and the most there may be of others."""
        return [*self.symbols, *map(prepared_name, self.prepared)]

    @property
    def all_symbols(self) -> list[str]:
        return [*self.prepared_symbols, *self.measured]

    @property
    def ports(self) -> tuple[Buffer, ...]:
        """What has a name of the source's own."""
        return (*self.inputs, *self.outputs, *self.weights, *(buffer for buffer, _ in self.state))


def plain(axes: Sequence[Dim]) -> tuple[Axis, ...]:
    """The Axis atoms of axis expressions; an axis of extent 1 is the number 0 and needs no loop."""
    return tuple(atom for expression in axes if not d.is_static(expression) for atom in d.atoms(expression)
                 if isinstance(atom, Axis))


def prepared_name(name: str) -> str:
    """What the caller calls the most that a measured extent is prepared for."""
    return f"most_{name}"
