"""No claim with a planted counterexample is PROVED; no claim that is true by construction is REFUTED."""

from collections import Counter
from pathlib import Path

import pytest
from checked_alone import CheckedAlone, covers
from random_claims import make, spec_text

from mechverify.api import VerifyOptions, verify_paths
from mechverify.deciding.portfolio import Search, decide
from mechverify.engines.engine import GaveUp
from mechverify.engines.points.judge import PointJudge, PointStatus
from mechverify.engines.sampling import SamplingEngine
from mechverify.verdict import Verdict

SECONDS = 5.0


def hunt(seeds: range, alone: CheckedAlone, seconds: float = 0.6) -> Counter[str]:
    """The verdicts on claims with a planted counterexample."""
    found: Counter[str] = Counter()
    for seed in seeds:
        case = make(seed, planted=True)
        assert case.spike is not None
        assert PointJudge(case.obligation).status(case.spike) is PointStatus.BREAKS, case.label
        decision = decide(case.obligation, Search(seconds, seed))
        assert decision.verdict not in (Verdict.PROVED, Verdict.VACUOUS, Verdict.ERROR), (case.label, decision)
        assert not covers(decision, case.spike), case.label
        if decision.verdict is Verdict.REFUTED:
            assert PointJudge(case.obligation).status(decision.point) is PointStatus.BREAKS, case.label
        found[str(decision.verdict)] += 1
        alone.keep(decision.certificate)
    return found


def trust(seeds: range, alone: CheckedAlone, seconds: float = 0.6) -> Counter[str]:
    """The verdicts on claims that are true by construction."""
    found: Counter[str] = Counter()
    for seed in seeds:
        case = make(seed, planted=False)
        decision = decide(case.obligation, Search(seconds, seed))
        assert decision.verdict in (Verdict.PROVED, Verdict.OPEN, Verdict.PARTLY), (case.label, decision)
        found[str(decision.verdict)] += 1
        alone.keep(decision.certificate)
    return found


def specs(seeds: range, folder: Path, *, planted: bool, seconds: float = 1.0) -> Counter[str]:
    """The verdicts on whole specs."""
    paths = []
    for seed in seeds:
        home = folder / f"{'planted' if planted else 'true'}_{seed}"
        home.mkdir()
        (home / "s.yaml").write_text(spec_text(seed, home, planted=planted))
        paths.append(home / "s.yaml")
    report = verify_paths(paths, VerifyOptions(timeout=seconds, certificates=folder / "certificates"))
    found: Counter[str] = Counter()
    for spec in report.specs:
        assert not spec.errors, [e.render() for e in spec.errors]
        claim = spec.claims[0]
        found[f"{claim.verdict}{', cut short' if claim.cut_short else ''}"] += 1
    return found


@pytest.fixture
def alone(tmp_path: Path) -> CheckedAlone:
    return CheckedAlone(tmp_path)


def test_planted_counterexamples(alone: CheckedAlone) -> None:
    found = hunt(range(10), alone)
    assert found["REFUTED"] > 0
    alone.all_valid()


def test_true_claims(alone: CheckedAlone) -> None:
    found = trust(range(10), alone)
    assert found["PROVED"] > 0
    alone.all_valid()


def test_whole_specs(tmp_path: Path, alone: CheckedAlone) -> None:
    planted = specs(range(2), tmp_path, planted=True)
    assert not any(verdict.startswith("PROVED") for verdict in planted)
    true = specs(range(2), tmp_path, planted=False)
    assert not any(verdict.startswith("REFUTED") for verdict in true)
    for path in (tmp_path / "certificates").glob("*.json"):
        alone.keep_file(path)
    alone.all_valid()


def test_planted_counterexamples_that_no_sampling_finds(alone: CheckedAlone, monkeypatch: pytest.MonkeyPatch) -> None:
    """The proving engines alone, with nobody to refute the claim first."""
    monkeypatch.setattr(SamplingEngine, "solve", lambda *_: GaveUp("work", "silent"))
    hunt(range(500, 508), alone, 0.4)


@pytest.mark.campaign
def test_three_hundred_planted_counterexamples_that_no_sampling_finds(
    alone: CheckedAlone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SamplingEngine, "solve", lambda *_: GaveUp("work", "silent"))
    print("planted, no sampling:", dict(hunt(range(2000, 2300), alone, 0.5)))


@pytest.mark.campaign
def test_three_hundred_planted_counterexamples(alone: CheckedAlone) -> None:
    print("planted:", dict(hunt(range(1000, 1300), alone, 1.0)))
    alone.all_valid()


@pytest.mark.campaign
def test_three_hundred_true_claims(alone: CheckedAlone) -> None:
    print("true:", dict(trust(range(1000, 1300), alone, 1.0)))
    alone.all_valid()


@pytest.mark.campaign
def test_thirty_whole_specs_of_each_kind(tmp_path: Path) -> None:
    planted, true = (specs(range(100, 130), tmp_path, planted=p, seconds=20.0) for p in (True, False))
    print("specs, planted:", dict(planted), "true:", dict(true))
    assert not any(verdict.startswith("PROVED") for verdict in planted)
    assert not any(verdict.startswith("REFUTED") for verdict in true)
