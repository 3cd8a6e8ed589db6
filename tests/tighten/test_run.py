"""The least tolerance that can be proved, and the largest that is broken."""

import json
from fractions import Fraction as F
from pathlib import Path

import pytest
from semantics_tools import dense

from mechverify import api
from mechverify.deciding.options import VerifyOptions
from mechverify.errors import SpecError, UsageError
from mechverify.report.json.tighten import tighten_json
from mechverify.report.text.tighten import tighten_exit_code, tighten_text
from mechverify.tighten.attempt import Attempts
from mechverify.tighten_results import TightenReport

PROGRAM = "def f(x, y):\n    out = x + 3 * (y // 1000)\n    return out\n"
SPEC = """mechverify: 1
title: t
model: {program: 'p.py:f'}
parameters: {tol: 50}
inputs: {x: {integers: 0 .. 1000}, y: {integers: 0 .. 9000}}
preconditions: {some: y <= 8500}
explanation: {variables: {out: {value: x, located_at: output}}}
claims:
  near: {always: abs(network.out - out) <= tol}
  twice: {always: network.out - out <= tol and network.out <= 2000}
  two: {for: {i: 1 .. 2}, always: network.out - out <= 30 * i}
  equal: {always: network.out == x}
  often: {usually: network.out == x, probability: 0.5, expect: open}
  whole: {ignores: y, at: out}
"""


def tightened(folder: Path, claim: str, seconds: float = 6.0, within: F = F(1, 100), **options: object) -> TightenReport:
    (folder / "p.py").write_text(PROGRAM)
    (folder / "s.yaml").write_text(SPEC.replace("  whole: {ignores: y, at: out}\n", ""))
    return api.tighten(folder / "s.yaml", claim, VerifyOptions(timeout=seconds, **options), within)  # type: ignore[arg-type]


def test_both_ends_of_an_exact_claim_meet(tmp_path: Path) -> None:
    report = tightened(tmp_path, "near", certificates=tmp_path / "proofs")
    (one,) = report.bounds
    assert one.proved is not None
    assert one.broken is not None
    assert (one.bound, one.allowed, one.distance) == ("tol", 50, True)
    assert (one.proved.value, one.broken.difference, one.broken.value) == (24, 24, F(23999, 1000))
    assert 8000 <= one.broken.counterexample.inputs["y"] <= 8500  # type: ignore[operator]
    assert one.broken.counterexample.robust
    assert tighten_exit_code(report) == 0
    for end, value in ((one.proved, "24"), (one.broken, "23.999")):
        assert end.certificate is not None
        options = VerifyOptions(claims=("near",), settings={"tol": value})
        checked = api.check_certificate_file(end.certificate, tmp_path / "s.yaml", options)
        assert (checked.answer, checked.spec_matches) == ("valid", True)
    text = " ".join(tighten_text(report, width=90, colour=False).split())
    assert "proved for every tol >= 24" in text
    assert "broken at tol = 23.999, by x = " in text
    assert "difference 24; every execution breaks it" in text
    assert "--set tol=24" in text
    assert "open from" not in text
    data = json.loads(tighten_json(report))
    assert data["bounds"][0]["proved"]["value"] == "24"
    assert data["bounds"][0]["broken"]["difference"] == "24"
    assert data["exit_code"] == 0


def test_each_tolerance_of_a_conjunction_by_itself(tmp_path: Path) -> None:
    first, second = tightened(tmp_path, "twice").bounds
    assert [first.proved and first.proved.value, second.proved and second.proved.value] == [24, 1024]
    assert not first.distance


def test_one_member_of_a_family(tmp_path: Path) -> None:
    report = tightened(tmp_path, "two[i=2]")
    (one,) = report.bounds
    assert (one.bound, one.allowed) == ("30 * i", 60)
    assert one.proved is not None
    assert one.proved.value == 24
    text = " ".join(tighten_text(report, width=90, colour=False).split())
    assert "in the spec the bound = 60 proved for every bound >= 24" in text
    assert "broken at the bound = 23.9" in text
    with pytest.raises(UsageError, match="is a family"):
        tightened(tmp_path, "two")


