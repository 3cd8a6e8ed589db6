"""``mechverify.verify``: one claim about a module in memory, in one call.

The call is turned into the text of a spec and goes the same way as a file.
"""

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from mechverify.errors import ModelError, UsageError
from mechverify.models.model import Model
from mechverify.pipeline.options import VerifyOptions
from mechverify.pipeline.run import verify_spec
from mechverify.report.notebook import claim_html, claim_text
from mechverify.results import ClaimResult, Counterexample, SpecResult
from mechverify.spec.read import read_spec
from mechverify.verdict import Assurance, Verdict

_SCHEMA = "# yaml-language-server: $schema=https://json-schema.org/draft/2020-12/schema"
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
        """Write the spec beside the module's weights (``.safetensors``), for ``mechverify verify --allow-code``.

        ``factory`` is ``package.module:function``, which makes the module without arguments; default: the module's own class.
        Raises UsageError if the file exists or there is no such factory to name.
        """
        target = Path(path)
        if target.exists():
            raise UsageError(f"{target} exists already")
        text = self.text
        if not isinstance(self.module, str | Path):
            from mechverify.models.torch_model import save_weights  # noqa: PLC0415

            weights = target.with_suffix(".safetensors")
            save_weights(self.module, weights)
            text = text.replace(_MEMORY, f"torch: {factory or _factory_of(self.module)}\n  weights: {weights.name}")
        target.write_text(text, encoding="utf-8")
        return target


_MEMORY = "torch: in.memory:module"


def _factory_of(module: object) -> str:
    kind = type(module)
    if kind.__module__ == "__main__" or "<locals>" in kind.__qualname__ or kind.__module__.startswith("torch."):
        raise UsageError(
            f"{kind.__qualname__} cannot be made anew from its name; pass factory='package.module:function'"
        )
    return f"{kind.__module__}:{kind.__qualname__}"


def verify(
    module: Any,  # noqa: ANN401
    *,
    inputs: Mapping[str, Bounds],
    claim: str,
    preconditions: Sequence[str] | Mapping[str, str] = (),
    sites: Mapping[str, str] | None = None,
    explanation: Mapping[str, str] | None = None,
    feed: Mapping[str, str] | None = None,
    arithmetic: str = "float32",
    timeout: float = 60.0,
    seed: int = 0,
) -> Verification:
    """Prove or refute one claim about a PyTorch module (or the path of an ONNX file).

    ``inputs`` gives each input's bounds: ``(0, 1000000)`` for integers, ``(0.0, 1.0)`` for reals, or a mapping as in a spec
    (``{"integers": "0 .. 9", "shape": [4]}``). ``sites`` names places of the network (``{"answer": "output[0]"}``), which the claim
    speaks of as ``network.answer``; ``explanation`` gives variables their values (``{"answer": "2 * x_1"}``). ``feed`` says what each of the
    model's inputs is fed; for a module with one vector input, all spec inputs in order are the default.

    Raises SpecError, with places in the generated spec, for anything that does not fit; ModelError for a module that cannot be read.
    """
    options = VerifyOptions(timeout=timeout, seed=seed)
    loaded = _load(module, inputs, feed)
    fed = dict(feed or _default_feed(loaded, inputs))
    names = {**dict.fromkeys(explanation or {}), **dict.fromkeys(sites or {})}
    text = spec_text(module, inputs, preconditions, names, sites or {}, explanation or {}, fed, arithmetic, claim)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "in_memory.yaml"
        path.write_text(text, encoding="utf-8")
        spec = read_spec(path)
        result: SpecResult = verify_spec(spec, {"network": loaded}, options)
    return Verification(replace(result.claims[0]), text, module)


def _load(module: Any, inputs: Mapping[str, Bounds], feed: Mapping[str, str] | None) -> Model:  # noqa: ANN401
    if isinstance(module, str | Path):
        from mechverify.models.onnx_model import read_onnx  # noqa: PLC0415

        return read_onnx(Path(module))
    from mechverify.models.torch_model import read_torch  # noqa: PLC0415

    if feed is not None and len(feed) != 1:
        raise ModelError("a module in memory takes one tensor; write a spec file for more")
    return read_torch(module, len(inputs))


def _default_feed(model: Model, inputs: Mapping[str, Bounds]) -> dict[str, str]:
    if len(model.inputs) != 1 or model.inputs[0].name in inputs:
        return {}
    return {model.inputs[0].name: f"[{', '.join(inputs)}]"}


def spec_text(
    module: Any,  # noqa: ANN401
    inputs: Mapping[str, Bounds],
    preconditions: Sequence[str] | Mapping[str, str],
    names: Mapping[str, Any],
    sites: Mapping[str, str],
    explanation: Mapping[str, str],
    feed: Mapping[str, str],
    arithmetic: str,
    claim: str,
) -> str:
    """The spec that says the same as a call of ``verify``."""
    quoted = json.dumps
    where = f"onnx: {quoted(str(module))}" if isinstance(module, str | Path) else _MEMORY
    lines = [_SCHEMA, "mechverify: 1", "title: A claim about a module in memory", "model:", f"  {where}"]
    lines += [f"  arithmetic: {arithmetic}"]
    if feed:
        lines += ["  feed:", *(f"    {name}: {quoted(value)}" for name, value in feed.items())]
    lines += ["inputs:", *(f"  {name}: {_bounds(name, b)}" for name, b in inputs.items())]
    named = preconditions.items() if isinstance(preconditions, Mapping) else _numbered(preconditions)
    if preconditions:
        lines += ["preconditions:", *(f"  {name}: {quoted(text)}" for name, text in named)]
    if names:
        lines += ["explanation:", "  variables:"]
        for name in names:
            lines.append(f"    {name}:")
            lines += [f"      value: {quoted(explanation[name])}"] if name in explanation else []
            lines += [f"      located_at: {quoted(sites[name])}"] if name in sites else []
    return "\n".join([*lines, "claims:", "  claim:", f"    always: {quoted(claim)}", ""])


def _numbered(preconditions: Sequence[str]) -> list[tuple[str, str]]:
    return [(f"p{k}", text) for k, text in enumerate(preconditions, 1)]


def _bounds(name: str, bounds: Bounds) -> str:
    if isinstance(bounds, str):
        return f"{{integers: {bounds}}}"
    if isinstance(bounds, tuple):
        low, high = bounds
        kind = "integers" if isinstance(low, int) and isinstance(high, int) else "reals"
        return f"{{{kind}: {_number(low)} .. {_number(high)}}}"
    if not isinstance(bounds, Mapping):
        raise UsageError(f"the bounds of {name} are (low, high) or a mapping, not {bounds!r}")
    return "{" + ", ".join(f"{k}: {v}" for k, v in bounds.items()) + "}"


def _number(value: Any) -> str:  # noqa: ANN401
    return str(value) if isinstance(value, Fraction | int) else repr(value)
