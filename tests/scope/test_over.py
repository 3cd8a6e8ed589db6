"""A claim over values of a parameter, against what is known of each."""

from fractions import Fraction as F
from pathlib import Path

import pytest

from mechverify import api
from mechverify.deciding.options import VerifyOptions
from mechverify.errors import SpecError, UsageError
from mechverify.scope_results import OverReport
from mechverify.verdict import Verdict

PROGRAM = "def f(x, y):\n    out = x + 3 * y\n    return out\n"
SPEC = """mechverify: 1
title: t
model: {program: 'p.py:f'}
parameters: {n: 12}
inputs: {x: {integers: 0 .. 30}, y: {integers: 0 .. 30}}
explanation: {variables: {out: {located_at: output}}}
claims:
  small: {always: network.out <= 10 * n, expect: refuted}
  often: {usually: network.out == x, probability: 0.5, expect: open}
"""


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    (tmp_path / "p.py").write_text(PROGRAM)
    (tmp_path / "s.yaml").write_text(SPEC)
    return tmp_path / "s.yaml"


def over(spec: Path, values: list[int], *, extents: bool = False, claim: str = "small") -> OverReport:
    options = VerifyOptions(timeout=200.0, certificates=spec.parent / "found")
    return api.scope_over(spec, claim, options, "n", [F(v) for v in values], ("extents",) if extents else None)


def test_a_verdict_for_each_value(spec: Path) -> None:
    report = over(spec, [11, 12])
    assert [(row.value, row.verdict, row.checked) for row in report.rows] == [
        (11, Verdict.REFUTED, False), (12, Verdict.PROVED, True),
    ]  # fmt: skip
    first, second = report.rows
    assert first.witness is not None
    at = first.witness.counterexample.inputs
    assert at["x"] + 3 * at["y"] > 110  # type: ignore[operator]
    assert second.certificate is not None
    assert "n=12" in second.certificate.name
    assert second.certificate.exists()
    assert (report.parameter, report.arithmetic, report.extents) == ("n", "integer", False)


def test_the_largest_number_for_each_value(spec: Path) -> None:
    report = over(spec, [4, 20], extents=True)
    reaches = [row.extent.reach for row in report.rows if row.extent is not None]
    assert [(reach.proved, reach.refuted, reach.exact) for reach in reaches] == [(10, 11, True), (50, 51, True)]
    assert report.rows[0].extent is not None
    assert report.rows[0].extent.inputs == ("x", "y")


def test_mistakes(spec: Path) -> None:
    with pytest.raises(UsageError, match="about all inputs together"):
        over(spec, [1], claim="often")
    with pytest.raises((UsageError, SpecError), match="m"):
        api.scope_over(spec, "small", VerifyOptions(), "m", [F(1)])
