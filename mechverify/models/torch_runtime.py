"""Running a module eagerly on the CPU, reading activations with forward hooks."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np

from mechverify.errors import ModelError
from mechverify.models.batches import split_batch
from mechverify.models.model import FloatArray, ModelInput, RuntimeRun
from mechverify.models.torch_export import call_name, module_hooks, tensors_of

NUMPY_TYPES = {"float32": np.float32, "integer": np.int64, "bool": np.bool_}


def run_torch(
    module: Any,
    inputs: Sequence[ModelInput],
    feeds: Mapping[str, FloatArray],
    shapes: Mapping[str, tuple[int, ...]],
    sites: Mapping[str, str],
    outputs: Sequence[str],
) -> tuple[RuntimeRun, ...]:
    """One run for each feed by itself and one for all in a batch; ``shapes`` are those of the activations to read."""
    import torch

    arrays = []
    for given in inputs:
        if given.name not in feeds:
            raise ModelError(f"input {given.name!r} is not fed")
        array: FloatArray = np.ascontiguousarray(np.asarray(feeds[given.name]).astype(NUMPY_TYPES[given.dtype]))
        if array.shape[1:] != given.shape:
            raise ModelError(f"input {given.name!r} has shape {given.shape}, the feed {array.shape[1:]}")
        arrays.append(array)
    counts = {len(a) for a in arrays}
    if len(counts) != 1 or 0 in counts:
        raise ModelError("the feeds have no common batch size")
    (count,) = counts
    singles = [_once(module, inputs, [a[i : i + 1] for a in arrays], sites, outputs) for i in range(count)]
    batch = _once(module, inputs, arrays, sites, outputs)

    def run(batching: Literal["single", "batched"], values: dict[str, FloatArray]) -> RuntimeRun:
        return RuntimeRun("torch (eager, CPU)", str(torch.__version__), batching, values)

    single = {n: np.stack([s[n].reshape(shape) for s in singles]) for n, shape in shapes.items()}
    batched = {}
    for name, shape in shapes.items():
        parts = split_batch(batch[name], singles[0][name].shape, count)
        if parts is None:
            raise ModelError(
                f"activation {name!r} has shape {singles[0][name].shape}, on a batch of {count} {batch[name].shape}",
                "forward must keep a batch axis",
            )
        batched[name] = parts.reshape(count, *shape)
    return run("single", single), run("batched", batched)


def _once(
    module: Any,
    inputs: Sequence[ModelInput],
    arrays: Sequence[FloatArray],
    sites: Mapping[str, str],
    outputs: Sequence[str],
) -> dict[str, FloatArray]:
    import torch

    values: dict[str, FloatArray] = {i.name: a for i, a in zip(inputs, arrays, strict=True)}

    def keep(path: str, number: int, output: Any) -> None:
        for position, (_, tensor) in enumerate(tensors_of(path, output)):
            name = sites.get(call_name(path, number, position))
            if name is not None:
                values[name] = tensor.detach().numpy().copy()

    with module_hooks(module, keep), torch.no_grad():
        result = module(*(torch.from_numpy(a.copy()) for a in arrays))
    for name, (_, tensor) in zip(outputs, tensors_of("output", result), strict=True):
        values[name] = tensor.detach().numpy().copy()
    return values
