"""Assumptions that no input meets: found through nonlinear nodes, believed only with a certificate."""

import random
from collections.abc import Callable
from fractions import Fraction as F

import pytest
from random_obligations import EXACT, points_of, random_obligation

from mechverify.engines.affine.boxes import steps_of
from mechverify.engines.branch_and_bound import BranchAndBoundEngine, prove_empty
from mechverify.engines.certificates.preparation import prepare
from mechverify.engines.certificates.problem import problem_data, proof_certificate
from mechverify.engines.engine import Budget, ProofFound
from mechverify.engines.points.judge import PointJudge
from mechverify.engines.search.contradictions import contradicts_itself
from mechverify.engines.search.paths import root_box
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.graph import Graph, Node, Obligation
from mechverify.kernel.api import check_data

WIDE = 10**12
Build = Callable[[GraphBuilder, int, int], list[int]]


def assuming(build: Build) -> Obligation:
    """Two integers in a huge box; a claim that is false, so that only emptiness can be proved."""
    g = GraphBuilder()
    x, y = (g.input(name, "integer", F(-WIDE), F(WIDE)) for name in "xy")
    given = g.all(build(g, x, y))
    false = g.boolean(False)
    return Obligation(g.graph(), given, false)


def remainders(g: GraphBuilder, x: int, y: int) -> list[int]:
    rest = g.mod(x, g.const(2))
    return [g.eq(rest, g.const(0)), g.eq(rest, g.const(1))]


def remainders_in_order(g: GraphBuilder, x: int, y: int) -> list[int]:
    rest = g.mod(g.add(x, y), g.const(7))
    return [g.lt(rest, g.const(3)), g.lt(g.const(4), rest)]


def product_between(g: GraphBuilder, x: int, y: int) -> list[int]:
    area = g.mul(x, y)
    return [g.le(g.const(9), area), g.lt(area, g.const(9))]


def sum_of_parts(g: GraphBuilder, x: int, y: int) -> list[int]:
    size = g.abs(g.sub(x, y))
    return [g.eq(g.add(size, x), g.const(3)), g.eq(g.affine([(F(2), size), (F(2), x)]), g.const(7))]


def rounded_sum(g: GraphBuilder, x: int, y: int) -> list[int]:
    total = g.affine([(F(1, 3), x), (F(1, 7), y)], 0, "float32")
    return [g.le(total, g.const(2)), g.le(g.const(3), total)]


CONTRADICTIONS = [remainders, remainders_in_order, product_between, sum_of_parts, rounded_sum]


@pytest.mark.parametrize("build", CONTRADICTIONS, ids=lambda b: b.__name__)
def test_a_contradiction_of_a_nonlinear_node_is_certified(build: Build) -> None:
    obligation = assuming(build)
    for found in (BranchAndBoundEngine().solve(obligation, Budget(5)), prove_empty(obligation, Budget(5))):
        assert isinstance(found, ProofFound)
        assert found.empty
        assert check_data(proof_certificate(problem_data(obligation), found)).answer == "valid"


def some_remainder(g: GraphBuilder, x: int, y: int) -> list[int]:
    return [g.eq(g.mod(x, g.const(2)), g.const(0)), g.eq(g.mod(y, g.const(2)), g.const(1))]


def undefined_quotient(g: GraphBuilder, x: int, y: int) -> list[int]:
    quotient = g.div(g.const(1), x)
    return [g.le(quotient, g.const(2)), g.le(g.const(3), quotient)]


def either_remainder(g: GraphBuilder, x: int, y: int) -> list[int]:
    return [g.any(remainders(g, x, y))]


@pytest.mark.parametrize("build", [some_remainder, undefined_quotient, either_remainder], ids=lambda b: b.__name__)
def test_what_is_no_contradiction_is_left_alone(build: Build) -> None:
    assert not contradicts_itself(root_box(prepare(assuming(build))))


def conjunction(seed: int) -> Obligation:
    """A few comparisons of a late node of a random graph assumed at once: often empty, often not."""
    rng = random.Random(seed)
    graph = random_obligation(seed, EXACT).graph
    numbers = [v for v, node in enumerate(graph.nodes) if not node.is_boolean]
    chosen = rng.choice(numbers[-3:])
    nodes = list(graph.nodes)
    parts = []
    for _ in range(2):
        other = rng.choice((chosen, rng.choice(numbers)))
        nodes.append(Node("affine", (chosen, other), (F(0), F(1), F(rng.randint(-1, 1)))))
        nodes.append(Node("const", numbers=(F(rng.randint(-6, 6)),)))
        pair = [len(nodes) - 2, len(nodes) - 1]
        rng.shuffle(pair)
        nodes.append(Node(rng.choice(("le", "lt", "eq")), tuple(pair)))
        parts.append(len(nodes) - 1)
    nodes += [Node("and", tuple(parts)), Node("bool", truth=False)]
    return Obligation(Graph(graph.inputs, tuple(nodes)), len(nodes) - 2, len(nodes) - 1)


def test_small_boxes_agree_with_enumeration() -> None:
    found = 0
    for seed in range(400):
        obligation = conjunction(seed)
        root = root_box(prepare(obligation))
        if not contradicts_itself(root):
            continue
        found += 1
        judge = PointJudge(obligation)
        assert not any(judge.breaks(p) for p in points_of(obligation)), seed
        proof = ProofFound(steps_of(root.leaf), 96, empty=True)
        assert check_data(proof_certificate(problem_data(obligation), proof)).answer == "valid", seed
    assert found > 10
