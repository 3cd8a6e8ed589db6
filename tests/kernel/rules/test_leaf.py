"""Rule leaf: slopes, multipliers, and what a leaf must show.

For each side condition at least twenty certificates that violate it alone, each rejected; a twin of each without the
violation is accepted.
"""

import random
from fractions import Fraction

import pytest
from kernel_tools import Build, accepted, box, num, proof, reject

SEEDS = range(20)


@pytest.mark.parametrize("seed", SEEDS)
def test_leaf_slopes(seed):
    rng = random.Random(seed)
    build, (a, b, c), true = box(rng)
    z = build.affine(0, (1, a), (-1, b))
    relu, absolute, top, low = (
        build.node("relu", z),
        build.node("abs", z),
        build.node("max", a, b),
        build.node("min", a, b),
    )
    problem = build.problem(None, true)
    inside = Fraction(rng.randint(0, 8), 8)

    def steps(slopes, multipliers=()):
        return [["leaf", slopes, list(multipliers)]]

    good = [[relu, num(inside)], [absolute, num(-inside)], [top, num(inside)], [low, num(inside)]]
    assert accepted(proof(problem, steps(good), [0, 0, 0]))
    beyond = inside + 1 + Fraction(1, 8)
    bads = [[v, num(beyond)] for v in (relu, absolute, top, low)] + [
        [v, num(-beyond)] for v in (relu, absolute, top, low)
    ]
    bads += (
        [[v, "-1p-10"] for v in (relu, top, low)]
        + [[v, "1/2"] for v in (relu, top)]
        + [[a, "0"], [z, "0"], [true, "0"], [c, "1"]]
    )
    bads += [[999, "0"], [-1, "0"], [True, "0"], [relu, 0], [relu, "0.5"], [relu], [relu, "0", "0"], relu, None]
    for bad in bads:
        reject(proof(problem, steps([bad]), [0, 0, 0]), "", 0)
    reject(proof(problem, steps([[relu, "0"], [relu, "1"]]), [0, 0, 0]), "repeated", 0)
    for bad in (["leaf", []], ["leaf", [], [], [], []], ["leaf", {}, []], ["leaf", [], None], ["leaf", None, []]):
        reject(proof(problem, [bad], [0, 0, 0]), "", 0)


@pytest.mark.parametrize("seed", SEEDS)
def test_leaf_multipliers(seed):
    rng = random.Random(seed)
    build = Build()
    x, y = build.real("x", 0, 9), build.real("y", 0, 9)
    facts = [
        build.node("le", x, y),
        build.node("eq", build.affine(0, (1, x)), build.affine(0, (1, y))),
        build.node("not", build.node("eq", x, build.const(100))),
        build.node("or", [build.node("le", x, y)]),
        build.node("not", build.node("lt", y, x)),
    ]
    claim = build.node("le", x, build.affine(1, (1, y)))
    problem = build.problem(build.node("and", facts), claim)
    m = num(Fraction(rng.randint(4, 12), 4))

    def steps(*entries):
        return [["leaf", [], list(entries)]]

    point = [1, 1]
    for f, one in ((0, "1"), (1, "1"), (4, "1")):
        assert accepted(proof(problem, steps([claim, "low", [[f, one]]]), point))
    reject(proof(problem, steps(), point), "does not show")
    reject(proof(problem, steps([claim, "high", [[0, "1"]]]), point), "does not show")
    reject(proof(problem, steps([claim, "low", [[1, "-1"]]]), point), "does not show")
    good = [claim, "low", [[0, "1"]]]
    for bad, word in [
        ([claim, "low", [[0, "-" + m]]], "negative"),
        ([claim, "low", [[4, "-" + m]]], "negative"),
        ([claim, "low", [[2, m]]], "no linear condition"),
        ([claim, "low", [[3, m]]], "no linear condition"),
        ([claim, "low", [[2, "-" + m]]], "negative"),
        ([claim, "low", [[5, m]]], "index"),
        ([claim, "low", [[-1, m]]], "index"),
        ([claim, "low", [["0", m]]], "index"),
        ([claim, "low", [[True, m]]], "index"),
        ([claim, "low", [[0, 1]]], "number"),
        ([claim, "lower", [[0, m]]], "low or high"),
        ([claim, None, [[0, m]]], "low or high"),
        ([x, "low", [[0, m]]], "comparison"),
        ([facts[3], "low", [[0, m]]], "comparison"),
        ([999, "low", [[0, m]]], "index"),
        ([claim, "low", [[0]]], "list of 2"),
        ([claim, "low", [0, m]], "list"),
        ([claim, "low"], "list of 3"),
        ([claim, "low", [[0, m]], 1], "list of 3"),
    ]:
        reject(proof(problem, steps(good, bad) if bad[:2] != [claim, "low"] else steps(bad), point), word, 0)
    reject(proof(problem, steps(good, good), point), "twice", 0)


