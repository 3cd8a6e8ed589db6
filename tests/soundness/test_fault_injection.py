"""Faults in engines, solvers, the kernel's process and the pipeline: none makes a false claim PROVED, none a true one
REFUTED."""

import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from checked_alone import CheckedAlone, covers
from faults import (
    ENGINE_FAULTS,
    KERNEL_FAULTS,
    SIZE,
    SOLVER_FAULTS,
    SPIKE,
    F,
    Solve,
    claim,
    dies,
    hangs,
    runs_out_of_memory,
)
from faulty_hosts import FAULTY, HANGS

from mechverify.deciding import portfolio
from mechverify.deciding.decision import Decision
from mechverify.deciding.portfolio import Search, decide, decide_like
from mechverify.deciding.twin import Twin
from mechverify.engines import registry
from mechverify.engines.branch_and_bound import BranchAndBoundEngine
from mechverify.engines.engine import Budget, CounterexampleFound, GaveUp, Outcome, PartlyProved, ProofFound
from mechverify.engines.points.judge import PointJudge, PointStatus
from mechverify.engines.processes import children as processes
from mechverify.engines.processes import kernel as kernel_process
from mechverify.engines.processes import kernel_hosts, kernel_runs
from mechverify.engines.processes.children import keep
from mechverify.engines.smt.solvers import SmtEngine
from mechverify.graph.graph import Obligation
from mechverify.verdict import Assurance, Reason, Verdict

pytestmark = pytest.mark.usefixtures("ceilings_as_told")

ENGINES = tuple(record.make for record in registry.ENGINES)
OTHERS = tuple(engine for engine in ENGINES if engine is not SmtEngine)
SHORT = Search(0.2)


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """No engine finds anything, and only one is asked."""
    for engine in ENGINES:
        monkeypatch.setattr(engine, "solve", lambda *_: GaveUp("work", "silent"))
    for engine in set(ENGINES) - {BranchAndBoundEngine}:
        monkeypatch.setattr(engine, "suits", lambda *_: False)
    return monkeypatch


@pytest.fixture
def alone(tmp_path: Path) -> CheckedAlone:
    return CheckedAlone(tmp_path)


def outcome(*, true: bool, search: Search = SHORT) -> Decision:
    """The decision, which must be no lie whatever happened."""
    obligation = claim(true=true)
    decision = decide(obligation, search)
    if true:
        assert decision.verdict in (Verdict.PROVED, Verdict.PARTLY, Verdict.OPEN, Verdict.ERROR)
    else:
        assert decision.verdict in (Verdict.REFUTED, Verdict.PARTLY, Verdict.OPEN, Verdict.ERROR)
        assert not covers(decision, SPIKE)
    if decision.verdict is Verdict.REFUTED:
        assert decision.point is not None
        assert PointJudge(obligation).status(decision.point) is PointStatus.BREAKS
    return decision


def test_without_faults_both_are_decided(alone: CheckedAlone) -> None:
    for true, word in ((True, "PROVED"), (False, "REFUTED")):
        decision = outcome(true=true, search=Search(5.0))
        assert decision.verdict == word
        alone.keep(decision.certificate)
    alone.all_valid()


@pytest.mark.parametrize("name", list(ENGINE_FAULTS))
def test_an_engine_that_answers(silent: pytest.MonkeyPatch, name: str, alone: CheckedAlone) -> None:
    fault = ENGINE_FAULTS[name]
    silent.setattr(BranchAndBoundEngine, "solve", lambda _, obligation, budget: fault(obligation, budget))
    for true in (True, False) if "point" in name else (False,):
        try:
            decision = outcome(true=true)
        except (TypeError, ValueError, ArithmeticError):
            continue  # nothing was decided: the claim's process ends with an error
        assert decision.verdict is not Verdict.REFUTED
        if decision.verdict is Verdict.PROVED:
            assert decision.assurance is Assurance.CHECKED
            alone.keep(decision.certificate)
    alone.all_valid()


