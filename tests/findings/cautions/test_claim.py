"""What a claim fails to test, said by lint and beside the verdict, in every report."""

import json
from pathlib import Path

import pytest
from semantics_tools import dense

from mechverify.deciding.options import VerifyOptions
from mechverify.report.json.claims import report_json
from mechverify.report.notebook import report_html, report_text
from mechverify.report.text.claims import render_report
from mechverify.results import Report
from mechverify.spec.read import read_spec
from mechverify.verification.lint import lint_spec
from mechverify.verification.loading import load_models
from mechverify.verification.plan import Planned, plan
from mechverify.verification.run import verify_specs


def plan_of(path: Path) -> tuple[Planned, ...]:
    spec = read_spec(path)
    return plan(spec, load_models(spec, allow_code=False), VerifyOptions(), warn=True)


HEAD = """mechverify: 1
title: t
model: {onnx: net.onnx, arithmetic: real, feed: {x: [a, b]}}
inputs: {a: {integers: 0 .. 9}, b: {integers: 0 .. 9}}
explanation:
  variables:
    first: {value: a, located_at: 'hidden_1[0]'}
    unread: {value: b, located_at: 'hidden_1[1]'}
    pair: {value: '[a, b]', located_at: 'hidden_1'}
    out: {value: 2 * first, located_at: 'output[0]'}
claims:
"""


def spec(folder: Path, claims: str) -> Path:
    dense(folder / "net.onnx", [([[1, 0], [0, 1]], [0, 0]), ([[2, 0]], [0])])
    path = folder / "s.yaml"
    path.write_text(HEAD + claims)
    return path


def reported(folder: Path, claims: str, *names: str) -> Report:
    return verify_specs([spec(folder, claims)], VerifyOptions(claims=names, timeout=5.0, iia_samples=0))


@pytest.mark.parametrize(
    ("claim", "kinds"),
    [
        ("{always: out == 2 * a}", ["the explanation alone"]),
        ("{interchange: [first], always: out == 2 * first}", ["the explanation alone"]),
        ("{always: network.out == out}", []),
        ("{interchange: [first], always: network.out == out}", []),
        ("{interchange: [unread], always: network.out == out}", ["unread variable", "unread site"]),
        ("{interchange: [unread], always: network.out == 2 * a + 0 * unread}", ["unread variable", "unread site"]),
        ("{interchange: [pair], always: 'network.out == 2 * pair[0]'}", ["unread site"]),
        ("{resample: [unread], always: network.out == out}", ["unread site"]),
        ("{usually: out == 2 * a, probability: 0.5, expect: open}", ["the explanation alone"]),
    ],
)
def test_kinds(tmp_path: Path, claim: str, kinds: list[str]) -> None:
    (found,) = reported(tmp_path, f"  c: {claim}\n").specs[0].claims
    assert [one.kind for one in found.warnings] == kinds
    said = [d for d in lint_spec(tmp_path / "s.yaml", VerifyOptions()) if d.message.startswith("warning: c: ")]
    assert [(d.message, d.hint) for d in said] == [(f"warning: c: {one.words}", one.todo) for one in found.warnings]
    assert (found.notion == "the explanation alone") is (kinds == ["the explanation alone"])


FAITHFUL = HEAD.replace("    pair: {value: '[a, b]', located_at: 'hidden_1'}\n", "")
UNREAD = [
    ("unread variable", "depends on b:"),
    ("unread site", "depends on the input b:"),
    ("unread variable", "depends on unread:"),
    ("unread site", "depends on the site of unread (hidden_1[1])"),
]


@pytest.mark.parametrize("arithmetic", ["real", "float32"])
@pytest.mark.parametrize(
    ("claim", "kinds"),
    [
        ("{faithful: true}", []),
        ("{faithful: true, always: network.out == out}", UNREAD),
        ("{faithful: true, always: network.out == out and network.unread == unread}", []),
    ],
)
def test_faithful_claims(tmp_path: Path, claim: str, kinds: list[tuple[str, str]], arithmetic: str) -> None:
    dense(tmp_path / "net.onnx", [([[1, 0], [0, 1]], [0, 0]), ([[2, 0]], [0])])
    path = tmp_path / "s.yaml"
    path.write_text(FAITHFUL.replace("real", arithmetic) + f"  c: {claim}\n")
    (planned,) = plan_of(path)
    assert [one.kind for one in planned.warnings] == [kind for kind, _ in kinds]
    assert all(name in one.words for one, (_, name) in zip(planned.warnings, kinds, strict=True))


def test_it_stands_beside_proved_and_refuted_in_every_report(tmp_path: Path) -> None:
    claims = "  right: {interchange: [unread], always: network.out == out}\n"
    claims += "  wrong: {interchange: [unread], always: network.out == out + 1, expect: refuted}\n"
    report = reported(tmp_path, claims)
    assert [str(c.verdict) for c in report.specs[0].claims] == ["PROVED", "REFUTED"]
    words = "nothing that the claim reads depends on the site of unread (hidden_1[1])"
    texts = [render_report(report, width=90, colour=False), report_html(report), report_text(report)]
    assert [" ".join(text.split()).count(words) for text in texts] == [2, 2, 2]
    for data in json.loads(report_json(report))["specs"][0]["claims"]:
        assert [(one["kind"], one["line"]) for one in data["warnings"]][1:] == [("unread site", data["line"])]
        assert words in data["warnings"][1]["text"]
        assert data["warnings"][1]["todo"]


def test_which_of_several_units(tmp_path: Path) -> None:
    (found,) = reported(tmp_path, "  c: {interchange: [pair], always: 'network.out == 2 * pair[0]'}\n").specs[0].claims
    assert "depends on hidden_1[1], a part of the site of pair: setting that changes nothing" in found.warnings[0].words


def test_one_line_for_a_family(tmp_path: Path) -> None:
    claims = "  c: {for: {i: 0 .. 5}, interchange: [pair], always: 'network.pair[i % 2] >= 0 and network.out >= -i'}\n"
    path = spec(tmp_path, claims)
    said = [d.message for d in lint_spec(path, VerifyOptions()) if "part of the site" in d.message]
    assert len(said) == 1
    assert said[0].startswith("warning: 3 of the 6 members of c (c[i=0]): in the model nothing")
    text = " ".join(render_report(reported(tmp_path, claims), width=100, colour=False).split())
    assert "3 of them, such as c[i=0]: in the model nothing" in text


def test_a_spec_without_a_model_has_nothing_else_to_speak_of(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(
        "mechverify: 1\ntitle: t\ninputs: {a: {integers: 0 .. 9}}\nexplanation: {variables: {d: {value: 2 * a}}}\n"
        "claims: {c: {always: d == a + a}}\n"
    )
    (found,) = verify_specs([path], VerifyOptions()).specs[0].claims
    assert (found.verdict, found.notion, found.warnings) == ("PROVED", "the explanation alone", ())
