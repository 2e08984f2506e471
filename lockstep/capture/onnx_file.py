"""Capture of ONNX: a model file, or a ModelProto, as a source program. Works without torch.

Function operators that have no definition, and the model's own functions, are replaced by their bodies.
"""
from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Any, Callable, Iterable, Mapping, Sequence

import numpy as np
import onnx
from onnx import numpy_helper
from onnx.defs import OpSchema

from ..errors import HOW_TO_DEFINE, BadInput, Unsupported
from ..graph import dims as d
from ..graph.core import Origin, Type
from ..graph.dims import Dim
from ..graph.source import Call, Ref, SourceProgram, source_line
from .onnx_loading import load

DTYPES = {1: "float32", 2: "uint8", 3: "int8", 4: "uint16", 5: "int16", 6: "int32", 7: "int64", 9: "bool",
          10: "float16", 11: "float64", 12: "uint32", 13: "uint64", 16: "bfloat16"}
OLDEST = 7                                 # the oldest operator set whose meaning the definitions follow
_DTYPE_ATTRIBUTES = ("to", "dtype", "output_dtype", "stash_type", "softmax_precision")
_REFUSED = {reason: names.split() for reason, names in {
    "control flow in ONNX is not supported yet": "If Loop Scan SequenceMap",
    "sequences are not supported yet": "SequenceAt SequenceConstruct SequenceEmpty SequenceErase SequenceInsert "
                                       "SequenceLength SplitToSequence ConcatFromSequence",
    "optional values are not supported yet": "Optional OptionalGetElement OptionalHasElement",
    "strings are not supported yet": "StringConcat StringNormalizer StringSplit RegexFullMatch TfIdfVectorizer "
                                     "ImageDecoder",
    "quantised arithmetic is not supported yet": "QuantizeLinear DequantizeLinear DynamicQuantizeLinear QLinearConv "
                                                 "QLinearMatMul ConvInteger MatMulInteger",
    "the size of its result depends on data": "NonZero Unique Compress NonMaxSuppression",
    "random numbers are not supported yet": "RandomNormal RandomNormalLike RandomUniform RandomUniformLike Bernoulli "
                                            "Multinomial"}.items()}
REFUSED = {name: reason for reason, names in _REFUSED.items() for name in names}

Defined = Callable[[str, int], Any]        # (operator, version) -> something true where `ops` defines it


def capture(model: onnx.ModelProto, defined: Defined, name: str,
            dynamic: Mapping[int, Mapping[int, str]] | None = None,
            shapes: Mapping[str, Sequence[int | str | None]] | None = None) -> SourceProgram:
    """The source program of a model.

    dynamic names dims: {input position: {dim: name}}. shapes fixes or names them: {input: (1, "batch", None)}, None
    leaving a dim as the file has it. Raises BadInput for a model that contradicts itself or the caller, Unsupported
    (operator, place) for what has no meaning here.
    """
    return _Reader(model, defined, _Dims(model.graph, dynamic or {}, shapes or {})).program(name)


