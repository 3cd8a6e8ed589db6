"""Looking up a table: the same as a choice spelled out, on the box of a leaf and at a point; nothing outside of it."""

import random
from fractions import Fraction
from typing import Any

import pytest
from kernel_mutations import NUMERIC, small_problem
from kernel_tools import Build, accepted, num, proof, prove, random_number, reject, true_by_enumeration, witness

from mechverify.kernel.api import evaluate_point, read_problem
from mechverify.kernel.forms.evaluate import evaluate_forms
from mechverify.kernel.forms.form import ClosedError, Forms
from mechverify.kernel.plan import Prepared
from mechverify.kernel.state import State

THIRDS = ["1/3", "2/3", "1", "-1", "5"]


def looked_up(low: int, high: int, entries: list[str], bound: Any, *, factor: Any = 1, bias: Any = 0) -> Any:
    """entries[factor * x + bias] <= bound for x in low .. high."""
    build = Build()
    x = build.integer("x", low, high)
    entry = build.node("table", entries, build.affine(bias, (factor, x)))
    return build.problem(None, build.node("le", entry, build.const(bound)))


def chosen(build: Build, index: int, entries: list[str], *, at: int = 0) -> int:
    """The same as a choice for each entry but the last."""
    here = build.node("const", entries[at])
    if at == len(entries) - 1:
        return here
    rest = chosen(build, index, entries, at=at + 1)
    return build.node("ite", build.node("le", index, build.const(at)), here, rest)


@pytest.mark.parametrize(
    ("low", "high", "bound"), [(0, 4, 5), (0, 3, 1), (1, 1, Fraction(2, 3)), (3, 3, -1), (0, 0, Fraction(1, 3))]
)
def test_the_greatest_entry_in_reach_is_the_bound(low: int, high: int, bound: Any) -> None:
    assert accepted(proof(looked_up(low, high, THIRDS, bound), [["leaf"]], [low]))
    reject(proof(looked_up(low, high, THIRDS, bound - Fraction(1, 10**6)), [["leaf"]], [low]), "does not show", 0)


def test_splits_bring_entries_into_reach() -> None:
    entries = [str(k) for k in range(100)]
    problem = looked_up(0, 99, [*entries[:50], *entries[:50]], 49)
    assert accepted(proof(problem, [["leaf"]], [0]))
    build = Build()
    x = build.integer("x", 0, 99)
    entry = build.node("table", entries, x)
    problem = build.problem(None, build.node("le", entry, build.affine(9, (1, x))))
    halves = ["split", [["1", 0]]]

    def tree(low: int, high: int) -> list[Any]:
        if high - low < 10:
            return [["leaf"]]
        middle = (low + high) // 2
        return [[*halves, str(middle)], *tree(low, middle), *tree(middle + 1, high)]

    assert accepted(proof(problem, tree(0, 99), [0]))
    reject(proof(problem, [["leaf"]], [0]), "does not show the claim", 0)


@pytest.mark.parametrize(
    ("low", "high", "factor", "bias"),
    [(0, 5, 1, 0), (-1, 4, 1, 0), (0, 4, 1, 1), (0, 4, 1, Fraction(1, 2)), (0, 2, Fraction(1, 2), 0), (-9, -9, 1, 0)],
)  # fmt: skip
def test_an_index_that_may_choose_no_entry_gives_any_value(low: int, high: int, factor: Any, bias: Any) -> None:
    problem = looked_up(low, high, THIRDS, 99, factor=factor, bias=bias)
    reject(proof(problem, [["leaf"]], [low]), "does not show the claim", 0)
    reject(proof(problem, [["enumerate"]], [low]), "is not settled", 0)


def test_at_a_point_without_an_entry_nothing_is_known() -> None:
    problem = looked_up(-1, 5, THIRDS, 99)
    for x, entry in enumerate(THIRDS):
        assert evaluate_point(read_problem(problem), [x])[2] == (Fraction(entry), Fraction(entry))
    for x in (-1, 5):
        assert evaluate_point(read_problem(problem), [x])[2] is None
        reject(witness(looked_up(-1, 5, THIRDS, -99), [x]), "not broken")
    assert accepted(witness(looked_up(-1, 5, THIRDS, -99), [0]))


