"""The strict reader of modular certificates, the inhabitant, and the steps as a whole."""

import copy
import random
from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
from kernel_tools import accepted, answer, num
from modular_tools import Model, certificate, given, piece

Change = Callable[[Any], Any]


def fork() -> Model:
    """Two roots, x and y + 1, and their sum as two components; y is swapped."""
    model = Model([given("x", 0, 2), given("y", 0, 2)], swapped=[1])
    model.assume(lambda b, a: b.node("le", a[0], b.const(2)))
    model.variable("left", lambda b, a: a[0], lambda b, a: a[0], reads=[0], sites=[(0, 2)], values=[("integer", 0, 2)])
    model.variable(
        "right",
        lambda b, a: b.affine(1, (1, a[1]), rounding="float32"),
        lambda b, a: b.affine(1, (1, a[0])),
        reads=[1], sites=[(1, 3)], values=[("integer", 1, 3)],
    )  # fmt: skip
    model.variable(
        "both",
        lambda b, a: [b.affine(0, (1, a[2]), (1, a[3])), a[3]],
        lambda b, a: [b.affine(0, (1, a[0]), (1, a[1])), a[1]],
        parents=[0, 1], sites=[(1, 5), (1, 3)], values=[("integer", 1, 5), ("integer", 1, 3)],
    )  # fmt: skip
    return model.agree()


@pytest.fixture(scope="module")
def valid() -> Any:
    file = fork().certificate([1, 1])
    assert accepted(file), answer(file)
    return file


def unreadable(file: Any, word: str) -> None:
    found = answer(file)
    assert found.answer == "unreadable", found
    assert word in (found.reason or ""), found


PIECES: dict[str, tuple[Change, int, list[str]]] = {
    "assumption": (lambda f: f["structure"]["assumption"], 2, ["b"]),
    "claim": (lambda f: f["structure"]["claim"], 12, ["b"]),
    **{
        f"network {v}": (
            lambda f, v=v: f["structure"]["variables"][v]["network"],
            2 + 2 * (v == 2),
            ["n"] * (1 + (v == 2)),
        )
        for v in range(3)
    },
    **{
        f"mechanism {v}": (
            lambda f, v=v: f["structure"]["variables"][v]["mechanism"],
            1 + (v == 2),
            ["n"] * (1 + (v == 2)) + ["b"],
        )
        for v in range(3)
    },
    **{f"relation {v}": (lambda f, v=v: f["relations"][v]["holds"], 2 + 2 * (v == 2), ["b"]) for v in range(3)},
}
ROUNDED: list[Change] = [
    lambda i: ["affine", "float32", "0", [["1", i]]],
    lambda i: ["affine", "float32", "1", []],
    lambda i: ["mul", "float32", i, i],
    lambda i: ["div", "float32", i, i],
    lambda i: ["round32", i],
]


def number_in(body: Any) -> int:
    """A number node of the piece, appended if there is none."""
    body["nodes"].append(["const", "2"])
    return len(body["nodes"]) - 1


@pytest.mark.parametrize("name", [name for name in PIECES if not name.startswith(("claim", "network"))])
def test_rounded_nodes_stand_in_networks_and_the_claim_alone(valid: Any, name: str) -> None:
    where = PIECES[name][0]
    for used in (False, True):
        for make in ROUNDED:
            file = copy.deepcopy(valid)
            body = where(file)
            body["nodes"].append(make(number_in(body)))
            if used:
                last = len(body["nodes"]) - 1
                body["nodes"] += [["le", last, last], ["and", [body["roots"][-1], last + 1]]]
                body["roots"][-1] = last + 2
            unreadable(file, "a rounded node where only exact ones may stand")


@pytest.mark.parametrize("name", [name for name in PIECES if name.startswith(("claim", "network"))])
def test_rounded_nodes_elsewhere_are_read(valid: Any, name: str) -> None:
    for make in ROUNDED:
        file = copy.deepcopy(valid)
        body = PIECES[name][0](file)
        body["nodes"].append(make(number_in(body)))
        assert accepted(file), answer(file)