@pytest.mark.parametrize("seed", SEEDS)
def test_multipliers_record_strictness(seed):
    """x < y + k gives x < y + k; x <= y + k does not. A strict fact at multiplier zero gives nothing."""
    rng = random.Random(seed)
    k = rng.randint(-3, 3)
    for op, truth in (("lt", True), ("le", True), ("le", False), ("lt", False)):
        build = Build()
        x, y = build.real("x", 0, 9), build.real("y", 0, 9)
        shifted = build.affine(k, (1, y))
        compare = build.node(op, x, shifted) if truth else build.node(op, shifted, x)
        fact = compare if truth else build.node("not", compare)
        claim = build.node("lt", x, build.affine(k, (Fraction(1, 2), y), (Fraction(1, 2), y)))
        other = build.node("le", build.affine(0, (1, x)), build.affine(k, (1, y)))
        problem = build.problem(build.node("and", [fact, build.truth()]), claim)
        strict = (op == "lt") is truth
        point = [4, 5] if k >= 0 else [1, 8]
        assert accepted(proof(problem, [["leaf", [], [[claim, "low", [[0, "1"]]]]]], point)) is strict
        reject(proof(problem, [["leaf", [], [[claim, "low", [[0, "0"]]]]]], point), "does not show")
        weak = build.problem(build.node("and", [fact, build.truth()]), other)
        assert accepted(proof(weak, [["leaf", [], [[other, "low", [[0, "1"]]]]]], point))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_strict_fact_counts_at_a_positive_multiplier_only(seed):
    rng = random.Random(seed)
    build = Build()
    x, y = build.real("x", 0, rng.randint(3, 9)), build.real("y", 0, 9)
    strict = build.node("lt", x, build.const(rng.randint(20, 90)))
    assumption = build.node("and", [build.node("le", x, y), strict])
    claim = build.node("lt", x, y)
    for m in ("0", "1p-20", "1"):
        step = ["leaf", [], [[claim, "low", [[0, "1"], [1, m]]]]]
        reject(proof(build.problem(assumption, claim), [step], [1, 2]), "does not show", 0)
    both = build.node("and", [build.node("le", x, y), build.node("lt", x, y)])
    for m, expected in (("0", False), ("1p-20", False), ("1", True)):
        step = ["leaf", [], [[build.node("lt", x, build.affine(0, (1, y))), "low", [[0, "1"], [1, m]]]]]
        problem = build.problem(both, len(build.nodes) - 1)
        assert accepted(proof(problem, [["leaf", [], [[len(build.nodes) - 1, "low", [[1, m]]]]]], [1, 2])) is expected
        reject(proof(build.problem(assumption, len(build.nodes) - 1), [step], [1, 2]), "does not show", 0)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_leaf_must_show_the_claim(seed):
    rng = random.Random(seed)
    build = Build()
    x, y = build.integer("x", 0, rng.randint(3, 9)), build.integer("y", -4, rng.randint(1, 9))
    total = build.affine(rng.randint(-3, 3), (rng.randint(1, 3), x), (-rng.randint(1, 3), y))
    bias, low, high = int(build.nodes[total][2]), 0, 0
    for weight, a in build.nodes[total][3]:
        ends = [int(weight) * int(end) for end in build.inputs[a][2:]]
        low, high = low + min(ends), high + max(ends)
    low, high = low + bias, high + bias
    steps = [["leaf"]]
    for left, op, right, expected in [
        (None, "le", high, True),
        (None, "le", high - 1, False),
        (None, "lt", high + 1, True),
        (None, "lt", high, False),
        (low, "le", None, True),
        (low + 1, "le", None, False),
        (low - 1, "lt", None, True),
        (low, "lt", None, False),
        (None, "eq", high, False),
    ]:
        args = [total if end is None else build.const(end) for end in (left, right)]
        claim = build.node(op, *args)
        assert accepted(proof(build.problem(None, claim), steps, [0, 0])) is expected, (left, op, right)


@pytest.mark.parametrize("seed", SEEDS)
def test_empty_never_uses_the_claim(seed):
    rng = random.Random(seed)
    k = rng.randint(0, 9)
    build = Build()
    x = build.integer("x", 0, 9)
    claim = build.node("le", x, build.const(9))
    for assumption, expected in (
        (build.node("le", build.const(10 + k), x), True),
        (build.node("le", build.const(k), x), False),
    ):
        problem = build.problem(assumption, claim)
        for step in (["leaf"], ["enumerate"]):
            if expected and step != ["leaf"]:
                continue
            assert accepted(proof(problem, [step], [], kind="empty")) is expected
    reject(proof(build.problem(None, claim), [["leaf"]], [], kind="empty"), "does not show")
    reject(proof(build.problem(None, claim), [["enumerate"]], [], kind="empty"), "not settled")
    always = build.problem(claim, claim)
    reject(proof(always, [["leaf"]], [], kind="empty"), "does not show")
    split = [["split", [["1", 0]], num(k % 9)], ["leaf"], ["leaf"]]
    reject(proof(always, split, [], kind="empty"), "does not show")


@pytest.mark.parametrize("seed", SEEDS)
def test_a_closed_branch_takes_a_plain_leaf_only(seed):
    rng = random.Random(seed)
    k = rng.randint(0, 8)
    build = Build()
    x = build.integer("x", 0, 9)
    relu = build.node("relu", x)
    problem = build.problem(None, build.truth())
    split = ["split", [["1", 0]], num(k)]
    head = [split, ["split", [["1", 0]], num(k)], ["leaf"]]
    assert accepted(proof(problem, [*head, ["leaf"], ["leaf"]], [0]))
    for bad in (["enumerate"], ["leaf", [], []], ["split", [["1", 0]], "0"], ["phase", relu], ["case", 2], ["trust"]):
        reject(proof(problem, [*head, bad, ["leaf"], ["leaf"]], [0]), "closed", 3)
