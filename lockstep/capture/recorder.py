"""Records ATen calls in single-assignment form, whichever program they come from.

Three things happen to a call here. In-place operators become their functional forms, and what they wrote is seen
through every view of the same tensor. Views remember their base. And an operator that has no definition is expanded by
PyTorch's own decompositions, call by call, so that what is defined stays whole.
"""
from __future__ import annotations

from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any, Callable, Iterable, Iterator, Sequence

import numpy as np
import torch
from torch.fx.experimental.proxy_tensor import make_fx
from torch.fx.experimental.symbolic_shapes import free_unbacked_symbols
from torch.utils import _pytree as pytree

from ..errors import HOW_TO_DEFINE, Unsupported
from ..graph.core import Origin, Type
from ..graph.source import Call, Read, Ref
from .memory import BY_MEMORY, by_memory
from .running import moves_statistics, moving_statistics, plain, without_momentum
from .shadows import SHADOWS
from .symbols import DTYPES, Symbols


@dataclass(eq=False)
class Handle:
    """A tensor variable of the source program: its current value's name, and what it is a view of.

    fake     a tensor without data: shape, dtype, strides
    base     the handle it is a view of; redo(base handle) gives the view anew after the base was written to
    undo     given (base handle, new value of the view) gives the base with that part replaced
    version  counts writes; `seen` is the base's version that `name` was taken from
    stored   the name of an input or weight as it was before any write
    shared   why it may not be written to in place; "" where it may
    shown    given a stand-in for the base, the view of it; None where that is not one operator
    """

    name: str
    fake: torch.Tensor
    base: "Handle | None" = None
    redo: Callable | None = None
    undo: Callable | None = None
    version: int = 0
    seen: int = 0
    kind: str = "value"
    stored: str = ""
    shared: str = ""
    shown: Callable | None = None


