"""A proof of a float32 claim is a proof of the ideal one, step for step, and the kernel is asked about both at once."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from mechverify.deciding import portfolio
from mechverify.deciding.decision import Decision
from mechverify.deciding.job import Job
from mechverify.deciding.options import VerifyOptions
from mechverify.deciding.portfolio import Search, decide, decide_like
from mechverify.deciding.twin import Twin
from mechverify.engines.certificates.translation import translated
from mechverify.engines.engine import ProofFound
from mechverify.spec.read import read_spec
from mechverify.verdict import Assurance, Verdict
from mechverify.verification.loading import load_models
from mechverify.verification.plan import plan

SPECS = Path(__file__).parents[2] / "specs"


def jobs(name: str) -> dict[str, Job]:
    spec = read_spec(SPECS / f"{name}.yaml")
    planned = plan(spec, load_models(spec, allow_code=False), VerifyOptions())
    return {p.name: p.job for p in planned if p.job is not None}


@pytest.fixture(scope="module")
def gallery() -> dict[str, Job]:
    return jobs("equal_inputs")


@pytest.mark.parametrize("name", ["hands_back_the_first", "unit_holds_head_start", "only_when_equal"])
def test_the_twin_needs_no_search(gallery: dict[str, Job], name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    beside = beside_without_search(gallery[name], monkeypatch)
    assert beside.assurance is Assurance.CHECKED


def test_what_a_network_multiplies_by_zero_has_no_counterpart(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rounded graph takes all inputs and units of a layer into its sums, the ideal one those with a weight; so it
    has no units at all where the other has some that are always zero, and a leaf that names their slopes still says
    what it says."""
    gallery = jobs("equality_network_exact")
    job = gallery["first_comparison"]
    assert job.ideal is not None
    units = [sum(n.op == "relu" for n in c.obligation.graph.nodes) for c in (job.compiled, job.ideal)]
    assert units[0] > units[1]
    assert beside_without_search(job, monkeypatch).verdict is Verdict.PROVED


def beside_without_search(job: Job, monkeypatch: pytest.MonkeyPatch) -> Decision:
    """What is decided of the ideal claim by what decides the rounded one."""
    assert job.ideal is not None
    search = Search(20.0)
    with Twin(job.ideal.obligation, 60.0) as twin:
        decided = decide(job.compiled.obligation, search, twin)
        assert decided.verdict in (Verdict.PROVED, Verdict.REFUTED)
        monkeypatch.setattr(portfolio, "entrants", lambda *_: [])
        beside = decide_like(job.compiled.obligation, decided, twin, search)
    assert beside.verdict is decided.verdict
    assert beside.sha256 != decided.sha256
    return beside


def test_steps_that_do_not_prove_the_twin_are_nothing(
    gallery: dict[str, Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = gallery["hands_back_the_first"]
    assert job.ideal is not None
    decided = decide(job.compiled.obligation, Search(20.0))
    monkeypatch.setattr(portfolio, "entrants", lambda *_: [])
    wrong = replace(decided, proof=ProofFound((["leaf"],), 96))
    with Twin(job.ideal.obligation, 60.0) as twin:
        assert decided.inhabitant is not None
        twin.offer(job.compiled.obligation, ProofFound((["leaf"],), 96), decided.inhabitant)
        beside = decide_like(job.compiled.obligation, wrong, twin, Search(0.2))
    assert beside.verdict is Verdict.OPEN


def test_an_answer_is_about_the_certificate_that_was_offered(gallery: dict[str, Job]) -> None:
    job = gallery["hands_back_the_first"]
    assert job.ideal is not None
    with Twin(job.ideal.obligation, 60.0) as twin:
        twin.offer(job.compiled.obligation, ProofFound((["leaf"],), 96), (Fraction(0), Fraction(0)))
        assert twin.answer({"kind": "proof"}) is None


def test_nodes_without_a_counterpart_end_the_translation(gallery: dict[str, Job]) -> None:
    job = gallery["unit_holds_head_start"]
    assert job.ideal is not None
    one, other = job.compiled.obligation, job.ideal.obligation
    relus = [v for v, n in enumerate(one.graph.nodes) if n.op == "max"]
    there = [v for v, n in enumerate(other.graph.nodes) if n.op == "max"]
    moved = translated(ProofFound((["phase", relus[0]], ["leaf"], ["leaf"]), 96), one, other)
    assert moved is not None
    assert moved.steps[0] == ["phase", there[0]]
    rounded = next(v for v, n in enumerate(one.graph.nodes) if n.op == "round32")
    assert translated(ProofFound((["phase", rounded],), 96), one, other) is None
    assert translated(ProofFound((["forget", [], [], []],), 96), one, other) is None
