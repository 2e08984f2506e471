"""Loading .onnx files, their external data included. What a file says is checked before it is believed."""
from __future__ import annotations

import math
import zipfile
from pathlib import Path
from typing import Iterator

import onnx
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import DecodeError, Message
from onnx.external_data_helper import ExternalDataInfo, load_external_data_for_tensor, uses_external_data

from ..errors import BadInput


def load(path: str | Path) -> onnx.ModelProto:
    """A model with all its tensors in memory. Raises BadInput: no file, no model, or data missing, cut or outside."""
    path = Path(path)
    if not path.is_file():
        raise BadInput(f"{path} is {'a folder' if path.is_dir() else 'not there'}; give the path of an .onnx file")
    if not path.stat().st_size:
        raise BadInput(f"{path} is empty; export the model again")
    if zipfile.is_zipfile(path):
        raise BadInput(f"{path} is a zip archive of another format, perhaps TorchScript (name it .pt) or an "
                       f"exported program (name it .pt2)")
    try:
        model = onnx.load_model(str(path), load_external_data=False)
    except (DecodeError, ValueError) as failure:
        raise BadInput(f"{path} is not a readable .onnx file ({_first_line(failure)}); it is damaged or cut short, "
                       "or of another format: save it with onnx.save or torch.onnx.export") from failure
    if not model.opset_import or not (model.graph.node or model.graph.output):
        raise BadInput(f"{path} holds no ONNX model (no operator set or no graph); save it with onnx.save")
    if any(isinstance(text, bytes) for text in _texts(model)):
        raise BadInput(f"{path} has names that are not text; it is damaged: export the model again")
    for tensor in tensors_of(model.graph.node, model.graph):
        if uses_external_data(tensor):
            _check_external(tensor, path.parent)
            load_external_data_for_tensor(tensor, str(path.parent))
            tensor.data_location = onnx.TensorProto.DEFAULT
            del tensor.external_data[:]
    return model


def tensors_of(nodes, graph: onnx.GraphProto | None) -> Iterator[onnx.TensorProto]:
    """Every tensor of a graph: initializers, attributes, and those of graphs inside attributes."""
    yield from graph.initializer if graph is not None else ()
    for node in nodes:
        for attribute in node.attribute:
            if attribute.HasField("t"):
                yield attribute.t
            yield from attribute.tensors
            for inner in (*([attribute.g] if attribute.HasField("g") else []), *attribute.graphs):
                yield from tensors_of(inner.node, inner)


def _texts(message: Message) -> Iterator[str | bytes]:
    """Every string inside; protobuf hands out one that is no UTF-8 as bytes."""
    if isinstance(message, onnx.TensorProto):          # not through ListFields: it would copy the data
        yield message.name
        return
    for field, value in message.ListFields():
        if field.type in (FieldDescriptor.TYPE_MESSAGE, FieldDescriptor.TYPE_STRING):
            for one in [value] if isinstance(value, (Message, str, bytes)) else value:
                yield from _texts(one) if isinstance(one, Message) else (one,)


def _check_external(tensor: onnx.TensorProto, folder: Path) -> None:
    info = ExternalDataInfo(tensor)
    root, place = folder.resolve(), (folder / info.location).resolve()
    what = f"the data of '{tensor.name}'"
    if not place.is_relative_to(root):
        raise BadInput(f"{what} is said to be in '{info.location}', outside the model's folder; that is refused")
    if not place.is_file():
        raise BadInput(f"{what} is in '{info.location}', which is not beside the model; copy it there")
    size, start = place.stat().st_size, info.offset or 0
    length = info.length if info.length is not None else size - start
    if start < 0 or length < 0 or start + length > size:
        raise BadInput(f"{what} reaches to byte {start + length} of '{info.location}', which has {size}; "
                       "it was cut short")
    try:
        needed = math.prod(tensor.dims) * onnx.helper.tensor_dtype_to_np_dtype(tensor.data_type).itemsize
    except KeyError:                                   # a dtype that capture refuses by name
        return
    if needed > length and tensor.data_type not in (onnx.TensorProto.INT4, onnx.TensorProto.UINT4):
        raise BadInput(f"{what} has {length} bytes in '{info.location}', but its shape {list(tensor.dims)} needs "
                       f"{needed}")


def _first_line(failure: Exception) -> str:
    return next(iter(str(failure).strip().splitlines()), type(failure).__name__)
