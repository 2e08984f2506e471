"""Products: which contraction becomes a matrix product (GEMM), which a nest of its own and which a sum inside its
consumer's nest, and how operands are laid out."""
from __future__ import annotations

from typing import Any, Sequence

from ..graph import dims as d
from ..graph.core import Node, Value
from ..graph.dims import Axis, Dim
from .nest import Apply, Gemm, Load, MatrixView, Nest, PackColumns, Reduced, plain
from .support import HALVES
from .views import lying

FEW_ROWS, LEAST_COLUMNS, LEAST_DEPTH = 4, 8, 4      # below these a GEMM's packing costs more than it saves,
LEAST_SETTLED = 3                                   # unless B is packed once for all runs
LITTLE, SHORT_DEPTH = 256, 16                       # products, and terms of each sum, that are written out in place


class Letters:
    """The letters of a contraction in the roles of a matrix product: batch, rows (m), columns (n) and depth (k)."""

    def __init__(self, node: Node):
        terms, self.out = node.attrs["equation"].split("->")
        left, right = terms.split(",")
        operands = list(node.inputs)
        if self.out and self.out[-1] in left and self.out[-1] not in right:     # columns: the last letter of the result
            left, right = right, left
            operands.reverse()
        self.a, self.b = operands
        self.left, self.right = left, right
        self.extent: dict[str, Dim] = dict(zip(left, self.a.dims)) | dict(zip(right, self.b.dims))
        self.batch = [c for c in self.out if c in left and c in right]
        self.rows = [c for c in self.out if c in left and c not in right]
        self.columns = [c for c in self.out if c in right and c not in left]
        self.depth = [c for c in right if c not in self.out]

    def size(self, letters: Sequence[str]) -> Dim:
        return d.product(self.extent[c] for c in letters)


def is_little(node: Node) -> bool:
    """Whether a contraction is so small that a call of a kernel, and the way through memory, would cost more than it."""
    sizes = {c: n for letters, value in zip(node.attrs["equation"].split("->")[0].split(","), node.inputs)
             for c, n in zip(letters, value.dims)}
    depth = d.product(n for c, n in sizes.items() if c not in node.attrs["equation"].split("->")[1])
    every = d.product(sizes.values())
    return node.types[0].dtype in ("float32", "float64") and d.is_static(every) and every <= LITTLE and depth <= SHORT_DEPTH


def worth_gemm(scope: Any, node: Node, roles: Letters) -> bool:
    """Whether packing pays: floats, and enough rows, columns and depth (an extent known at run time counts as enough)."""
    def enough(letters: Sequence[str], least: int) -> bool:
        size = roles.size(letters)
        return not d.is_static(size) or size >= least
    if node.types[0].dtype not in ("float32", "float64") or is_little(node):
        return False
    if scope.is_settled(roles.b):
        return enough(roles.columns, LEAST_SETTLED) and enough(roles.depth, LEAST_SETTLED)
    return enough(roles.rows, FEW_ROWS) and enough(roles.columns, LEAST_COLUMNS) and enough(roles.depth, LEAST_DEPTH)


def compute(scope: Any, node: Node) -> None:
    """Appends the steps that compute a contraction into its result's buffer."""
    roles = Letters(node)
    target = scope.result(node)
    if not worth_gemm(scope, node, roles):
        _as_nest(scope, node, roles, target)
        return
    axes = {c: scope.names.axis(roles.extent[c]) for c in roles.batch}
    a = _operand(scope, node, roles.a, roles.left, roles.batch, roles.rows, roles.depth, axes)
    b = _operand(scope, node, roles.b, roles.right, roles.batch, roles.depth, roles.columns, axes)
    strides = dict(zip(roles.out, target.strides))
    c = _matrix(target, 0, strides, roles, roles.rows, roles.columns, axes)
    result = target
    if c is None:
        order = roles.batch + roles.rows + roles.columns
        result = scope.names.arena(target.dtype, [roles.extent[x] for x in order])
        c = _matrix(result, 0, dict(zip(order, result.strides)), roles, roles.rows, roles.columns, axes)
    m, n, k = roles.size(roles.rows), roles.size(roles.columns), roles.size(roles.depth)
    few = d.is_static(m) and m < FEW_ROWS
    vectors, panels = ("kFlat", "wide panels: few rows") if few else ("kTall", "panels")
    packed, offset = _packed(scope, node, roles, b, axes, vectors)
    scope.steps.append(Gemm(plain(axes.values()), m, n, k, a, packed, offset, c, vectors, node.origins,
                            f"GEMM {m} x {n} x {k}, {panels}"))
    if result is not target:
        _copy_in_order(scope, result, order, target, roles, node)


