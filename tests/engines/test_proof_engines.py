"""Verdicts of the proof-producing engines agree with listing every input, and the kernel accepts what they hand in."""

from fractions import Fraction

import pytest
from obligations import F, kernel_answer
from random_obligations import admissible_points, holds_nominally, network_obligation

from mechverify.engines.branch_and_bound import BranchAndBoundEngine, prove_empty
from mechverify.engines.certificates.problem import problem_data, proof_certificate
from mechverify.engines.engine import Budget, CounterexampleFound, GaveUp, PartlyProved, ProofFound
from mechverify.engines.linear_pieces import LinearPiecesEngine
from mechverify.engines.work.meter import work_done
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.graph import Obligation
from mechverify.kernel.api import check_data

NONE = F(0)
ENGINES = [BranchAndBoundEngine(), LinearPiecesEngine()]


def agree_with_enumeration(seeds: range) -> int:
    """How many outcomes were compared."""
    compared = 0
    for seed in seeds:
        obligation = network_obligation(seed)
        points = admissible_points(obligation)
        truth = holds_nominally(obligation, points)
        for engine in ENGINES:
            if not engine.suits(obligation):
                continue
            outcome = engine.solve(obligation, Budget(20))
            assert kernel_answer(obligation, outcome) == "valid", (seed, engine.name, outcome)
            assert isinstance(outcome, ProofFound) == truth, (seed, engine.name)
            if isinstance(outcome, ProofFound):
                assert outcome.empty == (not points), (seed, engine.name)
            compared += 1
    return compared


@pytest.mark.parametrize("start", [0, 40, 80, 120, 160])
def test_verdicts_agree_with_enumeration(start: int) -> None:
    assert agree_with_enumeration(range(start, start + 40)) >= 40


def test_points_outside_the_bounds_of_an_eliminated_input_are_no_inhabitants() -> None:
    assert agree_with_enumeration(range(2167, 2168)) > 0


@pytest.mark.campaign
def test_verdicts_agree_with_enumeration_at_length() -> None:
    assert agree_with_enumeration(range(1000, 4000)) > 3000


def ramp(high: int, kind: str = "integer", slack: Fraction = NONE) -> Obligation:
    """On pairs of equal inputs five relus add up to at most 13/8; the bound is that plus the slack."""
    g = GraphBuilder()
    x, y = (g.input(n, kind, F(0), F(high)) for n in "xy")  # type: ignore[arg-type]
    fed = [g.round32(g.affine([(F(1, high), v)])) for v in (x, y)]
    hidden = [
        g.relu(g.affine([(F(w), fed[0]), (F(v), fed[1])], F(b, 8), "float32"))
        for w, v, b in ((1, 1, 0), (1, -1, 0), (2, 0, -3), (-1, -1, 9), (0, 3, -7))
    ]
    out = g.affine([(F(1, 2), hidden[0]), (F(4), hidden[1]), (F(1), hidden[2]), (F(1), hidden[3])], F(0), "float32")
    claim = g.le(g.abs(g.sub(out, fed[0])), g.const(F(13, 8) + F(1, 10**5) + slack))
    same = g.eq(x, y)
    return Obligation(g.graph(), same, claim)


