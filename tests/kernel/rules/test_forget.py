"""`forget`: every side condition violated alone and rejected; accepted proofs against enumeration and executions."""

import random
from fractions import Fraction
from math import gcd

import pytest
from kernel_mutations import NUMERIC, ROUNDED, mutate, small_problem
from kernel_tools import (
    Build,
    accepted,
    answer,
    box_points,
    execute,
    num,
    proof,
    reject,
    true_by_enumeration,
    unimodular,
)

from mechverify.kernel.api import read_problem
from mechverify.kernel.rules import forget
from mechverify.kernel.search import open_path, try_step

SEEDS = range(20)


def chain(rng, *, real=True):
    """h = max(x, y), g = max(h, z) and a claim that needs only bounds of h. Returns (builder, x, y, z, h, g, claim)."""
    build = Build()
    make = build.real if real else build.integer
    x, y, z = (make(name, -rng.randint(1, 4), rng.randint(1, 4)) for name in "xyz")
    h = build.node("max", x, y)
    g = build.node("max", h, z)
    claim = build.node("le", g, build.const(9))
    return build, x, y, z, h, g, claim


def cut(v, low, high, conditions=(), kept=()):
    return ["forget", [[v, num(low), num(high)]], [list(c) for c in conditions], list(kept)]


def good_steps(h, conditions=()):
    return [cut(h, -9, 9, conditions), ["leaf"], ["leaf"]]


def twin(problem, good, bad, word, at=None):
    assert accepted(proof(problem, good, [0, 0, 0])), answer(proof(problem, good, [0, 0, 0]))
    reject(proof(problem, bad, [0, 0, 0]), word, at)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_forgotten(seed):
    rng = random.Random(seed)
    build, x, _y, _z, h, _g, claim = chain(rng)
    problem = build.problem(None, claim)
    good = good_steps(h)
    low, high = sorted([rng.randint(-20, 20), rng.randint(21, 30)])
    for rows, word in [
        ([[claim, "-9", "9"]], "no number"),
        ([[h, "-9", "9"], [h, "-9", "9"]], "twice"),
        ([[h, "-9", "9"], [x, "-9", "9"], [h, "-8", "9"]], "twice"),
        ([[h, num(high), num(low)]], "cross"),
        ([[len(problem["nodes"]), "-9", "9"]], "index"),
        ([[-1, "-9", "9"]], "index"),
        ([[str(h), "-9", "9"]], "index"),
        ([[h, -9, 9]], "number"),
        ([[h, "-9", "9.0"]], "number"),
        ([[h, "-9"]], ""),
        ([h, "-9", "9"], ""),
        (h, ""),
        (None, ""),
    ]:
        twin(problem, good, [["forget", rows, [], []], *good[1:]], word, 0)
    for bad in (["forget"], good[0][:-1], [*good[0], []], ["forget", [[h, "-9", "9"]], [], [], []]):
        twin(problem, good, [bad, *good[1:]], "fields", 0)


@pytest.mark.parametrize("seed", SEEDS)
def test_bounds_are_proved(seed):
    """h reaches -1 at least and 1 at least: bounds inside of that are false."""
    rng = random.Random(seed)
    build, _x, _y, _z, h, _g, claim = chain(rng)
    problem = build.problem(None, claim)
    good = good_steps(h)
    low, high = Fraction(rng.randint(-9, 9), 10), Fraction(rng.randint(-9, 9), 10)
    low, high = min(low, high), max(low, high)
    for bounds in ((-9, high), (low, 9), (low, high), (20, 30), (-30, -20)):
        twin(problem, good, [cut(h, *bounds), *good[1:]], "does not show", 1)


@pytest.mark.parametrize("seed", SEEDS)
def test_conditions_are_proved(seed):
    rng = random.Random(seed)
    build, x, y, _z, h, _g, claim = chain(rng)
    problem = build.problem(None, claim)
    assert accepted(proof(problem, good_steps(h, [["ge", num(rng.randint(9, 12)), [["1", h], ["-1", x]]]]), [0, 0, 0]))
    constant = num(Fraction(-rng.randint(1, 9), 10))
    false = [
        ["ge", constant, [["1", h], ["-1", x]]],
        ["ge", constant, [["1", h], ["-1", y]]],
        ["ge", "0", [["1", x], ["-1", h]]],
        ["eq", "0", [["1", h], ["-1", x]]],
        ["eq", constant, [["1", h], ["-1", h]]],
        ["ge", constant, []],
        ["eq", constant, []],
    ]
    for condition in false:
        reject(proof(problem, good_steps(h, [condition]), [0, 0, 0]), "does not show", 1)


