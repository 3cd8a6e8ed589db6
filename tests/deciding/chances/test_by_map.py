"""A claim decided by a map alone: beside all exceptions for a verdict, beside one where a search asks many times."""

from pathlib import Path

import pytest

from mechverify.deciding.chances.by_map import decided_by_map
from mechverify.deciding.clock import Clock
from mechverify.deciding.decision import Decision
from mechverify.deciding.job import Job
from mechverify.deciding.options import VerifyOptions
from mechverify.explanation.compiled import CompiledClaim
from mechverify.explanation.obligations import compile_claim
from mechverify.findings.cautions.vacuity import Looked
from mechverify.spec.read import read_spec
from mechverify.verdict import Verdict

SPEC = """mechverify: 1
title: t
inputs: {x: {integers: 0 .. 9}, y: {integers: 0 .. 9}}
claims:
  rarely: {usually: x + y <= 16, probability: CHANCE}
  never: {usually: x + y <= 16, probability: 0.5, also: {no: x > 9}}
"""


def unasked(_: CompiledClaim, decision: Decision, __: Clock) -> Looked:
    raise AssertionError(decision)


def job(folder: Path, chance: str, name: str) -> Job:
    path = folder / "s.yaml"
    path.write_text(SPEC.replace("CHANCE", chance))
    spec = read_spec(path)
    claim = next(one for one in spec.claims if one.name == name)
    return Job(compile_claim(spec, {}, claim, name, {}), None, {}, VerifyOptions())


@pytest.mark.parametrize("short", [False, True])
def test_three_of_a_hundred_break_it(tmp_path: Path, short: bool) -> None:
    proved = decided_by_map(job(tmp_path, "0.97", "rarely"), 5.0, 60.0, unasked, short=short)
    refuted = decided_by_map(job(tmp_path, "0.98", "rarely"), 5.0, 60.0, unasked, short=short)
    assert (proved.decision.verdict, refuted.decision.verdict) == (Verdict.PROVED, Verdict.REFUTED)
    assert (proved.exceptions is None) is short
    assert refuted.exceptions is not None
    shown = [(one.found.inputs["x"], one.found.inputs["y"]) for one in refuted.exceptions.listed]
    assert set(shown) <= {(8, 9), (9, 8), (9, 9)}
    assert len(shown) == (1 if short else 3)
    assert refuted.exceptions.complete is not short


def test_of_no_input_there_are_no_exceptions(tmp_path: Path) -> None:
    found = decided_by_map(job(tmp_path, "0.5", "never"), 5.0, 60.0, unasked)
    assert (found.decision.verdict, found.exceptions) == (Verdict.VACUOUS, None)