class Recorder:
    """The calls of one program as they are made; `defined` are the overload names that have a definition."""

    def __init__(self, defined: Iterable[str], symbols: Symbols):
        self.defined = frozenset(defined)
        self.symbols = symbols
        self.calls: list[Call] = []
        self.weights: dict[str, np.ndarray] = {}
        self.weight_handles: dict[int, Handle] = {}
        self.count = 0
        self.taken: set[str] = set()           # names in use: inputs, weights and values share one space
        self.unsupported: dict[str, tuple[Origin, str]] = {}
        self.expanding: list[str] = []
        self.inputs: list[Handle] = []
        self.values: list[Handle] = []
        self.misjudged: set = set()            # symbols of whose range PyTorch asserts what need not hold
        self.items: dict[str, Handle] = {}     # tensors that were read as numbers, by the number's symbol

    # -- values

    def weight(self, name: str, tensor: torch.Tensor, fake: torch.Tensor | None = None) -> Handle:
        """A parameter, buffer or constant under its own name; tied tensors share one entry."""
        try:
            self.symbols.type(tensor)
        except Unsupported as refusal:
            raise Unsupported(f"the weight '{name}': {refusal}") from None
        key = (tensor.data_ptr(), tuple(tensor.shape), tensor.stride(), tensor.dtype) if tensor.numel() else id(tensor)
        if key in self.weight_handles:
            return self.weight_handles[key]
        while name in self.taken:
            name += "_"
        self.taken.add(name)
        self.weights[name] = to_numpy(tensor)
        handle = self.weight_handles[key] = Handle(name, tensor if fake is None else fake, kind="weight", stored=name)
        return handle

    def input(self, name: str, fake: torch.Tensor) -> Handle:
        """An input of the program under its own name."""
        self.inputs.append(Handle(name, fake, kind="input", stored=name))
        return self.inputs[-1]

    def handles(self) -> list[Handle]:
        """Every tensor variable so far."""
        return [*self.inputs, *self.weight_handles.values(), *self.values]

    def updates(self) -> dict[str, Ref]:
        """What the program leaves in the weights that it writes to. Raises Unsupported where it writes to an input."""
        for handle in self.inputs:
            if handle.version:
                raise Unsupported(f"the model writes to its input '{handle.stored}' in place, and what its caller gave would "
                                  f"stay as it was; clone the input first, or return the new value")
        return {handle.stored: Ref(handle.name) for handle in self.weight_handles.values() if handle.version}

    def fresh(self, fake: torch.Tensor) -> Handle:
        self.count += 1
        while f"v{self.count}" in self.taken:
            self.count += 1
        self.taken.add(f"v{self.count}")
        self.values.append(Handle(f"v{self.count}", fake))
        return self.values[-1]

    def read(self, handle: Handle, origin: Origin) -> Ref:
        """The value a handle stands for now: a view whose base was written to is taken again."""
        if handle.base is not None:
            self.read(handle.base, origin)
            if handle.seen != handle.base.version:
                again = handle.redo(handle.base)
                handle.name, handle.seen = again.name, handle.base.version
                handle.version += 1
        return Ref(handle.name)

    # -- calls

    def call(self, op: torch._ops.OpOverload, args: tuple, kwargs: dict, out: Any, origin: Origin) -> Any:
        """One call; `out` is its result as fake tensors. Gives handles in the structure of `out`."""
        op = plain(op)
        name = overload_name(op)
        if is_in_place(op) and not moves_statistics(name, args, Handle):
            return self._in_place(op, args, kwargs, out, origin)
        if name == "select.int" and (place := self.item(args[2])) is not None:
            return self.select_at(args[0], args[1], place, out, origin)
        if self.expanding and name == "_to_copy.default" and out.dtype in (torch.float16, torch.bfloat16):
            result = self.record("lockstep::rounded_to", (args[0], out.dtype), {}, out, origin)
        elif moves_statistics(name, args, Handle):
            result = moving_statistics(self, name, args, lambda op, a, k={}: self.call(op, a, k, _run(op, a, k), origin), origin)
        elif name in BY_MEMORY:
            result = by_memory(self, name, args, kwargs, out, origin)
        elif self.spelled(name, args, kwargs, out) not in self.defined:
            result = self._expand(op, args, kwargs, out, origin)
        else:
            result = self.record(name, args, kwargs, out, origin)
        if is_view(op) and isinstance(result, Handle) and isinstance(args[0], Handle) and result is not args[0]:
            base = args[0]
            result.base, result.seen = base, base.version
            result.redo = lambda parent: self.call(op, (parent, *args[1:]), kwargs, result.fake, origin)
            result.undo = lambda parent, new: self._write_back(op, parent, new, args, kwargs, origin)
            result.shown = lambda stand_in: op(stand_in, *args[1:], **kwargs)
        elif is_view(op) and isinstance(result, (list, tuple)) and isinstance(args[0], Handle):
            for k, part in enumerate(result):
                self._view_of_list(op, part, k, args, kwargs, origin)
        return result

    def spelled(self, name: str, args: tuple, kwargs: dict, out: Any) -> str:
        """The name that the call's definition has: of complex tensors, every operator has another."""
        tensors = (x.fake if isinstance(x, Handle) else x for x in pytree.tree_leaves((args, kwargs, out)))
        return f"complex {name}".strip() if any(isinstance(x, torch.Tensor) and x.dtype.is_complex for x in tensors) else name

    def record(self, name: str, args: tuple, kwargs: dict, out: Any, origin: Origin) -> Any:
        flat, spec = pytree.tree_flatten(out)
        handles = [self.fresh(fake) if isinstance(fake, torch.Tensor) else None for fake in flat]
        types = tuple(self.type_of(fake, origin) if isinstance(fake, torch.Tensor) else None for fake in flat)
        self.calls.append(Call(self.spelled(name, args, kwargs, out), tuple(self.argument(a, origin) for a in args),
                               {k: self.argument(v, origin) for k, v in kwargs.items()},
                               tuple(h.name if h else "" for h in handles), types, origin))
        return pytree.tree_unflatten(handles, spec)

    def type_of(self, fake: torch.Tensor, origin: Origin) -> Type:
        """A result's type. Raises Unsupported (operator, place) for a layout, a dtype or a size that has no meaning here."""
        try:
            return self.symbols.type(fake)
        except Unsupported as refusal:
            raise Unsupported(f"{origin}: {refusal}") from None

    def argument(self, a: Any, origin: Origin) -> Any:
        """An argument as source programs spell it."""
        if isinstance(a, Handle):
            return self.read(a, origin)
        if isinstance(a, torch.Tensor):
            return Ref(self.weight(f"constant_{len(self.weights)}", a).name)
        if isinstance(a, (list, tuple)):
            return [self.argument(x, origin) for x in a]
        if isinstance(a, torch.dtype):
            return DTYPES[a]
        if isinstance(a, torch.SymInt):
            return self.symbols.dim(a)
        if isinstance(a, torch.SymFloat) and (read := self.items.get(str(a.node.expr))) is not None:
            return self.read(read, origin)             # a number that was read from a tensor is that tensor
        if isinstance(a, (torch.device, torch.layout, torch.memory_format)):
            return None
        if isinstance(a, (torch.SymFloat, torch.SymBool)) and is_read(a):
            raise Unsupported(f"{origin}: it computes with {a}, made from a number that is read from a tensor (.item()); "
                              f"keep it a tensor")
        if isinstance(a, torch.SymFloat):
            raise Unsupported(f"{origin}: a float computed from sizes ({a}) cannot be converted; fix the size")
        return a

    def number(self, handle: Handle, number: torch.SymInt | torch.SymFloat, origin: Origin) -> Any:
        """A number that is read from a tensor: an extent that is measured, or (a float) the tensor itself."""
        expression = number.node.expr
        self.items[str(expression)] = handle
        if isinstance(number, torch.SymInt):
            least, most = self.symbols.range(expression)
            self.calls.append(Call("item.default", (self.read(handle, origin),), {}, (str(expression),),
                                   (Read(least, most),), origin))
        return number

    def relation(self, holds: torch.SymBool, origin: Origin) -> Handle:
        """A comparison of sizes as a tensor (bool, no dims)."""
        left, right = (self.symbols.expression(side) for side in holds.node.expr.args)
        handle = self.fresh(torch.empty((), dtype=torch.bool, device="meta"))
        self.calls.append(Call("relation", (holds.node.expr.rel_op, left, right), {}, (handle.name,),
                               (Type("bool", ()),), origin))
        return handle

    def item(self, a: Any) -> Handle | None:
        """The tensor that a number was read from; None for any other number."""
        return self.items.get(str(a.node.expr)) if isinstance(a, torch.SymInt) else None

    def select_at(self, base: Handle, axis: int, place: Handle, out: Any, origin: Origin) -> Handle:
        """select.int whose index is a tensor's number: a view as select is, but taken by index.Tensor."""
        aten = torch.ops.aten
        indices = [None] * (axis % base.fake.dim()) + [place]
        result = self.call(aten.index.Tensor, (base, indices), {}, out, origin)
        result.base, result.seen = base, base.version
        result.redo = lambda parent: self.select_at(parent, axis, place, result.fake, origin)
        result.undo = lambda parent, new: self.call(aten.index_put.default, (parent, indices, new), {}, parent.fake, origin)
        return result

    # -- writes

    def _in_place(self, op, args, kwargs, out, origin) -> Handle:
        target = args[0] if args else kwargs["self"]
        functional = functional_form(op)
        if isinstance(target, Handle) and torch.Tag.inplace_view in op.tags and functional is not None:
            return self._reshaped_in_place(functional, target, args, kwargs, out, origin)
        if functional is None and isinstance(target, Handle) and overload_name(op) in self.defined and _writes_first(op):
            self.write(target, self.record(overload_name(op), args, kwargs, target.fake, origin), origin)
            return target
        if functional is None or not isinstance(target, Handle):
            raise Unsupported(f"{origin}: the in-place operator {overload_name(op)} has no functional form")
        fake, args = target.fake if out is None else out, _in_order_of(functional, op, args)
        new = self.call(functional, args, kwargs, functional_result(functional, args, kwargs, fake), origin)
        if new.fake.dtype != target.fake.dtype:
            new = self.record("_to_copy.default", (new,), {"dtype": target.fake.dtype}, target.fake, origin)
        if tuple(new.fake.shape) != tuple(target.fake.shape):
            new = self.record("expand.default", (new, list(target.fake.shape)), {}, target.fake, origin)
        self.write(target, new, origin)
        return target

    def _reshaped_in_place(self, view, target: Handle, args, kwargs, out, origin) -> Handle:
        """squeeze_, t_ and their like: what the variable was becomes the base of what it is."""
        was = Handle(target.name, target.fake, target.base, target.redo, target.undo, target.version, target.seen,
                     target.kind, shown=target.shown)
        now = self.call(view, (was, *args[1:]), kwargs,
                        functional_result(view, (was, *args[1:]), kwargs, target.fake) if out is None else out, origin)
        target.name, target.fake, target.base, target.seen = now.name, now.fake, was, was.version
        target.redo, target.undo, target.shown = now.redo, now.undo, now.shown
        for view in self.values:
            if view.base is target and view is not now:
                view.base = was
        return target

    def write(self, target: Handle, new: Handle, origin: Origin) -> None:
        """The variable `target` now holds `new`; its base, and through it every other view, sees the change."""
        if target.shared:
            raise Unsupported(f"{origin}: writes in place to {target.shared}, as data says; clone it first")
        if target.base is not None:
            whole = target.undo(target.base, new)
            self.write(target.base, whole, origin)
            target.seen = target.base.version
        target.name = new.name
        target.version += 1

    def _write_back(self, op, parent: Handle, new: Handle, args: tuple, kwargs: dict, origin: Origin) -> Handle:
        """The base with the part that a view shows replaced, in functional operators."""
        kind, aten = op._schema.name.split("::")[1], torch.ops.aten
        scatter = {"slice": aten.slice_scatter.default, "select": aten.select_scatter.default,
                   "diagonal": aten.diagonal_scatter.default, "as_strided": aten.as_strided_scatter.default}.get(kind)
        if scatter is not None:
            return self.call(scatter, (parent, new, *args[1:]), kwargs, parent.fake, origin)
        if kind in ("view", "reshape", "flatten", "unflatten", "unsqueeze", "squeeze", "_unsafe_view", "view_as",
                    "reshape_as", "contiguous", "alias", "detach", "to", "type_as"):
            if kind in ("reshape", "flatten", "contiguous", "to", "type_as", "reshape_as") and not _aliases(op, args, kwargs):
                return parent                       # PyTorch made a copy: the base does not change
            if parent.fake.dtype != new.fake.dtype:
                raise Unsupported(f"{origin}: writes through a view of another dtype")
            return self.record("reshape.default", (new, list(parent.fake.shape)), {}, parent.fake, origin)
        if kind in ("t", "transpose", "permute", "numpy_T", "mT", "movedim", "swapaxes", "swapdims"):
            rank = parent.fake.dim()
            probe = op(torch.empty([k + 2 for k in range(rank)]), *args[1:], **kwargs)
            order = [n - 2 for n in probe.shape]
            inverse = [order.index(k) for k in range(rank)]
            return self.record("permute.default", (new, inverse), {}, parent.fake, origin)
        raise Unsupported(f"{origin}: writes through a view made by {kind}, which cannot be followed; "
                          f"clone the tensor before the in-place operator")

    def _view_of_list(self, op, part: Handle, k: int, args, kwargs, origin) -> None:
        """A piece of split, chunk or unbind: written through only by way of what it was cut from."""
        part.base, part.seen = args[0], args[0].version
        fakes = part.fake
        part.redo = lambda parent: self.call(op, (parent, *args[1:]), kwargs, _like(op, parent, args, kwargs), origin)[k]

        def refuse(parent: Handle, new: Handle) -> Handle:
            raise Unsupported(f"{origin}: writes into one piece of {overload_name(op)}; clone the piece first")
        part.undo = refuse
        part.fake = fakes

    # -- what has no definition

    def _expand(self, op, args, kwargs, out, origin) -> Any:
        """The call as PyTorch's decompositions spell it. Where they leave it as it is, its results stand in for it, so
        that capture goes on and `check` can name everything that is missing at once."""
        name = overload_name(op)
        reason = "of complex tensors is not supported" if self.spelled("", args, kwargs, out) else "is not supported"
        if name in self.expanding:
            return self.missing(name, reason, out, origin)
        handles = [a for a in pytree.tree_leaves((args, kwargs)) if isinstance(a, Handle)]
        flat, spec = pytree.tree_flatten((args, kwargs))
        places = [k for k, a in enumerate(flat) if isinstance(a, Handle)]

        def run(*tensors):
            filled = list(flat)
            for k, tensor in zip(places, tensors):
                filled[k] = tensor
            a, k = pytree.tree_unflatten(filled, spec)
            return SHADOWS.get(op, op)(*a, **k)

        mode = next((h.fake.fake_mode for h in handles if hasattr(h.fake, "fake_mode")), None)
        try:
            with numbers_allowed(mode):
                traced = make_fx(torch.func.functionalize(run), decomposition_table=decompositions(self.defined, op),
                                 tracing_mode="real" if mode is not None else "fake")(*[unconjugated(h.fake) for h in handles])
        except Exception as failure:  # PyTorch's tracer raises whatever the operator raised
            lines = str(failure).strip().splitlines() or [""]
            return self.missing(name, f"{reason.replace('supported', 'defined')}, and PyTorch could not decompose it "
                                      f"({type(failure).__name__}: {lines[0]})", out, origin)
        traced.graph.eliminate_dead_code()
        if [n.target for n in traced.graph.nodes if n.op == "call_function"] == [op]:
            return self.missing(name, reason, out, origin)
        from .replay import replay                     # which records through this class
        self.expanding.append(name)
        try:
            return self._with_extents(replay(self, traced, handles, origin), out, origin)
        finally:
            self.expanding.pop()

    def _with_extents(self, result: Any, out: Any, origin: Origin) -> Any:
        """The results of an expansion, under the names that the call's own result gives to extents found inside."""
        flat, spec = pytree.tree_flatten(result)
        fakes = pytree.tree_leaves(out)
        if len(flat) != len(fakes):
            return result
        return pytree.tree_unflatten([
            self.record("alias.default", (x,), {}, fake, origin)
            if isinstance(fake, torch.Tensor) and any(isinstance(n, torch.SymInt) and is_read(n) for n in fake.shape) else x
            for x, fake in zip(flat, fakes)], spec)

    def missing(self, name: str, reason: str, out: Any, origin: Origin) -> Any:
        """Notes an operator that has no meaning here; gives values of the right types in its place."""
        self.unsupported.setdefault(name, (origin, reason))
        if out is None:
            self.check()
        return pytree.tree_map_only(torch.Tensor, self.fresh, out)

    def check(self) -> None:
        """Raises Unsupported for the first operator that is missing, with the number of others and their names."""
        if not self.unsupported:
            return
        (name, (origin, reason)), *others = self.unsupported.items()
        count = "1 other operator is" if len(others) == 1 else f"{len(others)} other operators are"
        more = f" {count} missing too: {', '.join(k for k, _ in others)}." if others else ""
        raise Unsupported(f"{origin}: the operator {name} {reason}; {HOW_TO_DEFINE}, or rewrite the model without it.{more}")


