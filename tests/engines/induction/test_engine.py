"""Induction along programs of exact integers: proved where both ways of writing them agree, never where they do not."""

from fractions import Fraction

import numpy as np
import pytest
from obligations import kernel_answer

from mechverify.deciding.portfolio import Search, decide
from mechverify.engines.engine import Budget, CounterexampleFound, ProofFound
from mechverify.engines.induction.cuts import cuts
from mechverify.engines.induction.engine import InductionEngine
from mechverify.engines.induction.guesses import congruences, equalities, junctions
from mechverify.engines.integers.points import IntegerPoints
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.evaluate import evaluate_exact
from mechverify.graph.graph import Obligation
from mechverify.verdict import Assurance, Verdict

F = Fraction
WAYS = ("if", "otherwise", "truth", "unequal", "distance", "table")


def step(g: GraphBuilder, way: str, p: int, b: int) -> int:
    """The next parity of p and the bit b, in one of several ways."""
    zero, one = g.const(0), g.const(1)
    turned = g.sub(one, p)
    if way == "if":
        return g.ite(g.eq(b, one), turned, p)
    if way == "otherwise":
        return g.ite(g.eq(p, zero), b, g.sub(one, b))
    if way == "unequal":
        return g.ite(g.eq(p, b), zero, one)
    if way == "distance":
        return g.abs(g.sub(p, b))
    rows = [g.ite(g.eq(b, zero), x, y) for x, y in ((zero, one), (one, zero))]
    return g.ite(g.eq(p, zero), rows[0], rows[1])


def parity(g: GraphBuilder, way: str, bits: list[int]) -> int:
    if way == "truth":
        truth = g.boolean(truth=False)
        for b in bits:
            truth = g.negate(g.iff(truth, g.eq(b, g.const(1))))
        return g.ite(truth, g.const(1), g.const(0))
    p = bits[0]
    for b in bits[1:]:
        p = step(g, way, p, b)
    return p


def against_the_sum(count: int, way: str, off: int = 0) -> Obligation:
    g = GraphBuilder()
    bits = [g.input(f"b{k}", "integer", F(0), F(1)) for k in range(count)]
    total = g.affine(((F(1), b) for b in bits), off)
    everywhere, claim = g.boolean(truth=True), g.eq(parity(g, way, bits), g.mod(total, g.const(2)))
    return Obligation(g.graph(), everywhere, claim)


def against_each_other(count: int, one: str, other: str, *, slip: bool = False) -> Obligation:
    g = GraphBuilder()
    bits = [g.input(f"b{k}", "integer", F(0), F(1)) for k in range(count)]
    first, second = parity(g, one, bits), parity(g, other, bits[:-1] if slip else bits)
    everywhere, claim = g.boolean(truth=True), g.eq(first, second)
    return Obligation(g.graph(), everywhere, claim)


@pytest.mark.parametrize("way", WAYS)
def test_parity_by_cases(way: str) -> None:
    obligation = against_the_sum(6, way)
    outcome = InductionEngine().solve(obligation, Budget(20.0))
    assert isinstance(outcome, ProofFound)
    assert kernel_answer(obligation, outcome) == "valid"
    wrong = InductionEngine().solve(against_the_sum(6, way, 1), Budget(2.0))
    assert isinstance(wrong, CounterexampleFound)


@pytest.mark.parametrize(("one", "other"), [("if", "truth"), ("table", "distance"), ("unequal", "otherwise")])
def test_two_ways_of_writing_it(one: str, other: str) -> None:
    obligation = against_each_other(6, one, other)
    outcome = InductionEngine().solve(obligation, Budget(20.0))
    assert isinstance(outcome, ProofFound)
    assert kernel_answer(obligation, outcome) == "valid"
    wrong = InductionEngine().solve(against_each_other(6, one, other, slip=True), Budget(2.0))
    assert not isinstance(wrong, ProofFound)


def test_more_bits_take_more_steps_not_more_inputs() -> None:
    steps = {}
    for count in (6, 12):
        outcome = InductionEngine().solve(against_the_sum(count, "if"), Budget(20.0))
        assert isinstance(outcome, ProofFound)
        steps[count] = len(outcome.steps)
    assert steps[12] <= 3 * steps[6]


def test_parity_is_decided_with_a_certificate() -> None:
    found = decide(against_the_sum(24, "distance"), Search(20.0))
    assert (found.verdict, found.assurance) == (Verdict.PROVED, Assurance.CHECKED)


