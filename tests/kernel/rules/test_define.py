"""`define`: names for what is computed; every side condition violated alone, and false claims that stay unproved."""

import random

import pytest
from kernel_tools import Build, accepted, answer, proof, reject, true_by_enumeration

from mechverify.kernel.rules import define

SEEDS = range(20)


def larger(rng):
    """max(x, y) >= 0 where x >= 0: shown by a lemma about a defined node."""
    build = Build()
    x, y = build.integer("x", 0, rng.randint(1, 5)), build.integer("y", -rng.randint(1, 5), 4)
    h = build.node("max", x, y)
    claim = build.node("le", build.const(-rng.randint(0, 3)), h)
    return build, x, y, h, claim


def steps_with(nodes):
    return [["define", nodes], ["leaf"]]


@pytest.mark.parametrize("seed", SEEDS)
def test_what_may_be_defined(seed):
    rng = random.Random(seed)
    build, x, y, h, claim = larger(rng)
    problem = build.problem(None, claim)
    size = len(problem["nodes"])
    good = ["affine", "exact", "1", [["1p-1", x], ["-2", h]]]
    fine = [
        [["input", 1]],
        [good, ["floor", size], ["le", size, size + 1], ["not", size + 2], ["ite", size + 3, size, x]],
        [["mul", "exact", x, y], ["and", [claim, claim]], ["or", []], ["bool", "true"], ["abs", y], ["relu", y]],
    ]
    for nodes in fine:
        assert accepted(proof(problem, steps_with(nodes), [0, 0])), answer(proof(problem, steps_with(nodes), [0, 0]))
    for nodes, word in [
        ([], "no nodes"),
        ([["affine", "float32", "0", [["1", x]]]], "rounded"),
        ([["mul", "float32", x, y]], "rounded"),
        ([["div", "exact", x, y]], "no value"),
        ([["div", "float32", x, y]], "rounded"),
        ([["sqrt", h]], "no value"),
        ([["exp", h]], "no value"),
        ([["log", h]], "no value"),
        ([["round32", h]], "no value"),
        ([["free"]], "unknown operation"),
        ([["input", 2]], "index"),
        ([["input", -1]], "index"),
        ([["floor", size]], "argument"),
        ([good, ["floor", size + 1]], "argument"),
        ([["floor", claim]], "boolean"),
        ([["not", h]], "number"),
        ([["ite", h, x, y]], "number"),
        ([["max", x]], ""),
        ([["const", 1]], "number"),
        ([["const", "2/4"]], ""),
        ([[]], "empty"),
        ([good, None], ""),
    ]:
        reject(proof(problem, steps_with(nodes), [0, 0]), word, 0)
    for step in (["define"], ["define", [good], []], ["define", good], ["define", None], ["define", {"0": good}]):
        reject(proof(problem, [step, ["leaf"]], [0, 0]), "", 0)


def test_sizes_are_limited(monkeypatch):
    build, x, _y, _h, claim = larger(random.Random(0))
    problem = build.problem(None, claim)
    file = proof(problem, steps_with([["abs", x], ["abs", x]]), [0, 0])
    assert accepted(file)
    monkeypatch.setattr(define, "MAX_NODES", len(problem["nodes"]) + 1)
    reject(file, "too many", 0)


def test_a_definition_is_not_known():
    """A defined truth value is no fact: it is open until a case or a lemma decides it."""
    build = Build()
    x = build.integer("x", 0, 9)
    claim = build.node("le", x, build.const(8))
    problem = build.problem(None, claim)
    size = len(problem["nodes"])
    reject(proof(problem, [["define", [["bool", "true"], ["and", [claim, size]]]], ["leaf"]], [0]), "does not show", 1)
    split = [["define", [["eq", x, x], ["not", claim]]], ["case", size + 1], ["leaf"], ["leaf"]]
    reject(proof(problem, split, [0]), "does not show", 2)


def remainders(count, modulus, off=0):
    """sum % m, one after the other by an `if`, against the sum's remainder; false where `off` is no multiple of m."""
    build = Build()
    bits = [build.integer(f"b{k}", 0, 1) for k in range(count)]
    one, last, zero = build.const(1), build.const(modulus - 1), build.const(0)
    state = bits[0]
    for b in bits[1:]:
        raised = build.node("ite", build.node("eq", state, last), zero, build.affine(1, (1, state)))
        state = build.node("ite", build.node("eq", b, one), raised, state)
    quotient = build.node("floor", build.affine(off, *((f"1/{modulus}" if modulus != 2 else "1p-1", b) for b in bits)))
    right = build.affine(off * modulus, *((1, b) for b in bits), (-modulus, quotient))
    return build, bits, state, build.node("eq", state, right)


def test_a_lemma_about_a_defined_quotient():
    """Two bits by `if`: p == b0 + b1 - 2 q is known where q is defined, and gives the claim; not a wrong quotient."""
    build = Build()
    a, b = build.integer("a", 0, 1), build.integer("b", 0, 1)
    p = build.node("ite", build.node("eq", b, build.const(1)), build.affine(1, (-1, a)), a)
    whole = build.node("floor", build.affine(0, ("1p-1", a), ("1p-1", b)))
    claim = build.node("eq", p, build.affine(0, (1, a), (1, b), (-2, whole)))
    problem = build.problem(None, claim)
    size = len(problem["nodes"])

    def steps(half, sign="1", relation="eq"):
        quotient = [["affine", "exact", "0", [[half, p], [half, a], [half, b]]], ["floor", size]]
        condition = [relation, "0", [["-1", p], ["-1", a], ["-1", b], ["2", size + 1]]]
        cases = [["split", [["1", 1]], "0"], *[["split", [["1", 0]], "0"], ["leaf"], ["leaf"]] * 2]
        rows = [[claim, "low", [[1, sign]]], [claim, "high", [[1, str(-int(sign))]]]]
        return [
            ["define", quotient],
            ["forget", [[p, "0", "1", "integer"]], [condition], []],
            ["members"],
            *cases,
            ["leaf"],
            ["leaf"],
            ["leaf", [], rows, [claim]],
        ]

    good = proof(problem, steps("1p-1"), [0, 0])
    assert accepted(good), answer(good)
    reject(proof(problem, steps("1p-2"), [0, 0]), "does not show")
    reject(proof(problem, steps("1p-1", relation="ge"), [0, 0]), "negative multiplier", 12)
    assert true_by_enumeration(problem)[0]


@pytest.mark.parametrize("seed", SEEDS)
def test_false_claims_are_not_shown(seed):
    """No bounds, conditions or definitions at hand make a wrong remainder right."""
    rng = random.Random(seed)
    build, bits, state, claim = remainders(3, rng.choice([2, 3]))
    off = build.node("not", claim)
    problem = build.problem(None, off)
    assert not true_by_enumeration(problem)[0]
    size = len(problem["nodes"])
    for _ in range(20):
        low = rng.randint(-1, 1)
        nodes = [["affine", "exact", "0", [["1p-1", state]]], ["floor", size], ["eq", size, size + 1]]
        row = rng.choice([[state, str(low), "2", "integer"], [state, str(low), "2"], [off], [size + 2]])
        terms = [["1", rng.choice([state, size, size + 1])], ["-1", rng.choice(bits)]]
        condition = ["eq", str(rng.randint(-1, 1)), terms]
        steps = [["define", nodes], ["forget", [row], rng.choice([[], [condition]]), []], ["leaf"], ["leaf"]]
        assert not accepted(proof(problem, steps, [0, 0, 0]))
