"""Where what is averaged has no value, the input is told and why; a claim that has one everywhere is left alone."""

from pathlib import Path

from mechverify.deciding.options import VerifyOptions
from mechverify.verdict import Reason, Verdict
from mechverify.verification.run import verify_specs

SPEC = """mechverify: 1
title: t
model: {program: 'p.py:f'}
inputs: {x: {integers: 0 .. 1000}, y: {integers: 0 .. 1000}}
preconditions: {small: x <= 700}
explanation: {variables: {out: {located_at: output}}}
claims:
  by_zero: {on_average: 100 // x <= 5, samples: 20}
  by_more: {on_average: network.out <= 1 + 100 // (x + 1), samples: 20, expect: open}
  guarded: {on_average: 100 // x <= 5, also: {some: x > 0}, samples: 20}
"""


def test_the_input_without_a_value_is_named(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text("def f(x, y):\n    return x - y\n")
    (tmp_path / "s.yaml").write_text(SPEC)
    (spec,) = verify_specs([tmp_path / "s.yaml"], VerifyOptions(timeout=2, jobs=1)).specs
    claims = {claim.name: claim for claim in spec.claims}
    assert not spec.errors
    assert (claims["by_zero"].verdict, claims["by_zero"].reason) == (Verdict.OPEN, Reason.UNSUPPORTED)
    assert "x = 0" in str(claims["by_zero"].detail)
    assert "division by zero" in str(claims["by_zero"].detail)
    assert "no value" not in str(claims["by_more"].detail)
    assert "no value" not in str(claims["guarded"].detail)
