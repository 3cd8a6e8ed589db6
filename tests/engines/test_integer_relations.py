"""The engine for linear forms of integers: proofs that the kernel accepts, nothing proved that is false."""

import random
from fractions import Fraction as F

import pytest

from mechverify.engines.certificates.problem import problem_data, proof_certificate
from mechverify.engines.engine import Budget, Outcome, ProofFound
from mechverify.engines.integer_relations import IntegerRelationsEngine, lattice_step, relations
from mechverify.engines.integers.ideal_forms import ideal_forms
from mechverify.engines.ranges.assumed import assumed_ends
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.graph import Obligation, Rounding
from mechverify.kernel.api import check_data
from mechverify.kernel.search import Linear


def comparing(weights: tuple[int, int], high: int) -> Obligation:
    """A unit that is 1 where the weighted sums of two pairs agree, else 0, claimed to compare the pairs."""
    g = GraphBuilder()
    a, b, c, d = (g.input(name, "integer", F(0), F(high)) for name in "abcd")
    p, q = map(F, weights)
    distance = g.affine([(p, a), (q, b), (-p, c), (-q, d)])
    apart = g.add(g.relu(distance), g.relu(g.neg(distance)))
    unit = g.relu(g.affine([(F(-1), apart)], 1))
    says, same = g.lt(g.const(F(1, 2)), unit), g.all((g.eq(a, c), g.eq(b, d)))
    claim = g.any((g.all((says, same)), g.all((g.negate(says), g.negate(same)))))
    always = g.boolean(True)
    return Obligation(g.graph(), always, claim)


def answer(obligation: Obligation, outcome: Outcome) -> str:
    if not isinstance(outcome, ProofFound):
        return type(outcome).__name__
    point = tuple(i.low for i in obligation.graph.inputs)
    return check_data(proof_certificate(problem_data(obligation), outcome, point)).answer


@pytest.mark.parametrize("weights", [(1, 1_000_003), (1_000_003, 1), (1_153_433, 1_363_148), (-1_000_003, 7)])
def test_pairs_in_a_range_shorter_than_the_lattice_are_told_apart(weights: tuple[int, int]) -> None:
    obligation = comparing(weights, 1_000_000)
    engine = IntegerRelationsEngine()
    assert engine.suits(obligation)
    assert answer(obligation, engine.solve(obligation, Budget(20))) == "valid"


@pytest.mark.parametrize(("weights", "high"), [((1, 629_145), 629_145), ((3, 5), 5), ((629_145, 838_861), 838_861)])
def test_nothing_is_proved_where_the_sums_collide(weights: tuple[int, int], high: int) -> None:
    obligation = comparing(weights, high)
    assert answer(obligation, IntegerRelationsEngine().solve(obligation, Budget(4))) != "valid"


@pytest.mark.parametrize(("weights", "high"), [((1, 12), 11), ((11, 12), 10), ((5, 7), 4)])
def test_small_ranges_agree_with_enumeration(weights: tuple[int, int], high: int) -> None:
    p, q = weights
    span = range(-high, high + 1)
    collides = any(p * u + q * v == 0 and (u, v) != (0, 0) for u in span for v in span)
    obligation = comparing(weights, high)
    found = answer(obligation, IntegerRelationsEngine().solve(obligation, Budget(10)))
    assert not collides
    assert found == "valid"


@pytest.mark.parametrize("terms", [(3, -3, 5, -5), (1, 7, -1, -7), (2, 3), (6, 10, 15), (4, -4, 9)])
def test_lattice_matrices_fit_the_equality(terms: tuple[int, ...]) -> None:
    _, _, _, u, v = lattice_step([0, 1], Linear(0, dict(enumerate(terms))))
    rows, columns = [[int(x) for x in r] for r in u], list(zip(*([int(x) for x in r] for r in v), strict=True))
    size = range(len(terms))
    assert [[sum(x * y for x, y in zip(r, c, strict=True)) for c in columns] for r in rows] == [
        [int(i == j) for j in size] for i in size
    ]
    image = [sum(a * rows[i][j] for i, a in enumerate(terms)) for j in size]
    assert image[0] in (1, -1)
    assert not any(image[1:])