def test_the_work_on_a_line_does_not_grow_with_the_range(monkeypatch: pytest.MonkeyPatch) -> None:
    from mechverify.engines.search import branching as search

    bounded: list[int] = []
    original = search.bound_boxes

    def counting(*args: object, **kwargs: object) -> object:
        bounded[-1] += len(args[2])  # type: ignore[arg-type]
        return original(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(search, "bound_boxes", counting)
    operations = []
    for exponent in (3, 6, 9, 12):
        bounded.append(0)
        obligation = ramp(10**exponent)
        outcome = LinearPiecesEngine().solve(obligation, Budget(20))
        assert isinstance(outcome, ProofFound)
        answer = check_data(proof_certificate(problem_data(obligation), outcome, [F(0), F(0)]))
        assert answer.answer == "valid", answer.reason
        operations.append(answer.operations)
    assert max(operations) <= 1.5 * min(operations)
    assert max(bounded) <= 1.5 * min(bounded)


@pytest.mark.parametrize("kind", ["integer", "real"])
@pytest.mark.parametrize("engine", ENGINES, ids=lambda e: e.name)
def test_a_planted_counterexample_is_found(engine: BranchAndBoundEngine | LinearPiecesEngine, kind: str) -> None:
    obligation = ramp(10**6, kind, F(-1, 50))
    outcome = engine.solve(obligation, Budget(20))
    assert isinstance(outcome, CounterexampleFound)
    assert outcome.point[0] == outcome.point[1]
    assert kernel_answer(obligation, outcome) == "valid"


def test_a_single_bad_integer_among_many_is_never_proved() -> None:
    g = GraphBuilder()
    x = g.input("x", "integer", F(0), F(10**9))
    spike = g.relu(g.sub(g.const(1), g.abs(g.sub(x, g.const(123_456_789)))))
    true, claim = g.boolean(True), g.lt(spike, g.const(1))
    obligation = Obligation(g.graph(), true, claim)
    for engine in ENGINES:
        outcome = engine.solve(obligation, Budget(20))
        assert outcome == CounterexampleFound((F(123_456_789),))


def test_linear_facts_prove_what_no_box_does() -> None:
    g = GraphBuilder()
    x, y, z = (g.input(n, "real", F(0), F(1)) for n in "xyz")
    assumption = g.all([g.le(x, y), g.le(g.add(y, g.const(F(1, 3))), z)])
    claim = g.le(g.add(x, g.const(F(1, 4))), z)
    obligation = Obligation(g.graph(), assumption, claim)
    outcome = BranchAndBoundEngine().solve(obligation, Budget(20))
    assert isinstance(outcome, ProofFound)
    assert len(outcome.steps) == 1
    assert kernel_answer(obligation, outcome) == "valid"


def test_a_case_on_equality_eliminates_a_parameter() -> None:
    g = GraphBuilder()
    x, y = (g.input(n, "integer", F(0), F(10**12)) for n in "xy")
    value = g.ite(g.eq(x, y), g.sub(x, y), g.const(1))
    claim = g.any([g.eq(value, g.const(1)), g.eq(value, g.const(0))])
    true = g.boolean(True)
    obligation = Obligation(g.graph(), true, claim)
    outcome = BranchAndBoundEngine().solve(obligation, Budget(20))
    assert isinstance(outcome, ProofFound)
    assert kernel_answer(obligation, outcome) == "valid"


def test_contradictory_preconditions_are_proved_empty() -> None:
    g = GraphBuilder()
    x, y = (g.input(n, "integer", F(0), F(10**6)) for n in "xy")
    even = g.eq(g.affine([(F(2), x)]), g.affine([(F(2), y)], 1))
    false = g.boolean(False)
    obligation = Obligation(g.graph(), even, false)
    for engine in ENGINES:
        outcome = engine.solve(obligation, Budget(20))
        assert isinstance(outcome, ProofFound)
        assert outcome.empty
        assert kernel_answer(obligation, outcome) == "valid"
    assert prove_empty(obligation, Budget(20)) is not None


def test_a_nominal_break_that_rounding_hides_is_a_suspect() -> None:
    g = GraphBuilder()
    x = g.input("x", "real", F(0), F(1))
    out = g.affine([(F(1, 4), g.round32(x)), (F(1, 3), g.round32(x))], F(0), "float32")
    claim = g.le(out, g.affine([(F(7, 12), x)], F(-1, 2**40)))
    true = g.boolean(True)
    obligation = Obligation(g.graph(), true, claim)
    outcome = BranchAndBoundEngine(max_boxes=4000).solve(obligation, Budget(3))
    assert not isinstance(outcome, ProofFound)
    if isinstance(outcome, GaveUp):
        assert outcome.suspects


def test_what_is_proved_of_an_open_claim_stands_by_itself() -> None:
    g = GraphBuilder()
    x, y = (g.input(n, "real", F(0), F(4)) for n in "xy")
    distance = g.abs(g.sub(x, y))
    expanded = g.affine([(F(1), g.mul(x, x)), (F(-2), g.mul(x, y)), (F(1), g.mul(y, y))])
    gap = g.sub(g.mul(distance, distance), expanded)
    claim = g.any([g.le(gap, g.const(0)), g.lt(g.const(1), x)])
    assumption = g.boolean(True)
    obligation = Obligation(g.graph(), assumption, claim)
    outcome = BranchAndBoundEngine(max_boxes=300).solve(obligation, Budget(20))
    assert isinstance(outcome, PartlyProved)
    for bounds, proof in outcome.parts:
        inputs = tuple(
            type(i)(i.name, i.kind, low, high) for i, (low, high) in zip(obligation.graph.inputs, bounds, strict=True)
        )
        part = Obligation(type(obligation.graph)(inputs, obligation.graph.nodes), assumption, claim)
        certificate = proof_certificate(problem_data(part), proof, [low for low, _ in bounds])
        assert check_data(certificate).answer == "valid"


def test_the_limit_of_work_is_kept() -> None:
    """Motzkin's polynomial is zero at four points inside the square, which no split sets apart."""
    g = GraphBuilder()
    x, y = (g.mul(v, v) for v in (g.input(n, "real", F(-2), F(2)) for n in "xy"))
    product = g.mul(x, y)
    motzkin = g.affine([(F(1), g.mul(x, product)), (F(1), g.mul(y, product)), (F(-3), product)], 1)
    assumption, claim = g.boolean(True), g.le(g.const(0), motzkin)
    before = work_done()
    outcome = BranchAndBoundEngine().solve(Obligation(g.graph(), assumption, claim), Budget(1))
    assert isinstance(outcome, GaveUp | PartlyProved)
    assert 0.9 < work_done() - before < 1.5


def test_a_leaf_closes_where_a_curved_precondition_is_false() -> None:
    g = GraphBuilder()
    x = g.input("x", "real", F(0), F(10))
    assumption, claim = g.le(g.mul(x, x), g.const(4)), g.le(x, g.const(F(5, 2)))
    obligation = Obligation(g.graph(), assumption, claim)
    outcome = BranchAndBoundEngine(max_boxes=2000).solve(obligation, Budget(20))
    assert isinstance(outcome, ProofFound)
    assert kernel_answer(obligation, outcome) == "valid"


@pytest.mark.parametrize(("inputs", "units"), [(100, 24), (784, 6)])
def test_as_many_inputs_as_an_image_has_pixels(inputs: int, units: int) -> None:
    """relu units over all inputs, some of them always off: their sum is below what the boxes of the units say."""
    g = GraphBuilder()
    x = [g.input(f"x[{k}]", "real", F(-1, 100), F(1, 100)) for k in range(inputs)]
    hidden = [
        g.relu(g.affine([(F((k * j) % 7 - 3, 8), v) for k, v in enumerate(x)], F(j % 5 - 2, 64), "float32"))
        for j in range(units)
    ]
    total = g.affine([(F(1), h) for h in hidden], 0, "float32")
    everywhere = g.boolean(True)
    most = F(inputs * units, 160) + 1
    claim = g.le(total, g.const(most))
    obligation = Obligation(g.graph(), everywhere, claim)
    engine = BranchAndBoundEngine()
    assert engine.suits(obligation)
    outcome = engine.solve(obligation, Budget(20))
    assert isinstance(outcome, ProofFound)
    assert kernel_answer(obligation, outcome) == "valid"
    assert LinearPiecesEngine().suits(obligation) is False


def test_forms_beyond_memory_are_not_tried() -> None:
    g = GraphBuilder()
    x = [g.input(f"x[{k}]", "real", F(0), F(1)) for k in range(7000)]
    everywhere = g.boolean(True)
    claim = g.all([g.le(v, g.const(1)) for v in x])
    obligation = Obligation(g.graph(), everywhere, claim)
    assert not BranchAndBoundEngine().suits(obligation)
