"""What is plain of a node: each operation, and what is not plain."""

import pytest
from kernel_tools import Build

from mechverify.kernel.api import read_problem
from mechverify.kernel.scales.signs import SureSign, sign_of

UNKNOWN, VALUED, NOT_NEGATIVE, POSITIVE = SureSign


def signs(build: Build) -> list[SureSign]:
    problem = read_problem(build.problem(None, build.truth()))
    found: list[SureSign] = []
    for node in problem.nodes:
        found.append(sign_of(node, problem.inputs, problem.nodes, found))
    return found


def leaves(b: Build) -> dict[str, int]:
    """Something of each sign."""
    x = b.real("x", -1, 1)
    return {
        "any": b.node("div", "exact", x, x),
        "x": x,
        "not negative": b.real("n", 0, 1),
        "positive": b.real("p", 1, 2),
    }


@pytest.mark.parametrize(
    ("op", "expected"),
    [
        ("sqrt", (UNKNOWN, UNKNOWN, NOT_NEGATIVE, POSITIVE)),
        ("log", (UNKNOWN, UNKNOWN, UNKNOWN, VALUED)),
        ("exp", (UNKNOWN, POSITIVE, POSITIVE, POSITIVE)),
        ("sigmoid", (UNKNOWN, POSITIVE, POSITIVE, POSITIVE)),
        ("tanh", (UNKNOWN, VALUED, VALUED, VALUED)),
        ("erf", (UNKNOWN, VALUED, VALUED, VALUED)),
        ("abs", (UNKNOWN, NOT_NEGATIVE, NOT_NEGATIVE, POSITIVE)),
        ("relu", (UNKNOWN, NOT_NEGATIVE, NOT_NEGATIVE, POSITIVE)),
        ("floor", (UNKNOWN, VALUED, VALUED, VALUED)),
        ("round", (UNKNOWN, VALUED, VALUED, VALUED)),
        ("round32", (UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN)),
    ],
)
def test_of_one(op: str, expected: tuple[SureSign, ...]) -> None:
    b = Build()
    places = [b.node(op, a) for a in leaves(b).values()]
    assert tuple(signs(b)[v] for v in places) == expected


@pytest.mark.parametrize(
    ("op", "table"),
    [
        ("mul", ((UNKNOWN,) * 4, (UNKNOWN, NOT_NEGATIVE, VALUED, VALUED), (UNKNOWN, VALUED, NOT_NEGATIVE, NOT_NEGATIVE),
                 (UNKNOWN, VALUED, NOT_NEGATIVE, POSITIVE))),
        ("div", ((UNKNOWN,) * 4, (UNKNOWN, UNKNOWN, UNKNOWN, VALUED), (UNKNOWN, UNKNOWN, UNKNOWN, NOT_NEGATIVE),
                 (UNKNOWN, UNKNOWN, UNKNOWN, POSITIVE))),
        ("max", ((UNKNOWN,) * 4, (UNKNOWN, VALUED, NOT_NEGATIVE, POSITIVE),
                 (UNKNOWN, NOT_NEGATIVE, NOT_NEGATIVE, POSITIVE), (UNKNOWN, POSITIVE, POSITIVE, POSITIVE))),
        ("min", ((UNKNOWN,) * 4, (UNKNOWN, VALUED, VALUED, VALUED), (UNKNOWN, VALUED, NOT_NEGATIVE, NOT_NEGATIVE),
                 (UNKNOWN, VALUED, NOT_NEGATIVE, POSITIVE))),
    ],
)  # fmt: skip
def test_of_two(op: str, table: tuple[tuple[SureSign, ...], ...]) -> None:
    b = Build()
    some = list(leaves(b).values())
    beside = ("exact",) if op in ("mul", "div") else ()
    places = [[b.node(op, *beside, x, y) for y in some] for x in some]
    found = signs(b)
    assert tuple(tuple(found[v] for v in row) for row in places) == table


def test_sums() -> None:
    b = Build()
    some = leaves(b)
    cases = {
        b.affine(0): NOT_NEGATIVE,
        b.affine(1): POSITIVE,
        b.affine(-1): VALUED,
        b.affine(0, (1, some["not negative"])): NOT_NEGATIVE,
        b.affine(0, (-1, some["not negative"])): VALUED,
        b.affine(0, (1, some["not negative"]), (2, some["positive"])): POSITIVE,
        b.affine("1p-9", (1, some["not negative"])): POSITIVE,
        b.affine(5, (1, some["x"])): VALUED,
        b.affine(-1, (1, some["positive"])): VALUED,
        b.affine(0, (0, some["positive"])): NOT_NEGATIVE,
        b.affine(0, (0, some["x"]), (1, some["positive"])): POSITIVE,
        b.affine(1, (0, some["any"])): UNKNOWN,
        b.affine(1, (1, some["positive"]), rounding="float32"): UNKNOWN,
    }
    found = signs(b)
    assert {v: found[v] for v in cases} == cases


def test_tables_choices_and_truths() -> None:
    b = Build()
    some = leaves(b)
    inside, outside, below = b.integer("i", 0, 2), b.integer("o", 0, 3), b.integer("u", -1, 1)
    real = b.real("r", 0, 2)
    entries = ["1", "2", "3"]
    known, open_one = b.node("le", some["x"], inside), b.node("le", some["any"], inside)
    cases = {
        b.node("table", entries, inside): POSITIVE,
        b.node("table", ["1", "0", "3"], inside): NOT_NEGATIVE,
        b.node("table", ["1", "-1", "3"], inside): VALUED,
        b.node("table", entries, outside): UNKNOWN,
        b.node("table", entries, below): UNKNOWN,
        b.node("table", entries, real): UNKNOWN,
        b.node("table", entries, b.node("abs", inside)): UNKNOWN,
        b.node("ite", known, some["positive"], some["not negative"]): NOT_NEGATIVE,
        b.node("ite", known, some["positive"], some["any"]): UNKNOWN,
        b.node("ite", open_one, some["positive"], some["positive"]): UNKNOWN,
        known: VALUED,
        open_one: UNKNOWN,
        b.node("not", known): VALUED,
        b.node("and", [known, open_one]): UNKNOWN,
        b.node("mul", "float32", some["x"], some["x"]): UNKNOWN,
    }
    found = signs(b)
    assert {v: found[v] for v in cases} == cases