def running(kind: str, count: int, off: int = 0) -> Obligation:
    """A running largest, a counter modulo three, how many are large, whether one is five; ``off`` makes it wrong."""
    g = GraphBuilder()
    xs = [g.input(f"x{k}", "integer", F(0), F(9)) for k in range(count)]
    zero, one, large = g.const(0), g.const(1), g.const(4)
    state = xs[0] if kind == "largest" else zero
    other = xs[0]
    for x in xs[1:] if kind == "largest" else xs:
        if kind == "largest":
            state, other = g.ite(g.lt(state, x), x, state), g.max(other, x)
        elif kind == "counter":
            raised = g.ite(g.eq(state, g.const(2)), zero, g.affine([(F(1), state)], 1))
            state = g.ite(g.lt(large, x), raised, state)
        elif kind == "count":
            state = g.ite(g.lt(large, x), g.affine([(F(1), state)], 1), state)
        else:
            state = g.ite(g.eq(x, g.const(5)), one, state)
    marks = [g.ite(g.lt(large, x), one, zero) for x in xs]
    total = g.affine(((F(1), m) for m in marks), off)
    right = {
        "largest": g.affine([(F(1), other)], off),
        "counter": g.mod(total, g.const(3)),
        "count": total,
        "seen": g.ite(g.any([g.eq(x, g.const(5 + off)) for x in xs]), one, zero),
    }[kind]
    everywhere, claim = g.boolean(truth=True), g.eq(state, right)
    return Obligation(g.graph(), everywhere, claim)


@pytest.mark.parametrize("kind", ["largest", "counter", "count", "seen"])
def test_running_values(kind: str) -> None:
    obligation = running(kind, 5)
    outcome = InductionEngine().solve(obligation, Budget(20.0))
    assert isinstance(outcome, ProofFound)
    assert kernel_answer(obligation, outcome) == "valid"
    assert not isinstance(InductionEngine().solve(running(kind, 5, 1), Budget(2.0)), ProofFound)


def signs(count: int, other: str, slip: int = 0) -> Obligation:
    """The product of signs 1 - 2 b against the parity of the bits; ``slip`` leaves out bits of one of them."""
    g = GraphBuilder()
    bits = [g.input(f"b{k}", "integer", F(0), F(1)) for k in range(count)]
    product = g.const(1)
    for b in bits:
        product = g.mul(product, g.affine([(F(-2), b)], 1))
    some = bits[: count - slip]
    odd = g.mod(g.affine((F(1), b) for b in some), g.const(2)) if other == "sum" else parity(g, other, some)
    everywhere, claim = g.boolean(truth=True), g.eq(product, g.affine([(F(-2), odd)], 1))
    return Obligation(g.graph(), everywhere, claim)


def counting(count: int, one: str, other: str, limit: int = 3) -> Obligation:
    """A counter of the inputs that stops at three, in two ways; ``limit`` is that of the second."""
    g = GraphBuilder()
    xs = [g.input(f"x{k}", "integer", F(0), F(1)) for k in range(count)]
    total = g.affine((F(1), x) for x in xs)
    ends = []
    for way, most in ((one, 3), (other, limit)):
        top, state = g.const(most), g.const(0)
        for x in xs:
            raised = g.affine([(F(1), state)], 1)
            if way == "min":
                state = g.min(g.add(state, x), top)
            elif way == "if":
                state = g.ite(g.all([g.eq(x, g.const(1)), g.lt(state, top)]), raised, state)
        ends.append({"sum": g.min(total, top), "late": g.ite(g.lt(total, top), total, top)}.get(way, state))
    everywhere, claim = g.boolean(truth=True), g.eq(*ends)
    return Obligation(g.graph(), everywhere, claim)


def automata(count: int, slip: int = 0) -> Obligation:
    """Three states, numbered 0, 1, 2 and 7, 3, 5; ``slip`` is added to where one transition of the second goes."""
    goes = ((0, 1), (2, 1), (2, 0))
    g = GraphBuilder()
    xs = [g.input(f"x{k}", "integer", F(0), F(1)) for k in range(count)]
    ends = []
    for names in ((0, 1, 2), (7, 3, 5)):
        state = g.const(names[0])
        for x in xs:
            after = [[g.const(names[t]) for t in row] for row in goes]
            if names[0]:
                after[2][1] = g.const(names[slip])
            rows = [g.ite(g.eq(x, g.const(1)), row[1], row[0]) for row in after]
            last = g.ite(g.eq(state, g.const(names[1])), rows[1], rows[2])
            state = g.ite(g.eq(state, g.const(names[0])), rows[0], last)
        ends.append(g.eq(state, g.const(names[2])))
    everywhere, claim = g.boolean(truth=True), g.iff(*ends)
    return Obligation(g.graph(), everywhere, claim)


def all_of(count: int, way: str, wanted: int = 0) -> Obligation:
    """All inputs are positive: as one junction, and as it is kept while they are read."""
    g = GraphBuilder()
    xs = [g.input(f"x{k}", "integer", F(0), F(4)) for k in range(count)]
    zero, one = g.const(0), g.const(1)
    kept, least = g.boolean(truth=True), one
    for x in xs:
        positive = g.lt(zero, x)
        kept, least = g.all([kept, positive]), g.min(least, g.ite(positive, one, zero))
    marks = [g.lt(g.const(wanted), x) for x in xs]
    counted = g.eq(g.affine((F(1), g.ite(m, one, zero)) for m in marks), g.const(count))
    found = g.eq(least, one) if way == "least" else kept
    everywhere, claim = g.boolean(truth=True), g.iff(found, counted if way == "counted" else g.all(marks))
    return Obligation(g.graph(), everywhere, claim)


