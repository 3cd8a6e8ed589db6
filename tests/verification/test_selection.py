"""Names of claims given by a user: an unknown one is refused, never dropped."""

from pathlib import Path

import pytest

from mechverify.__main__ import main
from mechverify.verification.selection import some_members

TEXT = """mechverify: 1
title: A program
model: {program: 'f.py:f'}
inputs: {x: {integers: 0 .. 3}}
explanation: {variables: {y: {located_at: output}}}
claims:
  small: {always: network.y <= 4}
  each_one: {for: {i: 0 .. 1}, always: network.y >= 0}
"""


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    (tmp_path / "f.py").write_text("def f(x):\n    y = x + 1\n    return y\n")
    path = tmp_path / "s.yaml"
    path.write_text(TEXT)
    return path


@pytest.mark.parametrize("wanted", [("smal",), ("small", "smal"), ("smal", "small"), ("nothing_like_it", "small")])
def test_an_unknown_claim_is_refused(spec: Path, wanted: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    names = [part for name in wanted for part in ("--claim", name)]
    assert main(["verify", str(spec), *names]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    (unknown,) = set(wanted) - {"small"}
    assert f"no claim is named {unknown!r}" in said.err
    assert ("did you mean 'small'?" in said.err) is (unknown == "smal")
    assert f"claims of {spec}: small, each_one (a family: each_one[i=0], ...)" in said.err


@pytest.mark.parametrize("command", ["replay", "check"])
def test_an_unknown_claim_of_a_target_is_refused(
    spec: Path, command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", str(spec), "--claim", "small", "--certificates", str(tmp_path / "c")]) == 0
    (certificate,) = (tmp_path / "c").iterdir()
    given = ["replay"] if command == "replay" else ["check", str(certificate), "--spec"]
    capsys.readouterr()
    assert main([*given, f"{spec}#smal"]) == 2
    assert "no claim is named 'smal'; did you mean 'small'?" in capsys.readouterr().err


def test_a_family_and_its_members_are_known(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", str(spec), "--claim", "each_one[i=1]"]) == 0
    assert main(["verify", str(spec), "--claim", "each_one"]) == 0
    assert "2 claims" in capsys.readouterr().out
    assert main(["replay", f"{spec}#each_one"]) == 2
    assert "name one member: each_one[i=0], each_one[i=1]" in capsys.readouterr().err


def test_a_claim_of_one_of_several_specs_is_known(spec: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    other.write_text(TEXT.replace("small:", "tiny:"))
    assert main(["verify", str(spec), str(other), "--claim", "tiny"]) == 0
    assert main(["verify", str(spec), str(other), "--claim", "tiny", "--claim", "tin"]) == 2


def test_a_spec_with_mistakes_says_those(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec.write_text(TEXT.replace("title:", "titel:"))
    assert main(["verify", str(spec), "--claim", "smal"]) == 2
    said = capsys.readouterr()
    assert "titel" in said.out
    assert "no claim is named" not in said.err


@pytest.mark.parametrize("arithmetic", ["float32", "real"])
def test_another_arithmetic_for_a_program_is_refused(
    spec: Path, arithmetic: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", str(spec), "--arithmetic", arithmetic]) == 2
    said = capsys.readouterr().out
    assert f"s.yaml:3:1: --arithmetic {arithmetic} has nothing to apply to" in said
    assert main(["verify", str(spec), "--arithmetic", "integer"]) == 0


def test_a_large_family_is_named_by_its_first_members() -> None:
    names = [f"swap[i={k}]" for k in range(134)]
    assert some_members(names) == ", ".join(names[:6]) + " and 128 more"
    assert some_members(names[:6]) == ", ".join(names[:6])
