"""Integers by construction: which values of a mechanism, and which sites, a relation may call integers."""

from collections.abc import Callable
from typing import Any

import pytest
from kernel_tools import accepted, answer
from modular_tools import Model, certificate, given, prove

INTEGRAL: list[Callable[..., Any]] = [
    lambda b, a, c: b.affine(3, (-2, a), (1, c)), lambda b, a, c: b.node("mul", "exact", a, c),
    lambda b, a, c: b.node("relu", a), lambda b, a, c: b.node("abs", a), lambda b, a, c: b.node("max", a, c),
    lambda b, a, c: b.node("min", a, b.const(1)), lambda b, a, c: b.node("floor", b.affine(0, ("1p-1", a))),
    lambda b, a, c: b.node("round", b.affine(0, ("1/3", a))),
    lambda b, a, c: b.node("floor", b.node("sqrt", b.node("abs", a))),
    lambda b, a, c: b.node("ite", b.node("le", a, b.affine("1p-1", ("1/3", c))), a, b.const(2)),
]  # fmt: skip
BROKEN: list[Callable[..., Any]] = [
    lambda b, x: b.affine("1p-1", (0, x)), lambda b, x: b.affine(0, ("1p-1", b.affine(0, (2, x)))),
    lambda b, x: b.affine("1/3", (1, b.const("2/3"))), lambda b, x: b.const("1p-1"),
    lambda b, x: b.node("div", "exact", x, b.const(1)), lambda b, x: b.node("sqrt", b.node("mul", "exact", x, x)),
    lambda b, x: b.node("mul", "exact", b.const("1p-1"), b.affine(0, (2, x))),
    lambda b, x: b.node("exp", b.const(0)), lambda b, x: b.node("log", b.const(1)),
    lambda b, x: b.node("relu", b.const("1p-1")), lambda b, x: b.node("abs", b.affine(0, ("1/3", x))),
    lambda b, x: b.node("max", x, b.const("1p-1")), lambda b, x: b.node("max", b.const("1p-1"), x),
    lambda b, x: b.node("min", x, b.const("1p-1")), lambda b, x: b.node("min", b.const("1/3"), x),
    lambda b, x: b.node("ite", b.truth(), x, b.const("1p-1")), lambda b, x: b.node("ite", b.truth(), b.const("1/3"), x),
    lambda b, x: b.affine(0, (1, x), (0, b.const("1p-1"))), lambda b, x: b.node("mul", "exact", x, b.const("1/3")),
    lambda b, x: b.affine(0, (1, x), (1, b.node("div", "exact", x, b.const(3)))),
    lambda b, x: b.node("relu", b.node("div", "exact", x, b.const(2))),
]  # fmt: skip


def computed(make: Callable[..., Any], kind: str, *, of: str = "integer", by_parent: bool = False) -> Model:
    """One variable with this mechanism, or two, the second computed from the value of the first."""
    model = Model([given("x", 0, 2, of)])
    wide = {"sites": [(0, 0)], "values": [(kind, -100, 100)], "holds": lambda b, a: b.truth()}
    if not by_parent:
        return model.variable("v", lambda b, a: b.const(0), lambda b, a: make(b, a[0]), reads=[0], **wide)
    model.variable(
        "u", lambda b, a: b.const(0), lambda b, a: a[0], reads=[0],
        sites=[(0, 0)], values=[(of, 0, 2)], holds=lambda b, a: b.truth(),
    )  # fmt: skip
    return model.variable("v", lambda b, a: b.const(0), lambda b, a: make(b, a[0]), parents=[0], **wide)


@pytest.mark.parametrize("by_parent", [False, True])
def test_integral_by_construction(by_parent: bool) -> None:
    for make in INTEGRAL:
        model = computed(lambda b, x, make=make: make(b, x, b.affine(1, (1, x))), "integer", by_parent=by_parent)
        file = model.certificate([0])
        assert accepted(file), answer(file)
    name = "the lemma of variable 1, 'v'" if by_parent else "the lemma of variable 0, 'v'"
    for make in BROKEN:
        good = computed(make, "real", by_parent=by_parent)
        file = good.certificate([0])
        assert accepted(file), answer(file)
        bad = computed(make, "integer", by_parent=by_parent)
        found = answer({**file, "relations": bad.relations})
        assert found.answer == "invalid", found
        assert found.reason == f"{name}: value 0 is not an integer by construction"


