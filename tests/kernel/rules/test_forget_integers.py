"""`forget` with integers and truth values: what may be kept whole, and what is really forgotten."""

import random

import pytest
from kernel_tools import Build, accepted, answer, proof, reject, true_by_enumeration

SEEDS = range(20)


def counted(rng, *, step="1", rounded=False, partial=False):
    """h = x if b else x + step, and the claim that 2 h is not 2 c + 1, for it is even where h is an integer."""
    build = Build()
    x, b = build.integer("x", 0, rng.randint(2, 4)), build.integer("b", 0, 1)
    on = build.node("eq", b, build.const(1))
    base = build.node("div", "exact", x, build.const(1)) if partial else x
    h = build.node("ite", on, base, build.affine(step, (1, base)))
    if rounded:
        build.affine(0, (1, x), rounding="float32")
    odd = build.const(2 * rng.randint(0, 1) + 1)
    twice = build.affine(0, (2, h))
    claim = build.node("or", [build.node("lt", twice, odd), build.node("lt", odd, twice)])
    return build, x, b, on, h, claim, odd, twice


def cut(rows, conditions=(), kept=()):
    return ["forget", [list(r) for r in rows], [list(c) for c in conditions], list(kept)]


def tail(problem, at):
    """Below the cut: h up to the odd number's half, and above."""
    return [["split", [["1", len(problem["inputs"])]], str(at)], ["leaf"], ["leaf"]]


@pytest.mark.parametrize("seed", SEEDS)
def test_integers_stay_integers(seed):
    rng = random.Random(seed)
    build, _x, b, _on, h, claim, odd, _twice = counted(rng)
    problem = build.problem(None, claim)
    at = (int(problem["nodes"][odd][1]) - 1) // 2
    good = [cut([[h, "-9", "9", "integer"]]), ["leaf"], *tail(problem, at)]
    assert accepted(proof(problem, good, [0, 0])), answer(proof(problem, good, [0, 0]))
    reject(proof(problem, [cut([[h, "-9", "9"]]), *good[1:]], [0, 0]), "does not show")
    for row, word in [
        ([h, "-9", "9", "real"], ""),
        ([h, "-9", "9", "whole"], ""),
        ([h, "-9", "9", True], ""),
        ([h, "-9", "9", "integer", "integer"], ""),
        ([h, "-9", "19p-1", "integer"], "integers alone"),
        ([h, "-28/3", "9", "integer"], "integers alone"),
        ([h, "9", "-9", "integer"], "cross"),
        ([claim, "0", "1", "integer"], "no number"),
        ([h, "integer"], ""),
    ]:
        reject(proof(problem, [cut([row]), *good[1:]], [0, 0]), word, 0)
    both = cut([[h, "-9", "9", "integer"], [h, "-9", "9"]])
    reject(proof(problem, [both, *good[1:]], [0, 0]), "twice", 0)
    tight = cut([[h, "0", str(rng.randint(-3, 0)), "integer"]])
    reject(proof(problem, [tight, *good[1:]], [0, 0]), "", None)
    assert b


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_no_integer(seed):
    """Halves, float32 anywhere, and what may have no value: the same steps that prove it of integers are refused."""
    rng = random.Random(seed)
    for words in ({"step": "1p-1"}, {"step": "1/3"}, {"rounded": True}, {"partial": True}):
        build, _x, _b, _on, h, claim, odd, _twice = counted(rng, **words)
        problem = build.problem(None, claim)
        at = (int(problem["nodes"][odd][1]) - 1) // 2
        steps = [cut([[h, "-9", "9", "integer"]]), ["leaf"], *tail(problem, at)]
        reject(proof(problem, steps, [0, 0]), "integers alone", 0)
    build = Build()
    x = build.real("x", 0, 1)
    h = build.node("max", x, build.const(0))
    problem = build.problem(None, build.node("le", h, build.const(1)))
    reject(proof(problem, [cut([[h, "0", "1", "integer"]]), ["leaf"], ["leaf"]], [0]), "integers alone", 0)


def test_a_step_of_what_has_no_value_is_no_integer():
    """floor(x / y) is computed as an integer, yet may be anything where y is 0: its bounds cannot be proved."""
    build = Build()
    x, y = build.integer("x", 0, 3), build.integer("y", 0, 3)
    q = build.node("floor", build.node("div", "exact", x, y))
    claim = build.node("not", build.node("eq", q, build.const("1p-1")))
    problem = build.problem(None, claim)
    steps = [cut([[q, "-9", "9", "integer"]]), ["leaf"], ["leaf"]]
    reject(proof(problem, steps, [0, 1]), "does not show", 1)


