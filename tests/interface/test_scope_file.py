"""``scope_file``: the map, its picture and its mistakes from Python."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import mechverify
from mechverify.errors import UsageError

SPEC = """mechverify: 1
title: t
inputs: {a: {integers: 0 .. 9}, b: {integers: 0 .. 9}, c: {integers: 0 .. 2}}
parameters: {n: 12}
claims: {c: {always: a + b + c <= n}}
"""


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    (tmp_path / "s.yaml").write_text(SPEC)
    return tmp_path / "s.yaml"


def test_a_slice_with_its_picture(spec: Path) -> None:
    found = mechverify.scope_file(spec, "c", held={"c": 2}, over=["b", "a"], settings={"n": 5})
    assert found.map is not None
    assert found.settled
    wanted = sum(a + b + 2 <= 5 for a in range(10) for b in range(10))
    assert [amount.low for amount in found.map.amounts("inside", "proved")] == [wanted]
    assert found.report.fixed == {"c": 2}
    assert found.picture is not None
    assert found.picture.startswith("<svg")
    assert found._repr_html_().startswith("<div><svg")
    assert f"holds on {wanted} of 100 inputs" in repr(found)
    assert found.json["specs"][0]["claims"][0]["slice"] == {"c": "2"}


def test_sections_and_no_picture_of_three_inputs(spec: Path) -> None:
    found = mechverify.scope_file(str(spec), "c", only=["map"])
    assert (found.picture, found.report.extents) == (None, None)
    assert "&lt;=" in found._repr_html_()
    assert found.map is not None
    assert sum(a.low for a in found.map.amounts("inside", "proved")) == sum(
        a + b + c <= 12 for a in range(10) for b in range(10) for c in range(3)
    )


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"only": "maps"}, "'maps' is none of map, extents"),
        ({"held": {"c": "x"}}, "held gives c no number: 'x'"),
        ({"held": {"c": Fraction(1, 2)}}, "c has no value 1/2"),
        ({"held": {"d": 1}}, "no input of the claim is named 'd'"),
        ({"held": 3}, "held is a mapping from inputs to values"),
        ({"over": ["a", "b", "c"]}, "over is one input or two"),
        ({"over": "a", "only": "extents"}, "are for the map alone"),
        ({"timeout": 0}, "timeout is a number of seconds"),
    ],
)
def test_mistakes(spec: Path, given: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        mechverify.scope_file(spec, "c", **given)


def test_what_is_no_file_and_no_claim(spec: Path) -> None:
    with pytest.raises(UsageError, match="is a folder; scope_file takes one spec"):
        mechverify.scope_file(spec.parent, "c")
    with pytest.raises(UsageError, match=r"did you mean s\.yaml"):
        mechverify.scope_file(spec.parent / "ss.yaml", "c")
    with pytest.raises(UsageError, match="no claim"):
        mechverify.scope_file(spec, "d")
