"""Running a module eagerly on the CPU, reading activations with forward hooks."""

from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any, Literal

import numpy as np

from mechverify.errors import ModelError
from mechverify.models.batches import split_batch
from mechverify.models.intervention import Intervention
from mechverify.models.model import FloatArray, ModelInput, RuntimeRun
from mechverify.models.torch.batches import tensors_of
from mechverify.models.torch.export import call_name, module_hooks
from mechverify.models.torch.threads import calling_thread_only

NUMPY_TYPES = {"float32": np.float32, "integer": np.int64, "bool": np.bool_}


def run_torch(
    module: Any,
    inputs: Sequence[ModelInput],
    feeds: Mapping[str, FloatArray],
    shapes: Mapping[str, tuple[int, ...]],
    sites: Mapping[str, str],
    outputs: Sequence[str],
    replaced: Mapping[str, Intervention],
) -> tuple[RuntimeRun, ...]:
    """One run for each feed by itself and one for all in a batch; ``shapes`` are those of the activations to read,
    after the replacements.
    """
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
    (size,) = counts
    reader = _Reader(module, inputs, sites, outputs)
    with module_hooks(module, reader.visit), torch.no_grad(), calling_thread_only():

        def once(first: int, last: int) -> dict[str, FloatArray]:
            return reader.run([a[first:last] for a in arrays], _Replacements(replaced, first, last))

        singles = [once(i, i + 1) for i in range(size)]
        batch = once(0, size)

    def run(batching: Literal["single", "batched"], values: dict[str, FloatArray]) -> RuntimeRun:
        return RuntimeRun("torch (eager, CPU)", str(torch.__version__), batching, values)

    single = {n: np.stack([s[n].reshape(shape) for s in singles]) for n, shape in shapes.items()}
    batched = {}
    for name, shape in shapes.items():
        parts = split_batch(batch[name], singles[0][name].shape, size)
        if parts is None:
            raise ModelError(
                f"activation {name!r} has shape {singles[0][name].shape}, on a batch of {size} {batch[name].shape}",
                "forward must keep a batch axis",
            )
        batched[name] = parts.reshape(size, *shape)
    return run("single", single), run("batched", batched)


class _Reader:
    """Runs a module whose hooks call ``visit``, one run after the other, and keeps what the hooks see."""

    def __init__(
        self, module: Any, inputs: Sequence[ModelInput], sites: Mapping[str, str], outputs: Sequence[str]
    ) -> None:
        self._module, self._inputs, self._sites, self._outputs = module, inputs, sites, outputs
        self._values: dict[str, FloatArray] = {}
        self._replace = _Replacements({}, 0, 0)

    def run(self, arrays: Sequence[FloatArray], replace: "_Replacements") -> dict[str, FloatArray]:
        """The activations of one run, by their names."""
        import torch

        values = {i.name: replace(i.name, a) for i, a in zip(self._inputs, arrays, strict=True)}
        given = [values[i.name] for i in self._inputs]
        self._values, self._replace = values, replace
        result = self._module(*(torch.from_numpy(a.copy()) for a in given))
        for name, (_, tensor) in zip(self._outputs, tensors_of("output", result), strict=True):
            values[name] = replace(name, tensor.detach().numpy().copy())
        return values

    def visit(self, path: str, number: int, output: Any) -> Any:
        """Keep a submodule's output, and put what is said in its place."""
        import torch
        from torch.utils import _pytree

        position = count()
        replace = self._replace

        def one(value: Any) -> Any:
            if not isinstance(value, torch.Tensor):
                return value
            name = self._sites.get(call_name(path, number, next(position)))
            if name is None:
                return value
            found = self._values[name] = replace(name, value.detach().numpy().copy())
            return torch.from_numpy(found.copy()) if name in replace.interventions else value

        rebuilt = _pytree.tree_map(one, output)
        return rebuilt if replace.interventions else None


class _Replacements:
    """The interventions on the feeds from number ``first`` to before ``last``."""

    def __init__(self, interventions: Mapping[str, Intervention], first: int, last: int) -> None:
        self.interventions = interventions
        self._rows = range(first, last)

    def __call__(self, name: str, before: FloatArray) -> FloatArray:
        """An activation of these feeds, batch axis first, after what is done to it."""
        one = self.interventions.get(name)
        if one is None:
            return before
        if len(before) != len(self._rows):
            raise ModelError(f"the activation {name!r} has no leading batch axis; it cannot be replaced")
        parts = [one.applied(k, row) for k, row in zip(self._rows, before, strict=True)]
        return np.stack(parts).astype(before.dtype)