@pytest.mark.parametrize("seed", SEEDS)
def test_form_of_conditions(seed):
    rng = random.Random(seed)
    build, x, _y, _z, h, _g, claim = chain(rng)
    problem = build.problem(None, claim)
    c = num(rng.randint(10, 20))
    good = good_steps(h, [["ge", c, [["1", h]]]])
    for condition, word in [
        (["gt", c, [["1", h]]], "ge or eq"),
        (["le", c, [["1", h]]], "ge or eq"),
        ([1, c, [["1", h]]], "ge or eq"),
        ([["ge"], c, [["1", h]]], "ge or eq"),
        (["ge", c, [["1", claim]]], "no number"),
        (["ge", c, [["1", h], ["0", claim]]], "no number"),
        (["ge", c, [["1", len(problem["nodes"])]]], "index"),
        (["ge", c, [["1", -1]]], "index"),
        (["ge", c, [[1, h]]], "number"),
        (["ge", 1, [["1", h]]], "number"),
        (["ge", c, [["1", h, "2"]]], ""),
        (["ge", c, [["1"]]], ""),
        (["ge", c, {"1": x}], ""),
        (["ge", c], ""),
        (["ge", c, [["1", h]], []], ""),
    ]:
        twin(problem, good, good_steps(h, [condition]), word, 0)


