"""Candidates for a search in the runtimes: admissible, new, and where a float32 execution may break the claim."""

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from obligations import F

from mechverify.engines.affine.layout import Floats, make_plan
from mechverify.engines.points.rounding.executed import ExecutedPoints
from mechverify.engines.points.rounding.fragile import FragilePoints
from mechverify.engines.work.meter import work_done
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.graph import Obligation

TENTH = Fraction(float(np.float32(0.1)))


def sums(kind: str = "integer") -> Obligation:
    """x <= y implies 0.1 x + 0.1 y == 0.1 (x + y) up to nothing, each side rounded as float32."""
    g = GraphBuilder()
    x, y = (g.input(n, kind, F(0), F(10**6)) for n in "xy")  # type: ignore[arg-type]
    one = g.affine([(TENTH, x), (TENTH, y)], rounding="float32")
    other = g.affine([(TENTH, g.affine([(F(1), x), (F(1), y)], rounding="float32"))], rounding="float32")
    given, claim = g.le(x, y), g.le(one, other)
    return Obligation(g.graph(), given, claim)


def some(obligation: Obligation, seed: int = 0, near: tuple[tuple[Fraction, ...], ...] = ()) -> list[tuple[Fraction, ...]]:
    found: list[tuple[Fraction, ...]] = []
    for batch in FragilePoints(obligation, seed, near).batches(work_done() + 30.0):
        found += batch
        if len(found) > 200:
            break
    return found


def test_they_are_admissible_and_each_comes_once() -> None:
    for kind in ("integer", "real"):
        found = some(sums(kind))
        assert len(found) == len(set(found))
        assert all(0 <= x <= y <= 10**6 for x, y in found)
        assert kind == "real" or all(v.denominator == 1 for p in found for v in p)


def test_the_first_are_near_what_is_known() -> None:
    near = ((F(1234), F(98_765)),)
    first = some(sums(), near=near)[:20]
    assert sum(abs(x - 1234) <= 4 and abs(y - 98_765) <= 4 for x, y in first) >= 3


def test_they_are_the_same_for_a_seed() -> None:
    assert some(sums(), 3)[:50] == some(sums(), 3)[:50]
    assert some(sums(), 3) != some(sums(), 4)


def test_a_small_space_is_looked_at_whole_and_an_empty_one_not_at_all() -> None:
    g = GraphBuilder()
    x = g.input("x", "integer", F(0), F(30))
    claim, always = g.le(x, g.const(10)), g.boolean(True)
    everything = Obligation(g.graph(), always, claim)
    assert {p[0] for p in some(everything)} >= set(range(11, 31))
    nothing = g.all([g.eq(x, g.const(3)), g.eq(x, g.const(4))])
    assert some(Obligation(g.graph(), nothing, claim)) == []


def test_an_execution_rounds_every_rounded_node() -> None:
    obligation = sums()
    points = np.array([[1.0, 3.0], [7.0, 123_457.0], [33.0, 77_777.0]])
    values = ExecutedPoints(make_plan(obligation.graph, (obligation.claim,)), points)
    tenth = np.float32(0.1)
    for k, (x, y) in enumerate(points.astype(np.float32)):
        apart, together = tenth * x + tenth * y, tenth * (x + y)
        got = values.numbers[:, k].tolist()
        assert float(together) in got
        assert any(abs(v - float(apart)) <= 2.0**-23 * abs(v) for v in got)
        assert all(v == float(np.float32(v)) for v in got)


def test_what_executions_break_is_found_where_numpy_sees_nothing() -> None:
    """A claim that holds by far in every execution that numpy knows, and that a real one breaks in a small part."""
    g = GraphBuilder()
    x, y = (g.input(n, "real", F(0), F(1)) for n in "xy")
    given, claim = g.le(x, y), g.le(g.affine([(F(1), x), (F(1), y)], rounding="float32"), g.const(9))
    obligation = Obligation(g.graph(), given, claim)

    def execution(points: Floats) -> tuple[NDArray[np.bool_], Floats]:
        gaps = np.abs(points - [0.3, 0.7]).sum(axis=1) - 1e-4
        return gaps >= 0, gaps

    source = FragilePoints(obligation, 0, executions=execution)
    for batch in source.batches(work_done() + 30.0):
        if batch:
            break
    assert batch
    assert all(abs(x - F("0.3")) + abs(y - F("0.7")) < F("1e-4") for x, y in batch)
    assert source.run < 8192
