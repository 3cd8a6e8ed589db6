"""Counterexamples of float32 claims that only a run can show, looked for in the runtimes themselves."""

from collections.abc import Mapping, Sequence

from mechverify.deciding.decision import Point
from mechverify.deciding.running.point_view import PointView
from mechverify.deciding.running.replay import judged_runs
from mechverify.deciding.running.sampled import listed_values
from mechverify.deciding.running.seen_claim import SeenClaim
from mechverify.engines.points.judge import PointJudge, PointStatus
from mechverify.engines.points.rounding.fragile import FragilePoints
from mechverify.engines.points.shrink import shrink, simplicity
from mechverify.engines.work.meter import work_done
from mechverify.explanation.compiled import CompiledClaim
from mechverify.models.model import Model

_FIRST_CHUNK, _MOST_CHUNK = 4, 24
_CHUNK_WORK = 0.25
_AFTER_FOUND = 0.5
_KEPT = 32
_ENOUGH_TRIED = 192
_TOGETHER = 32
_JUDGED = 8
_SIMPLER_WORK = 1.0
_SIMPLER_CALLS = 200


def broken_in_runtimes(
    compiled: CompiledClaim,
    models: Mapping[str, Model],
    near: Sequence[Point],
    work: float,
    seed: int,
    *,
    patience: float = 1.0,
    most: int | None = None,
) -> tuple[Point, ...]:
    """Admissible points at which some runtime at hand breaks the claim, the best witness first; none if none was found
    with this ``work``. ``near``: points that are known to be close. ``patience``: how many times as much work it may
    take until enough points have been run, where a run costs much. ``most``: the number of points after which it ends,
    those ``near`` not counted; of points that are run together, which cost little, ``_TOGETHER`` count as one.

    A point that every execution breaks is better than one that some break, one that more runtimes break than one that
    fewer do, then the simplest.
    """
    shown: dict[Point, int] = {}
    for start in range(0, len(near), _MOST_CHUNK):
        shown |= _broken(compiled, models, near[start : start + _MOST_CHUNK])
    deadline = work_done() + (min(work, _AFTER_FOUND) if shown else work)
    latest = deadline if shown else work_done() + patience * work
    tried, chunk = 0, _FIRST_CHUNK

    def over() -> bool:
        if most is not None and tried >= most:
            return True
        return work_done() > (deadline if shown or tried + source.run >= _ENOUGH_TRIED else latest)

    source = FragilePoints(
        compiled.obligation, seed, near, listed_values(compiled), SeenClaim.of(compiled, models) if work > 0 else None
    )
    for batch in source.batches(latest) if work > 0 else ():
        waiting = batch
        while waiting and not over():
            some, waiting = waiting[:chunk], waiting[chunk:]
            began = work_done()
            found = _broken(compiled, models, some)
            each = (work_done() - began) / len(some)
            chunk = max(1, min(_MOST_CHUNK, int(_CHUNK_WORK / max(each, 1e-6))))
            if found and not shown:
                deadline = min(deadline, work_done() + _AFTER_FOUND)
            shown |= found
            tried += len(some)
        if len(shown) >= _KEPT or over() or (most is not None and source.run >= _TOGETHER * most):
            break
    return _best_first(compiled, shown)


def _broken(compiled: CompiledClaim, models: Mapping[str, Model], points: Sequence[Point]) -> dict[Point, int]:
    """Those of the points that are admissible and that some runtime breaks, with how many do."""
    found = {}
    for point, row in zip(points, judged_runs(compiled, models, points), strict=True):
        count = sum(judged.claim is False for _, judged in row)
        if count and PointView(compiled, point).admissible() is True:
            found[point] = count
    return found


def _best_first(compiled: CompiledClaim, shown: Mapping[Point, int]) -> tuple[Point, ...]:
    ordered = sorted(shown, key=lambda p: (-shown[p], simplicity(p)))
    judge = PointJudge(compiled.obligation)
    robust = [p for p in ordered[:_JUDGED] if judge.status(p) is PointStatus.BREAKS]
    return (*robust, *(p for p in ordered if p not in robust))


def simpler_where_shown(compiled: CompiledClaim, models: Mapping[str, Model], point: Point) -> Point:
    """A simpler point that at least as many runtimes break, and every execution if every execution breaks this one."""
    deadline = work_done() + _SIMPLER_WORK
    judge = PointJudge(compiled.obligation)
    count = _broken(compiled, models, (point,)).get(point, 0)
    robust = judge.breaks(point)

    def as_broken(points: Sequence[Point]) -> int | None:
        if work_done() > deadline:
            return None
        broken = _broken(compiled, models, points)
        likely = (k for k, at in enumerate(points) if broken.get(at, 0) >= count)
        return next((k for k in likely if not robust or judge.breaks(points[k])), None)

    return shrink(point, as_broken, compiled.obligation.graph.inputs, most_calls=_SIMPLER_CALLS) if count else point
