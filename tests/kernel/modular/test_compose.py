"""Modular certificates of small structures: a chain, a fork, swapped inputs, rest, float32, several components."""

import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from kernel_tools import answer
from modular_tools import Model, given

from mechverify.bundle.join import bundle_source
from mechverify.engines.certificates.problem import statement_sha256
from mechverify.engines.processes.kernel import check_certificate
from mechverify.kernel.modular import structure_sha256
from mechverify.kernel.reading.problem import canonical_bytes


def chain() -> Model:
    """A sum and its double."""
    return (
        Model([given("x", 0, 4), given("y", 0, 4)])
        .variable(
            "sum",
            lambda b, a: b.node("relu", b.affine(0, (1, a[0]), (1, a[1]))),
            lambda b, a: b.affine(0, (1, a[0]), (1, a[1])),
            reads=[0, 1],
        )
        .variable(
            "double",
            lambda b, a: b.node("abs", b.affine(0, (-2, a[2]))),
            lambda b, a: b.affine(0, (2, a[0])),
            parents=[0],
            sites=[(0, 20)],
            values=[("integer", 0, 20)],
        )
        .agree()
    )


def fork(**options: object) -> Model:
    """Two roots that share no input, and a product of both; the assumption ties the inputs."""
    return (
        Model([given("x", 0, 3), given("y", -2, 2)], **options)
        .assume(lambda b, a: b.node("le", a[1], a[0]))
        .variable(
            "left",
            lambda b, a: b.affine(1, (1, a[0])),
            lambda b, a: b.affine(1, (1, a[0])),
            reads=[0],
            sites=[(1, 4)],
            values=[("integer", 1, 4)],
        )
        .variable(
            "right",
            lambda b, a: b.node("abs", a[1]),
            lambda b, a: b.node("max", a[0], b.affine(0, (-1, a[0]))),
            reads=[1],
            sites=[(0, 2)],
            values=[("integer", 0, 2)],
        )
        .variable(
            "product",
            lambda b, a: b.node("mul", "exact", a[2], a[3]),
            lambda b, a: b.node("mul", "exact", a[0], a[1]),
            parents=[0, 1],
        )
        .agree()
    )


def rounded() -> Model:
    """A float32 chain over reals: the relation is a distance."""

    def near(bound: str):
        return lambda b, a: b.node("le", b.node("abs", b.affine(0, (1, a[0]), (-1, a[1]))), b.const(bound))

    return (
        Model([given("x", 0, 1, "real")])
        .variable(
            "scaled",
            lambda b, a: b.affine("1p-3", ("3p-2", b.node("round32", a[0])), rounding="float32"),
            lambda b, a: b.affine("1p-3", ("3p-2", a[0])),
            reads=[0],
            sites=[(0, 1)],
            values=[("real", 0, 1)],
            holds=near("1p-20"),
        )
        .variable(
            "bent",
            lambda b, a: b.node("relu", b.affine("-1p-1", ("1", a[1]), rounding="float32")),
            lambda b, a: b.node("relu", b.affine("-1p-1", ("1", a[0]))),
            parents=[0],
            sites=[(0, 1)],
            values=[("real", 0, 1)],
            holds=near("1p-2"),
        )
        .claim(lambda b, base, mixed, t, c: b.node("le", b.affine(0, (1, t[1][0]), (-1, c[1][0])), b.const("1p-1")))
    )


def exact() -> Model:
    """Integer weights in float32 on a large domain: exact by the grid, once the parent's site is its value."""
    top = 1_000_000
    return (
        Model([given("x", 0, top)])
        .variable(
            "odd",
            lambda b, a: b.affine(1, (2, a[0]), rounding="float32"),
            lambda b, a: b.affine(1, (2, a[0])),
            reads=[0],
            sites=[(1, 2 * top + 1)],
            values=[("integer", 1, 2 * top + 1)],
        )
        .variable(
            "bent",
            lambda b, a: b.node("relu", b.affine(-9, (3, a[1]), rounding="float32")),
            lambda b, a: b.node("relu", b.affine(-9, (3, a[0]))),
            parents=[0],
            sites=[(0, 6 * top - 6)],
            values=[("integer", 0, 6 * top - 6)],
        )
        .agree()
    )


def pairs() -> Model:
    """Two components a variable: sorted halves, then their difference; values of both kinds."""
    return (
        Model([given("x", 0, 3), given("y", 0, 3)])
        .variable(
            "sorted",
            lambda b, a: [b.node("min", a[0], a[1]), b.affine(0, ("1p-1", b.node("max", a[0], a[1])))],
            lambda b, a: [b.node("min", a[0], a[1]), b.node("max", a[0], a[1])],
            reads=[0, 1],
            sites=[(0, 3), (0, 2)],
            values=[("integer", 0, 3), ("integer", 0, 3)],
            holds=lambda b, a: b.node(
                "and", [b.node("eq", a[0], a[2]), b.node("eq", b.affine(0, (2, a[1])), a[3]), b.node("le", a[2], a[3])]
            ),
        )
        .variable(
            "gap",
            lambda b, a: b.affine(0, (2, a[3]), (-1, a[2])),
            lambda b, a: b.affine(0, (1, a[1]), (-1, a[0])),
            parents=[0],
            values=[("real", 0, 9)],
        )
        .claim(
            lambda b, base, mixed, t, c: b.node(
                "and", [b.node("eq", t[1][0], c[1][0]), b.node("le", b.const(0), t[1][0])]
            )
        )
    )


