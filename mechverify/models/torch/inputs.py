"""What a module's ``forward`` takes."""

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from mechverify.errors import ModelError
from mechverify.models.model import ModelInput
from mechverify.models.tensors.tensor import INTEGER_RANGES

_RANGES = {"integer": INTEGER_RANGES["int64"]}
_FEED_HINT = (
    "feed every input, as in `feed: {x: [a, b], z: [c]}`, or give the module an attribute "
    "`mechverify_inputs = {'x': [4], 'tokens': {'shape': [3], 'dtype': 'integer'}}`"
)


def _feed_hint(names: Sequence[str]) -> str:
    """What to do where the shapes of these inputs are not known."""
    feeds = ", ".join(f"{name}: [{name}_1, {name}_2]" for name in names)
    shapes = ", ".join(f"{name!r}: [2]" for name in names)
    return (
        f"feed every input what it is made of, under `model`: `feed: {{{feeds}}}` (with the spec's inputs "
        f"{names[0]}_1, ...), or say their shapes in the module, by an attribute `mechverify_inputs = {{{shapes}}}`"
    )


_HINT = "give the module an attribute `mechverify_inputs = {'x': [4], 'tokens': {'shape': [3], 'dtype': 'integer'}}`"


Fed = Mapping[str, tuple[int, ...]]


def module_inputs(
    module: Any, inputs: Sequence[ModelInput] | int | None, fed: Fed | None = None
) -> tuple[ModelInput, ...]:
    """The inputs in the order of ``forward``'s parameters; ``fed`` are shapes that are known by their names.

    Raises ModelError where they are not known or do not fit.
    """
    parameters = _parameters(module)
    names = [p.name for p in parameters]
    required = required_names(module)
    if inputs is None:
        inputs = declared_inputs(module)
    if inputs is None:
        inputs = _fed_inputs(module, names, required, fed or {})
    if isinstance(inputs, int):
        if not names:
            raise ModelError("forward takes no tensor")
        inputs = (ModelInput(names[0], (inputs,), "float32"),)
    ordered = sorted(inputs, key=lambda i: names.index(i.name) if i.name in names else len(names))
    needed = [n for n in required if n not in names[: len(ordered)]]
    if [i.name for i in ordered] != names[: len(ordered)] or needed:
        given = f"{', '.join(i.name for i in inputs)}" or "none"
        raise ModelError(f"forward takes {', '.join(names)}, and the inputs that are known are: {given}", _HINT)
    return tuple(replace(i, range=_RANGES.get(i.dtype)) for i in ordered)


def _parameters(module: Any) -> list[inspect.Parameter]:
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [p for p in inspect.signature(module.forward).parameters.values() if p.kind in kinds]


def required_names(module: Any) -> list[str]:
    """The parameters that ``forward`` cannot do without."""
    return [p.name for p in _parameters(module) if p.default is inspect.Parameter.empty]


def _fed_inputs(module: Any, names: Sequence[str], required: Sequence[str], fed: Fed) -> tuple[ModelInput, ...] | int:
    """Float tensors in the shapes that are fed, else one vector as long as the first linear layer is wide: the first of
    these that ``forward`` takes.
    """
    leading = 0
    while leading < len(names) and names[leading] in fed:
        leading += 1
    taken = names[:leading]
    width = _first_width(module)
    if not taken or not set(required) <= set(taken):
        if len(required) > 1:
            missing = [n for n in required if n not in fed]
            what = f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'}"
            raise ModelError(f"forward takes {', '.join(names)}, and it is not known what {what}", _feed_hint(missing))
        if width is None:
            raise ModelError("the shapes of the module's inputs are not known", _FEED_HINT)
        return width
    shapes = [fed[name] for name in taken]
    # A leading axis of one is the batch (SEMANTICS 5).
    without = [shape[1:] if len(shape) > 1 and shape[0] == 1 else shape for shape in shapes]
    candidates = [without] + ([shapes] if shapes != without else [])
    candidates += [[(width,)]] if width is not None and len(taken) == 1 else []
    made = [
        tuple(ModelInput(name, shape, "float32") for name, shape in zip(taken, candidate, strict=True))
        for candidate in candidates
    ]
    taken_by = (inputs for batch in (3, 1) for inputs in made if _takes(module, inputs, batch))
    return next(taken_by, made[-1] if width is not None else made[0])


def _takes(module: Any, inputs: Sequence[ModelInput], batch: int) -> bool:
    """Whether forward runs on zeros of these shapes; in training mode, where a run may change it, that is not tried."""
    import torch

    if any(part.training for part in module.modules()):
        return True
    with torch.no_grad():
        try:
            module(*example(inputs, batch))
        except Exception:
            return False
    return True


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


def _first_width(module: Any) -> int | None:
    widths = [m.in_features for m in module.modules() if type(m).__name__ == "Linear" and hasattr(m, "in_features")]
    return int(widths[0]) if widths else None


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
