"""Reads a TorchScript graph by running it without data: numbers are computed, calls on tensors are recorded.

Calls of methods and functions are entered, so that every recorded call knows its module's path. What the graph decides
by numbers (branches, trip counts) is decided here; what depends on data is refused.
"""
from __future__ import annotations

from typing import Any

import torch
from torch._subclasses.fake_tensor import DataDependentOutputException, DynamicOutputShapeException
from torch.utils import _pytree as pytree

from ..errors import BadInput, LockstepError, Unsupported
from ..graph.core import Origin
from .recorder import Handle, Recorder, is_in_place
from .torchscript_kinds import CREATORS, KINDS, QUERIES
from .torchscript_nodes import (ARITHMETIC, bound, first_line, gives_tensor, line_of, located, overload_of, quiet,
                                renamed, schema_name, without_defaults)
from .torchscript_sizes import Sizes
from .torchscript_values import (CODE_OF, CONTAINERS, UNINITIALIZED, Datum, Function, Module, Number, Object, Place, is_symbolic,
                                 is_tensor, leaves, number_operator, plain, real, settled)


class Reader:
    """One reading of one program. `kept` holds every tensor that was recorded, because weights are known by address."""

    def __init__(self, recorder: Recorder, sizes: Sizes):
        self.recorder, self.sizes = recorder, sizes
        self.kept: list[Any] = []
        self.attributes: dict[tuple[int, str], list] = {}      # (module, name) -> [module, value, as first read]
        self.written: dict[tuple[int, str], tuple[Any, Any, str]] = {}
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
        kind = node.kind()
        try:
            if kind in KINDS:
                return KINDS[kind](self, node, env, place)
            inputs = [settled(env[value.unique()]) for value in node.inputs()]
            result = self.operator(node, kind, inputs, place)
        except LockstepError as failure:
            raise located(failure, self.origin(node, place)) from failure
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
        if short in CONTAINERS and inputs and isinstance(inputs[0], (list, dict, str)):
            return plain(name, overload, inputs)
        index = inputs[-1] if name == "aten::select" else None
        if isinstance(index, Datum) and not index.handle.fake.dtype.is_floating_point:
            picked = [None] * (inputs[1] % inputs[0].fake.dim()) + [index.handle]      # x[i] for a tensor i
            return self.call(torch.ops.aten.index.Tensor, [inputs[0], picked], self.origin(node, place))
        flat = leaves(inputs)
        for value in flat:
            if isinstance(value, Datum):
                raise Unsupported(f"it computes with a Python number that is read from a tensor ({value.kind}); keep "
                                  f"it a tensor")
        tensors = [value for value in flat if is_tensor(value)]
        if short in CREATORS and (not tensors or short in ("tensor", "as_tensor")):
            return CREATORS[short](self, node, inputs, place)
        if not tensors and not gives_tensor(node):
            return plain(name, overload, inputs)
        op = overload_of(name, overload)
        origin = self.origin(node, place)
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
        return Handle(weight.name, weight.fake)

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
            inputs[0].handle = inputs[0] = self.tensor(inputs[0], [], origin)
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

    def fakes(self, op: torch._ops.OpOverload, args: tuple, kwargs: dict) -> Any:
        """The result as tensors without data. Raises BadInput with PyTorch's message where the operands do not fit."""
        bare, named = pytree.tree_map_only(Handle, lambda h: h.fake, (args, kwargs))
        try:
            with quiet(), self.sizes.mode:
                return op(*bare, **named)
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
        key = (owner.path, name)
        if key not in self.attributes:
            value = self.converted(owner.script.getattr(name), f"{owner.path}.{name}".lstrip("."))
            self.attributes[key] = [value, list(leaves(value))]
        return self.attributes[key][0]

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
        """A module's attribute is set: kept for this run, and refused at the end where the next run would read it."""
        if self.attributes.get((owner.path, name), [UNINITIALIZED])[0] is value:
            return                                             # `self.n += 1` on a tensor: written to, then set to itself
        if any(is_tensor(x) or isinstance(x, (Datum, Module, Object)) or is_symbolic(x) for x in leaves(value)):
            path = f"{owner.path}.{name}".lstrip(".")
            raise Unsupported(f"the model stores a tensor in its attribute '{path}'; return it instead")
        key = (owner.path, name)
        if key in self.attributes and key not in self.written:
            self.written[key] = self.attributes[key][0]
        else:
            self.written.setdefault(key, UNINITIALIZED)        # not read before: the next run sets it again
        self.attributes[key] = [value, list(leaves(value))]

    def refuse_state(self) -> None:
        """Raises Unsupported where a run leaves behind something that the next one reads."""
        for (path, name), first in self.written.items():
            if first is not UNINITIALIZED and first != self.attributes[path, name][0]:
                raise Unsupported(f"the model changes its attribute '{f'{path}.{name}'.lstrip('.')}' from {first} to "
                                  f"{self.attributes[path, name][0]}, so every run differs from the one before")
        for (path, name), (value, first) in self.attributes.items():
            now = leaves(value)
            if len(now) != len(first) or any(a is not b and a != b for a, b in zip(now, first)):
                raise Unsupported(f"the model changes the list or dict in its attribute "
                                  f"'{f'{path}.{name}'.lstrip('.')}'; make a copy first")