class _Dims:
    """The extents of a model's values: numbers, and symbols called what the file or the caller calls them."""

    def __init__(self, graph: onnx.GraphProto, dynamic: Mapping[int, Mapping[int, str]],
                 shapes: Mapping[str, Sequence[int | str | None]]):
        stored = {tensor.name for tensor in graph.initializer}
        self.inputs = [info for info in graph.input if info.name not in stored]
        self.parameters: dict[str, Dim] = {}                        # what a dim_param stands for
        self.symbols: dict[str, tuple[int, int | None]] = {}
        names = [info.name for info in self.inputs]
        for wanted in shapes:
            if wanted not in names:
                raise BadInput(f"the model has no input '{wanted}'; its inputs are {', '.join(names) or 'none'}")
        self.chosen = {names[k]: dict(axes) for k, axes in dynamic.items() if k < len(names)}
        for info in self.inputs:
            if info.name in shapes:
                self._choose(info, shapes[info.name])
        for info in self.inputs:
            for axis, wanted in self.chosen.get(info.name, {}).items():
                self._bind(info, axis, wanted)

    def _choose(self, info: onnx.ValueInfoProto, shape: Sequence[int | str | None]) -> None:
        proto = info.type.tensor_type
        if proto.HasField("shape") and len(proto.shape.dim) != len(shape):
            raise BadInput(f"input '{info.name}' has rank {len(proto.shape.dim)}, but the shape given for it is "
                           f"{list(shape)}")
        if not proto.HasField("shape"):
            proto.shape.dim.extend([onnx.TensorShapeProto.Dimension() for _ in shape])
        self.chosen.setdefault(info.name, {}).update({k: n for k, n in enumerate(shape) if n is not None})

    def _bind(self, info: onnx.ValueInfoProto, axis: int, wanted: int | str) -> None:
        dim = info.type.tensor_type.shape.dim[axis]
        extent = self.symbol(wanted) if isinstance(wanted, str) else wanted
        if dim.HasField("dim_value") and isinstance(wanted, int) and dim.dim_value != wanted:
            raise BadInput(f"dim {axis} of input '{info.name}' is {dim.dim_value} in the file, so it cannot be "
                           f"{wanted}")
        if dim.dim_param and self.parameters.setdefault(dim.dim_param, extent) != extent:
            raise BadInput(f"dim {axis} of input '{info.name}' is '{dim.dim_param}' in the file, which is both "
                           f"{self.parameters[dim.dim_param]} and {extent}")
        self.chosen[info.name][axis] = extent

    def symbol(self, name: str) -> Dim:
        self.symbols.setdefault(name, (0, None))
        return d.symbol(name)

    def of_input(self, info: onnx.ValueInfoProto) -> tuple[Dim, ...]:
        proto, chosen = info.type.tensor_type, self.chosen.get(info.name, {})
        if not proto.HasField("shape"):
            raise BadInput(f"the file does not say the rank of input '{info.name}'; give its shape with --input")
        found = []
        for axis, dim in enumerate(proto.shape.dim):
            if axis in chosen:
                found.append(chosen[axis])
            elif dim.HasField("dim_value"):
                found.append(dim.dim_value)
            elif dim.dim_param:
                found.append(self.parameters.get(dim.dim_param) or self.symbol(dim.dim_param))
            else:
                found.append(self.symbol(f"{info.name}_{axis}"))
        return tuple(found)


def dtype_of(number: int, what: str) -> str:
    """A TensorProto.DataType by name; Unsupported where the graph has no such numbers."""
    if number not in DTYPES:
        kinds = onnx.TensorProto.DataType
        named = kinds.Name(number) if number in kinds.values() else number
        raise Unsupported(f"{what} has the dtype {named}, which is not supported yet")
    return DTYPES[number]


def tensor_type(info: onnx.ValueInfoProto, what: str) -> onnx.TypeProto.Tensor:
    kind = info.type.WhichOneof("value")
    if kind != "tensor_type":
        raise Unsupported(f"{what} is a {kind or 'value without a type'}; only dense tensors are supported")
    return info.type.tensor_type