@pytest.mark.parametrize("point", [("1", "2"), (1.5, 2.0), (None, F(0)), (F(0), "0")])
def test_a_point_that_is_no_point_leaves_the_claim_open(silent: pytest.MonkeyPatch, point: Any) -> None:
    silent.setattr(BranchAndBoundEngine, "solve", lambda *_: CounterexampleFound(point))
    for true in (True, False):
        assert outcome(true=true).verdict is Verdict.OPEN
    silent.setattr(portfolio, "find_inhabitant", lambda *_: None)
    assert outcome(true=True).verdict is Verdict.OPEN


@pytest.mark.parametrize("name", list(SOLVER_FAULTS))
def test_a_solver_that_says(silent: pytest.MonkeyPatch, name: str) -> None:
    silent.undo()
    true_solve = SmtEngine.solve
    for engine in OTHERS:
        silent.setattr(engine, "solve", lambda *_: GaveUp("work", "silent"))
        silent.setattr(engine, "suits", lambda *_: False)
    solvers = SOLVER_FAULTS[name]
    silent.setattr(SmtEngine, "solve", lambda _, o, budget: true_solve(SmtEngine(solvers=solvers), o, budget))
    for true in (True, False):
        decision = decide(claim(true=true), Search(0.8))
        if decision.verdict is Verdict.PROVED:
            assert decision.assurance is Assurance.SOLVER
            assert name == "one forged unsat"
        elif decision.verdict is Verdict.REFUTED:
            assert not true
            assert decision.point == SPIKE
        else:
            assert decision.verdict in (Verdict.OPEN, Verdict.ERROR)


@pytest.mark.parametrize("name", list(KERNEL_FAULTS))
def test_a_kernel_that_prints(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str) -> None:
    """A forged proof of a false claim, and a kernel that is none."""
    fake = tmp_path / "kernel.py"
    fake.write_text(KERNEL_FAULTS[name])
    monkeypatch.setattr(portfolio, "_LEAST_CHECK_SECONDS", 0.5)
    monkeypatch.setattr(portfolio, "_CHECK_FACTOR", 1.0)
    monkeypatch.setattr(portfolio, "check_certificate", partial(kernel_process.check_certificate, kernel=fake))
    for engine in set(ENGINES) - {BranchAndBoundEngine}:
        monkeypatch.setattr(engine, "solve", lambda *_: GaveUp("work", "silent"))
        monkeypatch.setattr(engine, "suits", lambda *_: False)
    monkeypatch.setattr(BranchAndBoundEngine, "solve", lambda *_: ProofFound((["leaf"],), 96))
    decision = decide(claim(true=False), SHORT)
    assert decision.verdict in (Verdict.OPEN, Verdict.ERROR)


@pytest.mark.skipif(sys.platform != "linux", reason="there are hosts on Linux alone")
@pytest.mark.parametrize("name", [*FAULTY, *HANGS])
def test_a_host_of_kernels(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str) -> None:
    """A forged proof of a false claim, and a host of kernels that lies, dies or hangs."""
    script = tmp_path / "host.py"
    script.write_text({**FAULTY, **HANGS}[name])
    host = kernel_hosts.KernelHost(kernel_hosts.KERNEL, script)
    monkeypatch.setattr(portfolio, "_LEAST_CHECK_SECONDS", 0.5)
    monkeypatch.setattr(portfolio, "_CHECK_FACTOR", 1.0)
    monkeypatch.setattr(kernel_runs, "_END_SECONDS", 0.1)
    monkeypatch.setattr(portfolio, "check_certificate", partial(kernel_process.check_certificate, host=lambda _: host))
    for engine in set(ENGINES) - {BranchAndBoundEngine}:
        monkeypatch.setattr(engine, "solve", lambda *_: GaveUp("work", "silent"))
        monkeypatch.setattr(engine, "suits", lambda *_: False)
    monkeypatch.setattr(BranchAndBoundEngine, "solve", lambda *_: ProofFound((["leaf"],), 96))
    try:
        assert decide(claim(true=False), SHORT).verdict in (Verdict.OPEN, Verdict.ERROR)
    finally:
        host.end_with_starter()


