"""``check`` on a modular certificate: the statement in words, the fault's lemma, another statement than the spec's."""

import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from mechverify.engines.certificates.problem import modular_certificate, statement_sha256
from mechverify.kernel.modular import structure_sha256

Runner = Callable[..., Any]
SPEC = """mechverify: 1
title: A program
model: {program: 'f.py:f'}
inputs: {x: {integers: 0 .. 3}}
explanation: {variables: {y: {located_at: output}}}
claims:
  small: {always: network.y <= 4}
"""


def certificate(**changes: Any) -> dict[str, Any]:
    """One variable, x rounded in its site; the claim speaks of the base, the swapped input, the site and the value."""
    variable = {
        "name": "copy",
        "parents": [],
        "reads": [0],
        "sites": 1,
        "values": 1,
        "network": {"nodes": [["input", 0], ["affine", "float32", "0", [["1", 0]]]], "roots": [1]},
        "mechanism": {"nodes": [["input", 0], ["bool", "true"]], "roots": [0, 1]},
    }
    structure = {
        "format": "mechverify-structure 1",
        "inputs": [["x", "integer", "0", "3"]],
        "assumption": {"nodes": [["input", 0], ["const", "2"], ["le", 0, 1]], "roots": [2]},
        "swapped": [0],
        "rest": True,
        "variables": [variable],
        "claim": {
            "nodes": [*(["input", k] for k in range(4)), ["le", 0, 1], ["eq", 2, 3], ["or", [4, 5]]],
            "roots": [6],
        },
    }
    holds = {"nodes": [["input", 0], ["input", 1], ["eq", 0, 1]], "roots": [2]}
    relations = [{"sites": [["real", "0", "2"]], "values": [["integer", "0", "2"]], "holds": holds}]
    last = [["substitute", 2, "solve", 2], ["enumerate"]]
    return modular_certificate(structure, relations, [[["enumerate"]]], last, [Fraction(1)]) | changes


def written(folder: Path, data: Any) -> str:
    (folder / "c.json").write_text(json.dumps(data))
    return "c.json"


def test_valid(run: Runner, tmp_path: Path) -> None:
    data = certificate()
    done = run("check", written(tmp_path, data))
    text = " ".join(done.out.split())
    assert (done.code, text.split()[0]) == (0, "VALID"), done.out
    assert "this is a proof by one lemma for each variable" in text
    assert (
        "states For every input: x an integer in 0 .. 3 with x <= 2, with the variable copy set, or not, to what an input of "
        "its own gives it, with x taken from an input of its own, with each site read plainly, or with all that reaches it "
        "otherwise taken from yet another such input, in every execution within the float32 errors: x <= x (swapped) or network.copy == copy. The "
        "network, cut into 1 piece, and the causal model are in the certificate." in text
    ), text
    assert structure_sha256(data["structure"]) in text
    assert statement_sha256(data) == structure_sha256(data["structure"])


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"lemmas": [[["leaf"], ["leaf"]]]}, "the lemma of variable 0, 'copy': steps are left over (at 1)"),
        ({"last": [["leaf"]]}, "the last lemma: "),
        ({"inhabitant": ["3"]}, "the assumption is not established at the point"),
    ],
)
def test_rejected(run: Runner, tmp_path: Path, changes: dict[str, Any], words: str) -> None:
    done = run("check", written(tmp_path, certificate(**changes)))
    text = " ".join(done.out.split())
    assert (done.code, text.split()[0]) == (4, "REJECTED"), done.out
    assert words in text, text
    assert "states" not in text


def test_no_certificate(run: Runner, tmp_path: Path) -> None:
    data = certificate()
    del data["structure"]
    done = run("check", written(tmp_path, data))
    assert (done.code, "it is JSON without `structure`" in " ".join(done.out.split())) == (2, True), done.out
    done = run("check", written(tmp_path, {**certificate(), "problem": {}}))
    assert (done.code, done.out.split()[0]) == (4, "REJECTED")


def test_of_another_statement_than_the_specs(run: Runner, tmp_path: Path) -> None:
    (tmp_path / "f.py").write_text("def f(x):\n    return x\n")
    (tmp_path / "s.yaml").write_text(SPEC)
    done = run("check", written(tmp_path, certificate()), "--spec", "s.yaml#small")
    assert (done.code, done.out.split()[0]) == (4, "MISMATCH"), done.out