@pytest.mark.parametrize("seed", SEEDS)
def test_facts_that_are_kept(seed):
    """The assumption has two conjuncts, facts 0 and 1; two splits make facts 2 and 3."""
    rng = random.Random(seed)
    build, x, y, _z, h, _g, claim = chain(rng)
    nine = build.const(9)
    assumption = build.node("and", [build.node("le", x, nine), build.node("le", y, nine)])
    problem = build.problem(assumption, claim)

    def steps(kept):
        inner = [["forget", [[h, "-9", "9"]], [], kept], ["leaf"], ["leaf"]]
        return [
            ["split", [["1", 0]], "0"],
            ["split", [["1", 1]], num(rng.choice([0, Fraction(1, 2)]))],
            *inner,
            ["leaf"],
            ["leaf"],
        ]

    for good in ([], [2], [3], [2, 3]):
        for bad in ([0], [1], [0, 2], [2, 2], [3, 2], [3, 3], [4], [2, 3, 4], [-1], ["2"], [True], [None], [1, 2, 3]):
            twin(problem, steps(good), steps(bad), "", 2)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_fact_of_a_lattice_is_kept(seed):
    """Bounds of what a lattice eliminated, and splits, are over inputs; the second lattice's are not."""
    rng = random.Random(seed)
    build = Build()
    a, b, c = (build.integer(name, 0, 9) for name in "abc")
    p, q, r = 2, 3, rng.choice([5, 7, 11])
    first = build.node("eq", build.affine(0, (p, a), (q, b)), build.const(5 * rng.randint(1, 2)))
    second = build.node("eq", build.affine(0, (1, a), (r, c)), build.affine(0, (1, b)))
    h = build.node("max", a, b)
    claim = build.node("le", h, build.const(9))
    problem = build.problem(build.node("and", [first, second]), claim)
    state = open_path(read_problem(problem))
    u, v = unimodular([p, q])
    state = try_step(state, ["substitute", 0, "lattice", matrix(u), matrix(v)])[0]
    form = state.resolve(state.prepared.difference(*state.prepared.problem.nodes[second].args))
    ids = sorted(form.terms)
    scaled = [int(form.terms[i]) for i in ids]
    u, v = unimodular([c // gcd(*scaled) for c in scaled])
    after = try_step(state, ["substitute", 1, "lattice", matrix(u), matrix(v)])
    assert after is not None
    count = len(problem["inputs"])
    seen = 0
    for f in range(2, len(after[0].facts)):
        new = any(i >= count for i in after[0].facts[f].form.terms)
        seen += new
        assert (try_step(after[0], cut(h, 0, 9, (), [f])) is None) is new
    assert seen


def matrix(rows):
    return [[str(x) for x in row] for row in rows]


@pytest.mark.parametrize("seed", SEEDS)
def test_no_enumeration_below(seed):
    """Neither at once nor when the new inputs have been eliminated; in the lemma it is allowed."""
    rng = random.Random(seed)
    build, x, y, _z, h, g, claim = chain(rng, real=False)
    problem = build.problem(None, claim)
    good = [cut(h, -9, 9), ["enumerate"], ["leaf"]]
    twin(problem, good, [*good[:2], ["enumerate"]], "enumerate below", 2)
    i = rng.randint(-1, 0)
    equal = [["eq", "0", [["1", h], ["-1", h]]]]
    twin(problem, good, [cut(h, -9, 9, equal), ["enumerate"], ["enumerate"]], "enumerate below", 2)
    twin(problem, good, [*good[:2], ["split", [["1", 0]], num(i)], ["enumerate"], ["leaf"]], "enumerate below", 3)
    nested = [cut(h, -9, 9), ["leaf"], cut(g, -9, 9), ["enumerate"], ["leaf"]]
    twin(problem, good, nested, "enumerate below", 3)
    assert x < y


@pytest.mark.parametrize("seed", SEEDS)
def test_sizes_are_limited(seed, monkeypatch):
    rng = random.Random(seed)
    build, _x, _y, _z, h, _g, claim = chain(rng)
    problem = build.problem(None, claim)
    good = good_steps(h)
    file = proof(problem, good, [0, 0, 0])
    assert accepted(file)
    monkeypatch.setattr(forget, "MAX_INPUTS", 3)
    reject(file, "too many", 0)
    monkeypatch.setattr(forget, "MAX_INPUTS", 4)
    assert accepted(file)
    monkeypatch.setattr(forget, "MAX_NODES", rng.randint(1, len(problem["nodes"]) + 4))
    reject(file, "too many", 0)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_forgotten_is_forgotten(seed):
    """A claim that needs more of h than its bounds and conditions is not shown, and nothing of the lemma's goal
    leaks."""
    rng = random.Random(seed)
    build, x, y, _z, h, _g, _claim = chain(rng)
    needs = build.node("le", rng.choice([x, y]), h)
    problem = build.problem(None, needs)
    steps = [cut(h, -9, 9), ["leaf"], ["leaf"]]
    reject(proof(problem, steps, [0, 0, 0]), "does not show", 2)
    crossed = [cut(h, -9, 9, [["ge", "0", [["1", h], ["-1", x], ["-1", y]]]]), ["leaf"], ["leaf"]]
    reject(proof(problem, crossed, [0, 0, 0]), "does not show", 1)


def test_kind_empty():
    """The lemma proves its conditions even where the file claims that there is no point."""
    build = Build()
    x, y = build.real("x", 0, 1), build.real("y", 0, 1)
    h = build.node("max", x, y)
    assumption = build.node("lt", build.const(2), h)
    problem = build.problem(assumption, build.truth(value=False))
    good = [cut(h, 0, 1), ["leaf"], ["leaf"]]
    assert accepted(proof(problem, good, [], kind="empty"))
    inhabited = build.problem(build.node("le", build.const(0), h), build.truth(value=False))
    for steps in ([cut(h, 2, 3), ["leaf"], ["leaf"]], [cut(h, -1, 1), ["leaf"], ["leaf"]]):
        assert not accepted(proof(inhabited, steps, [], kind="empty"))


# ---- soundness ----


def attempt(state, rng, depth, cuts, points):
    """Steps that settle a state: leaf, enumerate, forget (the first `cuts` times), phase or split; None if it fails."""
    early = cuts and points and not state.closed and rng.random() < 0.7
    if not early and (state.closed or try_step(state, ["leaf"]) is not None):
        return [["leaf"]]
    if depth == 0:
        return None
    nodes = state.prepared.problem.nodes
    size = 1
    for one in state.live.values():
        size *= one.high - one.low + 1 if one.integer else 10**6
    if not early and size <= 6 and try_step(state, ["enumerate"]) is not None:
        return [["enumerate"]]
    steps = [lemma(state, rng, points)] if early else []
    phases = [v for v, n in enumerate(nodes) if n.op in ("relu", "abs", "max", "min", "ite", "le", "lt", "eq")]
    if phases and rng.random() < 0.6:
        v = rng.choice(phases)
        steps.append(
            ["case", nodes[v].args[0] if nodes[v].op == "ite" else v]
            if nodes[v].boolean or nodes[v].op == "ite"
            else ["phase", v]
        )
    wide = [p for p, one in state.live.items() if one.low < one.high and p < len(state.prepared.problem.inputs)]
    if wide:
        p = rng.choice(wide)
        one = state.live[p]
        middle = (one.low + one.high) // 2 if one.integer else Fraction(one.low + one.high) / 2
        steps.append(["split", [["1", p]], num(middle)])
    for step in steps[:1]:
        below = try_step(state, step)
        if below is None:
            return None
        found = [step]
        for child in below:
            rest = attempt(child, rng, depth - 1, max(0, cuts - 1), points)
            if rest is None:
                return None
            found.extend(rest)
        return found
    return None


def lemma(state, rng, points):
    """Bounds and conditions that hold at the points (lists of node values), now and then a little too strong."""
    count = len(points[0])
    numbers = [v for v in range(count) if not isinstance(points[0][v], bool)]
    chosen = rng.sample(numbers, min(len(numbers), rng.randint(0, 2)))
    rows = []
    for v in chosen:
        low, high = min(p[v] for p in points), max(p[v] for p in points)
        low -= rng.choice([0, 0, 1, Fraction(-1, 2)])
        high += rng.choice([0, 0, 1, Fraction(-1, 2)])
        rows.append([v, num(min(low, high)), num(max(low, high))])
    conditions = []
    for _ in range(rng.randint(0, 2)):
        a, b = rng.choice(numbers), rng.choice(numbers)
        sign = rng.choice([1, -1])
        least = min(p[a] + sign * p[b] for p in points)
        slack = rng.choice([0, 0, 1, Fraction(-1, 2)])
        conditions.append(["ge", num(slack - least), [["1", a], [str(sign), b]]])
    first = len(open_path_facts(state))
    kept = [f for f in range(first, len(state.facts)) if rng.random() < 0.7]
    return ["forget", rows, conditions, kept]


def open_path_facts(state):
    return type(state).start(state.prepared).facts


def proved(problem, rng, *, cuts=2, depth=7):
    points = values_at(problem, rng)
    if not points:
        return None
    for _ in range(4):
        steps = attempt(open_path(read_problem(problem)), rng, depth, cuts, points)
        if steps is not None and uses_forget(steps):
            return steps
    return None


def values_at(problem, rng):
    """Node values in executions that meet the assumption."""
    found = []
    for point in sample(problem, rng):
        values = execute(problem, point, rng)
        if values is not None and values[problem["assumption"]]:
            found.append(values)
    return found


def sample(problem, rng):
    if all(one[1] == "integer" for one in problem["inputs"]):
        return [[Fraction(x) for x in point] for point in box_points(problem)]
    return [
        [
            Fraction(rng.randint(int(Fraction(one[2]) * 8), int(Fraction(one[3]) * 8)), 8)
            if one[1] == "real"
            else Fraction(rng.randint(int(one[2]), int(one[3])))
            for one in problem["inputs"]
        ]
        for _ in range(30)
    ]


def uses_forget(steps):
    return any(step[0] == "forget" for step in steps)


def campaign(trials, seed, ops, check):
    """(accepted proofs with a lemma that hold, offered)."""
    rng = random.Random(seed)
    kept = 0
    for _ in range(trials):
        problem = small_problem(rng, ops)
        steps = proved(problem, rng)
        if steps is None:
            continue
        kept += 1
        check(problem, steps, rng)
    return kept


def test_accepted_proofs_are_true():
    def check(problem, steps, rng):
        good, inhabited = true_by_enumeration(problem)
        assert not inhabited or good, (problem, steps)
        if inhabited:
            assert accepted(proof(problem, steps, list(rng.choice(inhabited))))

    assert campaign(250, 1, NUMERIC, check) >= 30


def test_accepted_proofs_of_rounded_problems_hold_in_executions():
    def check(problem, steps, rng):
        for point in box_points(problem):
            for _ in range(6):
                values = execute(problem, [Fraction(x) for x in point], rng)
                assert values is None or not values[problem["assumption"]] or values[problem["claim"]], (problem, steps)

    assert campaign(200, 2, ROUNDED, check) >= 10


def mutations(trials, seed):
    rng = random.Random(seed)
    offered = 0
    for _ in range(trials):
        problem = small_problem(rng)
        steps = proved(problem, rng)
        if steps is None:
            continue
        for _ in range(40):
            other = mutate(problem, rng)
            try:
                good, inhabited = true_by_enumeration(other)
            except (KeyError, IndexError, ZeroDivisionError, AttributeError, ValueError, TypeError):
                continue
            if good or not inhabited:
                continue
            offered += 1
            assert not accepted(proof(other, steps, list(inhabited[0]))), (other, steps)
    return offered


def test_false_problems_with_the_proof_of_a_true_one():
    assert mutations(100, 3) >= 15


@pytest.mark.campaign
def test_a_thousand_false_problems():
    assert mutations(6000, 4) >= 1000


@pytest.mark.campaign
def test_accepted_proofs_are_true_at_length():
    def check(problem, steps, _rng):
        good, inhabited = true_by_enumeration(problem)
        assert not inhabited or good, (problem, steps)

    assert campaign(8000, 5, NUMERIC, check) >= 800
