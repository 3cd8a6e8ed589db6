"""In-place operations on a tensor that has two names, one of them a site.

A site is a copy in the exported graph (``torch_export``). Where a submodule returns its argument itself, as
``torch.nn.Identity`` does, and the result is changed in place, PyTorch changes both; the exported graph changes the
copy alone. So the module is run eagerly twice on the same random numbers, plainly and with every site a copy, where
every tensor that is changed in place is filled with random numbers, the same in both runs. If every operation reads
the same in both, then none reads what the copy hides.
"""

import hashlib
from collections.abc import Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

from mechverify.errors import UnsupportedOperationError
from mechverify.models.model import ModelInput
from mechverify.models.torch.export import module_hooks

_MESSAGE = "the module changes a tensor in place that it may still hold under another name"
_HINT = "use the operation that returns a new tensor, such as ReLU(inplace=False)"


def refuse_hidden_changes(module: Any, inputs: Sequence[ModelInput]) -> None:
    """Raise UnsupportedOperationError where a change in place goes another way in the exported graph."""
    import torch

    generator = torch.Generator().manual_seed(0)
    types = {"integer": torch.int64, "bool": torch.bool}
    given = [
        torch.randn((1, *i.shape), generator=generator)
        if i.dtype == "float32"
        else torch.zeros((1, *i.shape), dtype=types[i.dtype])
        for i in inputs
    ]
    held = {name: (t, t.detach().clone()) for name, t in [*module.named_parameters(), *module.named_buffers()]}
    try:
        plain = _reads(module, given, copies=False)
        copied = plain if plain is None else _reads(module, given, copies=True)
        changed = any(not torch.equal(t.nan_to_num(), before.nan_to_num()) for t, before in held.values())
    finally:
        with torch.no_grad():
            for tensor, before in held.values():
                tensor.copy_(before)
    if changed or plain != copied:
        raise UnsupportedOperationError(_MESSAGE, _HINT)


def _reads(module: Any, given: Sequence[Any], *, copies: bool) -> list[str] | None:
    """What each operation reads, in order; None where nothing is changed in place."""
    import torch
    from torch.utils import _pytree
    from torch.utils._python_dispatch import TorchDispatchMode

    generator = torch.Generator().manual_seed(1)
    found: list[str] = []
    changes: list[str] = []
    paused: list[bool] = []

    class Recorder(TorchDispatchMode):  # type: ignore[no-untyped-call]
        """Notes what is read, and fills what is changed in place."""

        def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            kwargs = kwargs or {}
            if paused:
                return func(*args, **kwargs)
            tensors = [t for t in _pytree.tree_leaves((args, kwargs)) if isinstance(t, torch.Tensor)]
            found.append(f"{func} {' '.join(_digest(t) for t in tensors)}")
            result = func(*args, **kwargs)
            for tensor in _written(func, args, kwargs):
                changes.append(str(func))
                if tensor.is_floating_point():
                    tensor.copy_(torch.randn(tensor.shape, generator=generator, dtype=tensor.dtype))
                else:
                    flips = torch.randint(0, 2, tensor.shape, generator=generator, dtype=torch.int64)
                    tensor.copy_(flips.to(tensor.dtype))
            return result

    @contextmanager
    def pause() -> Any:
        paused.append(True)
        try:
            yield
        finally:
            paused.pop()

    def visit(_path: str, _number: int, output: Any) -> Any:
        with pause():
            return _pytree.tree_map(lambda v: v.clone() if isinstance(v, torch.Tensor) else v, output)

    own = [t.clone() for t in given]
    with torch.no_grad(), module_hooks(module, visit) if copies else nullcontext(), Recorder():  # type: ignore[no-untyped-call]
        result = module(*own)
    found.extend(_digest(t) for t in _pytree.tree_leaves(result) if isinstance(t, torch.Tensor))
    return found if changes else None


def _written(func: Any, args: Sequence[Any], kwargs: Any) -> list[Any]:
    """The tensors that an operation changes in place."""
    from torch.utils import _pytree

    written: list[Any] = []
    for k, argument in enumerate(func._schema.arguments):  # noqa: SLF001
        if argument.alias_info is not None and argument.alias_info.is_write:
            value = args[k] if k < len(args) else kwargs.get(argument.name)
            written.extend(v for v in _pytree.tree_leaves(value) if hasattr(v, "is_floating_point"))
    return written


def _digest(tensor: Any) -> str:
    """A fingerprint of a tensor's shape, type and elements."""
    array = tensor.detach().cpu().contiguous().numpy()
    return hashlib.sha256(f"{array.shape} {array.dtype} ".encode() + array.tobytes()).hexdigest()
