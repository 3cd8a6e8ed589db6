"""Modules are exported on a batch of one and replayed on batches of many, so ``forward`` has to take any number."""

from collections.abc import Sequence
from typing import Any

from mechverify.errors import ModelError
from mechverify.models.batches import split_batch
from mechverify.models.model import ModelInput
from mechverify.models.torch.inputs import example

_COUNT = 3
_HINT = (
    "every tensor that forward takes and returns has a batch axis first, of any length: keep it, as in "
    "x.reshape(x.shape[0], -1) or x.flatten(1)"
)


def tensors_of(path: str, output: Any) -> list[tuple[str, Any]]:
    """The tensors in a module's output with their names: the first is ``path``, the k-th ``path.k``. Nested ones are
    flattened.
    """
    import torch
    from torch.utils import _pytree

    leaves = [v for v in _pytree.tree_leaves(output) if isinstance(v, torch.Tensor)]
    return [(path if k == 0 else f"{path}.{k}", leaf) for k, leaf in enumerate(leaves)]


def shapes_text(inputs: Sequence[ModelInput], batch: int) -> str:
    """What forward is given: ``x of shape [1, 4]``."""
    return ", ".join(f"{i.name} of shape {[batch, *i.shape]}" for i in inputs)


def refuse_failure_on_one(module: Any, inputs: Sequence[ModelInput]) -> None:
    """Raise ModelError where forward fails on a batch of one; not run in training mode, which may change it."""
    import torch

    if any(part.training for part in module.modules()):
        return
    with torch.no_grad():
        try:
            module(*example(inputs))
        except Exception as error:
            raise ModelError(
                f"the module fails on a batch of one input ({shapes_text(inputs, 1)}): {type(error).__name__}: {error}",
                _HINT,
            ) from error


def refuse_fixed_batches(module: Any, inputs: Sequence[ModelInput]) -> None:
    """Raise ModelError where forward fails on a batch of several inputs, or does not return one result for each."""
    import torch

    with torch.no_grad():
        single = tensors_of("output", module(*example(inputs)))
        try:
            several = tensors_of("output", module(*example(inputs, _COUNT)))
        except Exception as error:
            raise ModelError(
                f"the module takes a batch of one input and fails on a batch of {_COUNT} "
                f"({shapes_text(inputs, _COUNT)}): {type(error).__name__}: {error}",
                _HINT,
            ) from error
    if len(several) != len(single):
        counts = f"{len(single)} tensors for a batch of one input and {len(several)} for a batch of {_COUNT}"
        raise ModelError(f"the module returns {counts}", _HINT)
    for (name, one), (_, all_of_them) in zip(single, several, strict=True):
        before, after = tuple(one.shape), tuple(all_of_them.shape)
        if split_batch(all_of_them.numpy(force=True), before, _COUNT) is None:
            raise ModelError(
                f"the module returns {name} of shape {list(before)} for a batch of one input and of shape "
                f"{list(after)} for a batch of {_COUNT} ({shapes_text(inputs, _COUNT)})",
                _HINT,
            )
