"""Scouts end the search for a float32 proof where they come upon something, and otherwise say nothing."""

from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import pytest
from runtime_jobs import job_of
from semantics_tools import dense

from mechverify.deciding import portfolio
from mechverify.deciding.decision import Decision
from mechverify.deciding.entrants import Entrant
from mechverify.deciding.job import Job
from mechverify.deciding.options import VerifyOptions
from mechverify.deciding.portfolio import Search, decide
from mechverify.deciding.running.scouts import scouts
from mechverify.engines.engine import Budget, CounterexampleFound, GaveUp, Outcome, ProofFound, SolverAnswer
from mechverify.engines.registry import Role
from mechverify.graph.graph import Obligation
from mechverify.spec.read import read_spec
from mechverify.verdict import Verdict
from mechverify.verification.loading import load_models
from mechverify.verification.plan import plan

SPEC = """model: {{onnx: m.onnx, arithmetic: {arithmetic}, feed: {{x: [a]}}}}
inputs: {{a: {{integers: 0 .. 100000000}}}}
explanation: {{variables: {{y: {{located_at: 'output[0]'}}}}}}
claims: {{c: {{always: {claim}}}}}
"""


def job_about(folder: Path, claim: str, arithmetic: str = "float32") -> Job:
    dense(folder / "m.onnx", [([[1.0]], [0.0])])
    return job_of(folder, SPEC.format(claim=claim, arithmetic=arithmetic))


def come_upon(job: Job) -> dict[str, bool]:
    found = {one.engine.name: one.engine.solve(job.compiled.obligation, Budget(one.work)) for one in scouts(job)}
    return {name: isinstance(value, CounterexampleFound) for name, value in found.items()}


def test_one_looks_in_ideal_arithmetic_and_one_in_the_runtimes(tmp_path: Path) -> None:
    looks = {"network.y == a": (False, True), "network.y < 50": (True, True), "abs(network.y - a) <= 9": (False, False)}
    for claim, (ideal, runs) in looks.items():
        assert come_upon(job_about(tmp_path, claim)) == {"sampling in ideal arithmetic": ideal, "first runs": runs}


def test_some_thousands_of_runs_are_looked_at_where_they_are_run_together() -> None:
    """A sum of ten numbers, in which only some roundings break the claim: no witness among the first 3,000 runs."""
    spec = read_spec(Path(__file__).parents[3] / "specs/running_sum_float32.yaml")
    planned = plan(spec, load_models(spec, allow_code=False), VerifyOptions(claims=("exact_one_further",)))
    (job,) = [one.job for one in planned if one.job is not None]
    assert come_upon(job)["first runs"]


def test_a_claim_in_real_arithmetic_has_none(tmp_path: Path) -> None:
    assert scouts(job_about(tmp_path, "network.y == a", "real")) == ()


@dataclass(frozen=True)
class Says:
    """An engine that knows its answer."""

    answer: Outcome
    name: str = "says"

    def suits(self, obligation: Obligation) -> bool:
        return True

    def solve(self, obligation: Obligation, budget: Budget) -> Outcome:
        return self.answer


def searched_with(job: Job, answer: Outcome) -> Decision:
    """The decision of a search with a scout that says this."""
    scout = Entrant(Says(answer), 0.1, role=Role.SCOUTS)
    return decide(job.compiled.obligation, replace(Search(1.0), scouts=(scout,)))


def test_a_suspect_ends_the_search_and_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job = job_about(tmp_path, "network.y == a")
    never = Entrant(Says(GaveUp("work", "must not be heard")), 1.0, after=0.5)
    monkeypatch.setattr(portfolio, "entrants", lambda *_: [never])
    decision = searched_with(job, CounterexampleFound((Fraction(16777217),)))
    assert decision.verdict is Verdict.OPEN
    assert decision.hinted
    assert decision.suspects[0] == (16777217,)
    assert decision.detail != "must not be heard"


@pytest.mark.parametrize(
    "answer",
    [
        ProofFound((["leaf"],), 96),
        SolverAnswer(("z3", "cvc5")),
        GaveUp("rounding", "of no account"),
        CounterexampleFound(("no number",)),  # type: ignore[arg-type]
    ],
)
def test_whatever_else_a_scout_says_is_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: Outcome
) -> None:
    """A proof of a scout least of all: what it looks at is another obligation."""
    job = job_about(tmp_path, "abs(network.y - a) <= 9")
    monkeypatch.setattr(portfolio, "entrants", lambda *_: [])
    decision = searched_with(job, answer)
    assert (decision.verdict, decision.hinted, decision.suspects) == (Verdict.OPEN, False, ())
    assert decision.detail == "No engine found a proof or a counterexample."
