"""``mechverify.verify``: one claim about a module in memory, in one call.

The call is turned into the text of a spec and goes the same way as a file.
"""

import json
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import product
from pathlib import Path
from typing import Any

from mechverify.errors import ModelError, SpecError, UsageError
from mechverify.models.model import Model
from mechverify.pipeline.options import VerifyOptions
from mechverify.pipeline.run import verify_spec
from mechverify.report.notebook import claim_html, claim_text
from mechverify.results import ClaimResult, Counterexample
from mechverify.spec.read import read_spec
from mechverify.verdict import Assurance, Verdict

_SCHEMA = "# yaml-language-server: $schema=schema.json"
_MEMORY = "torch: in_memory:module"
_SHOWN_AS = "<the call of verify>"
Bounds = str | tuple[Any, Any] | Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Verification:
    """The verdict on one claim, readable in a terminal and in a notebook; ``text`` is the spec that says the same."""

    result: ClaimResult
    text: str
    module: Any = field(repr=False)

    @property
    def verdict(self) -> Verdict:
        """PROVED, REFUTED, ..."""
        return self.result.verdict

    @property
    def assurance(self) -> Assurance | None:
        """Why the verdict is to be believed."""
        return self.result.assurance

    @property
    def counterexample(self) -> Counterexample | None:
        """The witness of a refuted claim."""
        return self.result.counterexample

    def __repr__(self) -> str:
        return claim_text(self.result)

    def _repr_html_(self) -> str:
        return claim_html(self.result)

    def to_spec(self, path: str | Path, factory: str | None = None) -> Path:
        """Write the spec, and a torch module's weights beside it (``.safetensors``).

        ``factory`` is ``package.module:function``, which makes the module without arguments, importable from the spec's
        folder; default: the module's own class. ``mechverify verify PATH --allow-code`` then says the same.

        Raises UsageError if a file exists already, if there is no such factory to name, and for an ONNX file outside
        the spec's folder.
        """
        target = Path(path)
        if isinstance(self.module, str | Path):
            text = self.text.replace(_onnx(self.module), f"onnx: {json.dumps(_beside(target, Path(self.module)))}")
            _write_new(target, text)
            return target
        weights = target.with_suffix(".safetensors")
        named = f"torch: {factory or _factory_of(self.module)}\n  weights: {json.dumps(weights.name)}"
        if weights.exists():
            raise UsageError(f"{weights} is there already")
        _write_new(target, self.text.replace(_MEMORY, named))
        from mechverify.models.torch_factory import save_weights  # noqa: PLC0415

        save_weights(self.module, weights)
        return target


def _write_new(target: Path, text: str) -> None:
    try:
        with target.open("x", encoding="utf-8") as stream:
            stream.write(text)
    except FileExistsError as error:
        raise UsageError(f"{target} is there already") from error
    except OSError as error:
        raise UsageError(f"{target} cannot be written: {error.strerror}") from error


def _onnx(module: str | Path) -> str:
    return f"onnx: {json.dumps(Path(module).name)}"


def _beside(target: Path, model: Path) -> str:
    folder = target.parent.resolve()
    if not model.resolve().is_relative_to(folder):
        raise UsageError(f"{model} lies outside the folder of {target}; a spec speaks only of files beside or below it")
    return model.resolve().relative_to(folder).as_posix()


def _factory_of(module: object) -> str:
    kind = type(module)
    if kind.__module__ == "__main__" or not kind.__qualname__.isidentifier() or kind.__module__.startswith("torch."):
        raise UsageError(
            f"{kind.__qualname__} cannot be made anew from its name; pass factory='package.module:function'"
        )
    return f"{kind.__module__}:{kind.__qualname__}"


def verify(
    module: Any,
    *,
    inputs: Mapping[str, Bounds],
    claim: str,
    preconditions: str | Sequence[str] | Mapping[str, str] = (),
    sites: Mapping[str, str] | None = None,
    explanation: Mapping[str, str] | None = None,
    feed: Mapping[str, str] | None = None,
    arithmetic: str = "float32",
    timeout: float = 60.0,
    seed: int = 0,
) -> Verification:
    """Prove or refute one claim about a PyTorch module (or the path of an ONNX file).

    ``inputs`` gives each input's bounds: ``(0, 1000000)`` for integers, ``(0.0, 1.0)`` for reals, or a mapping as in a
    spec (``{"integers": "0 .. 9", "shape": [4]}``). ``sites`` names places of the network
    (``{"answer": "output[0]"}``), which the claim speaks of as ``network.answer``; ``explanation`` gives variables
    their values (``{"answer": "2 * x_1"}``). ``feed`` says what each of the model's inputs is fed; for a model with one
    vector input, all spec inputs in order are the default.

    Raises SpecError, with places in the generated spec, for anything that does not fit; UsageError for bounds and names
    that no spec can hold; ModelError for a module that cannot be read.
    """
    options = VerifyOptions(timeout=timeout, seed=seed)
    _check_names((*inputs, *(sites or {}), *(explanation or {})))
    domains = {name: _bounds(name, b) for name, b in inputs.items()}
    loaded = _load(module, inputs, feed)
    fed = dict(feed) if feed is not None else _default_feed(loaded, inputs)
    where = _onnx(module) if isinstance(module, str | Path) else _MEMORY
    conditions = _conditions(preconditions)
    text = spec_text(where, domains, conditions, sites or {}, explanation or {}, fed, arithmetic, claim)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "in_memory.yaml"
        path.write_text(text, encoding="utf-8")
        try:
            result = verify_spec(read_spec(path), {"network": loaded}, options)
        except SpecError as problem:
            raise SpecError(tuple(replace(d, path=_SHOWN_AS) for d in problem.diagnostics)) from None
    # Nothing was expected here: the caller asks.
    return Verification(replace(result.claims[0], expect="", as_expected=True), text, module)