def test_a_real_or_a_rounded_index_gives_any_value() -> None:
    for kind in ("real", "rounded"):
        build = Build()
        x = build.real("x", 0, 1) if kind == "real" else build.integer("x", 0, 1)
        third = build.affine(0, (Fraction(1, 3), x), (Fraction(2, 3), x), rounding="float32")
        entry = build.node("table", ["1", "2", "3"], x if kind == "real" else third)
        problem = build.problem(None, build.node("le", entry, build.const(3)))
        reject(proof(problem, [["leaf"]], [0]), "does not show the claim", 0)
    build = Build()
    x = build.real("x", 0, 1)
    entry = build.node("table", ["1", "2", "3"], build.node("floor", x))
    problem = build.problem(None, build.node("le", entry, build.const(2)))
    assert accepted(proof(problem, [["leaf"]], [0]))


def test_what_no_rule_allows() -> None:
    problem = looked_up(0, 4, THIRDS, 5)
    reject(proof(problem, [["define", [["table", THIRDS, 0]]], ["leaf"]], [0]), "may have no value", 0)
    reject(proof(problem, [["define", [["table", 0, 0]]], ["leaf"]], [0]), "a table must be a list", 0)
    reject(proof(problem, [["phase", 2], ["leaf"], ["leaf"]], [0]), "table has no phases", 0)
    reject(proof(problem, [["leaf", [[2, "1p-1"]], []]], [0]), "a slope for node 2", 0)
    whole = [["forget", [[2, "-1", "5", "integer"]], [], []], ["leaf"], ["leaf"]]
    reject(proof(problem, whole, [0]), "not computed from integers alone", 0)
    assert accepted(proof(looked_up(0, 4, ["1", "2", "-1", "0", "5"], 5), whole, [0]))


def test_below_a_forgotten_index_entries_out_of_reach_count() -> None:
    problem = looked_up(0, 1, THIRDS, 1)
    for last, right in (("1", True), ("2", True), ("4", False), ("5", False)):
        steps = [["forget", [[1, "0", last, "integer"]], [], []], ["leaf"], ["leaf"]]
        assert accepted(proof(problem, steps, [0])) is right
    steps = [["forget", [[1, "0", "1"]], [], []], ["leaf"], ["leaf"]]
    reject(proof(problem, steps, [0]), "does not show the claim", 2)


def test_one_entry_in_reach_is_exact_in_rows() -> None:
    """3 * (1/3) - 1 is 0, though no form at a scale of two has a third."""
    build = Build()
    x = build.integer("x", 1, 1)
    entry = build.node("table", ["2", "1/3"], x)
    claim = build.node("eq", build.affine(-1, (3, entry)), build.const(0))
    assert accepted(proof(build.problem(None, claim), [["leaf"]], [1]))
    assert accepted(proof(build.problem(None, claim), [["leaf", [], [], [4]]], [1]))


def both(rng: random.Random) -> tuple[Any, Any]:
    """A problem with a table, and the same with the choice spelled out."""
    entries = [num(random_number(rng)) for _ in range(rng.randint(2, 7))]
    found = []
    weights = rng.randint(-2, 2), rng.randint(-2, 2)
    bound, bias = random_number(rng), rng.randint(-3, 9)
    for plain in (False, True):
        build = Build()
        x, y = build.integer("x", 0, 3), build.integer("y", -2, 1)
        raw = build.affine(bias, (weights[0], x), (weights[1], y))
        inside = build.node("min", build.node("max", raw, build.const(0)), build.const(len(entries) - 1))
        entry = chosen(build, inside, entries) if plain else build.node("table", entries, inside)
        total = build.affine(0, (1, entry), (Fraction(1, 2), x))
        found.append(build.problem(None, build.node("le", total, build.const(bound + 2))))
    return found[0], found[1]


@pytest.mark.parametrize("seed", range(60))
def test_the_choice_spelled_out_means_the_same(seed: int) -> None:
    table, plain = both(random.Random(seed))
    for x in range(4):
        for y in range(-2, 2):
            one, other = (evaluate_point(read_problem(p), [x, y])[p["claim"]] for p in (table, plain))
            assert one is other
            assert one is not None
    leaves = [leaf(p) for p in (table, plain)]
    assert leaves[0] in (True, leaves[1])


def leaf(problem: Any) -> bool:
    forms = Forms(State.start(Prepared(read_problem(problem))), {}, {})
    try:
        evaluate_forms(forms)
    except ClosedError:
        return True
    return forms.truth[problem["claim"]] is True


def test_what_is_proved_of_random_problems_is_true() -> None:
    proved = 0
    for seed in range(400):
        rng = random.Random(seed)
        problem = small_problem(rng, [*NUMERIC, "table", "table"])
        steps = prove(problem, rng)
        if steps is None:
            continue
        true, inhabited = true_by_enumeration(problem)
        if not inhabited:
            continue
        proved += accepted(proof(problem, steps, inhabited[0]))
        assert true or not accepted(proof(problem, steps, inhabited[0])), seed
    assert proved > 60