def test_a_kernel_that_is_not_done_in_time_rejects_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    slow = tmp_path / "kernel.py"
    slow.write_text("import time\ntime.sleep(60)\n")
    monkeypatch.setattr(portfolio, "_LEAST_CHECK_SECONDS", 0.3)
    monkeypatch.setattr(portfolio, "_CHECK_FACTOR", 0.1)
    monkeypatch.setattr(portfolio, "check_certificate", partial(kernel_process.check_certificate, kernel=slow))
    for engine in set(ENGINES) - {BranchAndBoundEngine}:
        monkeypatch.setattr(engine, "suits", lambda *_: False)
    monkeypatch.setattr(BranchAndBoundEngine, "solve", lambda *_: ProofFound((["leaf"],), 96))
    decision = decide(claim(true=True), SHORT)
    assert (decision.verdict, decision.reason) == (Verdict.OPEN, Reason.TIME)
    assert "the kernel had not checked it within" in (decision.detail or "")


@pytest.mark.parametrize("shift", [-SIZE - 1, SIZE + 1])
def test_parts_beside_the_domain(silent: pytest.MonkeyPatch, shift: int) -> None:
    """What is proved where no input lies is no part of the claim."""
    box = ((F(shift), F(shift + SIZE)), (F(0), F(10)))
    silent.setattr(BranchAndBoundEngine, "solve", lambda *_: PartlyProved(((box, ProofFound((["leaf"],), 96)),)))
    assert outcome(true=False).verdict is Verdict.OPEN


@pytest.mark.parametrize("end", [hangs, dies, runs_out_of_memory])
def test_parts_of_a_search_that_was_stopped(silent: pytest.MonkeyPatch, end: Solve) -> None:
    """What was proved before the end counts as far as the kernel accepts it."""
    low, high = ((F(0), F(5)), (F(0), F(SIZE))), ((F(6), F(SIZE)), (F(0), F(SIZE)))

    def solve(_: object, obligation: Obligation, budget: Budget) -> Outcome:
        keep(PartlyProved(tuple((box, ProofFound((["leaf"],), 96)) for box in (low, high))))
        return end(obligation, budget)

    silent.setattr(BranchAndBoundEngine, "solve", solve)
    found = decide(claim(true=False), SHORT)
    assert found.verdict is Verdict.PARTLY
    assert [part.bounds for part in found.parts] == [low]


def test_the_reason_is_what_was_established(silent: pytest.MonkeyPatch) -> None:
    """An engine that met no input says nothing of a claim that has one; what ended early did not run out of time."""
    silent.setattr(BranchAndBoundEngine, "solve", lambda *_: GaveUp("vacuity", "No sampled input meets them."))
    assert outcome(true=True, search=Search(5.0)).reason is Reason.UNSUPPORTED
    silent.setattr(BranchAndBoundEngine, "solve", lambda *_: GaveUp("time", "No time."))
    assert outcome(true=True, search=Search(5.0)).reason is Reason.TIME


def test_steps_of_another_problem(silent: pytest.MonkeyPatch) -> None:
    silent.undo()
    decided = decide(claim(true=True), Search(5.0))
    proved = decided.proof
    assert proved is not None
    for engine in ENGINES:
        silent.setattr(engine, "solve", lambda *_: proved)
    assert outcome(true=False).verdict in (Verdict.OPEN, Verdict.ERROR)
    with Twin(claim(true=False), 60.0) as twin:
        twin.offer(claim(true=True), proved, decided.inhabitant or ())
        answer = decide_like(claim(true=True), decided, twin, SHORT)
    assert answer.verdict in (Verdict.OPEN, Verdict.ERROR)


def test_a_problem_exchanged_between_search_and_check(monkeypatch: pytest.MonkeyPatch) -> None:
    """The certificate handed to the kernel is valid, but about another claim."""
    other = portfolio.problem_data(claim(true=True))
    plain = portfolio.proof_certificate
    monkeypatch.setattr(portfolio, "proof_certificate", lambda _, *rest: plain(other, *rest))
    for engine in ENGINES:
        monkeypatch.setattr(engine, "solve", lambda *_: ProofFound((["leaf"],), 96))
    decision = outcome(true=False)
    assert decision.verdict is Verdict.ERROR
    assert "another problem" in (decision.detail or "")


