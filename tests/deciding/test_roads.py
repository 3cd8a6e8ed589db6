"""The roads of a claim: what a run shows to fail is not searched on in float32."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from runtime_jobs import job_of
from semantics_tools import dense

from mechverify.deciding import roads
from mechverify.deciding.clock import Clock
from mechverify.deciding.decision import Decision
from mechverify.deciding.portfolio import Search
from mechverify.engines.engine import Budget, CounterexampleFound
from mechverify.graph.graph import Obligation
from mechverify.verdict import Assurance, Reason, Verdict

OPEN = Decision(Verdict.OPEN, reason=Reason.UNSUPPORTED, detail="not searched")
SPEC = """model: {{onnx: m.onnx, arithmetic: float32, feed: {{x: [a]}}}}
inputs: {{a: {{integers: 0 .. 100000000}}}}
explanation: {{variables: {{y: {{located_at: 'output[0]'}}}}}}
claims: {{c: {{always: {claim}}}}}
"""


@pytest.fixture
def searched(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """The searches that were made: none finds anything but what their scouts come upon."""
    dense(tmp_path / "m.onnx", [([[1.0]], [0.0])])
    made: list[str] = []

    def decide(obligation: Obligation, search: Search, _: object) -> Decision:
        made.append("float32")
        found = [one.engine.solve(obligation, Budget(one.work)) for one in search.scouts]
        points = tuple(one.point for one in found if isinstance(one, CounterexampleFound))
        return replace(OPEN, hinted=bool(points), suspects=points)

    def decide_like(*_: object) -> Decision:
        made.append("ideal")
        return OPEN

    monkeypatch.setattr(roads, "decide", decide)
    monkeypatch.setattr(roads, "decide_like", decide_like)
    return made


def test_what_a_run_shows_is_searched_once_in_each_arithmetic(tmp_path: Path, searched: list[str]) -> None:
    job = job_of(tmp_path, SPEC.format(claim="network.y == a"))
    decided = roads.decide_claim(job, Clock(Search(60.0)))
    assert searched == ["float32", "ideal"]
    assert decided.shown is not None
    assert decided.shown.decision.verdict is Verdict.REFUTED
    assert decided.shown.decision.assurance in (Assurance.CHECKED, Assurance.REPLAYED)
    assert decided.ideal == OPEN


def test_what_no_run_shows_is_searched_on(tmp_path: Path, searched: list[str]) -> None:
    job = job_of(tmp_path, SPEC.format(claim="abs(network.y - a) <= 100"))
    decided = roads.decide_claim(job, Clock(Search(16.0)))
    assert searched == ["float32", "float32", "ideal", "float32", "ideal"]
    assert decided.shown is None
    assert decided.decision == OPEN


def test_an_ideal_witness_is_made_simple_so_that_every_execution_breaks_the_claim(tmp_path: Path) -> None:
    """50,000,007 is no float32 number: it comes out as one that is at another distance. 5 is one."""
    dense(tmp_path / "m.onnx", [([[1.0]], [0.0])])
    text = SPEC.replace("integers: 0 .. 100000000}}", "integers: 0 .. 100000000}}, b: {{integers: 0 .. 100000000}}")
    job = job_of(tmp_path, text.format(claim="network.y - b != 5"))
    small, large = ((Fraction(a), Fraction(a - 5)) for a in (5, 50_000_007))
    assert roads._simple_in_ideal(job, Decision(Verdict.REFUTED, point=large)) == (small,)
    assert roads._simple_in_ideal(job, Decision(Verdict.REFUTED, point=small)) == ()
    assert roads._simple_in_ideal(job, OPEN) == ()
