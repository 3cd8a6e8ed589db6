"""Decodings with numbers left open: fitted, printed, and never verified before they are pasted."""

import re
from fractions import Fraction as F
from pathlib import Path

import pytest
from semantics_tools import dense, verify, verify_file

from mechverify import api
from mechverify.deciding.options import VerifyOptions
from mechverify.errors import SpecError
from mechverify.findings import fitting
from mechverify.verdict import Verdict

SPEC = """model: {onnx: m.onnx, feed: {x: [a / 1000, b / 1000]}}
parameters: {one: 1}
inputs: {a: {integers: 0 .. 1000}, b: {integers: 0 .. 1000}}
preconditions: {apart: a >= b + 100}
explanation:
  variables:
    ahead:
      value: max(a - b, 0)
      located_at: hidden_1[0]
      read_as: READ
    seen: {located_at: 'output[0]'}
claims:
  near: {always: abs(network.ahead - ahead) <= 1}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    dense(tmp_path / "m.onnx", [([[0.8, -0.8], [0.0, 1.0]], [0.0, 0.0]), ([[1.0, 1.0]], [0.0])])
    return tmp_path


def mistakes(folder: Path, read: str, text: str = SPEC) -> list[str]:
    (folder / "s.yaml").write_text("mechverify: 1\ntitle: t\n" + text.replace("READ", read))
    return [e.render() for e in verify_file(folder / "s.yaml").errors]


@pytest.mark.parametrize(
    ("read", "fitted"),
    [
        ("it * ?", "it * 1250"),
        ("'? * it'", "1250 * it"),
        ("it * ? + ?", "it * 1250 + "),
        ("it / 0.001 * ?", "it / 0.001 * 1.25"),
        ("(it - 0) * (? * one)", "(it - 0) * (1250 * one)"),
    ],
)
def test_what_fits_is_printed(folder: Path, read: str, fitted: str) -> None:
    (text,) = mistakes(folder, read)
    assert text.startswith(f"{folder / 's.yaml'}:12:")
    assert f"read_as of 'ahead' has a number left open: {read.strip(chr(39))}" in text
    found = re.search(r"fitted: (.*) \(largest error found ([0-9.]+), at 2,000 random admissible inputs\); write that", text)
    assert found is not None, text
    assert found[1] == fitted or (fitted.endswith(" ") and found[1].startswith(fitted.rstrip("+ ")))
    assert F(found[2]) < F(1, 100)


def test_what_was_fitted_proves_the_claim_once_it_is_pasted(folder: Path) -> None:
    assert verify(folder, SPEC.replace("READ", "it * 1250"))["near"].verdict is Verdict.PROVED


def test_the_largest_error_is_least(folder: Path) -> None:
    """b ** 2 by a line over 0 .. 900: the best is off by an eighth of the square of the range."""
    (text,) = mistakes(folder, "it * ? + ?", SPEC.replace("max(a - b, 0)", "b ** 2").replace("hidden_1[0]", "hidden_1[1]"))
    found = re.search(r"largest error found ([0-9]+)", text)
    assert found is not None
    assert 0.97 * 900**2 / 8 < int(found[1]) < 1.03 * 900**2 / 8


def test_every_command_refuses_it_with_the_fit(folder: Path) -> None:
    (text,) = mistakes(folder, "it * ?")
    path = folder / "s.yaml"
    (linted,) = api.lint_paths([path], VerifyOptions())
    assert [d.render() for d in linted[1]] == [text]
    for command in (lambda: api.probe(path, "near", VerifyOptions(), 1), lambda: api.tighten(path, "near", VerifyOptions())):
        with pytest.raises(SpecError) as refused:
            command()
        assert [d.render() for d in refused.value.diagnostics] == [text]


@pytest.mark.parametrize(
    ("read", "words"),
    [
        ("it ** 2 * ? * ?", "not fitted: a number is fitted where the decoding is linear in it"),
        ("it > ?", "not fitted: the decoding gives a truth value, and only numbers are fitted"),
        ("it / (it - it) + ?", "not fitted: the decoding has no value at some input"),
        ("'it > 0.5 ? 1 : 0'", "write 'a if c else b' for c ? a : b"),
    ],
)
def test_what_cannot_be_fitted_says_why(folder: Path, read: str, words: str) -> None:
    text = SPEC.replace("abs(network.ahead - ahead) <= 1", "network.ahead or ahead <= 1") if ">" in read else SPEC
    assert words in "\n".join(mistakes(folder, read, text))


def test_a_number_is_left_open_in_a_decoding_alone(folder: Path) -> None:
    assert "'?' is not part of the expression language" in mistakes(folder, "it", SPEC.replace("max(a - b, 0)", "a * ?"))[0]
    nothing = SPEC.replace("value: max(a - b, 0)\n      ", "").replace("network.ahead - ahead", "network.ahead")
    assert "there is nothing to fit it to: give ahead a value" in mistakes(folder, "it * ?", nothing)[0]


def test_no_admissible_input(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fitting, "_WORK", 0.3)
    text = SPEC.replace("a >= b + 100", "a >= b + 2000")
    assert "not fitted: no input that meets the preconditions was found" in mistakes(folder, "it * ?", text)[0]
