"""How close a claim with a tolerance is: the largest difference that a short search finds, exactly evaluated."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from mechverify.deciding.decision import Point
from mechverify.deciding.running.point_view import PointView
from mechverify.deciding.running.replay import executions_at
from mechverify.deciding.running.sampled import listed_values
from mechverify.engines.points.extremes import extreme_points
from mechverify.engines.work.meter import work_done
from mechverify.explanation.compiled import CompiledClaim
from mechverify.models.model import Model
from mechverify.results import Closeness
from mechverify.spec.expression import syntax as ex
from mechverify.spec.tolerances import Tolerance, tolerances_of

_MEASURED = 8


def closeness_of(
    compiled: CompiledClaim, models: Mapping[str, Model], near: Sequence[Point], work: float, seed: int
) -> tuple[Closeness, ...]:
    """For each tolerance of a claim, the largest difference found with this ``work``; in float32 what a runtime at hand
    shows. ``near`` are points to look at too. Nothing where no admissible point was found.
    """
    tolerances = tolerances_of(compiled.spec, compiled.claim, compiled.family)
    found = []
    for tolerance in tolerances:
        most = largest_found(compiled, models, tolerance, near, work / len(tolerances), seed)
        if most is not None:
            found.append(most)
    return tuple(found)


def largest_found(
    compiled: CompiledClaim,
    models: Mapping[str, Model],
    tolerance: Tolerance,
    near: Sequence[Point],
    work: float,
    seed: int,
) -> Closeness | None:
    """The largest difference of one tolerance that a search finds; a lower bound of the largest there is."""
    deadline = work_done() + work
    listed = listed_values(compiled)
    points = extreme_points(compiled.obligation, tolerance.value, work, seed, near, listed)
    best: Closeness | None = None
    for point in dict.fromkeys([*points[:1], *near[:_MEASURED], *points[1:_MEASURED]]):
        if best is not None and work_done() > deadline + work:
            break
        one = difference_at(compiled, models, tolerance, point)
        if one is not None and (best is None or one.found > best.found):
            best = one
    return best


def difference_at(
    compiled: CompiledClaim, models: Mapping[str, Model], tolerance: Tolerance, point: Point
) -> Closeness | None:
    """What a tolerance bounds, at one point; None where the point is not admissible or the number not known."""
    view = PointView(compiled, point)
    if view.admissible() is not True:
        return None
    found: list[tuple[Fraction, str | None]] = []
    if compiled.arithmetic == "float32":
        for (runtime, version, _), network, _ in executions_at(compiled, models, (view,))[0]:
            value = view.largest(network, tolerance)
            if value is not None:
                found.append((value, f"{runtime} {version}"))
    else:
        value = view.largest(view.ideal_network(), tolerance)
        if value is not None:
            found.append((value, None))
    if not found:
        return None
    most, runtime_at = max(found, key=lambda one: one[0])
    return Closeness(
        tolerance.text,
        tolerance.value,
        most,
        all(_is_distance(side) for side in tolerance.sides),
        dict(view.inputs),
        view.shown_sources(),
        runtime_at,
        point,
    )


def _is_distance(side: ex.Expression) -> bool:
    return isinstance(side, ex.Call) and side.function == "abs"
