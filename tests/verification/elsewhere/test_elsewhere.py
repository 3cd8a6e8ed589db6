"""Claims that are sent elsewhere: whoever lies, dies or is slow there costs time and nothing else."""

from dataclasses import replace
from pathlib import Path

import pytest

from mechverify.deciding.options import VerifyOptions
from mechverify.errors import UsageError
from mechverify.executors.remote import Remote
from mechverify.results import ClaimResult, Report
from mechverify.verdict import Assurance, Reason, Verdict
from mechverify.verification.elsewhere.unit import Unit, UnitError
from mechverify.verification.run import verify_specs

SPEC = """
mechverify: 1
title: Sums
inputs:
  a: {integers: 0 .. 99999}
  b: {integers: 0 .. 99999}
explanation:
  variables:
    total: {value: a + b}
claims:
  grows: {always: total >= a}
  small: {always: total <= 199990, expect: refuted}
"""
MOST = "claims:\n  most: {usually: total < 150000, probability: 0.5}\n"
OPTIONS = VerifyOptions(timeout=4.0)


@pytest.fixture(scope="module")
def spec(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sums") / "sums.yaml"
    path.write_text(SPEC, encoding="utf-8")
    return path


@pytest.fixture(autouse=True)
def found_by_brokers(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the executors of these tests are made of, for processes that are started."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2] / "support" / "executors"))


@pytest.fixture(scope="module")
def alone(spec: Path) -> Report:
    return verify_specs([spec], OPTIONS)


def same(report: Report, alone: Report) -> bool:
    return [told(one) for one in report.specs[0].claims] == [told(one) for one in alone.specs[0].claims]


def told(claim: ClaimResult) -> tuple[object, ...]:
    proof = claim.proof
    return (claim.name, claim.verdict, claim.assurance, claim.counterexample, proof and proof.certificate_sha256)


def with_executor(spec: Path, name: str, options: VerifyOptions = OPTIONS) -> Report:
    return verify_specs([spec], replace(options, executor=f"odd_executors:{name}"))


def test_the_verdicts_are_those_of_one_machine(spec: Path, alone: Report, tmp_path: Path) -> None:
    report = with_executor(spec, "plain", replace(OPTIONS, cache=tmp_path))
    assert same(report, alone)
    assert [c.verdict for c in report.specs[0].claims] == [Verdict.PROVED, Verdict.REFUTED]
    assert report.elsewhere is not None
    assert (report.elsewhere.sent, report.elsewhere.brought, report.elsewhere.failures) == (2, 2, ())
    again = with_executor(spec, "plain", replace(OPTIONS, cache=tmp_path))
    assert again.elsewhere is not None
    assert again.elsewhere.sent == 0  # what is kept here is not searched for there
    assert same(again, alone)


def test_the_largest_claim_is_sent_first_whatever_is_done_here_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "sums.yaml"
    path.write_text(SPEC.replace("  small:", "  large: {always: total * total >= a * a - b}\n  small:"), encoding="utf-8")
    sent: list[str] = []

    def send(_: Remote, data: bytes) -> None:
        sent.append(Unit.unpacked(data).claim)

    monkeypatch.setattr(Remote, "send", send)
    with_executor(path, "plain", replace(OPTIONS, jobs=1))
    assert sent[0] == "large"
    assert sorted(sent) == ["grows", "large", "small"]


def test_nothing_is_searched_for_here_where_something_came_back(spec: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mechverify.deciding.portfolio.entrants", lambda *_: pytest.fail("a search"))
    report = with_executor(spec, "plain")
    assert [c.verdict for c in report.specs[0].claims] == [Verdict.PROVED, Verdict.REFUTED]


def test_forged_answers_are_not_believed(spec: Path, alone: Report, tmp_path: Path) -> None:
    folder = tmp_path / "here" / "cache"
    report = with_executor(spec, "forging", replace(OPTIONS, cache=folder))
    assert same(report, alone)
    assert report.elsewhere is not None
    assert report.elsewhere.sent == 2
    assert [path.name for path in tmp_path.iterdir()] == ["here"]  # no entry left its folder
    assert {len(path.stem) for path in folder.rglob("*.json")} == {62}


def test_what_is_no_answer_is_searched_for_here(spec: Path, alone: Report) -> None:
    report = with_executor(spec, "junk")
    assert same(report, alone)
    assert report.elsewhere is not None
    assert (report.elsewhere.brought, len(report.elsewhere.failures)) == (0, 2)


def test_workers_that_are_killed_cost_time_alone(spec: Path, alone: Report) -> None:
    report = with_executor(spec, "dying")
    assert same(report, alone)
    assert report.elsewhere is not None
    assert (report.elsewhere.brought, len(report.elsewhere.failures)) == (0, 2)


@pytest.mark.usefixtures("ceilings_as_told")
def test_workers_that_never_answer_are_not_waited_for(
    spec: Path, alone: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mechverify.verification.elsewhere.elsewhere.patience", lambda _: 0.2)
    report = with_executor(spec, "silent", replace(OPTIONS, timeout=400.0))
    assert [c.verdict for c in report.specs[0].claims] == [c.verdict for c in alone.specs[0].claims]
    assert report.elsewhere is not None
    assert (report.elsewhere.sent, report.elsewhere.late) == (2, 2)


@pytest.mark.usefixtures("ceilings_as_told")
def test_the_time_of_a_run_ends_while_others_work(spec: Path) -> None:
    report = with_executor(spec, "silent", replace(OPTIONS, time=3.0))
    assert report.out_of_time or {c.reason for c in report.specs[0].claims} == {Reason.TIME}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("odd_executors:no_executor", "a int is no concurrent.futures.Executor"),
        ("odd_executors:raising", "OSError: nobody there"),
        ("odd_executors:missing", "AttributeError"),
        ("no.such.module:there", "ModuleNotFoundError"),
        ("odd_executors", "names no executor"),
        ("a b:c", "names no executor"),
        ("odd_executors:not a name", "names no function"),
    ],
)
def test_an_executor_that_is_none_is_a_mistake(spec: Path, name: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        verify_specs([spec], replace(OPTIONS, executor=name))


def test_claims_that_hold_usually_are_searched_for_here(tmp_path: Path) -> None:
    path = tmp_path / "usually.yaml"
    path.write_text(SPEC.split("claims:", maxsplit=1)[0] + MOST)
    report = with_executor(path, "silent", OPTIONS)
    assert report.elsewhere is not None
    assert report.elsewhere.sent == 0
    assert report.specs[0].claims[0].assurance is not Assurance.SOLVER


def test_what_cannot_be_sent_is_searched_for_here_and_told(
    spec: Path, alone: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_large(_: object) -> None:
        raise UnitError("its files are too large")

    monkeypatch.setattr("mechverify.verification.elsewhere.elsewhere.files_of", too_large)
    report = with_executor(spec, "silent")
    assert same(report, alone)
    assert report.elsewhere is not None
    assert (report.elsewhere.sent, report.elsewhere.kept_here) == (0, ("its files are too large",))
