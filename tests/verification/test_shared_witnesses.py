"""The witness of one claim is tried on every other claim of the spec."""

from dataclasses import replace
from fractions import Fraction as F
from pathlib import Path

import pytest
from claim_jobs import jobs_of
from semantics_tools import verify

from mechverify.deciding.job import Job
from mechverify.results import ClaimResult, Counterexample
from mechverify.verdict import Assurance, Reason, Verdict
from mechverify.verification import run
from mechverify.verification.claim import verify_claim
from mechverify.verification.shared_witnesses import points_for, reconsidered, runs_of

SPEC = """model: {program: 'p.py:f'}
inputs: {x: {integers: 0 .. 1000000}, v: {integers: 0 .. 9, shape: [2]}}
explanation:
  variables:
    half: {value: x // 2, located_at: half}
    out: {value: 2 * half, located_at: output}
claims:
  first: {always: network.out <= 2 * (x // 2)}
  second: {always: "network.out == 2 * (x // 2) and v[0] >= 0"}
  swapped: {interchange: [half], always: network.out == out}
"""
PROGRAM = "def f(x):\n    half = x // 2\n    out = 2 * half + (1 if x == 123456 else 0)\n    return out\n"


@pytest.fixture
def jobs(tmp_path: Path) -> dict[str, Job]:
    (tmp_path / "p.py").write_text(PROGRAM)
    return jobs_of(tmp_path, SPEC)


def as_open(job: Job) -> ClaimResult:
    return replace(
        verify_claim(replace(job, options=replace(job.options, timeout=2.0))),
        verdict=Verdict.OPEN,
        assurance=None,
        reason=Reason.TIME,
        counterexample=None,
    )


def refuted_at(result: ClaimResult, x: int) -> ClaimResult:
    inputs = {"x": F(x), "v": (F(1), F(2))}
    return replace(result, verdict=Verdict.REFUTED, counterexample=Counterexample(inputs, (), (), True))


def test_runs_become_points_of_the_other_claims(jobs: dict[str, Job]) -> None:
    result = as_open(jobs["first"])
    runs = runs_of([refuted_at(result, 123456), refuted_at(result, 123456), refuted_at(result, 8), result])
    assert [r["x"] for r in runs] == [123456, 8]
    assert points_for(jobs["second"].compiled, runs) == ((F(123456), F(1), F(2)), (F(8), F(1), F(2)))
    assert len(points_for(jobs["swapped"].compiled, runs)) == 4
    assert points_for(jobs["second"].compiled, [{"x": F(10**7), "v[0]": F(1), "v[1]": F(2)}, {"x": F(1)}]) == ()


def test_an_undecided_claim_is_refuted_by_anothers_witness(jobs: dict[str, Job]) -> None:
    result = as_open(jobs["first"])
    runs = runs_of([refuted_at(result, 123456)])
    for name in ("second", "swapped"):
        found = reconsidered(jobs[name], replace(as_open(jobs[name]), name=name), runs)
        assert (found.verdict, found.assurance) == (Verdict.REFUTED, Assurance.CHECKED)
        assert found.counterexample is not None
        assert found.counterexample.inputs["x"] == 123456
    nothing = runs_of([refuted_at(result, 8)])
    assert reconsidered(jobs["second"], result, nothing) is result
    proved = replace(result, verdict=Verdict.PROVED)
    assert reconsidered(jobs["second"], proved, runs) is proved


def test_it_happens_in_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One claim is found false, the other is left open by its own search."""
    true_verify = run.verify_claim

    def verified(job: Job) -> ClaimResult:
        found = true_verify(job)
        if job.compiled.name == "first":
            return found
        return replace(found, verdict=Verdict.OPEN, assurance=None, reason=Reason.TIME, counterexample=None)

    monkeypatch.setattr(run, "verify_claim", verified)
    (tmp_path / "p.py").write_text(PROGRAM)
    claims = verify(tmp_path, SPEC.replace("  swapped: {interchange: [half], always: network.out == out}\n", ""))
    assert list(claims) == ["first", "second"]
    assert all(c.verdict is Verdict.REFUTED for c in claims.values())
