"""Running an ONNX model for real, in onnxruntime on one CPU thread."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from mechverify.errors import ModelError
from mechverify.models.batches import split_batch
from mechverify.models.intervention import Intervention, check_interventions
from mechverify.models.model import FloatArray, RuntimeRun
from mechverify.models.onnx.protos import protos, value_info
from mechverify.models.onnx.replacements import add_replacements, mask_name, value_name
from mechverify.models.onnx.rewrites import uncovered
from mechverify.models.onnx.session import optimised_session, plain_session
from mechverify.models.tensors.tensor import NUMPY_TYPES

if TYPE_CHECKING:
    from mechverify.models.onnx.graph import GraphInput
    from mechverify.models.onnx.model import OnnxModel

PLAIN = "onnxruntime"
OPTIMISED = "onnxruntime (default optimisation)"


def run_onnx(
    model: "OnnxModel",
    feeds: Mapping[str, FloatArray],
    activations: tuple[str, ...],
    interventions: Sequence[Intervention] = (),
) -> tuple[RuntimeRun, ...]:
    """Run with optimisation off and with the default one, feeds one by one and, where the batch axis is symbolic, all
    at once.

    Activations inside the model are read by making them outputs, which keeps an optimiser from folding them away; ask
    for outputs alone to see what it does to the rest. Nothing is run of an optimised graph with a rewrite that the
    table of float errors does not cover.
    """
    import onnxruntime

    unknown = [a for a in activations if a not in model.activations]
    if unknown:
        raise ModelError(f"{model.path.name}: no activation is named {', '.join(unknown)}")
    arrays, count = batch_of(model, feeds)
    replaced = check_interventions(interventions, model.activations, count)
    for given in model.graph_inputs:
        one = replaced.pop(given.name, None)
        if one is not None:
            arrays[given.name] = np.stack([one.applied(i, row) for i, row in enumerate(arrays[given.name])])
    batched = all(i.dynamic for i in model.graph_inputs) and all(_leads(model, name) for name in replaced)
    results = []
    for label, optimise in ((PLAIN, False), (OPTIMISED, True)):
        session, excluded = _session(model, activations, tuple(replaced), optimise=optimise)
        if excluded is not None:
            continue

        def run(rows: slice, session: Any = session) -> dict[str, FloatArray]:
            feed = {i.name: with_batch(i, arrays[i.name][rows]) for i in model.graph_inputs}
            return _values(model, session, feed | _replacements(model, replaced.values(), rows), activations)

        singles = [run(slice(i, i + 1)) for i in range(count)]
        joined = {a: np.stack([_alone(model, a, s[a]) for s in singles]) for a in activations}
        results.append(RuntimeRun(label, onnxruntime.__version__, "single", joined))
        if batched:
            found = _taken_apart(model, run(slice(None)), activations, count)
            results.append(RuntimeRun(label, onnxruntime.__version__, "batched", found))
    return tuple(results)


def open_sessions(model: "OnnxModel", activations: tuple[str, ...]) -> None:
    """Open the sessions that runs without interventions take. Raises ModelError if onnxruntime refuses the model."""
    for optimise in (False, True):
        key = _key(model, activations, (), optimise=optimise)
        if key not in model.opened:
            model.opened[key] = _opened(model, _with_outputs(model, *key[:2]), optimise=optimise)


def excluded_optimisation(model: "OnnxModel") -> str | None:
    """Why what default onnxruntime makes of the model is not covered, None where it is."""
    return _session(model, model.outputs, (), optimise=True)[1]


def _alone(model: "OnnxModel", name: str, found: FloatArray) -> FloatArray:
    """An activation of a single feed. Raises ModelError where its shape is not the one that was read."""
    expected = model.tensors[name].shape
    if found.shape != expected:
        raise ModelError(
            f"{model.path.name}: {model.place_of(name)} has shape {list(expected)} as read here, and onnxruntime gives "
            f"it shape {list(found.shape)}",
            "the two read this operation differently: give its sizes explicitly, without auto_pad or inferred extents",
        )
    return found.reshape(model.activations[name])


def with_batch(given: "GraphInput", rows: FloatArray) -> FloatArray:
    """A feed's rows with the axes of the graph's input."""
    return rows if given.batched else np.asarray(rows[0])


def _leads(model: "OnnxModel", name: str) -> bool:
    """Whether the batch axis of an activation comes first."""
    return bool(model.tensors[name].shape) and model.tensors[name].shape[0] == 1


def _replacements(model: "OnnxModel", replaced: Iterable[Intervention], rows: slice) -> dict[str, FloatArray]:
    """The extra feeds of replaced tensors, in the shape of one feed's tensor but for the batch axis."""
    feeds: dict[str, FloatArray] = {}
    for one in replaced:
        tensor = model.tensors[one.activation]
        values = one.values[rows].astype(NUMPY_TYPES[tensor.dtype])
        shape = (-1, *tensor.shape[1:]) if len(values) > 1 else tensor.shape
        feeds[value_name(one.activation)] = np.ascontiguousarray(values).reshape(shape)
        feeds[mask_name(one.activation)] = one.mask.reshape(tensor.shape)
    return feeds