@pytest.mark.parametrize("seed", SEEDS)
def test_truth_values_are_forgotten(seed):
    rng = random.Random(seed)
    build, _x, _b, on, h, _claim, _odd, _twice = counted(rng)
    same = build.node("ite", on, build.affine(0, (1, h)), h)
    claim = build.node("le", same, build.affine(rng.randint(0, 2), (1, h)))
    problem = build.problem(None, claim)
    good = [cut([[on]]), ["leaf"], ["case", on], ["leaf"], ["leaf"]]
    assert accepted(proof(problem, good, [0, 0])), answer(proof(problem, good, [0, 0]))
    number = [cut([[h, "0", "9", "integer"], [on]]), ["leaf"], ["case", on], ["leaf"], ["leaf"]]
    assert accepted(proof(problem, number, [0, 0]))
    for rows, word in [
        ([[h]], "bounds"),
        ([[on], [on]], "twice"),
        ([[on, "0", "1"]], "no number"),
        ([[on, "0", "1", "integer"]], "no number"),
        ([[on, on]], ""),
        ([[]], ""),
        ([[len(problem["nodes"])]], "index"),
        ([[str(on)]], "index"),
    ]:
        reject(proof(problem, [cut(rows), *good[1:]], [0, 0]), word, 0)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_forgotten_truth_is_open(seed):
    """What followed from its definition does not follow any more, in either direction; nor is there enumeration."""
    rng = random.Random(seed)
    build = Build()
    x = build.integer("x", 0, rng.randint(1, 5))
    small = build.node("le", x, build.const(9))
    claim = rng.choice([small, build.node("or", [small, build.node("lt", x, build.const(0))])])
    problem = build.problem(None, claim)
    assert true_by_enumeration(problem)[0]
    reject(proof(problem, [cut([[small]]), ["leaf"], ["leaf"]], [0]), "does not show", 2)
    reject(proof(problem, [cut([[small]]), ["leaf"], ["enumerate"]], [0]), "enumerate below", 2)
    reject(proof(problem, [cut([[small]]), ["leaf"], ["case", small], ["leaf"], ["leaf"]], [0]), "does not show", 4)


def programs(rng):
    """A counter modulo m that starts and counts at random, over three small inputs, and a claim of its last value."""
    build = Build()
    xs = [build.integer(f"x{k}", 0, 2) for k in range(3)]
    m = rng.randint(2, 4)
    state = build.affine(rng.randint(0, 1), (1, xs[0]))
    cuts = [state]
    for x in xs[1:]:
        raised = build.affine(rng.randint(0, 1), (1, state), (1, x))
        state = build.node("ite", build.node("lt", raised, build.const(m)), raised, build.affine(-m, (1, raised)))
        cuts.append(state)
    low, high = sorted([rng.randint(-2, 1), rng.randint(0, 4)])
    claim = build.node("and", [build.node("le", build.const(low), state), build.node("le", state, build.const(high))])
    return build, cuts, claim


def test_random_cuts_show_nothing_false():
    """Small programs cut at random with random integer bounds: what is accepted is true; some are, and some false."""
    seen = {True: 0, False: 0}
    for seed in range(150):
        rng = random.Random(seed)
        build, cuts, claim = programs(rng)
        problem = build.problem(None, claim)
        truth = true_by_enumeration(problem)[0]
        steps, h = [], cuts[1]
        low, high = sorted([rng.randint(-2, 1), rng.randint(0, 4)])
        full = [["split", [["1", 0]], "0"], ["enumerate"], ["enumerate"]]
        steps = [cut([[h, str(low), str(high), "integer"]]), *full]
        below = [["split", [["1", 3]], str(v)] for v in range(low, high)]
        for step in below:
            steps += [step, *points(2)]
        steps += points(2)
        file = proof(problem, steps, [0, 0, 0])
        seen[accepted(file)] += 1
        assert truth or not accepted(file)
    assert all(seen.values())


def points(k):
    """The leaves at the three values of input k."""
    return [["split", [["1", k]], "0"], ["leaf"], ["split", [["1", k]], "1"], ["leaf"], ["leaf"]]