PAIRS = [
    *((signs(7, way), signs(7, way, 1)) for way in ("sum", "if", "truth", "distance")),
    *((counting(7, a, b), counting(7, a, b, 4)) for a, b in (("min", "sum"), ("if", "late"), ("min", "if"))),
    (automata(7), automata(7, 1)),
    *((all_of(7, way), all_of(7, way, 1)) for way in ("least", "counted")),
]


@pytest.mark.parametrize(("right", "wrong"), PAIRS, ids=range(len(PAIRS)))
def test_functions_of_what_is_carried(right: Obligation, wrong: Obligation) -> None:
    """Products of signs, counters that stop, states numbered in two ways, junctions: proved, and not with a mistake."""
    outcome = InductionEngine().solve(right, Budget(60.0))
    assert isinstance(outcome, ProofFound)
    assert kernel_answer(right, outcome) == "valid"
    assert not isinstance(InductionEngine().solve(wrong, Budget(10.0)), ProofFound)


def test_what_does_not_suit() -> None:
    g = GraphBuilder()
    xs = [g.input(f"x{k}", "real", F(0), F(9)) for k in range(5)]
    total = xs[0]
    for x in xs[1:]:
        total = g.max(total, x)
    everywhere, claim = g.boolean(truth=True), g.le(total, g.const(9))
    assert not InductionEngine().suits(Obligation(g.graph(), everywhere, claim))
    assert InductionEngine().suits(running("largest", 5))
    assert not InductionEngine().suits(running("largest", 2))


def test_cuts_follow_the_order_of_reading() -> None:
    g = GraphBuilder()
    bits = [g.input(f"b{k}", "integer", F(0), F(1)) for k in range(5)]
    p = parity(g, "if", bits[::-1])
    everywhere, claim = g.boolean(truth=True), g.eq(p, g.mod(g.affine((F(1), b) for b in bits), g.const(2)))
    found = cuts(Obligation(g.graph(), everywhere, claim))
    assert [c.read for c in found][:2] == [(3, 4), (2, 3, 4)]


def test_guesses_hold_at_all_points() -> None:

    random = np.random.default_rng(0)
    values = {k: random.integers(-50, 50, 200) for k in range(3)}
    values |= {3: 2 * values[0] - values[1] + 7, 4: (values[0] + values[2]) % 6, 5: values[0] ** 2}
    values |= {6: (values[0] > 0) * 1, 7: (values[1] > 0) * 1, 8: ((values[0] > 0) | (values[1] > 0)) * 1}
    (one,) = equalities(values, [0, 1, 2], [3, 4, 5])
    assert (one.constant, {v: c for c, v in one.terms}) == (7, {3: -1, 0: 2, 1: -1})
    (two,) = congruences(values, [0, 1, 2], [4, 5], 6)
    assert (two.constant, {v: c % 6 for c, v in two.terms}) == (0, {4: 5, 0: 1, 2: 1})
    assert len(junctions(values, [8], [6, 7])) == 2
    assert not junctions(values, [7], [6, 8])


def test_values_are_exact() -> None:
    g = GraphBuilder()
    x, y = (g.input(n, "integer", F(-20), F(20)) for n in "xy")
    fifth = g.floor(g.affine([(F(1, 5), x), (F(2, 5), y)], F(1, 10)))
    rest = g.mod(g.mul(x, y), g.const(7))
    half = g.round(g.affine([(F(1, 2), x)]))
    chosen = g.ite(g.lt(x, y), g.max(fifth, rest), g.abs(g.min(half, y)))
    wanted = [fifth, rest, half, chosen, g.any([g.eq(fifth, rest), g.negate(g.le(half, x))])]

    points = np.random.default_rng(1).integers(-20, 21, (200, 2))
    found = IntegerPoints(g.graph(), wanted, points)
    for k, point in enumerate(points.tolist()):
        exact = evaluate_exact(g.graph(), tuple(map(F, point)), wanted)
        for v in wanted:
            whole = found.whole(v)
            assert whole is not None
            assert whole[k] == exact[v]


def test_long_numbers_are_left_to_others() -> None:
    g = GraphBuilder()
    total = g.const(1)
    for k in range(12):
        total = g.mul(g.add(total, g.input(f"x{k}", "integer", F(0), F(1000))), total)
    everywhere, claim = g.boolean(truth=True), g.le(g.const(0), total)
    obligation = Obligation(g.graph(), everywhere, claim)
    assert not isinstance(InductionEngine().solve(obligation, Budget(5.0)), ProofFound)