def is_read(number: torch.SymInt | torch.SymFloat | torch.SymBool) -> bool:
    """Whether a symbolic number comes from a tensor's elements (.item(), nonzero) and not from sizes."""
    return bool(free_unbacked_symbols(number))


def to_numpy(tensor: torch.Tensor) -> np.ndarray:
    tensor = tensor.detach().cpu().contiguous()
    if tensor.dtype == torch.bfloat16:
        import ml_dtypes
        return tensor.view(torch.int16).numpy().view(ml_dtypes.bfloat16).copy()
    return tensor.resolve_conj().resolve_neg().numpy().copy()


def unconjugated(fake: torch.Tensor) -> torch.Tensor:
    """A stand-in without PyTorch's flags for numbers that are conjugated or negated when they are read: values here have
    that done already, and a trace is not to do it again."""
    if not (fake.is_conj() or fake.is_neg()):
        return fake
    return torch.empty_like(fake, memory_format=torch.preserve_format) if not hasattr(fake, "fake_mode") else \
        _plain_like(fake)


def _plain_like(fake: torch.Tensor) -> torch.Tensor:
    with fake.fake_mode:
        return torch.empty_strided(fake.shape, fake.stride(), dtype=fake.dtype)


def overload_name(op: torch._ops.OpOverload) -> str:
    """`linear.default`, `add.Tensor`: an ATen overload by its short name; other namespaces keep theirs in front."""
    namespace, name = op._schema.name.split("::")
    short = f"{name}.{op._overloadname}"
    return short if namespace == "aten" else f"{namespace}::{short}"