def test_a_witness_exchanged_between_search_and_check(monkeypatch: pytest.MonkeyPatch) -> None:
    other = portfolio.problem_data(claim(true=False))
    plain = portfolio.point_certificate
    monkeypatch.setattr(portfolio, "point_certificate", lambda _, *rest: plain(other, *rest))
    for engine in ENGINES:
        monkeypatch.setattr(engine, "solve", lambda *_: CounterexampleFound(SPIKE))
    assert outcome(true=True).verdict is Verdict.OPEN


@pytest.mark.parametrize("point", [(F(0), F(1)), (F(-1), F(-1)), (F(1, 2), F(0)), (F(0),), (F(SIZE), F(SIZE), F(0))])
def test_a_forged_inhabitant(monkeypatch: pytest.MonkeyPatch, point: Any) -> None:
    monkeypatch.setattr(portfolio, "find_inhabitant", lambda *_: point)
    for true in (True, False):
        assert outcome(true=true).verdict is not Verdict.PROVED


@pytest.mark.parametrize("point", [(F(0), F(1)), (F(-1), F(-1))])
def test_a_forged_inhabitant_beside_solvers_that_agree(monkeypatch: pytest.MonkeyPatch, point: Any) -> None:
    from faults import unsat

    true_solve = SmtEngine.solve
    for engine in OTHERS:
        monkeypatch.setattr(engine, "solve", lambda *_: GaveUp("work", "silent"))
    solvers = {"z3": unsat, "cvc5": unsat}
    monkeypatch.setattr(SmtEngine, "solve", lambda _, o, b: true_solve(SmtEngine(solvers=solvers), o, b))
    monkeypatch.setattr(portfolio, "find_inhabitant", lambda *_: point)
    assert decide(claim(true=True), SHORT).verdict is Verdict.ERROR


@pytest.mark.parametrize("damage", ["torn", "flipped", "doubled", "headless", "empty"])
def test_damaged_results_of_children(monkeypatch: pytest.MonkeyPatch, damage: str) -> None:
    """What a killed or broken child leaves in the pipe is no result, even where the result would have been right."""
    plain = processes.pack

    def broken(value: object) -> bytes:
        frame = plain(value)
        return {
            "torn": frame[:-5],
            "flipped": frame[:-9] + bytes([frame[-9] ^ 1]) + frame[-8:],
            "doubled": frame + frame,
            "headless": frame[8:],
            "empty": b"",
        }[damage]

    monkeypatch.setattr(processes, "pack", broken)
    for true in (True, False):
        decision = outcome(true=true)
        assert decision.verdict in (Verdict.OPEN, Verdict.ERROR)


def test_certificates_that_are_cut_or_changed(alone: CheckedAlone, tmp_path: Path) -> None:
    """Every shorter file, and the file with one byte changed, is refused (or, where the byte does not matter, still
    right)."""
    decision = decide(claim(true=True), Search(5.0))
    alone.keep(decision.certificate)
    whole = alone.files[0].read_bytes()
    alone.all_valid()
    path = tmp_path / "cut.json"
    from mechverify.kernel.api import check_bytes

    for end in range(0, len(whole), max(1, len(whole) // 200)):
        assert check_bytes(whole[:end]).answer != "valid"
    path.write_bytes(whole[:-1])
    assert alone.answer(path) == "unreadable"
    assert check_bytes(whole + b"}").answer == "unreadable"


def test_an_engine_is_never_run_in_the_parent(silent: pytest.MonkeyPatch) -> None:
    """A broken engine cannot change the pipeline's own state: its whole life is in a child."""

    def sabotage(*_: Any) -> Any:
        portfolio.check_certificate = lambda *_: None  # type: ignore[assignment]
        portfolio._Portfolio._proved = lambda *_a, **_k: Decision(Verdict.PROVED, Assurance.CHECKED)  # type: ignore[method-assign]
        return ProofFound((["leaf"],), 96)

    before = portfolio.check_certificate
    silent.setattr(BranchAndBoundEngine, "solve", sabotage)
    assert outcome(true=False).verdict in (Verdict.OPEN, Verdict.ERROR)
    assert portfolio.check_certificate is before
