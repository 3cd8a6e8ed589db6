"""Every tensor of an ONNX model in onnxruntime: a session in which all of them are outputs, optimisation off."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from mechverify.errors import EnclosureError, ModelError
from mechverify.models.model import FloatArray
from mechverify.models.onnx.protos import protos
from mechverify.models.onnx.runtime import PLAIN, batch_of, inlined, with_batch
from mechverify.models.onnx.session import plain_session
from mechverify.models.traced import Observation, Observed

if TYPE_CHECKING:
    from mechverify.models.onnx.model import OnnxModel

# No tensor has an empty name.
_KEY = (("",), (), False)


def observe_onnx(model: "OnnxModel", feeds: Mapping[str, FloatArray]) -> Observation:
    """Every tensor but the weights, on each feed by itself.

    The element types are onnxruntime's own: none is declared for what is made an output here.
    Raises EnclosureError for a tensor whose shape depends on its input.
    """
    import onnxruntime

    arrays, count = batch_of(model, feeds)
    fed = [i.name for i in model.graph_inputs]
    names = list(dict.fromkeys(n for step in model.steps for n in step.outputs if n))
    session = _session(model, names)
    rows: dict[str, list[FloatArray]] = {n: [] for n in (*fed, *names)}
    for k in range(count):
        feed = {i.name: with_batch(i, arrays[i.name][k : k + 1]) for i in model.graph_inputs}
        try:
            found = session.run(names, feed)
        except Exception as error:
            raise ModelError(f"{model.path.name}: onnxruntime does not run the model: {error}") from error
        for name, value in zip((*fed, *names), (*feed.values(), *found), strict=True):
            rows[name].append(np.asarray(value))
    return Observation(PLAIN, onnxruntime.__version__, "tensor", {n: _joined(n, r) for n, r in rows.items()})


def _joined(name: str, values: list[FloatArray]) -> Observed:
    kinds = {(v.dtype, v.shape) for v in values}
    if len(kinds) > 1:
        told = sorted((str(dtype), shape) for dtype, shape in kinds)
        raise EnclosureError(f"{PLAIN}: tensor {name!r} has no fixed type and shape: {told}")
    ((dtype, _),) = kinds
    return Observed(str(dtype), np.stack(values))


def _session(model: "OnnxModel", names: list[str]) -> Any:
    if _KEY not in model.sessions:
        copy = inlined(model)
        present = {o.name for o in copy.graph.output}
        copy.graph.output.extend(protos().ValueInfoProto(name=n) for n in names if n not in present)
        try:
            model.sessions[_KEY] = plain_session(copy), None
        except Exception as error:
            raise ModelError(f"{model.path.name}: onnxruntime does not load the model: {error}") from error
    return model.sessions[_KEY][0]