@pytest.mark.parametrize("claim", ["equal", "often"])
def test_a_claim_without_a_tolerance_is_refused(tmp_path: Path, claim: str) -> None:
    with pytest.raises(UsageError, match="has no tolerance to tighten"):
        tightened(tmp_path, claim)


FLOAT = """mechverify: 1
title: t
model: {onnx: m.onnx, feed: {x: [a / 8, b / 8]}}
inputs: {a: {integers: 0 .. 800}, b: {integers: 0 .. 800}}
explanation: {variables: {d: {value: abs(a - b) / 8, located_at: 'output[0]'}}}
claims: {c: {always: abs(network.d - d) <= BOUND}}
"""


@pytest.mark.parametrize("bound", ["5", "0.001"])
def test_a_float32_claim_from_either_side(tmp_path: Path, bound: str) -> None:
    """The spec's own tolerance may be far too wide or refuted."""
    dense(tmp_path / "m.onnx", [([[1.0, -1.0], [-1.0, 1.0]], [0.0, 0.0]), ([[1.0, 1.0]], [0.1])])
    (tmp_path / "s.yaml").write_text(FLOAT.replace("BOUND", bound))
    report = api.tighten(tmp_path / "s.yaml", "c", VerifyOptions(timeout=8.0), F(1, 10))
    (one,) = report.bounds
    assert one.proved is not None
    assert one.broken is not None
    assert F(1, 10) <= one.broken.difference <= one.proved.value <= F(112, 1000)
    assert one.broken.value < one.broken.difference
    assert one.broken.runtime is not None
    assert one.enough


def test_too_little_time_leaves_a_gap_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from mechverify.deciding.decision import Decision
    from mechverify.tighten import attempt
    from mechverify.verdict import Verdict

    class Undecided:
        decision = Decision(Verdict.OPEN)

    monkeypatch.setattr(attempt, "decide_claim", lambda *_: Undecided())
    report = tightened(tmp_path, "near", 3.0)
    (one,) = report.bounds
    assert one.proved is None
    assert one.broken is not None
    assert tighten_exit_code(report) == 3
    text = " ".join(tighten_text(report, width=90, colour=False).split())
    assert "proved for no tol that was tried" in text
    assert "Not within 1%" in text


def test_nothing_is_said_where_no_input_is_admissible(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text(PROGRAM)
    text = SPEC.replace("some: y <= 8500", "some: y <= 5, never: y > 7").replace("  whole: {ignores: y, at: out}\n", "")
    (tmp_path / "s.yaml").write_text(text)
    report = api.tighten(tmp_path / "s.yaml", "near", VerifyOptions(timeout=5.0))
    assert report.bounds == ()
    assert report.problem == "No input that meets the preconditions was found."
    assert tighten_exit_code(report) == 3


def test_a_mistake_in_the_spec_is_one_here_too(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text(PROGRAM)
    (tmp_path / "s.yaml").write_text(SPEC.replace("located_at: output", "located_at: nowhere"))
    with pytest.raises(SpecError):
        api.tighten(tmp_path / "s.yaml", "near", VerifyOptions(timeout=5.0))


def test_what_was_found_before_it_was_stopped_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine, or a large model: sixteen minutes, and nothing was left of them."""

    def stopped(self: Attempts, *_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(Attempts, "decided", stopped)
    report = tightened(tmp_path, "near", certificates=tmp_path / "proofs")
    (one,) = report.bounds
    assert (one.proved, one.enough) == (None, False)
    assert one.broken is not None
    assert (one.broken.difference, one.broken.certificate) == (24, None)
    assert report.problem is not None
    assert not report.failed
    assert tighten_exit_code(report) == 3
    text = " ".join(tighten_text(report, width=90, colour=False).split())
    assert "broken at tol = 23.999, by x = " in text
    assert "memory" in text
