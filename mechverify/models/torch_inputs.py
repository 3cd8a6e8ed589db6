"""What a module's ``forward`` takes."""

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from mechverify.errors import ModelError
from mechverify.models.model import ModelInput
from mechverify.models.tensor import INTEGER_RANGES

_RANGES = {"integer": INTEGER_RANGES["int64"]}
_HINT = "give the module an attribute `mechverify_inputs = {'x': [4], 'tokens': {'shape': [3], 'dtype': 'integer'}}`"


def module_inputs(module: Any, inputs: Sequence[ModelInput] | int | None) -> tuple[ModelInput, ...]:
    """The inputs in the order of ``forward``'s parameters. Raises ModelError where they are not known or do not fit."""
    parameters = [
        p
        for p in inspect.signature(module.forward).parameters.values()
        if p.kind in (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    ]
    names = [p.name for p in parameters]
    if inputs is None:
        declared = declared_inputs(module)
        inputs = _first_width(module) if declared is None else declared
    if isinstance(inputs, int):
        if not names:
            raise ModelError("forward takes no tensor")
        inputs = (ModelInput(names[0], (inputs,), "float32"),)
    ordered = sorted(inputs, key=lambda i: names.index(i.name) if i.name in names else len(names))
    wanted = names[: len(ordered)]
    needed = [p.name for p in parameters[len(ordered) :] if p.default is inspect.Parameter.empty]
    if [i.name for i in ordered] != wanted or needed:
        raise ModelError(f"forward takes {', '.join(names)}; given: {', '.join(i.name for i in inputs)}", _HINT)
    return tuple(replace(i, range=_RANGES.get(i.dtype)) for i in ordered)


def declared_inputs(module: Any) -> tuple[ModelInput, ...] | None:
    """What the module itself says of its inputs: its ``mechverify_inputs``, or the tokens of a HookedTransformer.

    Raises ModelError for ``mechverify_inputs`` that are no such mapping.
    """
    declared = getattr(module, "mechverify_inputs", None)
    if declared is not None:
        return _declared(declared)
    length = getattr(getattr(module, "cfg", None), "n_ctx", None)
    if any(base.__name__ == "HookedTransformer" for base in type(module).__mro__) and isinstance(length, int):
        return (ModelInput("input", (length,), "integer"),)
    return None


def _first_width(module: Any) -> int:
    widths = [m.in_features for m in module.modules() if type(m).__name__ == "Linear" and hasattr(m, "in_features")]
    if not widths:
        raise ModelError("the shapes of the module's inputs are not known", _HINT)
    return int(widths[0])


def _declared(declared: Any) -> tuple[ModelInput, ...]:
    if not isinstance(declared, Mapping):
        raise ModelError("mechverify_inputs is no mapping", _HINT)
    found = []
    for name, value in declared.items():
        shape, dtype = (
            (value.get("shape"), value.get("dtype", "float32")) if isinstance(value, Mapping) else (value, "float32")
        )
        kinds: dict[Any, Literal["float32", "integer", "bool"]]
        kinds = {"float32": "float32", "integer": "integer", "bool": "bool"}
        if dtype not in kinds or not isinstance(shape, list | tuple):
            raise ModelError(f"mechverify_inputs[{name!r}] is {value!r}", _HINT)
        if not all(isinstance(d, int) and d > 0 for d in shape):
            raise ModelError(f"mechverify_inputs[{name!r}] has shape {shape!r}", _HINT)
        found.append(ModelInput(str(name), tuple(shape), kinds[dtype]))
    return tuple(found)


def example(inputs: Sequence[ModelInput], batch: int = 1) -> tuple[Any, ...]:
    """Zeros of the inputs' shapes, with a batch axis."""
    import torch

    types = {"float32": torch.float32, "integer": torch.int64, "bool": torch.bool}
    return tuple(torch.zeros((batch, *i.shape), dtype=types[i.dtype]) for i in inputs)
