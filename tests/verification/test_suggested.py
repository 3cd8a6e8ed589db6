"""A condition that was suggested has to say so: in the spec, and then in every report."""

import json
from pathlib import Path

import pytest

from mechverify import api
from mechverify.__main__ import main
from mechverify.deciding.options import VerifyOptions
from mechverify.errors import UsageError
from mechverify.report.json.claims import claim_data
from mechverify.report.notebook import claim_html
from mechverify.report.text.claims import render_claim, render_claims
from mechverify.verification.suggested import suggested_in

SPEC = """mechverify: 1
title: t
inputs: {{a: {{integers: 0 .. 9}}, b: {{integers: 0 .. 9}}}}
preconditions:
  ordered: {condition}
claims:
  above: {{also: {{near: "a - b <= 3"}}, always: b >= a}}
"""
SUGGESTED = {"specs": [{"claims": [{"scope": {"suggested": [{"condition": "a <= b"}]}}]}]}


@pytest.fixture
def suggested(tmp_path: Path) -> Path:
    path = tmp_path / "s.json"
    path.write_text(json.dumps(SUGGESTED))
    return path


def written(folder: Path, condition: str) -> Path:
    path = folder / "s.yaml"
    path.write_text(SPEC.format(condition=condition))
    return path


def test_without_its_mark_it_is_a_mistake(tmp_path: Path, suggested: Path) -> None:
    spec = written(tmp_path, "a   <= (b)")
    ((_, found),) = api.lint_paths([spec], VerifyOptions(), suggested)
    assert [(d.line, d.message) for d in found] == [
        (5, "'ordered' is what mechverify suggested, and is not marked as that")
    ]
    assert found[0].hint == 'write ordered: {condition: "a <= b", suggested: true}'


@pytest.mark.parametrize("condition", ['{condition: "a <= b", suggested: true}', "a < b"])
def test_what_is_marked_or_was_never_suggested_is_none(tmp_path: Path, suggested: Path, condition: str) -> None:
    ((_, found),) = api.lint_paths([written(tmp_path, condition)], VerifyOptions(), suggested)
    assert all(d.message.startswith("warning:") for d in found)


def test_every_report_says_so(tmp_path: Path) -> None:
    spec = written(tmp_path, "{condition: a <= b, suggested: true}")
    (claim,) = api.verify_paths([spec], VerifyOptions()).specs[0].claims
    assert claim.suggested == ("ordered",)
    assert "a <= b (suggested) and a - b <= 3:" in claim.sentence
    assert claim_data(claim)["suggested"] == ["ordered"]
    words = "ordered: mechverify found it to make this claim true; nobody predicted it"
    assert f"suggested {words}" in " ".join(render_claim(claim, width=100, colour=False).split())
    assert words in claim_html(claim)


def test_so_does_the_sum_of_a_family(tmp_path: Path) -> None:
    spec = written(tmp_path, "{condition: a <= b, suggested: true}")
    spec.write_text(spec.read_text().replace('also: {near: "a - b <= 3"}', "for: {i: 0 .. 5}").replace("b >= a", "b + i >= a"))
    claims = api.verify_paths([spec], VerifyOptions()).specs[0].claims
    assert len(claims) == 6
    assert "nobody predicted it" in " ".join(render_claims(claims, width=100).split())


def test_an_unmarked_condition_is_not_told_as_suggested(tmp_path: Path) -> None:
    (claim,) = api.verify_paths([written(tmp_path, "a <= b")], VerifyOptions()).specs[0].claims
    assert claim.suggested == ()
    assert "suggested" not in render_claim(claim, width=100, colour=False)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"specs": 3}', '{"specs": [{"claims": [{"scope": 1}]}]}'])
def test_another_file_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "other.json"
    path.write_text(text)
    with pytest.raises(UsageError, match="is no JSON that"):
        suggested_in(path)


def test_from_the_command_line(tmp_path: Path, suggested: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = written(tmp_path, "a <= b")
    assert main(["lint", str(spec), "--suggested", str(suggested)]) == 2
    assert "not marked" in capsys.readouterr().out
