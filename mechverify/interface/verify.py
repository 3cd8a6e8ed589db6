"""``mechverify.verify``: one claim about a module in memory, in one call.

The call is turned into the text of a spec (``interface_text``) and goes the same way as a file.
"""

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from mechverify.deciding.options import VerifyOptions
from mechverify.errors import ModelError, SpecError, UsageError
from mechverify.interface.arguments import check_mappings, check_names_given, check_numbers, check_switches
from mechverify.interface.text import (
    Asked,
    Bounds,
    Place,
    check_names,
    conditions_of,
    domain_of,
    elements_of,
    lengths,
    spec_text,
)
from mechverify.models.model import Model
from mechverify.report.notebook import claim_html, claim_text
from mechverify.results import ClaimResult, Counterexample
from mechverify.spec.read import read_spec
from mechverify.spec.spec import Spec
from mechverify.verdict import Assurance, Verdict
from mechverify.verification.run import verify_spec

_MEMORY = "torch: in_memory:module"
_SHOWN_AS = "<the call of verify>"


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
    def as_expected(self) -> bool:
        """Whether the verdict is the one that was expected; true where none was."""
        return self.result.as_expected

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
        from mechverify.models.torch.factory import save_weights  # noqa: PLC0415

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
    claim: str | None = None,
    preconditions: str | Sequence[str] | Mapping[str, str] = (),
    sites: Mapping[str, Place] | None = None,
    read_as: Mapping[str, str] | None = None,
    explanation: Mapping[str, str] | None = None,
    interchange: str | Sequence[str] = (),
    resample: str | Sequence[str] = (),
    ignores: str | Sequence[str] = (),
    faithful: bool = False,
    tolerance: int | float | Fraction | None = None,
    feed: Mapping[str, str] | None = None,
    arithmetic: str = "float32",
    timeout: float = 60.0,
    seed: int = 0,
    expect: str | None = None,
    scope: bool = True,
) -> Verification:
    """Prove or refute one claim about a PyTorch module (or the path of an ONNX file).

    ``inputs`` gives each input's bounds: ``(0, 1000000)`` for integers, ``(0.0, 1.0)`` for reals, a list of such for
    the elements of a vector, or a mapping as in a spec (``{"integers": "0 .. 9", "shape": [4]}``). ``sites`` names
    places of the network (``{"answer": "output[0]"}``, or ``{"direction": [0.6, 0.8], "of": "hidden[0:2]"}`` for a
    place), which the claim speaks of as ``network.answer``; ``read_as`` gives them decodings, such as
    ``{"answer": "it * 1000"}``, and ``explanation`` gives variables their values (``{"answer": "2 * x_1"}``). ``claim``
    is a claim's ``always``; ``interchange``, ``resample``, ``ignores``, ``faithful`` and ``tolerance`` say what they
    say in a spec. ``feed`` says what each of the model's inputs is fed; for a model with one vector input, all spec
    inputs in order are the default. ``expect`` is the verdict that the claim should get ("proved", "refuted", ...);
    ``as_expected`` says whether it did. Without ``scope`` it is not said on how many inputs the claim holds.

    Raises SpecError, with places in the generated spec, for anything that does not fit; UsageError for bounds, names
    and claims that no spec can hold; ModelError for a module that cannot be read; TypeError for what is no model.
    """
    _refuse_other_than_models(module)
    check_mappings(inputs=inputs, sites=sites, read_as=read_as, explanation=explanation, feed=feed)
    check_names_given(interchange=interchange, resample=resample, ignores=ignores)
    check_switches(faithful=faithful, scope=scope)
    check_numbers(timeout, seed=seed)
    options = VerifyOptions(timeout=timeout, seed=seed, scope=scope)
    check_names((*inputs, *(sites or {}), *(explanation or {}), *(read_as or {})))
    domains = {name: domain_of(name, b) for name, b in inputs.items()}
    loaded = _load(module, inputs) if feed is None or isinstance(module, str | Path) else None
    fed = dict(feed or {}) if feed is not None or loaded is None else _default_feed(loaded, inputs)
    where = _onnx(module) if isinstance(module, str | Path) else _MEMORY
    conditions = conditions_of(preconditions)
    asked = Asked(claim, interchange, resample, ignores, faithful, tolerance, expect)
    text = spec_text(
        where, domains, conditions, sites or {}, read_as or {}, explanation or {}, fed, arithmetic, asked
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "in_memory.yaml"
        path.write_text(text, encoding="utf-8")
        try:
            spec = read_spec(path)
            result = verify_spec(spec, {"network": loaded or _load_fed(module, spec)}, options)
        except SpecError as problem:
            raise SpecError(tuple(replace(d, path=_SHOWN_AS) for d in problem.diagnostics)) from None
    told = replace(result.claims[0], warnings=(*result.warnings, *result.claims[0].warnings))
    if expect is None:  # the caller asks
        told = replace(told, expect="", as_expected=True)
    return Verification(told, text, module)


def _refuse_other_than_models(module: object) -> None:
    """Raise TypeError for what is neither a module nor a path, UsageError for the path of a spec."""
    if isinstance(module, str | Path):
        if Path(module).suffix in (".yaml", ".yml"):
            raise UsageError(f"{module} is a spec, and verify takes a model; mechverify.verify_file verifies a spec")
        return
    if not any(base.__module__.startswith("torch.nn.") and base.__name__ == "Module" for base in type(module).__mro__):
        what = "the class itself, not an object of it" if isinstance(module, type) else type(module).__name__
        raise TypeError(
            f"verify takes a torch.nn.Module or the path of an ONNX file, not {what}; an integer program is verified "
            "by a spec with `program: file.py:function` (mechverify.verify_file)"
        )


def _load(module: Any, inputs: Mapping[str, Bounds]) -> Model:
    """A model that is fed all inputs in order, or the inputs that are named as its own."""
    if isinstance(module, str | Path):
        from mechverify.models.onnx.model import read_onnx  # noqa: PLC0415

        return read_onnx(Path(module))
    from mechverify.models.torch.inputs import declared_inputs, required_names  # noqa: PLC0415
    from mechverify.models.torch.model import read_torch  # noqa: PLC0415

    if declared_inputs(module) is not None:
        return read_torch(module)
    if set(required_names(module)) <= set(inputs):
        return read_torch(module, fed={name: tuple(lengths(b)) for name, b in inputs.items()})
    if len(inputs) == 1 and len(elements_of(*next(iter(inputs.items())))) == 1:
        try:
            return read_torch(module)
        except ModelError:
            return read_torch(module, 1)
    return read_torch(module, sum(len(elements_of(name, b)) for name, b in inputs.items()))


def _load_fed(module: Any, spec: Spec) -> Model:
    """A module that is fed what the spec says."""
    from mechverify.explanation.fed_shapes import fed_shapes  # noqa: PLC0415
    from mechverify.models.torch.model import read_torch  # noqa: PLC0415

    return read_torch(module, fed=fed_shapes(spec, spec.models[0]))


def _default_feed(model: Model, inputs: Mapping[str, Bounds]) -> dict[str, str]:
    """All inputs in order as the model's one vector; nothing where the spec's inputs are the model's own."""
    if len(model.inputs) != 1 or model.inputs[0].name in inputs:
        return {}
    elements = [e for name, b in inputs.items() for e in elements_of(name, b)]
    return {model.inputs[0].name: f"[{', '.join(elements)}]"}
