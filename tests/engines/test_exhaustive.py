"""Small domains are decided outright, and the kernel agrees; running everything reports what it saw and no more."""

from collections.abc import Sequence
from fractions import Fraction
from math import exp

import pytest
from random_obligations import EXACT, LOOKING_UP, WIDE, points_of, random_obligation, statuses

from mechverify.engines import exhaustive
from mechverify.engines.certificates.problem import point_certificate, problem_data, proof_certificate
from mechverify.engines.engine import Budget, CounterexampleFound, GaveUp, ProofFound
from mechverify.engines.exhaustive import ExhaustiveEngine, JudgedBatch, batches, run_all
from mechverify.engines.points.judge import PointJudge, PointStatus
from mechverify.engines.work.meter import work_done
from mechverify.errors import InternalError
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.graph import Obligation
from mechverify.graph.operations.smooth import EXP
from mechverify.kernel.api import check_data
from mechverify.kernel.rules import enumerate as enumerate_rule

BUDGET = Budget(20.0)


@pytest.mark.parametrize("ops", [EXACT, WIDE, LOOKING_UP], ids=["exact", "wide", "looking up"])
def test_the_answer_is_that_of_enumeration_and_the_kernel_accepts_it(ops: tuple[str, ...]) -> None:
    seen: dict[str, int] = {}
    for seed in range(3000, 3060):
        obligation = random_obligation(seed, ops)
        found = statuses(obligation)
        outcome = ExhaustiveEngine().solve(obligation, BUDGET)
        seen[type(outcome).__name__] = seen.get(type(outcome).__name__, 0) + 1
        if isinstance(outcome, CounterexampleFound):
            assert PointJudge(obligation).breaks(outcome.point)
            assert check_data(point_certificate(problem_data(obligation), outcome.point)).answer == "valid"
        elif isinstance(outcome, ProofFound):
            assert not found[PointStatus.BREAKS] + found[PointStatus.UNCLEAR], seed
            judge = PointJudge(obligation)
            inside = next((p for p in points_of(obligation) if judge.status(p) is PointStatus.HOLDS), None)
            assert outcome.empty is (inside is None), seed
            certificate = proof_certificate(problem_data(obligation), outcome, inside)
            assert check_data(certificate).answer == "valid", seed
        else:
            assert isinstance(outcome, GaveUp)
            assert found[PointStatus.UNCLEAR], seed
            assert not found[PointStatus.BREAKS], seed
    assert seen["CounterexampleFound"] > 10
    assert seen["ProofFound"] > 10


@pytest.mark.parametrize("high", [999, 0])
def test_what_one_leaf_proves_is_not_enumerated(high: int) -> None:
    """Nor does the race wait for a million points; without an admissible point the proof says that there is none."""
    b = GraphBuilder()
    x, y = (b.input(n, "integer", Fraction(0), Fraction(999 if high else 9)) for n in "xy")
    back = b.sub(b.affine([(Fraction(1), x), (Fraction(1), b.relu(y))]), x)
    apart = b.le(b.affine([(Fraction(1), x), (Fraction(1), y)]), b.const(high - 1))
    claim = b.eq(back, b.relu(y))
    obligation = Obligation(b.graph(), apart, claim)
    before = work_done()
    outcome = ExhaustiveEngine().solve(obligation, BUDGET)
    assert isinstance(outcome, ProofFound)
    assert outcome.empty is (high == 0)
    if high:
        assert (outcome.steps[-1], work_done() - before < 0.1) == (["leaf"], True)
    certificate = proof_certificate(problem_data(obligation), outcome, (Fraction(0), Fraction(0)) if high else None)
    assert check_data(certificate).answer == "valid"


def test_equalities_are_eliminated_first() -> None:
    b = GraphBuilder()
    x, y = (b.input(n, "integer", Fraction(0), Fraction(10_000)) for n in "xy")
    assumption = b.eq(x, y)
    claim = b.lt(b.abs(b.affine([(Fraction(1), b.relu(x)), (Fraction(-1), b.relu(y))])), b.const(1))
    obligation = Obligation(b.graph(), assumption, claim)
    engine = ExhaustiveEngine()
    assert engine.suits(obligation)
    outcome = engine.solve(obligation, BUDGET)
    assert isinstance(outcome, ProofFound)
    certificate = proof_certificate(problem_data(obligation), outcome, (Fraction(3), Fraction(3)))
    assert check_data(certificate).answer == "valid"


def test_large_or_real_domains_do_not_suit() -> None:
    for kind, high in (("integer", 10**7), ("real", 1)):
        b = GraphBuilder()
        x = b.input("x", "integer" if kind == "integer" else "real", Fraction(0), Fraction(high))
        claim = b.le(x, b.const(high))
        obligation = Obligation(b.graph(), claim, claim)
        assert not ExhaustiveEngine().suits(obligation)
        assert isinstance(ExhaustiveEngine().solve(obligation, BUDGET), GaveUp)


# --- running everything


def judged(margins: dict[int, Fraction]) -> object:
    def judge(batch: Sequence[int]) -> JudgedBatch:
        found = [margins.get(k, Fraction(5)) for k in batch]
        return JudgedBatch([m < 0 for m in found], found)

    return judge