class _Reader:
    """Walks the nodes of a model and of the functions they call, in order."""

    def __init__(self, model: onnx.ModelProto, defined: Defined, extents: _Dims):
        self.model, self.defined, self.extents = model, defined, extents
        self.functions = {(f.domain, f.name, f.overload): f for f in model.functions}
        self.weights: dict[str, np.ndarray] = {}
        self.calls: list[Call] = []
        self.given: set[str] = set()                                # names that stand for a value so far
        self.types = {info.name: info.type for info in (*model.graph.value_info, *model.graph.output)}
        self.inferred: dict[str, onnx.TypeProto] | None = None
        self.expanded = 0

    def program(self, name: str) -> SourceProgram:
        graph = self.model.graph
        if graph.sparse_initializer:
            raise Unsupported("sparse initializers are not supported yet")
        for tensor in graph.initializer:
            self.weight(tensor.name, tensor)
        inputs = []
        for info in self.extents.inputs:
            proto = tensor_type(info, f"input '{info.name}'")
            inputs.append((self.name(info.name), Type(dtype_of(proto.elem_type, f"input '{info.name}'"),
                                                      self.extents.of_input(info))))
        self.nodes(graph.node, versions(self.model.opset_import), {}, {}, None)
        outputs = tuple((info.name, self.ref(info.name, Origin("output"))) for info in graph.output)
        return SourceProgram("onnx", name, tuple(inputs), self.weights, tuple(self.calls), outputs,
                             self.extents.symbols)

    def name(self, name: str) -> str:
        """Takes a name for a value; in single-assignment form it is free."""
        if name in self.given:
            raise BadInput(f"the model gives the name '{name}' to two values; it is not a valid ONNX graph")
        self.given.add(name)
        return name

    def ref(self, name: str, origin: Origin) -> Ref:
        if name not in self.given:
            raise BadInput(f"{origin}: nothing before it gives the value '{name}'; the graph is not in order or has "
                           "a cycle")
        return Ref(name)

    def weight(self, name: str, tensor: onnx.TensorProto) -> Ref:
        dtype_of(tensor.data_type, f"the constant '{name}'")
        try:
            self.weights[self.name(name)] = numpy_helper.to_array(tensor)
        except (ValueError, TypeError) as failure:
            raise BadInput(f"the constant '{name}' does not hold what its shape {list(tensor.dims)} says ({failure}); "
                           "the file is damaged") from failure
        return Ref(name)

    def nodes(self, nodes: Iterable[onnx.NodeProto], opsets: Mapping[str, int], names: Mapping[str, str],
              attributes: Mapping[str, Any], inside: Origin | None, prefix: str = "") -> None:
        """Records calls; names maps a function's own names to the caller's, attributes are what the caller gave."""
        names = dict(names)
        for node in nodes:
            origin = inside or origin_of(node)
            outputs = []
            for output in node.output:
                if output and output not in names:
                    names[output] = prefix + output
                outputs.append(names.get(output, output))
            inputs = [names.get(i, prefix + i) if i else "" for i in node.input]
            given = self.attributes(node, attributes, origin, outputs)
            self.node(node, opsets, inputs, outputs, given, origin)

    def node(self, node: onnx.NodeProto, opsets: Mapping[str, int], inputs: list[str], outputs: list[str],
             attributes: dict[str, Any], origin: Origin) -> None:
        domain = "" if node.domain == "ai.onnx" else node.domain
        function = self.functions.get((node.domain, node.op_type, node.overload))
        if function is not None:
            defaults = {a.name: onnx.helper.get_attribute_value(a) for a in function.attribute_proto}
            return self.expand(function, defaults, inputs, outputs, attributes, origin)
        if domain not in opsets:
            raise BadInput(f"{origin}: the model imports no operator set of domain '{domain}'")
        called, version = f"{domain}.{node.op_type}" if domain else node.op_type, opsets[domain]
        if not domain and node.op_type == "Constant":
            return self.constant(outputs[0], attributes, origin)
        if called in REFUSED:
            raise Unsupported(f"{origin}: the operator {called} is not supported: {REFUSED[called]}")
        if not self.defined(called, version):
            found = self.body(node, domain, version, origin)
            if found is None:
                raise Unsupported(f"{origin}: the operator {called} (operator set {version}) is not supported; "
                                  f"{HOW_TO_DEFINE}")
            return self.expand(*found, inputs, outputs, attributes, origin)
        if called == "Split" and "num_outputs" not in attributes:
            attributes["num_outputs"] = len(outputs)          # before version 18 only the node itself says so
        args = tuple(self.ref(i, origin) if i else None for i in inputs)
        attributes = {key: self.weight(value.name, value.tensor) if isinstance(value, _Tensor) else value
                      for key, value in attributes.items()}
        results = tuple(self.name(o) if o else "" for o in outputs)
        types = tuple(self.type(o) for o in outputs)
        self.calls.append(Call(f"{called}.{version}", args, attributes, results, types, origin))

    def attributes(self, node: onnx.NodeProto, given: Mapping[str, Any], origin: Origin,
                   outputs: list[str]) -> dict[str, Any]:
        """A node's attributes as Python values: dtypes by name, tensors still to become weights."""
        found = {}
        for attribute in node.attribute:
            if attribute.ref_attr_name:
                if attribute.ref_attr_name not in given:
                    continue
                value = given[attribute.ref_attr_name]
            else:
                value = onnx.helper.get_attribute_value(attribute)
            if isinstance(value, bytes):
                value = value.decode(errors="replace")
            elif isinstance(value, onnx.TensorProto):
                value = _Tensor(f"{outputs[0]}.{attribute.name}", value)
            elif hasattr(value, "__iter__") and not isinstance(value, str):
                value = [v.decode(errors="replace") if isinstance(v, bytes) else v for v in value]
            if attribute.name in _DTYPE_ATTRIBUTES and isinstance(value, int):
                value = dtype_of(value, f"{origin}: attribute {attribute.name}")
            found[attribute.name] = value
        return found

    def constant(self, name: str, attributes: Mapping[str, Any], origin: Origin) -> None:
        (kind, value), = attributes.items()
        if isinstance(value, _Tensor):
            self.weight(name, value.tensor)
        elif kind in ("value_int", "value_ints", "value_float", "value_floats"):
            self.weights[self.name(name)] = np.asarray(value, np.int64 if "int" in kind else np.float32)
        else:
            raise Unsupported(f"{origin}: a constant given as {kind} is not supported yet")

    def expand(self, body: onnx.FunctionProto, defaults: Mapping[str, Any], inputs: list[str], outputs: list[str],
               attributes: dict[str, Any], origin: Origin) -> None:
        """A function's nodes in place of its call, their values renamed."""
        self.expanded += 1
        if self.expanded > 100_000:
            raise BadInput(f"{origin}: the functions of the model call each other without end")
        prefix = f"{body.name}_{self.expanded}."
        names = dict(zip(body.input, [*inputs, *[""] * len(body.input)]))
        names |= {formal: actual or prefix + formal for formal, actual in zip(body.output, outputs)}
        opsets = versions(self.model.opset_import) | versions(body.opset_import)
        self.nodes(body.node, opsets, names, {**defaults, **attributes}, origin, prefix)

    def body(self, node: onnx.NodeProto, domain: str, version: int, origin: Origin
             ) -> tuple[onnx.FunctionProto, dict[str, Any]] | None:
        """The specification's body of a function operator, and its attributes' defaults; None without one."""
        try:
            schema: OpSchema = onnx.defs.get_schema(node.op_type, version, domain)
        except onnx.defs.SchemaError:
            return None
        defaults = {name: onnx.helper.get_attribute_value(one.default_value)
                    for name, one in schema.attributes.items() if one.default_value.name}
        if schema.has_function:
            return schema.function_body, defaults
        if not schema.has_context_dependent_function:
            return None
        types = [self.infer(name, origin).SerializeToString() if name else b"" for name in node.input]
        body = schema.get_context_dependent_function(node.SerializeToString(), types)
        return onnx.FunctionProto.FromString(body), defaults

    def infer(self, name: str, origin: Origin) -> onnx.TypeProto:
        """A value's type as ONNX infers it; only function bodies that depend on types need it."""
        if self.inferred is None:
            graph = onnx.shape_inference.infer_shapes(self.model).graph
            self.inferred = {info.name: info.type for info in (*graph.value_info, *graph.input, *graph.output)}
            for tensor in graph.initializer:
                type_ = onnx.helper.make_tensor_type_proto(tensor.data_type, tensor.dims)
                self.inferred.setdefault(tensor.name, type_)
        if name not in self.inferred:
            raise Unsupported(f"{origin}: its meaning depends on the type of '{name}', which ONNX cannot infer")
        return self.inferred[name]

    def type(self, name: str) -> Type | None:
        """What the file says of a value; None where it says too little."""
        found = self.types.get(name)
        if found is None or not found.tensor_type.HasField("shape") or found.tensor_type.elem_type not in DTYPES:
            return None
        dims = tuple(dim.dim_value if dim.HasField("dim_value") else d.symbol(dim.dim_param or "?")
                     for dim in found.tensor_type.shape.dim)
        return Type(DTYPES[found.tensor_type.elem_type], dims)