@pytest.mark.parametrize("name", PIECES)
def test_arguments_of_pieces(valid: Any, name: str) -> None:
    """A piece sees its own arguments and nothing else: no site of a variable that is no parent."""
    where, count, _ = PIECES[name]
    for bad in (count, count + 1, -1, "0", True, None):
        file = copy.deepcopy(valid)
        where(file)["nodes"].append(["input", bad])
        unreadable(file, "an input's index must be an integer")
    file = copy.deepcopy(valid)
    where(file)["nodes"].append(["input", count - 1])
    assert accepted(file), answer(file)


@pytest.mark.parametrize("name", PIECES)
def test_roots_of_pieces(valid: Any, name: str) -> None:
    where, _, sorts = PIECES[name]
    for i, sort in enumerate(sorts):
        file = copy.deepcopy(valid)
        body = where(file)
        body["roots"][i] = number_in(body)
        if sort == "n":
            body["nodes"].append(["bool", "true"])
            body["roots"][i] += 1
        unreadable(file, "is of the wrong sort")
    size = len(where(valid)["nodes"])
    for bad in (size, -1, "0", None):
        file = copy.deepcopy(valid)
        where(file)["roots"][-1] = bad
        unreadable(file, "a root of")
    for change in (lambda r: r.pop(), lambda r: r.append(r[-1])):
        file = copy.deepcopy(valid)
        change(where(file)["roots"])
        unreadable(file, "must be a list of")
    for bad in ([], {}, {"nodes": []}, {"nodes": [], "roots": [], "more": 1}):
        file = copy.deepcopy(valid)
        body = where(file)
        old = copy.deepcopy(body)
        text = str(file).replace(str(old), "PIECE")
        assert "PIECE" in text
        for key in list(body):
            del body[key]
        body.update(bad if isinstance(bad, dict) else {"roots": bad})
        assert answer(file).answer == "unreadable"


def test_parents_come_earlier_and_in_order(valid: Any) -> None:
    for v in range(3):
        for bad in ([v], [3], [-1], [0, 0], [1, 0], ["left"], [True], [None], "0", 0, None, {}):
            file = copy.deepcopy(valid)
            file["structure"]["variables"][v]["parents"] = bad
            assert answer(file).answer == "unreadable", (v, bad)


def test_reads_and_swapped_are_inputs_in_order(valid: Any) -> None:
    for bad in ([2], [-1], [0, 0], [1, 0], ["x"], [True], [None], "0", 0, None, {}):
        for v in range(3):
            file = copy.deepcopy(valid)
            file["structure"]["variables"][v]["reads"] = bad
            assert answer(file).answer == "unreadable", (v, bad)
        file = copy.deepcopy(valid)
        file["structure"]["swapped"] = bad
        assert answer(file).answer == "unreadable", bad


TOP: dict[str, tuple[Any, ...]] = {
    "format": ("mechverify-structure 2", "mechverify-problem 2", None, 1),
    "inputs": (None, {}, [["x", "integer", "0", "2"]], [["x", "integer", "0", "2"]] * 2, [["x", "whole", "0", "2"], ["y", "real", "0", "1"]],
               [["x", "integer", "1", "0"], ["y", "integer", "0", "2"]], [["x", "integer", "1/3", "2"], ["y", "integer", "0", "2"]]),
    "rest": (None, 0, 1, "false", []),
    "variables": (None, {}, [], [None] * 3),
}  # fmt: skip


@pytest.mark.parametrize("key", TOP)
def test_fields_of_a_structure(valid: Any, key: str) -> None:
    for bad in TOP[key]:
        file = copy.deepcopy(valid)
        file["structure"][key] = bad
        assert answer(file).answer == "unreadable", bad