def is_in_place(op: torch._ops.OpOverload) -> bool:
    return any(a.alias_info is not None and a.alias_info.is_write for a in op._schema.arguments)


def _writes_first(op: torch._ops.OpOverload) -> bool:
    """Whether all that a call does is to write its first argument: it returns that, or nothing."""
    written = [k for k, a in enumerate(op._schema.arguments) if a.alias_info is not None and a.alias_info.is_write]
    return written == [0] and all(r.alias_info is not None for r in op._schema.returns) and len(op._schema.returns) < 2


def is_view(op: torch._ops.OpOverload) -> bool:
    return any(a.alias_info is not None and not a.alias_info.is_write for a in op._schema.arguments)


def functional_form(op: torch._ops.OpOverload) -> torch._ops.OpOverload | None:
    """add.Tensor of add_.Tensor; None where there is none. Only the first argument may be written."""
    namespace, name = op._schema.name.split("::")
    written = [k for k, a in enumerate(op._schema.arguments) if a.alias_info is not None and a.alias_info.is_write]
    special = {"fill_": "fill", "zero_": "zeros_like", "copy_": "copy", "index_put_": "index_put",
               "normal_": "normal_functional"}
    plain = special.get(name, f"__{name[3:]}" if name.startswith("__i") else name[:-1] if name.endswith("_") else None)
    if plain is None or written != [0]:
        return None
    packet = getattr(getattr(torch.ops, namespace), plain, None)
    if packet is None:
        return None
    if name == "zero_":
        return packet.default
    wanted = [str(a.type) for a in op._schema.arguments]               # pow_.Scalar is pow.Tensor_Scalar
    alike = [packet_overload for packet_overload in (getattr(packet, o) for o in packet.overloads())
             if [str(a.type) for a in packet_overload._schema.arguments] == wanted]
    same_name = getattr(packet, op._overloadname or "default", None)
    return same_name if same_name in alike or not alike else alike[0]


