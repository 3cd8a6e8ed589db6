"""Every load of a model is checked against its own runtime (SEMANTICS 6 and 27)."""

import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from mechverify.deciding.decision import Point
from mechverify.deciding.running.point_view import PointView, activations_of
from mechverify.deciding.running.transplanting import changed_runs, stacked
from mechverify.engines.processes.time_limit import stage
from mechverify.errors import ModelError, SpecError, UnsupportedOperationError
from mechverify.explanation.compiled import CompiledClaim
from mechverify.explanation.obligations import diagnostic
from mechverify.graph.graph import Input
from mechverify.models.crosscheck import cross_check
from mechverify.models.intervention import Intervention
from mechverify.models.model import FloatArray, Model
from mechverify.models.reading_check import floats
from mechverify.spec.spec import ModelDeclaration, Spec

_SAMPLES = 24


def cross_check_interventions(compiled: CompiledClaim, models: Mapping[str, Model], seed: int) -> None:
    """Compare the graph of a claim's changed runs with the runtimes, doing the same to both, on sampled inputs.

    Raises EnclosureError and SpecError like ``cross_check_points``.
    """
    for declaration, model, views in _fed(compiled, models, sample_points(compiled.graph.inputs, seed)):
        with module_problems(compiled.spec, declaration):
            _compare_changed(compiled, declaration, model, views)


def cross_check_points(compiled: CompiledClaim, models: Mapping[str, Model], points: Sequence[Point]) -> None:
    """Compare each model's graph with its runtimes at points, but for those whose feed overflows float32.

    Raises EnclosureError if any runtime leaves the enclosure derived for it, SpecError for a module that cannot be
    run on a batch and for a program whose numbers grow too long.
    """
    for declaration, model, views in _fed(compiled, models, points):
        with module_problems(compiled.spec, declaration):
            feeds = stacked(view.feeds(declaration, model) for view in views)
            cross_check(model, feeds, wanted(compiled.spec, declaration, model))
            _compare_changed(compiled, declaration, model, views)


@contextmanager
def module_problems(spec: Spec, declaration: ModelDeclaration) -> Iterator[None]:
    """A module that cannot be run, and a program whose numbers grow too long, are mistakes at the line of the model."""
    try:
        with stage(f"comparing the model {declaration.name} with its runtimes"):
            yield
    except ModelError as problem:
        if declaration.kind == "program" and not isinstance(problem, UnsupportedOperationError):
            raise
        place = diagnostic(spec, declaration.location_span, str(problem), problem.hint)
        raise SpecError((place,)) from problem


def wanted(spec: Spec, declaration: ModelDeclaration, model: Model) -> tuple[str, ...]:
    """The activations that matter: the outputs, and those that sites lie in."""
    return tuple(dict.fromkeys((*model.outputs, *activations_of(spec, declaration.name))))


def _fed(
    compiled: CompiledClaim, models: Mapping[str, Model], points: Sequence[Point]
) -> Iterator[tuple[ModelDeclaration, Model, Sequence[PointView]]]:
    """Each model with the points whose feed it can take."""
    for declaration in compiled.spec.models:
        model = models[declaration.name]
        views = [v for v in (PointView(compiled, p) for p in points) if _finite(v.feeds(declaration, model))]
        if views:
            yield declaration, model, views


def _compare_changed(
    compiled: CompiledClaim, declaration: ModelDeclaration, model: Model, views: Sequence[PointView]
) -> None:
    names = wanted(compiled.spec, declaration, model)
    for changed, done in changed_runs(compiled, declaration, model, views):
        rows = _finite_rows(done)
        if len(rows):
            cross_check(model, {n: a[rows] for n, a in changed.items()}, names, tuple(o.only(rows) for o in done))


def _finite_rows(done: Sequence[Intervention]) -> NDArray[np.int64]:
    """The runs in which everything that is set has a value: the run that it comes from raised no error."""
    finite = np.all([[_has_values(np.asarray(row)[one.mask]) for row in one.values] for one in done], 0)
    return np.flatnonzero(finite)


def _has_values(numbers: FloatArray) -> bool:
    """Whether they are numbers within float64, in which what follows is enclosed."""
    return bool(np.isfinite(floats(numbers)).all())


def _finite(feeds: Mapping[str, FloatArray]) -> bool:
    return all(array.dtype.kind != "f" or bool(np.isfinite(array).all()) for array in feeds.values())


def sample_points(inputs: tuple[Input, ...], seed: int) -> tuple[Point, ...]:
    """The low and the high corner, and random points, some of them small; every integer input an integer."""
    rng = random.Random(seed)  # noqa: S311 - sampling, not secrets
    points = [tuple(i.low for i in inputs), tuple(i.high for i in inputs)]
    while len(points) < _SAMPLES:
        points.append(tuple(_draw(i, rng, small=len(points) % 2 == 0) for i in inputs))
    return tuple(points)


def _draw(i: Input, rng: random.Random, *, small: bool) -> Fraction:
    if i.kind == "integer":
        low, high = int(i.low), int(i.high)
        if small and low <= 10 <= high:
            low, high = max(low, -10), 10
        return Fraction(rng.randint(low, high))
    return i.low + (i.high - i.low) * Fraction(rng.randrange(2**24), 2**24)
