"""One number is the largest by a margin, written in many ways: a case for each, and lemmas of pairs."""

from collections.abc import Callable
from fractions import Fraction as F
from functools import reduce

import pytest
from obligations import kernel_answer

from mechverify.engines.engine import Budget, GaveUp, ProofFound
from mechverify.engines.relaxed.orders import OrdersEngine
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.graph import Obligation, Rounding

Clear = Callable[[GraphBuilder, list[int]], int]
MARGIN, HALF, ONE = F(1, 100), F(1, 200), F(1)


def left_out(g: GraphBuilder, x: list[int]) -> int:
    """The second largest: the least of the largest that are left when one is left out."""
    return reduce(g.min, [reduce(g.max, [v for j, v in enumerate(x) if j != i]) for i in range(len(x))])


def kept(g: GraphBuilder, x: list[int]) -> int:
    """The second largest, kept while the numbers are read."""
    largest, second = g.max(x[0], x[1]), g.min(x[0], x[1])
    for v in x[2:]:
        largest, second = g.max(largest, v), g.max(second, g.min(largest, v))
    return second


def beyond(g: GraphBuilder, v: int) -> int:
    return g.affine([(ONE, v)], MARGIN)


def by_difference(g: GraphBuilder, x: list[int]) -> int:
    return g.le(g.const(MARGIN), g.sub(reduce(g.max, x), left_out(g, x)))


def by_disjunction(g: GraphBuilder, x: list[int]) -> int:
    least = beyond(g, left_out(g, x))
    return g.any([g.le(least, v) for v in x])


def by_what_is_kept(g: GraphBuilder, x: list[int]) -> int:
    least = beyond(g, kept(g, x))
    return g.any([g.le(least, v) for v in x])


def by_sort(g: GraphBuilder, x: list[int]) -> int:
    v = list(x)
    for i in range(len(v)):
        for j in range(len(v) - 1 - i):
            v[j], v[j + 1] = g.min(v[j], v[j + 1]), g.max(v[j], v[j + 1])
    return g.le(beyond(g, v[-2]), v[-1])


def by_count(g: GraphBuilder, x: list[int]) -> int:
    top = g.affine([(ONE, reduce(g.max, x))], -MARGIN)
    ones = (g.ite(g.le(top, v), g.const(1), g.const(0)) for v in x)
    return g.eq(g.affine((ONE, one) for one in ones), g.const(1))


def by_any(g: GraphBuilder, x: list[int]) -> int:
    return g.any([g.all([g.le(beyond(g, w), v) for w in x if w != v]) for v in x])


def network(g: GraphBuilder, x: list[int], rounding: Rounding) -> int:
    """How far the largest is above the second, by units that each take the positive part of a sum."""

    def add(*terms: tuple[int, int], bias: int = 0) -> int:
        return g.affine([(F(c), v) for c, v in terms], F(bias), rounding)

    fed = [g.relu(add((1, g.round32(v) if rounding == "float32" else v), bias=1)) for v in x]
    largest, second = fed[0], g.const(0)
    for u in fed[1:]:
        more = g.relu(add((1, u), (-1, largest)))
        rest = g.relu(add((1, u), (-1, more), (-1, second)))
        largest, second = add((1, largest), (1, more)), add((1, second), (1, rest))
    return add((1, largest), (-1, second))


def gap(count: int, clear: Clear, wanted: F = HALF, rounding: Rounding = "exact") -> Obligation:
    """Where the largest is clear of the others, the network says that the gap is at least ``wanted``."""
    g = GraphBuilder()
    x = [g.input(f"x[{k}]", "real", F(-1), F(1)) for k in range(count)]
    assumption, claim = clear(g, x), g.le(g.const(wanted), network(g, x, rounding))
    return Obligation(g.graph(), assumption, claim)


WAYS = [by_difference, by_disjunction, by_what_is_kept, by_sort, by_count, by_any]


@pytest.mark.parametrize("clear", WAYS)
@pytest.mark.parametrize("rounding", ["exact", "float32"])
def test_each_way_of_writing_it(clear: Clear, rounding: Rounding) -> None:
    obligation = gap(3, clear, rounding=rounding)
    assert OrdersEngine().suits(obligation)
    outcome = OrdersEngine().solve(obligation, Budget(60.0))
    assert isinstance(outcome, ProofFound)
    assert kernel_answer(obligation, outcome) == "valid"


@pytest.mark.parametrize("clear", WAYS)
def test_a_little_more_than_the_margin_is_not_proved(clear: Clear) -> None:
    outcome = OrdersEngine().solve(gap(3, clear, MARGIN + F(1, 1 << 20)), Budget(5.0))
    assert not isinstance(outcome, ProofFound)


@pytest.mark.parametrize(("clear", "rounding"), [(by_disjunction, "exact"), (by_difference, "float32")])
def test_five_numbers_take_few_cases(clear: Clear, rounding: Rounding) -> None:
    """A case for each number that leads, in it one for each part of the second largest, which all others share."""
    obligation = gap(5, clear, rounding=rounding)
    outcome = OrdersEngine().solve(obligation, Budget(120.0))
    assert isinstance(outcome, ProofFound)
    assert len(outcome.steps) < 200
    assert kernel_answer(obligation, outcome) == "valid"


@pytest.mark.campaign
@pytest.mark.parametrize("clear", [way for way in WAYS if way is not by_sort])
def test_ten_numbers_in_float32_take_the_work_of_the_default_timeout(clear: Clear) -> None:
    obligation = gap(10, clear, rounding="float32")
    outcome = OrdersEngine().solve(obligation, Budget(0.7 * 30.0))
    assert isinstance(outcome, ProofFound), outcome
    assert kernel_answer(obligation, outcome) == "valid"


def test_where_no_number_leads_by_a_margin() -> None:
    g = GraphBuilder()
    x = [g.input(f"x[{k}]", "real", F(-1), F(1)) for k in range(3)]
    assumption = g.le(g.const(MARGIN), reduce(g.max, x))
    claim = g.le(g.const(0), network(g, x, "exact"))
    obligation = Obligation(g.graph(), assumption, claim)
    assert OrdersEngine().suits(obligation)
    assert isinstance(OrdersEngine().solve(obligation, Budget(5.0)), GaveUp)