@dataclass(frozen=True)
class _Tensor:
    """A tensor given as an attribute: a weight once a definition is to get it."""

    name: str
    tensor: onnx.TensorProto


def versions(imports: Iterable[onnx.OperatorSetIdProto]) -> dict[str, int]:
    """The operator sets that a model or function uses, by domain."""
    found = {"" if one.domain == "ai.onnx" else one.domain: one.version for one in imports}
    if found.get("", OLDEST) < OLDEST:
        raise BadInput(f"the model uses ONNX operator set {found['']}, older than {OLDEST}; "
                       "bring it up to date with onnx.version_converter.convert_version(model, 20)")
    return found


def origin_of(node: onnx.NodeProto) -> Origin:
    """The operator and its place: module path and source line as PyTorch's exporter records them, else its name."""
    notes = {entry.key: entry.value for entry in node.metadata_props}
    try:
        scopes = ast.literal_eval(notes.get("pkg.torch.onnx.name_scopes", "[]"))
    except (ValueError, SyntaxError):
        scopes = []
    module = scopes[-2] if len(scopes) > 1 else "" if scopes else node.name or next(iter(node.output), "")
    return Origin(node.op_type, module, source_line(notes.get("pkg.torch.onnx.stack_trace", "")))


__all__ = ["capture", "load"]