def both_or_neither(weights: tuple[int, int], high: int, rounding: Rounding = "exact", limit: int = 0) -> Obligation:
    """Two units that each compare a pair, and whether they agree; with ``limit``, inputs are assumed to be at most
    that.
    """
    g = GraphBuilder()
    names = [g.input(name, "integer", F(0), F(high)) for name in "abcdefgh"]
    fed = [g.round32(x) for x in names] if rounding == "float32" else names
    units, same = [], []
    for k in (0, 4):
        p, q = map(F, weights)
        a, b, c, d = fed[k : k + 4]
        left = g.affine([(p / 2, a), (q / 2, b), (-p / 2, c), (-q / 2, d)], 0, rounding)
        right = g.affine([(-p / 2, a), (-q / 2, b), (p / 2, c), (q / 2, d)], 0, rounding)
        units.append(g.relu(g.affine([(F(-2), g.relu(left)), (F(-2), g.relu(right))], 1, rounding)))
        a, b, c, d = names[k : k + 4]
        same.append(g.all((g.eq(a, c), g.eq(b, d))))
    apart = g.affine([(F(1), units[0]), (F(-1), units[1])], 0, rounding)
    out = g.affine([(F(-1), g.abs(apart))], 1, rounding)
    first, second = same
    agree = g.any((g.all(same), g.all((g.negate(first), g.negate(second)))))
    says = g.lt(g.const(F(1, 2)), out)
    has_value = g.le(out, out)
    claim = g.all((has_value, g.any((g.all((says, agree)), g.all((g.negate(says), g.negate(agree)))))))
    given = g.all([g.le(x, g.const(limit)) for x in names]) if limit else g.boolean(True)
    return Obligation(g.graph(), given, claim)


@pytest.mark.parametrize(
    ("weights", "high", "rounding", "limit"),
    [
        ((1, 629_145), 1_000_000, "exact", 1000),
        ((1_153_433, 1_363_148), 1_000_000, "exact", 0),
        ((1, 629_145), 4, "float32", 0),
        ((1, 629_145), 1_000_000, "float32", 2),
    ],
)
def test_two_comparisons_are_combined(weights: tuple[int, int], high: int, rounding: Rounding, limit: int) -> None:
    obligation = both_or_neither(weights, high, rounding, limit)
    engine = IntegerRelationsEngine()
    assert engine.suits(obligation)
    outcome = engine.solve(obligation, Budget(20))
    assert answer(obligation, outcome) == "valid"
    assert isinstance(outcome, ProofFound)
    assert len(outcome.steps) < 1500


@pytest.mark.parametrize(("high", "limit"), [(1_000_000, 0), (1_000_000, 700_000), (629_145, 0)])
def test_two_comparisons_of_which_one_collides(high: int, limit: int) -> None:
    obligation = both_or_neither((1, 629_145), high, "exact", limit)
    assert answer(obligation, IntegerRelationsEngine().solve(obligation, Budget(3))) != "valid"


def test_roundings_that_matter_are_no_forms() -> None:
    obligation = both_or_neither((1, 629_145), 1_000_000, "float32")
    assert not IntegerRelationsEngine().suits(obligation)