MODELS = {
    "chain": (chain, [1, 2]),
    "fork": (fork, [1, 1]),
    "fork swapped": (lambda: fork(swapped=[1]), [1, 1]),
    "fork rest": (lambda: fork(rest=True), [1, 1]),
    "fork swapped rest": (lambda: fork(swapped=[0, 1], rest=True), [0, 0]),
    "rounded": (rounded, ["1/3"]),
    "exact": (exact, [0]),
    "pairs": (pairs, [0, 3]),
    "nothing": (lambda: Model([given("x", 0, 3)]).claim(lambda b, base, *_: b.node("le", base[0], b.const(3))), [0]),
}


@pytest.mark.parametrize("name", MODELS)
def test_valid(name: str) -> None:
    make, inhabitant = MODELS[name]
    model = make()
    file = model.certificate(inhabitant)
    found = answer(file)
    assert found.answer == "valid", found
    assert (found.kind, found.problem_sha256) == ("modular", structure_sha256(model.structure))
    assert found.steps == sum(map(len, file["lemmas"])) + len(file["last"])
    assert (found.reason, found.at) == (None, None)


def test_in_one_file_and_in_a_process_of_its_own(tmp_path: Path) -> None:
    file, alone = tmp_path / "c.json", tmp_path / "kernel.py"
    file.write_text(json.dumps(fork(swapped=[1], rest=True).certificate([1, 1])))
    alone.write_text(bundle_source())
    folder = Path(import_module("mechverify.kernel").__file__ or "").parent / "__main__.py"
    for program in (alone, folder):
        done = subprocess.run(
            [sys.executable, "-I", "-S", str(program), str(file)], capture_output=True, text=True, check=False
        )
        assert (done.returncode, json.loads(done.stdout)["answer"]) == (0, "valid"), done


def test_the_answer_of_the_kernels_process() -> None:
    data = chain().certificate([1, 2])
    found = check_certificate(data, 60.0)
    assert (found.answer, found.problem_sha256) == ("valid", statement_sha256(data))
    data["last"] = []
    assert check_certificate(data, 60.0).answer == "invalid"


def test_derivation_is_pure_and_canonical() -> None:
    model = fork(swapped=[1], rest=True)
    before = json.dumps([model.structure, model.relations])
    first, second = model.problems(), model.problems()
    assert json.dumps([model.structure, model.relations]) == before
    assert [canonical_bytes(one) for one in first] == [canonical_bytes(one) for one in second]
    assert first[2]["inputs"] == [
        ["b.x", "integer", "0", "3"], ["b.y", "integer", "-2", "2"],
        ["s[y].x", "integer", "0", "3"], ["s[y].y", "integer", "-2", "2"],
        ["o.x", "integer", "0", "3"], ["o.y", "integer", "-2", "2"],
        ["site left[0]", "real", "1", "4"], ["value left[0]", "integer", "1", "4"],
        ["site right[0]", "real", "0", "2"], ["value right[0]", "integer", "0", "2"],
    ]  # fmt: skip
    assert [one[0] for one in first[3]["inputs"]] == [
        "b.x", "b.y", "s[y].x", "s[y].y", "site left[0]", "value left[0]", "site right[0]", "value right[0]",
        "site product[0]", "value product[0]",
    ]  # fmt: skip


def test_the_nodes_of_a_lemma() -> None:
    model = Model([given("x", 0, 3), given("y", 0, 3)], swapped=[1], rest=True)
    model.assume(lambda b, a: b.node("le", a[0], a[1]))
    model.variable(
        "v",
        lambda b, a: b.affine(1, ("1p-1", a[0]), (3, a[1]), rounding="float32"),
        lambda b, a: [b.affine(0, (1, a[0])), b.node("lt", a[0], b.const(7))],
        reads=[1],
        sites=[(0, 20)],
    )
    lemma = model.problems()[0]
    assert lemma["nodes"] == [
        *(["input", i] for i in range(6)),
        ["le", 0, 1], ["le", 2, 3], ["le", 4, 5], ["and", [6, 7, 8]],
        ["affine", "exact", "0", [["1", 3]]], ["const", "7"], ["lt", 3, 11],
        ["const", "0"], ["le", 13, 10], ["const", "9"], ["le", 10, 15],
        ["affine", "float32", "1", [["1p-1", 4], ["3", 3]]],
        ["const", "0"], ["le", 18, 17], ["const", "20"], ["le", 17, 20], ["eq", 17, 10], ["and", [22]],
        ["and", [12, 14, 16, 19, 21, 23]],
    ]  # fmt: skip
    assert (lemma["assumption"], lemma["claim"]) == (9, 24)
