"""The same network with the numbers of every weight tensor in another order: a control for claims about training.

What remains true of a network whose weights are shuffled is true of its architecture, not of what it learned.
"""

import copy
from typing import TYPE_CHECKING

import numpy as np

from mechverify.models.model import FloatArray, Model

if TYPE_CHECKING:
    from mechverify.models.onnx.model import OnnxModel
    from mechverify.models.torch.model import TorchModel


def shuffled(model: Model, seed: int) -> Model | None:
    """The model with the numbers within each floating-point weight tensor permuted by a seed; None for a model without
    weights, or where a permutation leaves all of them as they were. Raises what reading a model raises.
    """
    from mechverify.models.onnx.model import OnnxModel
    from mechverify.models.torch.model import TorchModel

    random = np.random.default_rng(seed)
    if isinstance(model, OnnxModel):
        return _shuffled_onnx(model, random)
    if isinstance(model, TorchModel):
        return _shuffled_torch(model, random)
    return None


def _permuted(array: FloatArray, random: np.random.Generator) -> FloatArray:
    return random.permutation(array.reshape(-1)).reshape(array.shape)


def _shuffled_onnx(model: "OnnxModel", random: np.random.Generator) -> Model | None:
    from mechverify.models.onnx.file import read_tensor
    from mechverify.models.onnx.model import model_of

    proto = copy.deepcopy(model.proto)
    changed = False
    for initializer in proto.graph.initializer:
        tensor = read_tensor(initializer, model.path.parent)
        if tensor.dtype != "float32":
            continue
        after = _permuted(tensor.array, random)
        changed = changed or not np.array_equal(after, tensor.array)
        for field in ("float_data", "external_data", "data_location"):
            initializer.ClearField(field)
        initializer.raw_data = after.astype("<f4").tobytes()
    return model_of(proto, model.path) if changed else None


def _shuffled_torch(model: "TorchModel", random: np.random.Generator) -> Model | None:
    import torch

    from mechverify.models.torch.model import read_torch

    module = copy.deepcopy(model.module)
    changed = False
    with torch.no_grad():
        for tensor in module.state_dict().values():
            if not tensor.is_floating_point():
                continue
            before = tensor.detach().cpu().numpy()
            after = _permuted(before, random)
            changed = changed or not np.array_equal(after, before)
            tensor.copy_(torch.from_numpy(after))
    return read_torch(module, model.inputs) if changed else None
