"""Points that meet an assumption which few points meet."""

from fractions import Fraction

import pytest
from obligations import F

from mechverify.deciding.portfolio import Search, decide
from mechverify.engines.points.independent_parts import independent_parts
from mechverify.engines.points.inhabitant import find_inhabitant
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.evaluate import evaluate_exact
from mechverify.graph.graph import Obligation
from mechverify.verdict import Verdict


def second_largest(runs: int, count: int, margin: Fraction, kind: str, high: int) -> Obligation:
    """In each of several runs the first number is the second largest of its run by a margin."""
    g = GraphBuilder()
    conditions = []
    for r in range(runs):
        first, *rest = [g.input(f"run {r}: x[{k}]", kind, F(-high), F(high)) for k in range(count)]  # type: ignore[arg-type]
        above = [g.le(g.affine([(F(1), first)], margin), v) for v in rest]
        below = [g.le(g.affine([(F(1), v)], margin), first) for v in rest]
        ones = [g.ite(a, g.const(1), g.const(0)) for a in above]
        conditions.append(g.eq(g.affine([(F(1), one) for one in ones]), g.const(1)))
        conditions += [g.any(pair) for pair in zip(above, below, strict=True)]
    assumption, claim = g.all(conditions), g.boolean(True)
    return Obligation(g.graph(), assumption, claim)


@pytest.mark.parametrize(
    ("runs", "count", "margin", "kind", "high"),
    [
        (1, 6, F(1), "real", 1),
        (1, 6, F(19, 20), "real", 1),
        (1, 12, F(3), "real", 3),
        (2, 6, F(1), "integer", 1),
        (3, 6, F(1), "real", 1),
        (2, 8, F(4), "real", 4),
    ],
)
def test_the_second_largest_by_a_margin(runs: int, count: int, margin: Fraction, kind: str, high: int) -> None:
    obligation = second_largest(runs, count, margin, kind, high)
    found = find_inhabitant(obligation)
    assert found is not None
    assert evaluate_exact(obligation.graph, found, [obligation.assumption])[obligation.assumption] is True


def test_conditions_on_different_inputs_are_parts() -> None:
    g = GraphBuilder()
    x, y, z, w = (g.input(n, "integer", F(0), F(9)) for n in "xyzw")
    both = g.all([g.le(x, y), g.all([g.eq(z, g.const(3)), g.lt(y, g.const(5))])])
    obligation = Obligation(g.graph(), both, both)
    parts = independent_parts(obligation)
    assert sorted(p.inputs for p in parts) == [(0, 1), (2,)]
    for part in parts:
        small = part.obligation
        for value in (0, 3, 6):
            whole = [F(value)] * 4
            whole[2] = F(3)
            point = [whole[k] for k in part.inputs]
            expected = value < 5 if part.inputs == (0, 1) else True
            assert evaluate_exact(small.graph, point, [small.assumption])[small.assumption] is expected
    del w
    joined = g.all([g.le(x, y), g.le(y, z)])
    assert len(independent_parts(Obligation(g.graph(), joined, joined))) == 1


def test_parts_are_not_put_together_where_one_has_no_point() -> None:
    g = GraphBuilder()
    x, y = (g.input(n, "integer", F(0), F(10**6)) for n in "xy")
    never = g.lt(g.mul(y, y), g.const(-1))
    both = g.all([g.eq(g.mul(x, x), g.const(49)), never])
    assert find_inhabitant(Obligation(g.graph(), both, both), work=1.0) is None


def test_a_point_that_only_a_search_finds() -> None:
    """x y == 999 983 * 1 000 003, both of them large: no random point meets it, a search does."""
    g = GraphBuilder()
    x, y = (g.input(n, "integer", F(2), F(2_000_000)) for n in "xy")
    product = g.eq(g.mul(x, y), g.const(999_983 * 1_000_003))
    claim = g.le(x, g.const(2_000_000))
    obligation = Obligation(g.graph(), product, claim)
    assert find_inhabitant(obligation, work=0.5) is None
    assert decide(obligation, Search(2.0)).verdict is Verdict.PROVED
