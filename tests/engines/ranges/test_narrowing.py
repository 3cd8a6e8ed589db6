"""Graphs narrowed to what their assumption allows: the same values there, and the same proofs."""

from fractions import Fraction
from random import Random

import pytest
from obligations import kernel_answer
from random_obligations import admissible_points

from mechverify.engines.affine.layout import cone
from mechverify.engines.branch_and_bound import BranchAndBoundEngine
from mechverify.engines.engine import Budget, ProofFound
from mechverify.engines.ranges.narrowing import narrowed
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.evaluate import evaluate_exact
from mechverify.graph.graph import Obligation

F = Fraction


def table(g: GraphBuilder, x: int, values: list[int]) -> int:
    """values[x], as a reader of embeddings writes it."""
    found = g.const(values[-1])
    for k in range(len(values) - 2, -1, -1):
        found = g.ite(g.eq(x, g.const(k)), g.const(values[k]), found)
    return found


def ball(g: GraphBuilder, x: int, middle: int, radius: int) -> int:
    return g.le(g.abs(g.sub(x, g.const(middle))), g.const(radius))


def bytes_in_a_ball(middles: tuple[int, ...], radius: int) -> Obligation:
    """The bytes of a ball, each embedded as b >= 128: how many are above."""
    g = GraphBuilder()
    xs = [g.input(f"x{k}", "integer", F(0), F(255)) for k in range(len(middles))]
    assumption = g.all([ball(g, x, middle, radius) for x, middle in zip(xs, middles, strict=True)])
    high = g.affine((F(1), table(g, x, [int(k >= 128) for k in range(256)])) for x in xs)
    right = g.const(sum(m >= 128 for m in middles))
    claim = g.eq(high, right)
    return Obligation(g.graph(), assumption, claim)


def test_a_table_keeps_the_rows_in_reach() -> None:
    obligation = bytes_in_a_ball((191, 18), 5)
    seen = narrowed(obligation)
    conditions = [v for v in cone(seen.graph, (seen.claim,)) if seen.graph.nodes[v].op == "ite"]
    assert len(conditions) <= 2 * 11
    assert len(seen.graph.nodes) == len(obligation.graph.nodes)
    assert cone(seen.graph, (seen.assumption,)) == cone(obligation.graph, (obligation.assumption,))


def test_an_epsilon_ball_over_an_embedding_is_proved() -> None:
    obligation = bytes_in_a_ball((191, 192, 18, 154), 10)
    outcome = BranchAndBoundEngine().solve(obligation, Budget(60.0))
    assert isinstance(outcome, ProofFound)
    assert kernel_answer(obligation, outcome) == "valid"


def random_tables(seed: int) -> Obligation:
    random = Random(seed)
    g = GraphBuilder()
    xs = [g.input(f"x{k}", "integer", F(0), F(6)) for k in range(2)]
    bounds = [g.le(x, g.const(random.randint(1, 6))) for x in xs] + [g.lt(g.const(random.randint(-1, 2)), x) for x in xs]
    shared = g.eq(xs[0], g.const(random.randint(0, 6)))
    if random.random() < 0.5:
        bounds.append(g.negate(shared))
    tables = [table(g, x, random.choices(range(-3, 4), k=7)) for x in xs]
    switch = g.any([g.lt(xs[0], g.const(random.randint(0, 6))), g.le(tables[1], g.const(random.randint(-4, 4)))])
    value = g.ite(switch, g.add(*tables), g.ite(shared, tables[0], g.relu(tables[1])))
    assumption, claim = g.all(bounds), g.le(value, g.const(random.randint(-3, 3)))
    return Obligation(g.graph(), assumption, claim)


@pytest.mark.parametrize("seed", range(60))
def test_the_claim_is_the_same_wherever_the_assumption_holds(seed: int) -> None:
    obligation = random_tables(seed)
    seen = narrowed(obligation)
    for point in admissible_points(obligation):
        before = evaluate_exact(obligation.graph, point, [obligation.assumption, obligation.claim])
        after = evaluate_exact(seen.graph, point, [seen.assumption, seen.claim])
        assert [before[obligation.assumption], before[obligation.claim]] == [after[seen.assumption], after[seen.claim]]


@pytest.mark.parametrize("seed", range(20))
def test_proofs_found_with_it_are_proofs(seed: int) -> None:
    obligation = random_tables(seed)
    outcome = BranchAndBoundEngine().solve(obligation, Budget(5.0))
    if isinstance(outcome, ProofFound):
        assert kernel_answer(obligation, outcome) == "valid"
