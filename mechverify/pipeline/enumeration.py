"""All admissible points of a small integer domain."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import product

from mechverify.engines.problem import number_text, problem_data
from mechverify.graph.graph import Obligation
from mechverify.kernel.api import evaluate_point, parse_number, read_problem
from mechverify.pipeline.decision import Point

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
    problem = read_problem(problem_data(obligation))
    ranges = [range(int(i.low), int(i.high) + 1) for i in obligation.graph.inputs]
    found = 0
    for point in product(*ranges):
        values = evaluate_point(problem, [parse_number(number_text(x)) for x in point])
        if values[obligation.assumption] is True:
            yield tuple(Fraction(x) for x in point)
            found += 1
            if found == limit:
                return