def batch_of(model: "OnnxModel", feeds: Mapping[str, FloatArray]) -> tuple[dict[str, FloatArray], int]:
    """The feeds in the model's element types, and how many there are. Raises ModelError."""
    arrays = {}
    counts = set()
    for given in model.graph_inputs:
        if given.name not in feeds:
            raise ModelError(f"{model.path.name}: input {given.name!r} is not fed")
        array = np.asarray(feeds[given.name])
        shape = given.shape[1:] if given.batched else given.shape
        if array.shape[1:] != shape:
            raise ModelError(f"{model.path.name}: input {given.name!r} has shape {shape}, the feed {array.shape[1:]}")
        arrays[given.name] = array.astype(NUMPY_TYPES[given.dtype])
        counts.add(len(array))
    if len(counts) != 1 or 0 in counts:
        raise ModelError(f"{model.path.name}: the feeds have no common batch size")
    return arrays, counts.pop()


def _session(
    model: "OnnxModel", activations: tuple[str, ...], replaced: tuple[str, ...], *, optimise: bool
) -> tuple[Any, str | None]:
    """A session that gives the activations, and what in its optimised graph is not covered."""
    key = _key(model, activations, replaced, optimise=optimise)
    if key not in model.sessions:
        found = model.opened.get(key)
        model.sessions[key] = found or _opened(model, _with_outputs(model, *key[:2]), optimise=optimise)
    return model.sessions[key]


def _key(
    model: "OnnxModel", activations: tuple[str, ...], replaced: tuple[str, ...], *, optimise: bool
) -> tuple[tuple[str, ...], tuple[str, ...], bool]:
    fed = {i.name for i in model.graph_inputs}
    return tuple(a for a in activations if a not in fed), replaced, optimise


def _opened(model: "OnnxModel", proto: Any, *, optimise: bool) -> tuple[Any, str | None]:
    """A session and what in its optimised graph is not covered. Raises ModelError if onnxruntime refuses the model."""
    try:
        if not optimise:
            return plain_session(proto), None
        session, rewritten = optimised_session(proto)
    except Exception as error:
        if optimise:
            return None, f"it does not load the model ({error})"
        raise ModelError(f"{model.path.name}: onnxruntime does not load the model: {error}") from error
    return session, uncovered(proto, rewritten, model.reading.singles)


def inlined(model: "OnnxModel") -> Any:
    """A copy of the model's proto with the weights of external files in it, and without notes on its tensors."""
    onnx = protos()
    copy = type(model.proto)()
    copy.CopyFrom(model.proto)
    graph = copy.graph
    for tensor in (t for t in graph.initializer if t.data_location == onnx.TensorProto.EXTERNAL):
        from onnx.numpy_helper import from_array

        tensor.CopyFrom(from_array(model.constants[tensor.name].array, tensor.name))
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.type == onnx.AttributeProto.TENSOR and attribute.t.data_location == onnx.TensorProto.EXTERNAL:
                raise ModelError(f"{model.path.name}: external data in an attribute cannot be run")
    del graph.value_info[:]
    return copy


def _with_outputs(model: "OnnxModel", wanted: tuple[str, ...], replaced: tuple[str, ...]) -> Any:
    onnx = protos()
    copy = inlined(model)
    graph = copy.graph
    present = {o.name for o in graph.output}
    types = {
        "float32": onnx.TensorProto.FLOAT,
        "int64": onnx.TensorProto.INT64,
        "int32": onnx.TensorProto.INT32,
        "bool": onnx.TensorProto.BOOL,
    }
    for name in wanted:
        if name not in present:
            tensor = model.tensors[name]
            graph.output.append(value_info(name, types[tensor.dtype], tensor.array.ndim))
    shapes = {name: (types[model.tensors[name].dtype], model.tensors[name].array.ndim) for name in replaced}
    add_replacements(graph, shapes)
    return copy


def _taken_apart(
    model: "OnnxModel", values: Mapping[str, FloatArray], activations: tuple[str, ...], count: int
) -> dict[str, FloatArray]:
    result = {}
    for name in activations:
        if name in model.reading.shared and values[name].shape == model.tensors[name].shape:
            alone = np.asarray(values[name]).reshape(model.activations[name])
            result[name] = np.broadcast_to(alone, (count, *model.activations[name]))
            continue
        parts = split_batch(values[name], model.tensors[name].shape, count)
        if parts is None:
            raise ModelError(
                f"{model.path.name}: activation {name!r} has shape {values[name].shape} on a batch of {count}",
                "the batch axis is symbolic but the model mixes it with others; export with a fixed batch of 1",
            )
        result[name] = parts.reshape(count, *model.activations[name])
    return result


def _values(
    model: "OnnxModel", session: Any, feed: Mapping[str, FloatArray], activations: tuple[str, ...]
) -> dict[str, FloatArray]:
    wanted = [a for a in activations if a not in feed]
    names = wanted or [model.outputs[0]]
    try:
        found = session.run(names, dict(feed))
    except Exception as error:
        raise ModelError(f"{model.path.name}: onnxruntime does not run the model: {error}") from error
    return {**dict(zip(names, found, strict=True)), **{a: feed[a] for a in activations if a in feed}}
