"""An ONNX model that is one step, run several times: its graph once for each step, with what one hands to the next."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mechverify.errors import ModelError, UnsupportedOperationError
from mechverify.models.onnx.file import load_proto
from mechverify.models.onnx.model import OnnxModel, model_of

_MARK = "#"


def read_repeated(path: Path, times: int, carry: Sequence[tuple[str, str]]) -> OnnxModel:
    """The model of an ONNX file run so many times, each input of ``carry`` taking what a tensor had in the step before.

    Tensors of the last step have their names in the file, those of the step before ``times - 1`` names such as
    ``hidden#0``; inputs that are not carried are those of every step, ``x#0`` to ``x#9``.

    Raises what ``read_onnx`` raises, and ModelError where the step has not what is carried, in one shape and type.
    """
    proto = load_proto(path)
    once = model_of(proto, path)
    inputs = {one.name: one for one in once.graph_inputs}
    for name, tensor in carry:
        if name not in inputs:
            raise ModelError(f"{path.name} has no input {name!r}; its inputs are: {', '.join(inputs)}")
        if tensor not in once.tensors:
            raise ModelError(f"{path.name} has no tensor {tensor!r} to carry to {name!r}")
        own, given = once.tensors[name], once.tensors[tensor]
        if own.array.shape != given.array.shape or own.dtype != given.dtype:
            words = f"{list(own.array.shape)} of {own.dtype} and {list(given.array.shape)} of {given.dtype}"
            raise ModelError(f"{path.name}: {name!r} cannot take {tensor!r} from the step before: they are {words}")
    return model_of(unrolled(proto, times, dict(carry), path), path)


def unrolled(proto: Any, times: int, carry: Mapping[str, str], path: Path) -> Any:
    """The proto of all steps. Raises ModelError where names of the step could be confused with those of several, and
    UnsupportedOperationError for a graph within an operation.
    """
    graph = proto.graph
    weights = {one.name for one in graph.initializer}
    names = [n for node in graph.node for n in node.output if n] + [i.name for i in graph.input]
    marked = next((name for name in names if _MARK in name), None)
    if marked is not None:
        raise ModelError(f"{path.name}: the tensor {marked!r} has a {_MARK} in its name, as those of one step of many")
    if any(a.HasField("g") or a.graphs for node in graph.node for a in node.attribute):
        raise UnsupportedOperationError(f"{path.name}: an operation with a graph of its own cannot be repeated")
    whole = type(proto)()
    whole.CopyFrom(proto)
    for field in ("node", "input", "value_info"):
        whole.graph.ClearField(field)
    whole.graph.input.extend(one for one in graph.input if one.name in weights or one.name in carry)
    before: dict[str, str] = {}
    for k in range(times):
        known = {name: name for name in weights}
        for one in graph.input:
            if one.name in weights:
                continue
            if one.name in carry:
                known[one.name] = one.name if k == 0 else before[carry[one.name]]
            else:
                known[one.name] = f"{one.name}{_MARK}{k}"
                added = whole.graph.input.add()
                added.CopyFrom(one)
                added.name = known[one.name]
        for node in graph.node:
            copy = whole.graph.node.add()
            copy.CopyFrom(node)
            for place, name in enumerate(node.input):
                copy.input[place] = known.get(name, name)
            for place, name in enumerate(node.output):
                known[name] = name if k == times - 1 or not name else f"{name}{_MARK}{k}"
                copy.output[place] = known[name]
            if node.name:
                copy.name = node.name if k == times - 1 else f"{node.name}{_MARK}{k}"
        before = known
    return whole