def _check_names(names: Iterable[str]) -> None:
    for name in names:
        if not name.isidentifier():
            raise UsageError(f"{name!r} cannot be a name: letters, digits and _, no digit first")


def _load(module: Any, inputs: Mapping[str, Bounds], feed: Mapping[str, str] | None) -> Model:
    if isinstance(module, str | Path):
        from mechverify.models.onnx_model import read_onnx  # noqa: PLC0415

        return read_onnx(Path(module))
    from mechverify.models.torch_inputs import declared_inputs  # noqa: PLC0415
    from mechverify.models.torch_model import read_torch  # noqa: PLC0415

    if feed is not None or declared_inputs(module) is not None:
        return read_torch(module)
    if len(inputs) == 1 and len(_elements(*next(iter(inputs.items())))) == 1:
        try:
            return read_torch(module)
        except ModelError:
            return read_torch(module, 1)
    return read_torch(module, sum(len(_elements(name, b)) for name, b in inputs.items()))


def _default_feed(model: Model, inputs: Mapping[str, Bounds]) -> dict[str, str]:
    """All inputs in order as the model's one vector; nothing where the spec's inputs are the model's own."""
    if len(model.inputs) != 1 or model.inputs[0].name in inputs:
        return {}
    elements = [e for name, b in inputs.items() for e in _elements(name, b)]
    return {model.inputs[0].name: f"[{', '.join(elements)}]"}


def _elements(name: str, bounds: Bounds) -> list[str]:
    """``x[0][1]``, ...: the scalars of an input."""
    shape = bounds.get("shape", ()) if isinstance(bounds, Mapping) else ()
    lengths = [int(n) for n in ((shape,) if isinstance(shape, int | str) else shape)]
    return [name + "".join(f"[{i}]" for i in index) for index in product(*map(range, lengths))]


def spec_text(
    model: str,
    inputs: Mapping[str, str],
    preconditions: Mapping[str, str],
    sites: Mapping[str, str],
    explanation: Mapping[str, str],
    feed: Mapping[str, str],
    arithmetic: str,
    claim: str,
) -> str:
    """The spec that says the same as a call of ``verify``; ``model`` is the line that names the model."""
    quoted = json.dumps
    lines = [_SCHEMA, "mechverify: 1", "title: A claim about a module in memory", "model:", f"  {model}"]
    lines += [f"  arithmetic: {quoted(arithmetic)}"]
    if feed:
        lines += ["  feed:", *(f"    {quoted(name)}: {quoted(value)}" for name, value in feed.items())]
    lines += ["inputs:", *(f"  {name}: {domain}" for name, domain in inputs.items())]
    if preconditions:
        lines += ["preconditions:", *(f"  {name}: {quoted(text)}" for name, text in preconditions.items())]
    names = list(dict.fromkeys((*explanation, *sites)))
    if names:
        lines += ["explanation:", "  variables:"]
        for name in names:
            lines.append(f"    {name}:")
            lines += [f"      value: {quoted(explanation[name])}"] if name in explanation else []
            lines += [f"      located_at: {quoted(sites[name])}"] if name in sites else []
    return "\n".join([*lines, "claims:", "  claim:", f"    always: {quoted(claim)}", ""])


def _conditions(preconditions: str | Sequence[str] | Mapping[str, str]) -> dict[str, str]:
    if isinstance(preconditions, Mapping):
        _check_names(preconditions)
        return dict(preconditions)
    listed = [preconditions] if isinstance(preconditions, str) else preconditions
    return {f"condition_{k}": text for k, text in enumerate(listed, 1)}


def _bounds(name: str, bounds: Bounds) -> str:
    if isinstance(bounds, str):
        return f"{{integers: {json.dumps(bounds)}}}"
    if isinstance(bounds, tuple) and len(bounds) == 2:
        low, high = bounds
        kind = "integers" if isinstance(low, int) and isinstance(high, int) else "reals"
        return f"{{{kind}: {_value(name, low)} .. {_value(name, high)}}}"
    if not isinstance(bounds, Mapping):
        raise UsageError(f"the bounds of {name} are (low, high) or a mapping as in a spec, not {bounds!r}")
    return "{" + ", ".join(f"{key}: {_value(name, value)}" for key, value in bounds.items()) + "}"


def _value(name: str, value: Any) -> str:
    if isinstance(value, list | tuple):
        return f"[{', '.join(_value(name, v) for v in value)}]"
    if isinstance(value, str):
        return json.dumps(value)
    if isinstance(value, int | Fraction | float) and not isinstance(value, bool):
        return repr(value) if isinstance(value, float) else str(value)
    raise UsageError(f"the bounds of {name} hold {value!r}, which is no number")
