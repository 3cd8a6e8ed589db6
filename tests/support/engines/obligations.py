"""Random obligations over small domains, and their truth by listing every input."""

from fractions import Fraction
from itertools import product
from random import Random

from mechverify.engines.certificates.problem import point_certificate, problem_data, proof_certificate
from mechverify.engines.engine import CounterexampleFound, Outcome, ProofFound
from mechverify.engines.points.inhabitant import find_inhabitant
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.evaluate import evaluate_exact
from mechverify.graph.graph import Obligation
from mechverify.kernel.api import check_data

F = Fraction


def random_obligation(seed: int) -> Obligation:
    """One to three integer inputs, a small network of integer or dyadic weights, a comparison with a spec
    expression."""
    r = Random(seed)
    g = GraphBuilder()
    inputs = [
        g.input(f"x_{i}", "integer", F(low := r.randint(-6, 2)), F(low + r.randint(0, 7)))
        for i in range(r.randint(1, 3))
    ]
    rounding = r.choice(["exact", "exact", "float32"])

    def weight() -> Fraction:
        return r.choice(
            [F(r.randint(-3, 3)), F(r.randint(-9, 9), 4), F(r.randint(-9, 9), 10) if rounding == "exact" else F(1)]
        )

    layer = inputs
    for _ in range(r.randint(1, 2)):
        layer = [g.relu(g.affine([(weight(), a) for a in layer], weight(), rounding)) for _ in range(r.randint(1, 4))]
    out = g.affine([(weight(), a) for a in layer], weight(), rounding)
    spec = _expression(g, r, inputs, 2)
    difference = g.sub(out, spec) if r.random() < 0.7 else g.sub(spec, _expression(g, r, inputs, 2))
    parts = [_condition(g, r, inputs) for _ in range(r.choice([0, 1, 1, 2]))]
    assumption = g.all(parts)
    bound = g.const(_tight_bound(Obligation(g.graph(), assumption, g.boolean(True)), difference, r))
    claim = r.choice(
        [
            lambda: g.le(g.abs(difference), bound),
            lambda: g.le(g.abs(difference), bound),
            lambda: g.le(difference, bound),
            lambda: g.any([g.le(difference, bound), _condition(g, r, inputs)]),
            lambda: g.all([g.le(difference, bound), g.negate(g.lt(g.const(1000), g.abs(spec)))]),
        ]
    )()
    return Obligation(g.graph(), assumption, claim)


def _tight_bound(obligation: Obligation, node: int, r: Random) -> Fraction:
    """Near the largest absolute value of a node, or just below it, so that the claim is nearly false or barely so."""
    values = [evaluate_exact(obligation.graph, p, [node])[node] for p in admissible_points(obligation)]
    largest = max((abs(v) for v in values if isinstance(v, Fraction)), default=F(0))
    return largest + r.choice([F(0), F(1, 64), F(1), F(-1, 64), F(-1, 64), F(-1)])


def _linear(g: GraphBuilder, r: Random, inputs: list[int]) -> int:
    return g.affine([(F(r.randint(-2, 2)), a) for a in inputs], F(r.randint(-3, 3)))


def _condition(g: GraphBuilder, r: Random, inputs: list[int]) -> int:
    a, b = _linear(g, r, inputs), _linear(g, r, inputs)
    if r.random() < 0.8:
        values = evaluate_exact(g.graph(), [F(r.randint(int(i.low), int(i.high))) for i in g.graph().inputs], [a, b])
        b = g.add(b, g.const(Fraction(values[a] or 0) - Fraction(values[b] or 0)))
    made = r.choice([g.le, g.lt, g.eq, g.eq])(a, b)
    if r.random() < 0.2:
        made = g.any([made, g.le(_linear(g, r, inputs), g.const(0))])
    return g.negate(made) if r.random() < 0.2 else made


def _expression(g: GraphBuilder, r: Random, inputs: list[int], depth: int) -> int:
    if depth == 0:
        return _linear(g, r, inputs)
    a, b = _expression(g, r, inputs, depth - 1), _expression(g, r, inputs, depth - 1)
    kind = r.randrange(10)
    if kind < 3:
        return g.ite(_condition(g, r, inputs), a, b)
    if kind == 3:
        return g.max(a, b)
    if kind == 4:
        return g.min(a, b)
    if kind == 5:
        return g.mul(a, b) if depth == 1 else g.add(a, b)
    if kind == 6:
        return g.mod(a, g.const(r.randint(2, 4)))
    if kind == 7:
        return g.round(g.affine([(F(1, 3), a)]))
    return g.affine([(F(1), a), (F(-1, 2), b)])


def admissible_points(obligation: Obligation) -> list[tuple[Fraction, ...]]:
    """All integer points in bounds that meet the assumption."""
    ranges = [range(int(i.low), int(i.high) + 1) for i in obligation.graph.inputs]
    points = (tuple(map(F, p)) for p in product(*ranges))
    return [p for p in points if evaluate_exact(obligation.graph, p, [obligation.assumption])[obligation.assumption]]


def holds_nominally(obligation: Obligation, points: list[tuple[Fraction, ...]]) -> bool:
    """Whether the claim is true at each of these points, without rounding."""
    return all(evaluate_exact(obligation.graph, p, [obligation.claim])[obligation.claim] for p in points)


def kernel_answer(obligation: Obligation, outcome: Outcome) -> str:
    """What the kernel says of a proof or a counterexample."""
    problem = problem_data(obligation)
    if isinstance(outcome, ProofFound):
        inhabitant = None if outcome.empty else find_inhabitant(obligation)
        if inhabitant is None and not outcome.empty:
            return "no inhabitant"
        answer = check_data(proof_certificate(problem, outcome, inhabitant))
    elif isinstance(outcome, CounterexampleFound):
        answer = check_data(point_certificate(problem, outcome.point))
    else:
        return type(outcome).__name__
    return answer.answer if answer.answer == "valid" else f"{answer.answer}: {answer.reason} at {answer.at}"
