"""An interrupted run keeps what it has decided, if the models were cross-checked, and nothing else."""

from pathlib import Path

import pytest

from mechverify.api import verify_paths
from mechverify.deciding.options import ProgressEvent, VerifyOptions
from mechverify.report.exit_codes import exit_code
from mechverify.report.text.claims import summary_line
from mechverify.results import Report

TEXT = """mechverify: 1
title: A program
model: {program: 'f.py:f'}
inputs: {x: {integers: 0 .. 3}}
explanation: {variables: {y: {located_at: output}}}
claims:
  one: {always: network.y <= 4}
  two: {always: network.y <= 5}
"""


def stopped(folder: Path, when: str, text: str = TEXT) -> Report:
    """A run with an interrupt at the first event of a claim's stage."""
    (folder / "f.py").write_text("def f(x):\n    y = x + 1\n    return y\n")
    for name in ("a.yaml", "b.yaml"):
        (folder / name).write_text(text)

    def tell(event: ProgressEvent) -> None:
        if f"{event.stage} {event.claim}".strip() == when:
            raise KeyboardInterrupt

    return verify_paths([folder / "a.yaml", folder / "b.yaml"], VerifyOptions(jobs=1), tell)


def test_what_was_decided_is_kept(tmp_path: Path) -> None:
    report = stopped(tmp_path, "searching two")
    assert report.interrupted
    assert exit_code(report) == 130
    (spec,) = report.specs
    assert [(c.name, str(c.verdict), c.detail) for c in spec.claims] == [("one", "PROVED", None)]
    assert "Interrupted: not everything was looked at." in summary_line(report)


@pytest.mark.parametrize("when", ["reading", "cross-checking"])
def test_nothing_is_believed_without_the_cross_check(tmp_path: Path, when: str) -> None:
    report = stopped(tmp_path, when)
    assert (report.interrupted, report.specs, exit_code(report)) == (True, (), 130)
    assert summary_line(report) == "Interrupted before any claim was decided."


def test_a_mistake_does_not_swallow_the_interrupt(tmp_path: Path) -> None:
    report = stopped(tmp_path, "searching two", TEXT.replace("claims:", "preconditions: {p: 1 / x >= 0}\nclaims:"))
    assert (report.interrupted, exit_code(report)) == (True, 130)
    (spec,) = report.specs
    assert spec.claims == ()
    assert "the precondition p is undefined at x = 0" in spec.errors[0].message
