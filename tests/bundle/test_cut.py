"""A checker for one certificate: the whole one's answer on it, and on any other file that or a refusal."""

import copy
import json
import random
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest
from kernel_mutations import ROUNDED, mutate, small_problem
from kernel_tools import Build, answer, box_points, proof, prove, witness
from map_tools import DIFFERENCE_STEPS, difference_problem, listed_sizes, map_file
from modular_tools import Model, given

from mechverify.bundle.__main__ import main
from mechverify.bundle.cut import source_for
from mechverify.bundle.join import bundle_source

WITHOUT = "this checker was written without "


def relus(claim_bound: int):
    """|x| as relu(x) + relu(-x) <= bound, for x in -2 .. 2."""
    build = Build()
    x = build.integer("x", -2, 2)
    up, down = build.node("relu", x), build.node("relu", build.affine(0, (-1, x)))
    return build.problem(None, build.node("le", build.affine(0, (1, up), (1, down)), build.const(claim_bound)))


def empty():
    build = Build()
    x = build.real("x", 0, 1)
    return build.problem(build.node("le", build.const(2), x), build.truth())


def product():
    build = Build()
    x = build.real("x", 0, Fraction(1, 3))
    return build.problem(None, build.node("le", build.node("mul", "float32", x, x), build.const(1)))


def table():
    """An entry of a table for x in 0 .. 2."""
    build = Build()
    x = build.integer("x", 0, 2)
    entry = build.node("table", ["1/3", "2", "-1"], x)
    return build.problem(None, build.node("le", entry, build.const(2)))


def weighed():
    """One of two tokens, of which one is 2, weighs more than the other half."""
    build = Build()
    x, y = build.integer("x", 0, 2), build.integer("y", 0, 2)
    powers = [build.node("exp", one) for one in (x, y)]
    total = build.affine(0, (1, powers[0]), (1, powers[1]))
    mean = build.affine(
        0,
        *(
            (1, build.node("mul", "exact", build.node("div", "exact", e, total), t))
            for e, t in zip(powers, (x, y), strict=True)
        ),
    )
    two = build.const(2)
    fact = build.node("or", [build.node("le", two, x), build.node("le", two, y)])
    return build.problem(fact, build.node("lt", build.const(1), mean)), fact


def separable():
    problem, fact = weighed()
    return proof(problem, [["separable", [], [["true", [problem["claim"]]]], [fact]]], [2, 0])


def modular():
    return Model([given("x", 0, 3)]).claim(lambda b, base, *_: b.node("le", base[0], b.const(3))).certificate([0])


SPLIT = ["split", [["1", 0]], "0"]
FILES = {
    "leaf": proof(relus(4), [["leaf"]], [0]),
    "split": proof(relus(2), [SPLIT, ["leaf"], ["leaf"]], [0]),
    "phases": proof(relus(2), [["phase", 1], ["leaf"], ["leaf"]], [0]),
    "points": proof(relus(2), [["enumerate"]], [0]),
    "separable": separable(),
    "table": proof(table(), [["leaf"]], [0]),
    "product": proof(product(), [["leaf"]], [0]),
    "empty": {k: v for k, v in proof(empty(), [["leaf"]], [0], "empty").items() if k != "inhabitant"},
    "witness": witness(relus(1), [2]),
    "replayed": witness(relus(1), [2], "replayed") | {"replay": {}},
    "map": map_file(difference_problem(), DIFFERENCE_STEPS, listed_sizes(difference_problem())),
    "modular": modular(),
}


def checker(text):
    """The answer of a checker's text to a certificate."""
    names = {"__name__": "mechverify_check"}
    exec(compile(text, "mechverify_check.py", "exec"), names)  # noqa: S102
    return lambda file: names["check_bytes"](json.dumps(file).encode())


def cut_for(file, folder: Path):
    path = folder / "certificate.json"
    path.write_text(json.dumps(file))
    return source_for(path)


@pytest.fixture(scope="module")
def cuts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cuts")
    return {name: cut_for(file, folder) for name, file in FILES.items()}


@pytest.fixture(scope="module")
def whole():
    return checker(bundle_source())