def test_the_smallest_margin_and_where() -> None:
    report = run_all(batches(range(1000), 64), judged({437: Fraction(1, 3)}), runtime="onnxruntime 1")  # type: ignore[arg-type]
    assert (report.runs, report.complete, report.violation) == (1000, True, None)
    assert (report.smallest_margin, report.tightest) == (Fraction(1, 3), 437)
    assert "1000" in report.description


def test_the_first_violation_ends_it() -> None:
    report = run_all(batches(range(1000), 64), judged({437: Fraction(-1), 500: Fraction(-2)}))  # type: ignore[arg-type]
    assert (report.runs, report.complete, report.violation) == (438, False, 437)


def test_time_runs_out() -> None:
    report = run_all(batches(range(1000), 64), judged({}), work=-1.0)  # type: ignore[arg-type]
    assert (report.runs, report.complete) == (0, False)


@pytest.mark.parametrize(
    "answer",
    [
        JudgedBatch([False], [None, None]),
        JudgedBatch([], []),
        JudgedBatch([False, False, False], [None, None, None]),
    ],
)
def test_a_point_without_an_answer_never_counts(answer: JudgedBatch) -> None:
    with pytest.raises(InternalError):
        run_all([[1, 2]], lambda batch: answer)


@pytest.mark.parametrize("margin", [float("nan"), -0.5, -1])
def test_a_margin_that_is_no_margin_breaks(margin: float) -> None:
    report = run_all([[1, 2]], lambda batch: JudgedBatch([False, False], [1, margin]))
    assert report.violation == 2


def test_an_answer_that_is_no_truth_value_breaks() -> None:
    report = run_all([[1]], lambda batch: JudgedBatch([None], [None]))  # type: ignore[list-item]
    assert report.violation == 1


def test_what_intervals_settle_is_left_to_the_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(_state: object, step: list[str]) -> bool:
        if step == ["enumerate"]:
            raise AssertionError("the kernel's rule was run twice")
        return False

    b = GraphBuilder()
    x = b.input("x", "integer", Fraction(0), Fraction(1000))
    rounded = b.affine([(Fraction(1, 3), x)], 0, "float32")
    claim = b.all([b.has_value(rounded), b.le(rounded, b.const(334)), b.le(rounded, b.const(400))])
    always = b.boolean(True)
    obligation = Obligation(b.graph(), always, claim)
    monkeypatch.setattr(exhaustive, "settled", asked)
    outcome = ExhaustiveEngine().solve(obligation, BUDGET)
    assert isinstance(outcome, ProofFound)
    certificate = proof_certificate(problem_data(obligation), outcome, (Fraction(0),))
    assert check_data(certificate).answer == "valid"


def test_a_value_that_may_be_none_is_not_settled_by_intervals() -> None:
    b = GraphBuilder()
    x = b.input("x", "integer", Fraction(0), Fraction(3))
    claim, always = b.has_value(b.div(b.const(1), x)), b.boolean(True)
    obligation = Obligation(b.graph(), always, claim)
    outcome = ExhaustiveEngine().solve(obligation, BUDGET)
    assert isinstance(outcome, GaveUp | CounterexampleFound)


def _attending(tokens: int, limit: Fraction) -> Obligation:
    """A causal sum of powers of binary tokens, at most ``limit``: at the string of ones it is greatest."""
    b = GraphBuilder()
    total = b.const(0)
    for k in range(tokens):
        token = b.input(f"t{k}", "integer", Fraction(0), Fraction(1))
        power = b.apply(EXP, b.affine([(Fraction(1), token), (Fraction(1, 8), total)]))
        total = b.add(total, b.mul(power, b.affine([(Fraction(1, 9), token), (Fraction(1, 16), power)])))
    always, claim = b.boolean(True), b.le(total, b.const(limit))
    return Obligation(b.graph(), always, claim)


def test_many_points_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A network with exponentials that is too much for one point after the other: proved, or one string breaks it."""
    monkeypatch.setattr(enumerate_rule, "FEWEST_VALUES", 0)
    engine = ExhaustiveEngine(most_operations=1000)
    total = 0.0
    for _ in range(6):
        power = exp(1 + total / 8)
        total += power * (1 / 9 + power / 16)
    top = Fraction(round(total * 10**6) + 1, 10**6)
    holds, fails = _attending(6, top), _attending(6, top - Fraction(1, 10**5))
    assert engine.suits(holds)
    assert not ExhaustiveEngine(most_operations=1000, most_at_once=1000).suits(holds)
    proved = engine.solve(holds, BUDGET)
    assert isinstance(proved, ProofFound)
    inside = (Fraction(0),) * 6
    assert check_data(proof_certificate(problem_data(holds), proved, inside)).answer == "valid"
    assert check_data(proof_certificate(problem_data(fails), proved, inside)).answer == "invalid"
    broken = engine.solve(fails, BUDGET)
    assert isinstance(broken, CounterexampleFound)
    assert broken.point == (Fraction(1),) * 6
