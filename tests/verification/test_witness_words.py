"""What a witness says where a claim has no value, and with several models."""

from fractions import Fraction
from pathlib import Path

import pytest

from mechverify.api import verify_paths
from mechverify.deciding.options import VerifyOptions
from mechverify.report.json.claims import claim_data
from mechverify.report.text.claims import render_claim
from mechverify.results import ClaimResult

HEAD = """mechverify: 1
title: Undefined
model: {program: 'p.py:f'}
inputs:
  a: {integers: 0 .. 4}
  b: {integers: -3 .. 3}
explanation:
  variables:
    out: {located_at: output}
    inverse: {value: 1 / b}
    twice: {value: 2 * inverse}
    parts: {value: '[a, b]'}
claims:
"""
TWO = """mechverify: 1
title: Two models
models:
  one: {program: 'p.py:f'}
  other: {program: 'p.py:g'}
inputs:
  a: {integers: 0 .. 4}
  b: {integers: -3 .. 3}
explanation:
  variables:
    result: {value: a + b, located_at: output}
    early: {located_at: {other: first}}
    spread: {located_at: {one: q, other: first}}
claims:
"""


def results(folder: Path, text: str) -> dict[str, ClaimResult]:
    (folder / "p.py").write_text(
        "def f(a, b):\n    q = a + b\n    return q\n\n\ndef g(a, b):\n    first = a\n    r = first - b\n    return r\n"
    )
    (folder / "s.yaml").write_text(text)
    (result,) = verify_paths([folder / "s.yaml"], VerifyOptions(timeout=15.0)).specs
    assert not result.errors, [e.render() for e in result.errors]
    return {claim.name: claim for claim in result.claims}


@pytest.mark.parametrize(
    ("claim", "why"),
    [
        ("network.out / b <= 1000", "division by zero"),
        ("inverse <= 1000", "in inverse, division by zero"),
        ("twice <= 1000", "in inverse, division by zero"),
        ("parts[a] >= -100", "index 2 of a vector of length 2 (valid: -2 to 1)"),
        ("sqrt(b) <= 1000", "sqrt of -1"),
    ],
)
def test_an_undefined_claim_says_why(tmp_path: Path, claim: str, why: str) -> None:
    result = results(tmp_path, f"{HEAD}  c: {{always: '{claim}'}}\n")["c"]
    assert result.counterexample is not None
    assert (result.counterexample.undefined or "").startswith(why)
    text = " ".join(render_claim(result, width=200).split())
    assert f"no value {claim} undefined: {why}" in text
    assert "false there" not in text


def test_a_false_claim_is_false(tmp_path: Path) -> None:
    result = results(tmp_path, f"{HEAD}  c: {{always: 'b == 0 or 1 / b <= 0.4'}}\n")["c"]
    assert result.counterexample is not None
    assert result.counterexample.undefined is None
    assert "false there" in render_claim(result, width=200)


def test_every_model_has_its_column(tmp_path: Path) -> None:
    found = results(
        tmp_path,
        TWO + "  same: {always: one.result == other.result}\n"
        "  early_is_a: {always: other.early == a}\n"
        "  spread_is: {always: one.spread == a + b and other.spread == a}\n",
    )
    assert str(found["early_is_a"].verdict) == "PROVED"
    assert str(found["spread_is"].verdict) == "PROVED"
    counterexample = found["same"].counterexample
    assert counterexample is not None
    a, b = (Fraction(counterexample.inputs[name]) for name in ("a", "b"))  # type: ignore[arg-type]
    rows = {row.name: row for row in counterexample.rows}
    assert rows["result"].models == {"one": a + b, "other": a - b}
    assert rows["result"].explanation == a + b
    assert rows["early"].models == {"one": None, "other": a}
    assert rows["spread"].models == {"one": a + b, "other": a}
    lines = render_claim(found["same"], width=120).splitlines()
    (head,) = (line.split() for line in lines if "variable" in line)
    assert head == ["variable", "one", "other", "explanation"]
    (row,) = (line.split() for line in lines if line.split()[:1] == ["result"])
    assert row == ["result", str(a + b), str(a - b), str(a + b), "≠"]
    data = claim_data(found["same"])["counterexample"]["network"]
    assert data["one.result"] == str(a + b)
    assert data["other.result"] == str(a - b)


def test_a_site_that_only_one_model_has_must_say_so(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text("def f(a):\n    q = a\n    return q\n\n\ndef g(a):\n    r = a\n    return r\n")
    (tmp_path / "s.yaml").write_text(
        "mechverify: 1\ntitle: t\nmodels: {one: {program: 'p.py:f'}, other: {program: 'p.py:g'}}\n"
        "inputs: {a: {integers: 0 .. 4}}\n"
        "explanation: {variables: {q: {located_at: q}}}\nclaims: {c: {always: one.q == a}}\n"
    )
    (result,) = verify_paths([tmp_path / "s.yaml"], VerifyOptions()).specs
    (error,) = result.errors
    assert (error.line, error.column) == (5, 43)
    assert "the model other has no activation 'q'" in error.message
    assert error.hint is not None
    assert error.hint.startswith("it has: ")
    assert "a site of one model alone is written {MODEL: q}" in error.hint
