"""Interchanges that read nothing but what they set: lint and the report say so, once for each group."""

import json
from pathlib import Path

import pytest

from mechverify.deciding.options import VerifyOptions
from mechverify.report.json.claims import report_json
from mechverify.report.text.claims import render_report
from mechverify.verification.lint import lint_spec
from mechverify.verification.run import verify_specs

PROGRAM = "def f(x):\n    a = x + 1\n    b = 2 * a\n    return b\n"
HEAD = """mechverify: 1
title: t
model: {program: 'f.py:f'}
inputs: {x: {integers: 0 .. 3}}
explanation:
  variables:
    u: {value: x + 1, located_at: a}
    v: {value: 2 * u, located_at: b}
claims:
"""


def written(folder: Path, claims: str) -> Path:
    (folder / "f.py").write_text(PROGRAM)
    path = folder / "s.yaml"
    path.write_text(HEAD + claims)
    return path


def linted(folder: Path, claims: str) -> list[str]:
    return [d.message for d in lint_spec(written(folder, claims), VerifyOptions()) if "reaction" in d.message]


def test_one_warning_for_all_subsets(tmp_path: Path) -> None:
    # The subsets of {x, u, v} that contain v: half of the eight.
    (message,) = linted(tmp_path, "  swap: {interchange: all, always: network.v == v}\n")
    assert message == (
        "warning: 4 of the 8 members of swap set every site that `always` reads (swap[v], ...): "
        "the network's reaction to the transplant is not tested there"
    )


def test_one_claim(tmp_path: Path) -> None:
    (message,) = linted(tmp_path, "  c: {interchange: [u, v], always: network.v == v and network.u == u}\n")
    assert message.startswith("warning: c sets every site that `always` reads: ")


@pytest.mark.parametrize(
    "claim",
    [
        "{interchange: [u], always: network.v == v}",
        "{interchange: [v], always: network.v == v and network.u == u}",
        "{interchange: [x], always: network.v == v}",
        "{interchange: [v], always: v <= 8}",
        "{resample: [v], always: network.v >= 2}",
        "{always: network.v == v}",
        "{faithful: true}",
    ],
)
def test_what_reads_something_that_is_not_set(tmp_path: Path, claim: str) -> None:
    assert linted(tmp_path, f"  c: {claim}\n") == []


def test_the_report_and_the_json_say_it_of_the_claims_looked_at(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "  swap: {interchange: all, always: network.v == v}\n  other: {interchange: [v], always: network.v == v}\n",
    )
    report = verify_specs([path], VerifyOptions(claims=("swap",), iia_samples=0))
    (warning,) = report.specs[0].warnings
    assert warning.words.startswith("4 of the 8 members of swap ")
    (data,) = json.loads(report_json(report))["specs"][0]["warnings"]
    assert data == {"kind": "only what is set", "line": 10, "text": warning.words, "todo": warning.todo}
    assert "warning: 4 of the 8 members" in " ".join(render_report(report, width=100, colour=False).split())