@pytest.mark.parametrize("by_parent", [False, True])
def test_what_is_computed_from_reals_is_no_integer(by_parent: bool) -> None:
    for i, make in enumerate(INTEGRAL):
        body: Callable[..., Any] = lambda b, x, make=make: make(b, x, b.affine(1, (1, x)))  # noqa: E731
        model = computed(body, "integer", of="real", by_parent=by_parent)
        file = certificate(model.structure, model.relations, [[["leaf"]]] * (2 + by_parent), [0])
        found = answer(file)
        refused = "is not an integer by construction" in (found.reason or "")
        assert refused is (i not in (6, 7, 8)), found


ROUNDED: list[Callable[..., Any]] = [
    lambda b, x: b.affine(0, (1, x), rounding="float32"), lambda b, x: b.affine(1, (2, x), rounding="float32"),
    lambda b, x: b.node("mul", "float32", x, x), lambda b, x: b.node("round32", x),
    lambda b, x: b.node("relu", b.affine(0, (1, x), rounding="float32")), lambda b, x: b.node("mul", "float32", x, b.const(1)),
]  # fmt: skip


def held(make: Callable[..., Any], kind: str, *, of: str = "integer", by_parent: bool = False) -> Model:
    """One variable whose site is this, or two, the second site computed from the first."""
    model = Model([given("x", 0, 2, of)])
    wide = {"sites": [(kind, -100, 100)], "values": [("integer", 0, 0)], "holds": lambda b, a: b.truth()}
    if not by_parent:
        return model.variable("v", lambda b, a: make(b, a[0]), lambda b, a: b.const(0), **wide)
    model.variable(
        "u", lambda b, a: a[0], lambda b, a: b.const(0),
        sites=[(of, 0, 2)], values=[("integer", 0, 0)], holds=lambda b, a: b.truth(),
    )  # fmt: skip
    return model.variable("v", lambda b, a: make(b, a[1]), lambda b, a: b.const(0), parents=[0], **wide)


@pytest.mark.parametrize("by_parent", [False, True])
def test_a_site_that_is_no_integer_by_construction_is_not_called_one(by_parent: bool) -> None:
    for make in INTEGRAL:
        model = held(lambda b, x, make=make: make(b, x, b.affine(1, (1, x))), "integer", by_parent=by_parent)
        file = model.certificate([0])
        assert accepted(file), answer(file)
    name = "the lemma of variable 1, 'v'" if by_parent else "the lemma of variable 0, 'v'"
    for make in [*BROKEN, *ROUNDED]:
        file = held(make, "real", by_parent=by_parent).certificate([0])
        assert accepted(file), answer(file)
        bad = held(make, "integer", by_parent=by_parent)
        found = answer({**file, "relations": bad.relations})
        assert (found.answer, found.reason) == ("invalid", f"{name}: site 0 is not an integer by construction")


@pytest.mark.parametrize("by_parent", [False, True])
def test_a_site_computed_from_reals_is_no_integer(by_parent: bool) -> None:
    for i, make in enumerate(INTEGRAL):
        body: Callable[..., Any] = lambda b, x, make=make: make(b, x, b.affine(1, (1, x)))  # noqa: E731
        model = held(body, "integer", of="real", by_parent=by_parent)
        file = certificate(model.structure, model.relations, [[["leaf"]]] * (2 + by_parent), [0])
        refused = "site 0 is not an integer by construction" in (answer(file).reason or "")
        assert refused is (i not in (6, 7, 8)), answer(file)


@pytest.mark.parametrize("bad", [True, False])
def test_that_sites_are_integers_is_what_some_lemmas_need(bad: bool) -> None:
    """Two units between 0 and 1 read as one number between 0 and 3: which two they are follows for integers alone."""
    model = Model([given("x", 0, 1), given("y", 0, 1)])
    kind = "real" if bad else "integer"
    both = {"sites": [(kind, 0, 1)] * 2, "values": [("integer", 0, 3)]}
    model.variable(
        "both", lambda b, a: [a[0], a[1]], lambda b, a: b.affine(0, (1, a[0]), (2, a[1])), reads=[0, 1], **both,
        holds=lambda b, a: b.node("eq", b.affine(0, (1, a[0]), (2, a[1])), a[2]),
    )  # fmt: skip
    model.variable(
        "low", lambda b, a: a[2], lambda b, a: b.affine(0, (1, a[0]), (-2, b.node("floor", b.affine(0, ("1p-1", a[0]))))),
        parents=[0], sites=[(0, 1)], values=[("integer", 0, 1)],
    )  # fmt: skip
    steps = [prove(problem, budget=200) for problem in model.problems()]
    assert [found is None for found in steps] == [False, bad, False]
    if not bad:
        assert accepted(certificate(model.structure, model.relations, steps, [0, 0]))
        for relation in model.relations:
            for site in relation["sites"]:
                site[0] = "real"
        assert answer(certificate(model.structure, model.relations, steps, [0, 0])).answer == "invalid"
