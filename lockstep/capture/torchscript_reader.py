"""Reads a TorchScript graph by running it without data: numbers are computed, calls on tensors are recorded.

Calls of methods and functions are entered, so that every recorded call knows its module's path. What the graph decides
by numbers (branches, trip counts) is decided here; what data decides is recorded as a branch or a loop.
"""
from __future__ import annotations

from typing import Any

import torch
from torch._subclasses.fake_tensor import DataDependentOutputException, DynamicOutputShapeException
from torch.fx.experimental.symbolic_shapes import GuardOnDataDependentSymNode, statically_known_true
from torch.utils import _pytree as pytree

from ..errors import BadInput, LockstepError, Unsupported
from ..graph.core import Origin
from ..graph.source import Call, Ref
from . import torchscript_lists as lists
from . import torchscript_numbers as numbers
from .recorder import Handle, Recorder, is_in_place
from .running import without_momentum
from .shadows import SHADOWS
from .torchscript_kinds import CREATORS, KINDS, QUERIES
from .torchscript_nodes import (ARITHMETIC, bound, first_line, gives_tensor, line_of, located, overload_of, quiet,
                                renamed, schema_name, without_defaults)
from .torchscript_sizes import Sizes
from .torchscript_values import (CODE_OF, CONTAINERS, OPAQUE, UNINITIALIZED, Attribute, Datum, Function, Module, Number, Object,
                                 Place, enum_argument, is_symbolic, is_tensor, leaves, number_operator, plain, real, settled)