def test_what_an_assumption_says_of_the_inputs() -> None:
    g = GraphBuilder()
    x, y = g.input("x", "integer", F(0), F(100)), g.input("y", "real", F(-1), F(1))
    z = g.div(x, y)
    double = g.affine([(F(2), x)], 1)
    parts = [g.le(double, g.const(20)), g.lt(g.const(3), x), g.lt(y, g.const(F(1, 3))), g.le(z, g.const(5))]
    every, either, always = g.all(parts), g.any(parts), g.boolean(True)
    never = g.all([g.le(x, g.const(1)), g.le(g.const(2), x)])
    ends = assumed_ends(Obligation(g.graph(), every, always))
    # x / y <= 5 excludes what is above 1/48 of the y below 1/3: there x / y is at least 12.
    assert ends == ((F(4), F(9)), (F(-1), F(1, 48)))
    assert assumed_ends(Obligation(g.graph(), either, always)) == ((F(0), F(100)), (F(-1), F(1)))
    assert assumed_ends(Obligation(g.graph(), never, always)) == ((F(0), F(100)), (F(-1), F(1)))


def within(weights: tuple[int, int], high: int, tolerance: int, *, soft: bool) -> Obligation:
    """That the weighted sums of two pairs are at most ``tolerance`` apart only where the pairs are the same; ``soft``:
    read off a unit that falls linearly with their distance.
    """
    g = GraphBuilder()
    a, b, c, d = (g.input(name, "integer", F(0), F(high)) for name in "abcd")
    p, q = map(F, weights)
    distance = g.abs(g.affine([(p, a), (q, b), (-p, c), (-q, d)]))
    if soft:
        unit = g.relu(g.affine([(F(-1, tolerance), distance)], 1))
        says = g.lt(g.const(F(1, 2 * tolerance)), unit)
    else:
        says = g.le(distance, g.const(tolerance))
    same = g.all((g.eq(a, c), g.eq(b, d)))
    claim = g.any((g.all((says, same)), g.all((g.negate(says), g.negate(same)))))
    always = g.boolean(True)
    return Obligation(g.graph(), always, claim)


def closest(weights: tuple[int, int], high: int) -> int:
    """The least distance of the sums of two different pairs."""
    p, q = weights
    span = range(-high, high + 1)
    return min(abs(p * u + q * v) for u in span for v in span if (u, v) != (0, 0))


@pytest.mark.parametrize("soft", [False, True])
@pytest.mark.parametrize(("weights", "tolerance"), [((1_000_003, 629_145), 8), ((-1_000_003, 700_000), 20)])
def test_sums_of_different_pairs_stay_apart(weights: tuple[int, int], tolerance: int, *, soft: bool) -> None:
    obligation = within(weights, 500, tolerance, soft=soft)
    outcome = IntegerRelationsEngine().solve(obligation, Budget(10))
    assert answer(obligation, outcome) == "valid"
    assert isinstance(outcome, ProofFound)
    assert len(outcome.steps) < 300


@pytest.mark.parametrize("seed", range(24))
def test_small_ranges_and_tolerances_agree_with_enumeration(seed: int) -> None:
    rng = random.Random(seed)
    weights = (rng.randint(2, 400), rng.choice((-1, 1)) * rng.randint(2, 400))
    high, soft = rng.randint(1, 6), rng.random() < 0.5
    distance = closest(weights, high)
    tolerance = max(1, min(distance + rng.randint(-3, 2), 12))
    obligation = within(weights, high, tolerance, soft=soft)
    true = distance > tolerance or (soft and distance == tolerance)
    assert (answer(obligation, IntegerRelationsEngine().solve(obligation, Budget(10))) == "valid") is true


def test_a_form_that_counts_at_weight_zero_alone_is_no_case() -> None:
    g = GraphBuilder()
    a, b, c, d = (g.input(name, "integer", F(0), F(9)) for name in "abcd")
    near, far = g.affine([(F(3), a), (F(-7), b)], 0, "float32"), g.affine([(F(5), c), (F(-9), d)], 0, "float32")
    unit = g.affine([(F(1), g.relu(near)), (F(0), g.relu(far))], 0, "float32")
    always, claim = g.boolean(True), g.le(g.const(0), unit)
    obligation = Obligation(g.graph(), always, claim)
    assert [r.terms for r in relations(obligation, ideal_forms(obligation))] == [((0, 3), (1, -7))]