def test_missing_and_unknown_fields(valid: Any) -> None:
    objects: list[Change] = [
        lambda f: f, lambda f: f["structure"], lambda f: f["structure"]["variables"][1], lambda f: f["relations"][2],
    ]  # fmt: skip
    tried = 0
    for where in objects:
        for key in where(valid):
            file = copy.deepcopy(valid)
            del where(file)[key]
            assert answer(file).answer == "unreadable", key
            tried += 1
        file = copy.deepcopy(valid)
        where(file)["extra"] = 1
        assert answer(file).answer == "unreadable"
    assert tried > 20
    for extra in ("problem", "steps", "point", "replay"):
        assert answer({**valid, extra: []}).answer == "unreadable"


def test_names_are_unique(valid: Any) -> None:
    for entries in ("inputs", "variables"):
        file = copy.deepcopy(valid)
        found = file["structure"][entries]
        if entries == "inputs":
            found[1][0] = found[0][0]
        else:
            found[2]["name"] = found[0]["name"]
        unreadable(file, "have the same name")
    for name in ("b.x", "o.x", "s[y].x", "site left[0]", "value left[0]", "", "x].y"):
        file = copy.deepcopy(valid)
        file["structure"]["inputs"][0][0] = name
        assert accepted(file), answer(file)


def test_names_of_runs_that_meet() -> None:
    """The runs of the inputs `a` and `a].c` give two inputs one name: refused, not mistaken for one."""
    model = Model([given(name, 0, 1) for name in ("a", "a].c", "c].d", "d")], swapped=[0, 1])
    file = certificate(model.structure, model.relations, [[["leaf"]]], [0, 0, 0, 0])
    found = answer(file)
    assert (found.answer, "the same name" in (found.reason or "")) == ("invalid", True), found


def test_counts_of_components(valid: Any) -> None:
    for key in ("sites", "values"):
        for bad in (0, 3, -1, "1", None, True, 10**9):
            file = copy.deepcopy(valid)
            file["structure"]["variables"][2][key] = bad
            assert answer(file).answer == "unreadable", (key, bad)


def test_relations_fit_their_variables(valid: Any) -> None:
    for v, key in product(range(3), ("sites", "values")):
        for bad in ([], [["real", "0", "9"]] * 3, None):
            file = copy.deepcopy(valid)
            file["relations"][v][key] = bad
            assert answer(file).answer == "unreadable", bad
        count = 1 + (v == 2)
        for entry in (
            ["real", "1", "0"],
            ["integer", "1", "0"],
            ["integer", "1/3", "2"],
            ["whole", "0", "1"],
            ["real", "0"],
            ["0", "1"],
            None,
        ):
            file = copy.deepcopy(valid)
            file["relations"][v][key] = [entry] * count
            assert answer(file).answer == "unreadable", entry
    for bad in ([], valid["relations"][:2], [*valid["relations"], valid["relations"][0]], None, {}):
        assert answer({**valid, "relations": bad}).answer == "unreadable"


def test_inhabitant(valid: Any) -> None:
    """One number for each input, within bounds, an integer for an integer input, and the assumption true there."""
    bad: list[list[Any]] = [[], [1], [1, 1, 1], [3, 0], [-1, 0], [0, 3], [0, -1], ["1p-1", 0], [0, "1/3"], [0, "3p-1"]]
    bad += [[x, y] for x in (-2, 5, 9) for y in range(4)]
    for point in bad:
        found = answer({**valid, "inhabitant": [num(x) for x in point]})
        assert (found.answer, found.at) == ("invalid", None), found
        assert "the point" in (found.reason or "")
    for raw in ([1, 1], ["+1", "1"], "11", None, ["1", None]):
        assert answer({**valid, "inhabitant": raw}).answer == "unreadable"


