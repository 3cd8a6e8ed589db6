"""Running an ONNX model for real, in onnxruntime on one CPU thread."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from mechverify.errors import ModelError
from mechverify.models.batches import split_batch
from mechverify.models.model import FloatArray, RuntimeRun
from mechverify.models.tensor import NUMPY_TYPES

if TYPE_CHECKING:
    from mechverify.models.onnx_model import OnnxModel

PLAIN = "onnxruntime"
OPTIMISED = "onnxruntime (default optimisation)"


def run_onnx(
    model: "OnnxModel", feeds: Mapping[str, FloatArray], activations: tuple[str, ...]
) -> tuple[RuntimeRun, ...]:
    """Run with optimisation off and with the default one, feeds one by one and, where the batch axis is symbolic, all
    at once.

    Activations inside the model are read by making them outputs, which keeps an optimiser from folding them away; ask
    for outputs alone to see what it does to the rest.
    """
    import onnxruntime

    unknown = [a for a in activations if a not in model.activations]
    if unknown:
        raise ModelError(f"{model.path.name}: no activation is named {', '.join(unknown)}")
    arrays, count = _batch(model, feeds)
    results = []
    for label, optimise in ((PLAIN, False), (OPTIMISED, True)):
        session = _session(model, activations, optimise=optimise)
        singles = [_run(model, session, {k: v[i] for k, v in arrays.items()}, activations) for i in range(count)]
        joined = {a: np.stack([s[a] for s in singles]) for a in activations}
        results.append(RuntimeRun(label, onnxruntime.__version__, "single", joined))
        if all(i.dynamic for i in model.graph_inputs):
            results.append(
                RuntimeRun(
                    label, onnxruntime.__version__, "batched", _run_batch(model, session, arrays, activations, count)
                )
            )
    return tuple(results)


def _batch(model: "OnnxModel", feeds: Mapping[str, FloatArray]) -> tuple[dict[str, FloatArray], int]:
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


def _session(model: "OnnxModel", activations: tuple[str, ...], *, optimise: bool) -> Any:
    import onnxruntime

    fed = {i.name for i in model.graph_inputs}
    wanted = tuple(a for a in activations if a not in fed)
    key = (wanted, optimise)
    if key not in model.sessions:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4
        if not optimise:
            options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        content = _with_outputs(model, wanted).SerializeToString()
        try:
            model.sessions[key] = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        except Exception as error:
            raise ModelError(f"{model.path.name}: onnxruntime does not load the model: {error}") from error
    return model.sessions[key]


def _with_outputs(model: "OnnxModel", wanted: tuple[str, ...]) -> Any:
    import onnx

    copy = type(model.proto)()
    copy.CopyFrom(model.proto)
    graph = copy.graph
    for tensor in (t for t in graph.initializer if t.data_location == onnx.TensorProto.EXTERNAL):
        inlined = onnx.numpy_helper.from_array(model.constants[tensor.name].array, tensor.name)
        tensor.CopyFrom(inlined)
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.type == onnx.AttributeProto.TENSOR and attribute.t.data_location == onnx.TensorProto.EXTERNAL:
                raise ModelError(f"{model.path.name}: external data in an attribute cannot be run")
    del graph.value_info[:]
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
            graph.output.append(
                onnx.helper.make_tensor_value_info(name, types[tensor.dtype], [None] * tensor.array.ndim)
            )
    return copy


def _run(
    model: "OnnxModel", session: Any, feed: Mapping[str, FloatArray], activations: tuple[str, ...]
) -> dict[str, FloatArray]:
    batched = {i.name: feed[i.name][None] if i.batched else feed[i.name] for i in model.graph_inputs}
    values = _values(model, session, batched, activations)
    return {a: values[a].reshape(model.activations[a]) for a in activations}


def _run_batch(
    model: "OnnxModel", session: Any, arrays: Mapping[str, FloatArray], activations: tuple[str, ...], count: int
) -> dict[str, FloatArray]:
    values = _values(model, session, arrays, activations)
    result = {}
    for name in activations:
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