@pytest.mark.parametrize("name", FILES)
def test_every_kind_by_both_checkers(name, cuts, whole):
    wanted = whole(FILES[name]).line()
    assert wanted == answer(FILES[name]).line()
    assert json.loads(wanted)["answer"] == ("unconfirmed" if name == "replayed" else "valid")
    assert checker(cuts[name])(FILES[name]).line() == wanted


@pytest.mark.parametrize("name", FILES)
def test_another_certificate_is_refused_or_answered_as_by_the_whole(name, cuts, whole):
    check = checker(cuts[name])
    refused = 0
    for file in FILES.values():
        found, wanted = check(file), whole(file).line()
        if found.line() != wanted:
            assert found.answer == "invalid"
            assert WITHOUT in found.reason
            refused += 1
    assert refused > 3


def test_what_is_left_out_is_named(cuts):
    assert checker(cuts["leaf"])(FILES["split"]).reason == WITHOUT + "the rule split"
    assert checker(cuts["split"])(FILES["points"]).reason == WITHOUT + "the rule enumerate"
    assert checker(cuts["leaf"])(FILES["modular"]).reason == WITHOUT + "read_composition"
    assert checker(cuts["witness"])(FILES["product"]).reason == WITHOUT + "the operation mul"


def test_only_what_the_check_needs_is_there(cuts):
    assert "\ndef split(" in cuts["split"]
    assert "\ndef split(" not in cuts["leaf"]
    assert "def _relu_forms(" in cuts["leaf"]
    assert "def _mul_forms(" not in cuts["leaf"]
    assert "class Structure" in cuts["modular"]
    assert "class Structure" not in cuts["leaf"]
    assert "class Forms" not in cuts["witness"]
    lines = {name: text.count("\n") for name, text in cuts.items()}
    assert lines["witness"] < lines["leaf"] < lines["modular"] < bundle_source().count("\n"), lines


@pytest.mark.parametrize("seed", range(4))
def test_nearly_the_same_file_is_never_valid_to_the_cut_checker_alone(seed, whole, tmp_path):
    rng = random.Random(seed)
    while True:
        problem = small_problem(rng, ROUNDED if seed % 2 else ["relu", "affine"])
        steps, point = prove(problem, rng, small=3, depth=3), rng.choice(box_points(problem))
        if steps and whole(proof(problem, steps, point)).answer == "valid":
            break
    check = checker(cut_for(proof(problem, steps, point), tmp_path))
    answers = [check(proof(problem, steps, point)).answer]
    for _ in range(60):
        file = proof(mutate(problem, rng), [one for one in steps if rng.random() < 0.99], point)
        found, wanted = check(file), whole(file)
        answers.append(found.answer)
        assert found.line() == wanted.line() or (found.answer == "invalid" and WITHOUT in found.reason), file
    assert answers[0] == "valid"
    assert len(set(answers)) > 1


def run(script: Path, file: Path):
    return subprocess.run(
        [sys.executable, "-I", "-S", str(script), str(file)], capture_output=True, text=True, check=False
    )


def test_the_command(tmp_path, capsys):
    certificate, other, script = tmp_path / "c.json", tmp_path / "other.json", tmp_path / "check.py"
    certificate.write_text(json.dumps(FILES["phases"]))
    other.write_text(json.dumps(FILES["points"]))
    assert main([str(script), "--for", str(certificate)]) == 0
    first, second = run(script, certificate), run(script, other)
    assert (first.returncode, first.stderr, json.loads(first.stdout)["answer"]) == (0, "", "valid")
    assert (second.returncode, second.stderr, json.loads(second.stdout)["answer"]) == (1, "", "invalid")
    assert json.loads(second.stdout)["reason"] == WITHOUT + "the rule enumerate"
    assert run(script, tmp_path / "absent").returncode == 2
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("what", ["absent", "invalid", "unreadable"])
def test_no_checker_for_what_is_not_accepted(what, tmp_path, capsys):
    certificate, script = tmp_path / "c.json", tmp_path / "check.py"
    file = copy.deepcopy(FILES["split"])
    file["steps" if what == "invalid" else "kind"] = []
    if what != "absent":
        certificate.write_text(json.dumps(file))
    assert main([str(script), "--for", str(certificate)]) == 1
    message = capsys.readouterr().err
    assert "is not accepted" in message
    assert ("invalid" if what == "invalid" else "unreadable") in message
    assert not script.exists()