class Reader:
    """One reading of one program. `kept` holds every tensor that was recorded, because weights are known by address."""

    def __init__(self, recorder: Recorder, sizes: Sizes):
        self.recorder, self.sizes = recorder, sizes
        self.kept: list[Any] = []
        self.attributes: dict[tuple[str, str], Attribute] = {}  # (module's path, name)
        self.demands: list[list[Handle]] = []                  # what must hold, block by block that data decides
        self.extents: dict[str, torch.SymInt] = {}             # measured extents, by the tensor's name
        self.here = Origin("")                                 # the node that is read
        self.weights: dict[str, Handle] = {}
        self.gradients = [True]                                # whether gradients are on, `with` block by block
        self.trained: set[str] = set()                         # names of the weights that require gradients

    # -- graphs, blocks and nodes

    def run(self, graph: torch._C.Graph, arguments: list, place: Place) -> list:
        """The values of a graph's outputs for its inputs' values."""
        self.kept.append(graph)                                # its nodes live as long as it does
        env = {value.unique(): argument for value, argument in zip(graph.inputs(), arguments, strict=True)}
        self.block(graph, env, place)
        return [env[value.unique()] for value in graph.outputs()]

    def block(self, block: Any, env: dict, place: Place) -> None:
        """Every node of a graph or block, its values put into `env`."""
        for node in block.nodes():
            results = self.node(node, env, place)
            outputs = list(node.outputs())
            if len(outputs) != len(results):
                raise Unsupported(f"{self.origin(node, place)}: {len(results)} values where the graph has {len(outputs)}")
            env.update({value.unique(): result for value, result in zip(outputs, results)})

    def node(self, node: Any, env: dict, place: Place) -> list:
        """The values of one node's outputs."""
        place = Place(place.path, line_of(node, place.line))
        kind, self.here = node.kind(), self.origin(node, place)
        try:
            if kind in KINDS:
                return KINDS[kind](self, node, env, place)
            inputs = [settled(env[value.unique()]) for value in node.inputs()]
            result = self.operator(node, kind, inputs, place)
        except LockstepError as failure:
            raise located(failure, self.origin(node, place)) from failure
        except GuardOnDataDependentSymNode as failure:
            refusal = Unsupported("which operators run, or of which shapes, depends on a size that is read from data")
            raise located(refusal, self.origin(node, place)) from failure
        return list(result) if node.outputsSize() != 1 and isinstance(result, (list, tuple)) else \
            [result][:node.outputsSize()]

    def origin(self, node: Any, place: Place) -> Origin:
        name, overload = schema_name(node)
        return Origin(f"{name.replace('::', '.')}{'.' + (overload or 'default') if name.startswith('aten') else ''}",
                      place.path or node.scopeName().removeprefix("__module."), place.line)

    # -- operators

    def operator(self, node: Any, kind: str, inputs: list, place: Place) -> Any:
        """An operator by what it is applied to: a tensor's properties, plain values, known numbers, or tensors."""
        name, overload = schema_name(node)
        short = name.split("::")[-1]
        if short in ("__is__", "__isnot__"):
            return plain(name, overload, inputs)
        if inputs and is_tensor(inputs[0]) and short in QUERIES:
            return QUERIES[short](self, *inputs)
        origin = self.here
        if any(lists.is_open(value) for value in inputs):
            return lists.operator(self, name, inputs, origin)
        if short in CONTAINERS and inputs and isinstance(inputs[0], (list, dict, str)):
            return self.container(name, overload, inputs, origin)
        flat = leaves(inputs)
        tensors = [value for value in flat if is_tensor(value)]
        if any(value is OPAQUE or isinstance(value, Datum) for value in flat):
            if not tensors and not gives_tensor(node):
                return numbers.calculated(self, node, name, inputs, origin)
            if short in numbers.FILLING and isinstance(inputs[2 if short == "new_full" else 1], Datum):
                return numbers.filled(self, short, inputs, origin)
        if name == "aten::unbind" and tensors and (rows := lists.unbound(self, *inputs, origin=origin)) is not None:
            return rows
        if short in CREATORS and (not tensors or short in ("tensor", "as_tensor")):
            return CREATORS[short](self, node, inputs, place)
        if not tensors and not gives_tensor(node):
            return plain(name, overload, inputs)
        op = overload_of(name, overload)
        if tensors and all(isinstance(value, Number) for value in tensors) and not is_in_place(op):
            known = self.on_numbers(op, name, inputs)
            if known is not None:
                return known
        return self.call(op, inputs, origin)

    def on_numbers(self, op: torch._ops.OpOverload, name: str, inputs: list) -> Any:
        """An operator on tensors that are known numbers: PyTorch's own answer, or an extent; None where it is neither."""
        flat = leaves(inputs)
        if any(is_symbolic(value.value if isinstance(value, Number) else value) for value in flat):
            numbers = [value for value in flat if isinstance(value, Number)]
            if any(value.dtype != torch.int64 for value in numbers):
                return None
            found = number_operator(name, [x.value if isinstance(x, Number) else x for x in inputs])
            return None if found is None else Number(found, torch.int64)
        if torch.Tag.nondeterministic_seeded in op.tags:
            return None
        args, kwargs = bound(op, pytree.tree_map_only(Number, real, inputs))
        result = op(*args, **kwargs)
        return self.constant(result) if isinstance(result, torch.Tensor) else None

    def constant(self, tensor: torch.Tensor) -> Handle | Number:
        """A tensor that is known while reading: a number where it is one, else a weight."""
        if tensor.dim() == 0 and tensor.dtype in (torch.int64, torch.bool, torch.float32, torch.float64, torch.int32):
            return Number(tensor.item(), tensor.dtype)
        weight = self.weight(f"constant_{len(self.recorder.weights)}", tensor)
        self.recorder.values.append(Handle(weight.name, weight.fake))
        return self.recorder.values[-1]

    def weight(self, path: str, tensor: torch.Tensor) -> Handle:
        self.kept.append(tensor)
        with self.sizes.mode:
            fake = torch.empty(tuple(tensor.shape), dtype=tensor.dtype) if tensor.layout == torch.strided else None
        handle = self.recorder.weight(path, tensor, fake)
        if not any(handle is known for known in self.weights.values()):
            self.weights[path] = handle
        if tensor.requires_grad:
            self.trained.add(handle.name)
        return handle

    def call(self, op: torch._ops.OpOverload, inputs: list, origin: Origin) -> Any:
        """An operator on tensors: its result without data is computed, and the call is recorded."""
        if is_in_place(op) and inputs and isinstance(inputs[0], Number):
            inputs[0].handle = inputs[0] = self.promoted(inputs[0], origin)
        if op is torch.ops.aten.select.int and isinstance(inputs[2], Datum):
            return self.select(*inputs, origin)
        if op is torch.ops.aten.slice.Tensor and (cut := self.window(*inputs, origin)) is not None:
            return cut
        if any(isinstance(value, Datum) for value in leaves(inputs)):
            op, inputs = numbers.on_tensors(self, op, inputs, origin)
        others = [value.fake for value in leaves(inputs) if isinstance(value, Handle)]
        inputs = [self.tensors(value, op, others, origin) for value in inputs]
        op, inputs = renamed(op, inputs)
        args, kwargs = bound(op, inputs)
        shifts = torch.Tag.inplace_view in op.tags       # squeeze_ and its like would change the tensor without data too
        out = None if shifts else self.fakes(op, args, kwargs)
        if not shifts and not any(isinstance(value, torch.Tensor) for value in leaves(out)):
            return out
        args, kwargs = without_defaults(op, args, kwargs)
        result = self.recorder.call(op, args, kwargs, out, origin)
        returns = op._schema.returns
        return list(result) if len(returns) == 1 and isinstance(result, (list, tuple)) else result

    def container(self, name: str, overload: str, inputs: list, origin: Origin) -> Any:
        """An operator on a list, dict or string. Raises Unsupported where a number that is read from a tensor is a key."""
        xs, *others = inputs
        short = name.split("::")[1]
        if isinstance(xs, list) and others and isinstance(others[0], Datum) and short == "__getitem__":
            return lists.at_data(self, xs, others[0], origin)
        values_at = {"append": 0, "_set_item": 1, "insert": 1, "get": 1, "setdefault": 1}
        for k, other in enumerate(others):
            if isinstance(other, Datum) and values_at.get(short) != k:
                raise Unsupported(f"{name} with a number that is read from a tensor; use a tensor in place of the "
                                  f"{type(xs).__name__}")
        if short == "__contains__" and not isinstance(xs, dict) and any(isinstance(x, Datum) for x in xs):
            raise Unsupported("`in` compares numbers that are read from tensors; compare tensors")
        return plain(name, overload, inputs)

    # -- what data decides

    @property
    def depends_on_data(self) -> bool:
        """Whether what is read runs only where data says so."""
        return bool(self.demands)

    def require(self, condition: Handle, origin: Origin) -> None:
        """The run fails where the condition (bool, no dims) does not hold."""
        if self.demands:
            self.demands[-1].append(condition)
        else:
            self.recorder.calls.append(Call("require", (self.recorder.read(condition, origin),), {}, (), (), origin))

    def control(self, name: str, args: tuple, fakes: list, origin: Origin) -> list[Handle]:
        """A branch or loop, with results as tensors without data."""
        if self.recorder.spelled(name, args, {}, fakes) not in self.recorder.defined:
            reason = "of complex tensors is not supported"
            return self.recorder.missing(name.removeprefix("lockstep::"), reason, fakes, origin)
        return list(self.recorder.record(name, args, {}, fakes, origin))

    def extent(self, number: Datum, origin: Origin) -> torch.SymInt:
        """A number that is read from a tensor as a size: measured where the program runs, which fails where it is negative."""
        if number.handle.name not in self.extents:
            size = self.unknown_extent()
            self.recorder.symbols.limits[size.node.expr.name] = (0, None)
            self.extents[number.handle.name] = self.recorder.number(number.handle, size, origin)
        return self.extents[number.handle.name]

    def at_least(self, size: torch.SymInt, least: int) -> bool:
        """Whether a size is never less, whatever the data and the named dims are."""
        return bool(statically_known_true(size >= least))

    def unknown_extent(self) -> torch.SymInt:
        """An extent that a call finds."""
        size = self.sizes.environment.create_unbacked_symint()
        torch._check_is_size(size)
        return size

    def empty(self, shape: tuple, dtype: torch.dtype) -> torch.Tensor:
        with self.sizes.mode:
            return torch.empty(shape, dtype=dtype)

    def fresh(self, shape: tuple, dtype: torch.dtype) -> Handle:
        return self.recorder.fresh(self.empty(shape, dtype))

    def number_tensor(self, number: Any, dtype: torch.dtype, origin: Origin) -> Handle:
        """A number as a tensor without dims."""
        if isinstance(number, Datum):
            return number.handle if number.handle.fake.dtype == dtype else \
                self.call(torch.ops.aten._to_copy.default, [number.handle, dtype, None, None, None, False, None], origin)
        return self.tensor(Number(number, dtype), [], origin)

    def promoted(self, number: Number, origin: Origin) -> Handle:
        """A known number as a variable that can be written to."""
        return self.call(torch.ops.aten.clone.default, [self.tensor(number, [], origin), None], origin)

    def select(self, tensor: Handle, dim: int, index: Any, origin: Origin) -> Handle:
        """tensor.select(dim, index), for an index of any kind."""
        if not isinstance(index, Datum):
            return self.call(torch.ops.aten.select.int, [tensor, dim, index], origin)
        out = self.fakes(torch.ops.aten.select.int, (tensor, dim, 0), {})
        return self.recorder.select_at(tensor, dim, index.handle, out, origin)

    def window(self, tensor: Handle, dim: int, start: Any, end: Any, step: int, origin: Origin) -> Handle | None:
        """tensor[start:start + k] along a dim, for a start that is read from a tensor and a known k; None for other slices.
        The run fails where the window is not inside the tensor."""
        count = numbers.distance(start, end)
        if count is None or count < 0 or step != 1:
            return None
        aten, size = torch.ops.aten, tensor.fake.shape[dim]
        steps = self.call(aten.arange.default, [count, torch.int64, None, None, None], origin)
        places = self.call(aten.add.Tensor, [steps, start.handle, 1], origin)
        first = self.call(aten.ge.Scalar, [start.handle, 0], origin)
        last = self.call(aten.le.Tensor, [numbers.as_int(self, end, origin), numbers.as_int(self, size, origin)], origin)
        self.require(numbers.both(self, first, last), origin)
        shape = [count if k == dim % tensor.fake.dim() else n for k, n in enumerate(tensor.fake.shape)]
        out = self.empty(tuple(shape), tensor.fake.dtype)
        return self.recorder.select_at(tensor, dim, places, out, origin)

    def dtype(self, code: Any) -> torch.dtype | None:
        return enum_argument(code, "ScalarType")

    def fakes(self, op: torch._ops.OpOverload, args: tuple, kwargs: dict) -> Any:
        """The result as tensors without data. Raises BadInput with PyTorch's message where the operands do not fit."""
        bare, named = pytree.tree_map_only(Handle, lambda h: h.fake, (without_momentum(op, args), kwargs))
        try:
            with quiet(), self.sizes.mode:
                return SHADOWS.get(op, op)(*bare, **named)
        except GuardOnDataDependentSymNode:
            raise
        except (DataDependentOutputException, DynamicOutputShapeException) as failure:
            raise Unsupported("the result's size or value depends on data") from failure
        except NotImplementedError as failure:
            raise Unsupported(f"PyTorch cannot tell the result's type without data: {first_line(failure)}") from failure
        except Exception as failure:  # PyTorch raises RuntimeError, IndexError, TypeError, ValueError for misfits
            raise BadInput(f"PyTorch refuses these operands: {first_line(failure)}") from failure

    def tensors(self, value: Any, op: torch._ops.OpOverload, others: list, origin: Origin) -> Any:
        """An argument with every known number made what the operator takes."""
        if isinstance(value, list):
            return [self.tensors(x, op, others, origin) for x in value]
        if isinstance(value, Number):
            if value.wrapped and op._schema.name.split("::")[1].rstrip("_") in ARITHMETIC:
                return value.value
            return self.tensor(value, others, origin)
        if value is UNINITIALIZED or isinstance(value, (Module, Object, Function)):
            raise Unsupported(f"an argument is {type(value).__name__.lower()}, not a tensor or number")
        return value

    def tensor(self, number: Number, others: list, origin: Origin) -> Handle:
        """A known number as a tensor without dims; a Python number takes its dtype from the tensors it meets."""
        dtype = number.dtype
        if number.wrapped and others:
            dtype = torch.result_type(torch.empty([1] * others[0].dim(), dtype=others[0].dtype), number.value)
        if is_symbolic(number.value):
            return self.call(torch.ops.aten.scalar_tensor.default, [number.value, dtype, None, None, None], origin)
        weight = self.weight(f"constant_{len(self.recorder.weights)}", torch.tensor(number.value, dtype=dtype))
        return Handle(weight.name, weight.fake)

    # -- modules

    def attribute(self, owner: Module, name: str) -> Any:
        """An attribute of a module as a value; lists and dicts are the same object at every reading."""
        entry = self.entry(owner, name)
        entry.read = entry.read or entry.value is entry.first
        return entry.value

    def entry(self, owner: Module, name: str) -> Attribute:
        key, path = (owner.path, name), f"{owner.path}.{name}".lstrip(".")
        if key not in self.attributes:
            value = self.converted(owner.script.getattr(name), path)
            self.attributes[key] = Attribute(path, value, value, list(leaves(value)))
        return self.attributes[key]

    def converted(self, value: Any, path: str) -> Any:
        if isinstance(value, torch.Tensor):
            return self.weight(path, value)
        if isinstance(value, (torch._C.ScriptModule, torch._C.ScriptObject, torch.jit.ScriptModule)):
            script = getattr(value, "_c", value)
            if script._type().qualified_name().startswith("__torch__.torch.classes"):
                raise Unsupported(f"'{path}' is a {script._type().qualified_name()[10:]} object, which only PyTorch's "
                                  f"own C++ can use")
            return Module(script, path)
        if isinstance(value, (list, tuple)):
            parts = [self.converted(x, f"{path}.{k}") for k, x in enumerate(value)]
            return parts if isinstance(value, list) else tuple(parts)
        if isinstance(value, dict):
            return {k: self.converted(x, f"{path}.{k}") for k, x in value.items()}
        if isinstance(value, torch.dtype):
            return CODE_OF[value]
        return value

    def assign(self, owner: Module, name: str, value: Any) -> None:
        """A module's attribute is set. A tensor is kept for the next run; anything else must be the same for every run."""
        entry = self.entry(owner, name)
        if not isinstance(entry.first, Handle) and any(
                is_tensor(x) or isinstance(x, (Datum, Module, Object)) or is_symbolic(x) for x in leaves(value)):
            raise Unsupported(f"the model stores a tensor in its attribute '{entry.path}', which was none before; register a "
                              f"buffer of its dtype and shape, or return it")
        if isinstance(entry.first, Handle) and not is_tensor(value):
            raise Unsupported(f"the model sets its tensor '{entry.path}' to {value!r}; keep it a tensor")
        entry.value = value

    def updates(self) -> dict[str, Ref]:
        """What a run leaves in the tensors that the model writes to or sets anew, by their weights' names.

        Raises Unsupported where it leaves behind something else that the next run reads.
        """
        found, origin = self.recorder.updates(), Origin("")
        stored = [entry.value.name for entry in self.attributes.values() if isinstance(entry.value, Handle)]
        for entry in self.attributes.values():
            now = leaves(entry.value)
            if isinstance(entry.first, Handle) and entry.value is not entry.first:
                if [one.first for one in self.attributes.values()].count(entry.first) > 1 or \
                        found and isinstance(entry.value, Handle) and stored.count(entry.value.name) > 1:
                    raise Unsupported(f"the model sets '{entry.path}' to a tensor that another attribute holds too; "
                                      f"clone it")
                value = self.tensor(entry.value, [], origin) if isinstance(entry.value, Number) else entry.value
                if self.recorder.symbols.type(value.fake) != self.recorder.symbols.type(entry.first.fake):
                    raise Unsupported(f"the model sets '{entry.path}' to a tensor of another dtype or shape; a buffer "
                                      f"keeps both")
                found[entry.first.stored] = self.recorder.read(value, origin)
            elif entry.value is not entry.first and entry.read and (
                    any(isinstance(x, Datum) for x in now) or entry.value != entry.first):
                raise Unsupported(f"the model changes its attribute '{entry.path}' from {entry.first} to {entry.value}, so every "
                                  f"run differs from the one before; keep it in a buffer")
            elif entry.is_changed_inside():
                raise Unsupported(f"the model changes the list or dict in its attribute '{entry.path}'; make a copy first")
        return found