def _in_order_of(functional: torch._ops.OpOverload, op: torch._ops.OpOverload, args: Sequence) -> Sequence:
    """The arguments where the functional form has them: polygamma_(self, n) is polygamma(n, self)."""
    named = {a.name: value for a, value in zip(op._schema.arguments, args)}
    names = [a.name for a in functional._schema.arguments[:len(args)]]
    return tuple(named[name] for name in names) if set(names) == set(named) else args


def functional_result(op, args, kwargs, fake: torch.Tensor) -> Any:
    """The result of the functional form as a fake tensor: its dtype may differ from the written tensor's."""
    return _run(op, args, kwargs) if op._schema.name != "aten::copy" else fake


@contextmanager
def numbers_allowed(mode: Any) -> Iterator[None]:
    """Inside, tensors that a decomposition makes of its numbers may meet tensors without data: they become constants."""
    if mode is None:
        yield
        return
    before, mode.allow_non_fake_inputs = mode.allow_non_fake_inputs, True
    try:
        yield
    finally:
        mode.allow_non_fake_inputs = before


def _run(op, args, kwargs) -> Any:
    a, k = pytree.tree_map_only(Handle, lambda h: h.fake, (without_momentum(op, args), dict(kwargs)))
    mode = next((x.fake_mode for x in pytree.tree_leaves((a, k)) if hasattr(x, "fake_mode")), None)
    try:
        with mode or nullcontext():
            return op(*a, **k)
    except Exception as failure:  # PyTorch's rules for tensors without data raise many kinds
        reason = next(iter(str(failure).strip().splitlines()), "")
        raise Unsupported(f"PyTorch cannot tell what {overload_name(op)} gives here ({type(failure).__name__}: {reason}); "
                          f"give it other shapes") from failure


def _like(op, parent, args, kwargs) -> Any:
    return _run(op, (parent, *args[1:]), kwargs)


def _aliases(op, args, kwargs) -> bool:
    result = _run(op, args, kwargs)
    return torch._C._is_alias_of(result, args[0].fake)


_TABLES: dict[frozenset | None, dict] = {}


def decompositions(defined: frozenset[str], op: torch._ops.OpOverload) -> dict:
    """PyTorch's decompositions without those of the operators that are defined here, on reals or on complex tensors; but
    with that of `op`, which may be defined on the other kind alone."""
    if None not in _TABLES:
        _TABLES[None] = dict(torch.export.default_decompositions().materialize())
    every = _TABLES[None]
    if defined not in _TABLES:
        names = {name.removeprefix("complex ") for name in defined}
        _TABLES[defined] = {op: how for op, how in every.items()
                            if not (isinstance(op, torch._ops.OpOverload) and overload_name(op) in names)}
    return {**_TABLES[defined], op: every[op]} if op in every else _TABLES[defined]
