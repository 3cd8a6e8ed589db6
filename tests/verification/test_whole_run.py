"""The limits of a whole run: what they end is open, never less and never more."""

from contextlib import nullcontext
from pathlib import Path

import pytest
from doc_blocks import ROOT

from mechverify.deciding.options import VerifyOptions
from mechverify.report.ci.junit import report_junit
from mechverify.report.ci.sarif import sarif_data
from mechverify.report.exit_codes import ExitCode, exit_code
from mechverify.report.text.claims import summary_line
from mechverify.results import Report
from mechverify.spec.read import read_spec
from mechverify.verdict import Reason, Verdict
from mechverify.verification.loading import load_models
from mechverify.verification.run import verify_spec, verify_specs

SPEC = ROOT / "docs/examples/clamp.yaml"


@pytest.mark.usefixtures("ceilings_as_told")
def test_a_run_without_time_looks_at_nothing_and_says_so() -> None:
    report = verify_specs([SPEC, SPEC], VerifyOptions(time=1e-9))
    assert (report.specs, report.out_of_time, report.interrupted) == ((), True, False)
    assert exit_code(report) == ExitCode.UNDECIDED
    assert summary_line(report) == "The time of the run was used up before any claim was decided."
    assert 'type="out-of-time"' in report_junit(report)
    assert [r["ruleId"] for r in sarif_data(report)["runs"][0]["results"]] == ["out-of-time"]


def test_what_was_decided_before_is_told() -> None:
    done = verify_specs([SPEC], VerifyOptions(timeout=4.0, iia_samples=0))
    cut = Report(done.tool, done.specs, out_of_time=True)
    assert exit_code(cut) == ExitCode.UNDECIDED
    assert "used up: not every spec was looked at" in summary_line(cut)


def test_claims_that_were_not_begun_are_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also those that the spec expects to be open: it is not known whether the models are read as they run."""
    monkeypatch.setattr("mechverify.verification.run._limited", lambda _: nullcontext())
    spec = read_spec(SPEC)
    found = verify_spec(spec, load_models(spec, allow_code=False), VerifyOptions(), until=0.0)
    assert [(c.verdict, c.reason, c.as_expected) for c in found.claims] == [(Verdict.OPEN, Reason.TIME, False)] * 2


def test_a_spec_that_takes_too_long_to_read_ends_the_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from mechverify.engines.processes.time_limit import OutOfTimeError

    def late(*_: object, **__: object) -> None:
        raise OutOfTimeError(1.0, "reading")

    monkeypatch.setattr("mechverify.verification.run.load_models", late)
    report = verify_specs([SPEC], VerifyOptions(time=1e6))
    assert (report.specs, report.out_of_time) == ((), True)