def test_the_inhabitant_meets_the_assumption() -> None:
    for seed in range(20):
        rng = random.Random(seed)
        cut, top = rng.randint(0, 3), rng.randint(4, 9)
        model = Model([given("x", 0, top)]).assume(lambda b, a, cut=cut: b.node("le", a[0], b.const(cut)))
        model.variable(
            "v", lambda b, a: a[0], lambda b, a: a[0], reads=[0], sites=[(0, cut)], values=[("integer", 0, cut)]
        )
        file = model.agree().certificate([cut])
        assert accepted(file)
        found = answer({**file, "inhabitant": [num(rng.randint(cut + 1, top))]})
        assert (found.answer, found.reason) == ("invalid", "the assumption is not established at the point")


def test_an_assumption_without_a_value_is_not_met() -> None:
    model = Model([given("x", 0, 2)]).assume(
        lambda b, a: b.node("le", b.node("div", "exact", b.const(0), a[0]), b.const(5))
    )
    file = model.certificate([1])
    assert accepted(file)
    assert answer({**file, "inhabitant": ["0"]}).reason == "the assumption is not established at the point"


def test_steps_of_the_wrong_number(valid: Any) -> None:
    """Every lemma has its own steps, all of them needed, none left over; the fault names lemma and step."""
    names = [f"the lemma of variable {v}, " for v in range(3)] + ["the last lemma"]
    steps = [*valid["lemmas"], valid["last"]]
    for v, name in enumerate(names):
        for bad, at in (([], 0), (steps[v][:-1], len(steps[v]) - 1), ([*steps[v], ["leaf"]], len(steps[v]))):
            changed = [*steps[:v], bad, *steps[v + 1 :]]
            found = answer({**valid, "lemmas": changed[:-1], "last": changed[-1]})
            assert (found.answer, found.at) == ("invalid", at), found
            assert (found.reason or "").startswith(name), found
        for raw in (None, ["leaf"], [None], [["believe"]], [["leaf", []]], [[]], {}):
            changed = [*steps[:v], raw, *steps[v + 1 :]]
            found = answer({**valid, "lemmas": changed[:-1], "last": changed[-1]})
            assert found.answer == ("invalid" if isinstance(raw, list) else "unreadable"), found
    for lemmas in (steps[:2], steps, steps[:-1][::-1], [], None):
        assert answer({**valid, "lemmas": lemmas}).answer in ("invalid", "unreadable"), lemmas


def test_lemmas_that_are_too_large(valid: Any) -> None:
    """A swap of many inputs makes more inputs than a problem may have: invalid, with the lemma's name."""
    count = 120
    model = Model([given(f"x{k}", 0, 1) for k in range(count)], swapped=range(count))
    model.variable("v", lambda b, a: a[0], lambda b, a: a[0], reads=[0], sites=[(0, 1)], values=[("integer", 0, 1)])
    found = answer(certificate(model.structure, model.relations, [[["leaf"]]] * 2, [0] * count))
    assert found.answer == "invalid"
    assert "the lemma of variable 0, 'v': a derived problem has more than 10000 inputs" in (found.reason or "")


def test_precision_and_kind(valid: Any) -> None:
    for bad in (31, 4097, "96", None, True):
        assert answer({**valid, "precision": bad}).answer == "unreadable"
    for bad in ("proof", "empty", "witness", "replayed", "module", None):
        assert answer({**valid, "kind": bad}).answer == "unreadable"


def test_the_identity_is_the_structures(valid: Any) -> None:
    """Other relations and steps leave it; any change of the structure moves it."""
    digest = answer(valid).problem_sha256
    assert answer({**valid, "last": []}).problem_sha256 == digest
    seen = {digest}
    for change in (
        lambda s: s.update(rest=True),
        lambda s: s.update(swapped=[]),
        lambda s: s["inputs"][0].__setitem__(3, "1"),
        lambda s: s["variables"][0].update(name="other"),
        lambda s: s.update(claim=piece(12, lambda b, a: b.truth())),
    ):
        file = copy.deepcopy(valid)
        change(file["structure"])
        seen.add(answer(file).problem_sha256)
    assert len(seen) == 6
