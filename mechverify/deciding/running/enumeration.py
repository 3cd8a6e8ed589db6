"""All admissible points of a small integer domain."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import product

from mechverify.deciding.decision import Point
from mechverify.engines.points.judge import PointJudge, PointStatus
from mechverify.graph.graph import Obligation

_MOST_VISITED = 4096


def domain_size(obligation: Obligation) -> int | None:
    """The number of points in the box; None if an input is real."""
    size = 1
    for i in obligation.graph.inputs:
        if i.kind == "real":
            return None
        size *= int(i.high - i.low) + 1
    return size


def admissible_points(obligation: Obligation, limit: int) -> Iterator[Point]:
    """The points that meet the assumption, in lexicographic order, at most ``limit``. None at all for a large or real
    box."""
    size = domain_size(obligation)
    if size is None or size > _MOST_VISITED:
        return
    judge = PointJudge(obligation)
    ranges = [range(int(i.low), int(i.high) + 1) for i in obligation.graph.inputs]
    found = 0
    for numbers in product(*ranges):
        point = tuple(Fraction(x) for x in numbers)
        if judge.status(point) is not PointStatus.OUTSIDE:
            yield point
            found += 1
            if found == limit:
                return
