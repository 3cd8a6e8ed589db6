"""Loading the models that a spec names."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from mechverify.deciding.ceilings import READING
from mechverify.engines.processes.time_limit import OutOfTimeError, stage, time_limit
from mechverify.errors import (
    CodeNotAllowedError,
    Diagnostic,
    ModelError,
    SpecError,
    UnsupportedOperationError,
    WeightsError,
)
from mechverify.explanation.fed_shapes import fed_shapes
from mechverify.explanation.obligations import diagnostic
from mechverify.models.model import Model
from mechverify.reader_settings import NONE_TRUSTED, TrustedFolders
from mechverify.spec.files import missing_files
from mechverify.spec.spec import ModelDeclaration, Spec, site_units

_LATE = "the spec may be right: try again on a machine with less to do, or explain a smaller model"


def load_models(
    spec: Spec,
    *,
    allow_code: bool,
    trusted: TrustedFolders = NONE_TRUSTED,
    in_memory: Mapping[str, Model] | None = None,
) -> dict[str, Model]:
    """Every model of the spec, by name; ``in_memory`` ones are taken as they are. A ``torch:`` model's Python runs with
    ``allow_code``, or where the reader has ``trusted`` its folder.

    Raises SpecError with every model that could not be read, or not within two minutes, at the line that names it.
    """
    models: dict[str, Model] = dict(in_memory or {})
    problems = list(missing_files(spec, tuple(models)))
    places = {(d.line, d.column) for d in problems}
    for declaration in spec.models:
        if declaration.name in models or any((p.line, p.column) in places for p in declaration.places):
            continue
        allowed = allow_code or trusted.hold(declaration.root)
        try:
            with stage(f"reading the model {declaration.name}"), time_limit(READING, of_its_own=True):
                models[declaration.name] = _read(spec, declaration, allow_code=allowed)
        except OutOfTimeError as late:
            problems.append(_mistake(spec, declaration, ModelError(str(late), _LATE)))
        except CodeNotAllowedError as problem:
            refused = CodeNotAllowedError(str(problem), trusted.hint(declaration.root))
            problems.append(_mistake(spec, declaration, refused))
        except ModelError as problem:
            problems.append(_mistake(spec, declaration, problem))
    problems += [p for d in spec.models if d.name in models for p in _no_integers(spec, d, models[d.name])]
    if problems:
        raise SpecError(tuple(problems))
    return models


def _mistake(spec: Spec, declaration: ModelDeclaration, problem: ModelError) -> Diagnostic:
    """What is wrong with a model, at the line that is to blame: that of its file or factory, or of its weights."""
    at_weights = isinstance(problem, WeightsError) and len(declaration.places) > 1
    span = declaration.places[-1] if at_weights else declaration.location_span
    hint = problem.hint
    if hint is None and isinstance(problem, UnsupportedOperationError):
        hint = "`mechverify explain` says what is modelled"
    found = diagnostic(spec, span, str(problem), hint)
    return replace(found, refused=isinstance(problem, CodeNotAllowedError))


def _no_integers(spec: Spec, declaration: ModelDeclaration, model: Model) -> Iterator[Diagnostic]:
    """A mistake for exact integers where the model computes with floating-point numbers."""
    floating = [i.name for i in model.inputs if i.dtype == "float32"]
    if declaration.arithmetic == "integer" and floating:
        yield diagnostic(
            spec,
            declaration.span,
            f"arithmetic integer is for models of integers, and the input '{floating[0]}' of this one is float32",
            "take `real` (ideal arithmetic on the exact weights) or `float32`",
        )


def _read(spec: Spec, declaration: ModelDeclaration, *, allow_code: bool) -> Model:
    """Read one model with the reader of its kind; each reader loads its framework only when called."""
    if declaration.kind == "onnx" and declaration.repeat is not None:
        from mechverify.models.onnx.repeat import read_repeated  # noqa: PLC0415

        repeat = declaration.repeat
        return read_repeated(declaration.root / declaration.location, repeat.times, repeat.carry)
    if declaration.kind == "onnx":
        from mechverify.models.onnx.model import read_onnx  # noqa: PLC0415

        return read_onnx(declaration.root / declaration.location)
    if declaration.kind == "program":
        from mechverify.models.program.model import read_program  # noqa: PLC0415

        path, _, function = declaration.location.rpartition(":")
        sites = [v.site_in(declaration.name) for v in spec.variables]
        named = [site_units(s).activation for s in sites if s is not None]
        return read_program(declaration.root / path, function, moments=named)
    from mechverify.models.torch.model import read_torch_factory  # noqa: PLC0415

    weights = None if declaration.weights is None else declaration.root / declaration.weights
    fed = fed_shapes(spec, declaration)
    return read_torch_factory(declaration.location, weights, declaration.root, allow_code=allow_code, fed=fed)