def _packed(scope: Any, node: Node, roles: Letters, b: MatrixView, axes: dict, vectors: str) -> tuple[Any, Dim]:
    """B's panels, one matrix after another for the batch axes along which B differs, and where this point's lie."""
    own = [c for c in roles.batch if any(axis in d.atoms(b.offset) for axis in _atoms(axes[c]))]
    n, k = roles.size(roles.columns), roles.size(roles.depth)
    target = scope.names.arena(roles.b.dtype, (*(roles.extent[c] for c in own), (n + 63) // 64 * 64 * k))
    inner = {atom: scope.names.axis(roles.extent[c]) for c in own for atom in _atoms(axes[c])}
    offset = sum((axes[c] * s for c, s in zip(own, target.strides)), 0)
    matrix = MatrixView(b.buffer, d.substitute(b.offset, inner.get), b.row, b.column)
    scope.steps.append(PackColumns(plain(inner.values()), n, k, matrix, target, d.substitute(offset, inner.get), vectors,
                                   node.origins))
    return target, offset


def _as_nest(scope: Any, node: Node, roles: Letters, target: Any) -> None:
    axes = {c: scope.names.axis(n) for c, n in roles.extent.items()}
    (value, why), inlined = scope.gathering(lambda: sum_of_products(scope, node, roles, axes, {}))
    outer = tuple(atom for c in roles.out for atom in _atoms(axes[c]))
    offset = sum((axes[c] * s for c, s in zip(roles.out, target.strides)), 0)
    scope.steps.append(Nest(outer, target, offset, value, origins=node.origins | inlined, why=why))


def in_place(scope: Any, node: Node, index: Sequence[Dim], memo: dict) -> Any:
    """What a little contraction is at an index, inside another nest."""
    roles = Letters(node)
    axes = dict(zip(roles.out, index)) | {c: scope.names.axis(roles.extent[c]) for c in roles.depth}
    return sum_of_products(scope, node, roles, axes, memo)[0]


def sum_of_products(scope: Any, node: Node, roles: Letters, axes: dict[str, Dim], memo: dict) -> tuple[Any, str]:
    """One element of a contraction, and how it comes about."""
    a = scope.lower(roles.a, tuple(axes[c] for c in roles.left), memo)
    b = _by_columns(scope, node, roles, axes) or scope.lower(roles.b, tuple(axes[c] for c in roles.right), memo)
    dtype = node.types[0].dtype
    folded = tuple(atom for c in roles.depth for atom in _atoms(axes[c]))
    if dtype in HALVES:                                  # products and their sum in float32, rounded once, as PyTorch does
        products = Apply("multiply", (Apply("cast", (a,), "float32"), Apply("cast", (b,), "float32")), "float32")
        return Apply("cast", (Reduced("sum", folded, products, "float32"),), dtype), f"{dtype}: summed in float32"
    monoid, product = ("any", "bit_and") if dtype == "bool" else ("sum", "multiply")
    return Reduced(monoid, folded, Apply(product, (a, b), dtype), dtype), "too small for a packed product"


def _by_columns(scope: Any, node: Node, roles: Letters, axes: dict[str, Dim]) -> Load | None:
    """A little product's B, where weights alone decide it: laid out once so that lanes can walk its columns."""
    if not is_little(node) or not scope.is_settled(roles.b) or not roles.columns:
        return None
    order = [*(c for c in roles.batch if c in roles.right), *roles.depth, *roles.columns]
    if order == list(roles.right):
        return None
    copy = _copy(scope, node, roles.b, roles.right, order, roles, "columns side by side")
    return scope.load(copy, tuple(axes[c] for c in order))


def _atoms(expression: Dim) -> list[Axis]:
    return [] if d.is_static(expression) else [a for a in d.atoms(expression) if isinstance(a, Axis)]


def _operand(scope: Any, node: Node, value: Value, letters: str, batch: list, rows: list, columns: list,
             axes: dict) -> MatrixView:
    """The operand as a strided matrix where it lies so already, else a copy of it in that order."""
    roles = Letters(node)
    found = lying(scope, value, letters)
    view = None if found is None else _matrix(*found, roles, rows, columns, axes)
    if view is not None:
        return view
    order = [c for c in batch if c in letters] + rows + columns
    copy = _copy(scope, node, value, letters, order, roles, "laid out for the product")
    return _matrix(copy, 0, dict(zip(order, copy.strides)), roles, rows, columns, axes)


def _copy(scope: Any, node: Node, value: Value, letters: str, order: list, roles: Letters, why: str) -> Any:
    """The operand with its dims in another order."""
    own = {c: scope.names.axis(roles.extent[c]) for c in letters}
    copy = scope.names.arena(value.dtype, [roles.extent[c] for c in order])
    expression, inlined = scope.lowered(value, tuple(own[c] for c in letters))
    offset = sum((own[c] * s for c, s in zip(order, copy.strides)), 0)
    scope.steps.append(Nest(plain([own[c] for c in order]), copy, offset, expression, origins=node.origins | inlined, why=why))
    return copy


def _matrix(buffer: Any, start: Dim, strides: dict, roles: Letters, rows: list, columns: list,
            axes: dict) -> MatrixView | None:
    """A strided matrix of the rows' and columns' letters; None where one group of letters is no single stride."""
    row, column = _single_stride(rows, strides, roles), _single_stride(columns, strides, roles)
    if row is None or column is None:
        return None
    offset = sum((axes[c] * strides[c] for c in axes if c in strides), start)
    return MatrixView(buffer, offset, row, column)


def _single_stride(letters: list, strides: dict, roles: Letters) -> Dim | None:
    stepping = [c for c in letters if roles.extent[c] != 1]
    for outer, inner in zip(stepping, stepping[1:]):
        if strides[outer] != roles.extent[inner] * strides[inner]:
            return None
    return strides[stepping[-1]] if stepping else 0


def _copy_in_order(scope: Any, source: Any, order: list, target: Any, roles: Letters, node: Node) -> None:
    axes = {c: scope.names.axis(roles.extent[c]) for c in roles.out}
    read = sum((axes[c] * s for c, s in zip(order, source.strides)), 0)
    write = sum((axes[c] * s for c, s in zip(roles.out, target.strides)), 0)
    outer = tuple(atom for c in roles.out for atom in _atoms(axes[c]))
    scope.steps.append(Nest(outer, target, write, Load(source, read, source.dtype), origins=node.origins))
