"""`positivstellensatz`: what it closes, every side condition violated alone, and false claims that stay unproved."""

import copy
import random
from fractions import Fraction

import pytest
from kernel_tools import Build, accepted, answer, num, proof, reject

from mechverify.kernel.algebra import relations
from mechverify.kernel.numbers.polynomial import Limits

SEEDS = range(20)


def step_of(terms, multiples=(), domains=()):
    return ["positivstellensatz", [list(d) for d in domains], list(terms), [list(m) for m in multiples]]


def poly(*terms):
    return [[num(c), list(nodes)] for c, nodes in terms]


def refuted(problem, claim, step, inhabitant):
    """The claim is true, or else what is known contradicts itself."""
    return proof(problem, [["case", claim], ["leaf"], step], inhabitant)


def square(rng):
    """(a x - b y)^2 >= 0, written out."""
    build = Build()
    a, b = rng.randint(1, 9), Fraction(rng.randint(1, 9), rng.randint(1, 9))
    x, y = build.real("x", -rng.randint(0, 5), 9), build.real("y", -7, rng.randint(0, 5))
    xx, xy, yy = (build.node("mul", "exact", *pair) for pair in ((x, x), (x, y), (y, y)))
    low = build.affine(0, (2 * a * b, xy))
    claim = build.node("le", low, build.affine(0, (a * a, xx), (b * b, yy)))
    step = step_of([["1", [], [["known", claim]]], ["1", [poly((a, [x]), (-b, [y]))], []]])
    return build.problem(None, claim), claim, step


def identity(rng):
    """x / y = (c x) / (c y) for y > 0; the difference, which is not zero, is zero times y and c y."""
    build = Build()
    c = rng.choice([-3, 2, 5])
    x, y = build.real("x", -5, 5), build.real("y", 0, rng.randint(1, 5))
    cx, cy = build.affine(0, (c, x)), build.affine(0, (c, y))
    one, other = build.node("div", "exact", x, y), build.node("div", "exact", cx, cy)
    positive = build.node("lt", build.const(0), y)
    claim = build.node("eq", one, other)
    # d y = h_2 / c - h_1 with h_1 = one y - x, h_2 = other c y - c x; the term is (d y)^2.
    d = ((1, [other, y]), (-1, [one, y]))
    step = step_of(
        [["1", [], [["known", claim], ["known", positive], ["known", positive]]]],
        [
            [poly(*((Fraction(-w, c), n) for w, n in d)), ["node", other, 0]],
            [poly(*d), ["node", one, 0]],
        ],
        [[one, positive], [other, positive]],
    )
    return build, build.problem(positive, claim), claim, step, (x, y, positive, one, other)


def root(rng):
    """sqrt(x) sqrt(x) <= x + k for x >= 0."""
    build = Build()
    x = build.real("x", -1, rng.randint(1, 5))
    least = build.node("le", build.const(0), x)
    r = build.node("sqrt", x)
    k = rng.randint(0, 3)
    claim = build.node("le", build.node("mul", "exact", r, r), build.affine(k, (1, x)))
    terms = [["1", [], [["known", claim]]]] + ([[num(k), [], []]] if k else [])
    step = step_of(terms, [[poly((-1, [])), ["node", r, 0]]], [[r, least]])
    return build.problem(least, claim), claim, step, (x, least, r)


def logarithm(rng):
    """log(x) <= x / c - 1 + log(c) for x > 0."""
    build = Build()
    c = rng.randint(1, 5)
    x = build.real("x", 0, 9)
    positive = build.node("lt", build.const(0), x)
    u, w = build.node("log", x), build.node("log", build.const(c))
    claim = build.node("le", u, build.affine(-1, (Fraction(1, c), x), (1, w)))
    step = step_of([["1", [], [["known", claim]]], [num(Fraction(1, c)), [], [["log", u, w]]]], (), [[u, positive]])
    return build.problem(positive, claim), claim, step, (x, positive, u, w)


def switch(rng, op):
    """relu(x) >= x, |x| >= -x, max(x, y) >= y, min(x, y) <= x: one of their relations each."""
    build = Build()
    x, y = build.real("x", -3, rng.randint(1, 4)), build.real("y", -rng.randint(1, 4), 5)
    v = build.node(op, x, y) if op in ("max", "min") else build.node(op, x)
    sides = {"relu": (x, v, 1), "abs": (build.affine(0, (-1, x)), v, 2), "max": (y, v, 2), "min": (v, x, 1)}
    low, high, k = sides[op]
    claim = build.node("le", low, high)
    step = step_of([["1", [], [["known", claim]]], ["1", [], [["node", v, k]]]])
    return build.problem(None, claim), claim, step


@pytest.mark.parametrize("seed", SEEDS)
def test_what_it_closes(seed):
    rng = random.Random(seed)
    problem, claim, step = square(rng)
    assert accepted(refuted(problem, claim, step, [0, 0])), answer(refuted(problem, claim, step, [0, 0]))
    _, problem, claim, step, _ = identity(rng)
    assert accepted(refuted(problem, claim, step, [1, 1])), answer(refuted(problem, claim, step, [1, 1]))
    for made in (root, logarithm):
        problem, claim, step, _ = made(rng)
        assert accepted(refuted(problem, claim, step, [1])), answer(refuted(problem, claim, step, [1]))
    for op in ("relu", "abs", "max", "min"):
        problem, claim, step = switch(rng, op)
        assert accepted(refuted(problem, claim, step, [0, 0])), (op, answer(refuted(problem, claim, step, [0, 0])))


def test_bounds_facts_and_signs():
    """x (1 - x) >= 0 by the ends of x; a split and a phase give what a path knows."""
    build = Build()
    x = build.real("x", 0, 1)
    xx = build.node("mul", "exact", x, x)
    claim = build.node("le", xx, x)
    ends = step_of([["1", [], [["known", claim]]], ["1", [], [["low", 0], ["high", 0]]]])
    assert accepted(refuted(build.problem(None, claim), claim, ends, [0]))
    build = Build()
    x, y = build.real("x", -4, 4), build.real("y", -4, 4)
    r = build.node("relu", build.affine(0, (1, x), (-1, y)))
    claim = build.node("le", build.const(0), build.node("mul", "exact", r, r))
    known = ["known", claim]
    below = step_of([["1", [], [known]], ["1", [poly((1, [r]))], []]])
    problem = build.problem(None, claim)
    assert accepted(proof(problem, [["case", claim], ["leaf"], ["phase", r], below, below], [0, 0]))
    # Where z <= 0, r is 0: the claim's negation alone says 0 > 0.
    zero = step_of([["1", [], [known]]])
    assert accepted(proof(problem, [["case", claim], ["leaf"], ["phase", r], below, zero], [0, 0]))
    reject(proof(problem, [["case", claim], ["leaf"], ["phase", r], zero, zero], [0, 0]), "add up", 3)
    build = Build()
    x, y = build.real("x", -4, 4), build.real("y", -4, 4)
    product = build.node("mul", "exact", x, y)
    claim = build.node("le", product, build.affine(16))
    problem = build.problem(None, claim)
    whole = [["case", claim], ["leaf"], ["split", [["1", 0], ["1", 1]], "0"]]
    fact = ["fact", 2]
    # 16 - x y = (x + y + 8) (something) is of no use: by the ends, (4 - x)(4 + y) + (4 + x)(4 - y) = 32 - 2 x y.
    closing = step_of(
        [["2", [], [["known", claim]]], ["1", [], [["high", 0], ["low", 1]]], ["1", [], [["low", 0], ["high", 1]]]]
    )
    assert accepted(proof(problem, [*whole, closing, closing], [0, 0]))
    reject(proof(problem, [*whole, step_of([["1", [], [fact, fact]]]), closing], [0, 0]), "above zero", 3)


@pytest.mark.parametrize("seed", SEEDS)
def test_terms_are_above_zero(seed):
    rng = random.Random(seed)
    problem, claim, good = square(rng)
    x, y = 0, 1

    def bad(change, word):
        step = copy.deepcopy(good)
        change(step)
        reject(refuted(problem, claim, step, [0, 0]), word, 2)

    bad(lambda s: s[2][1].__setitem__(0, num(-rng.randint(1, 5))), "not above zero")
    bad(lambda s: s[2][0].__setitem__(0, "0"), "not above zero")
    bad(lambda s: s[2][1].__setitem__(0, num(1 + Fraction(1, rng.randint(2, 9)))), "add up")
    bad(lambda s: s[2][1][1][0][0].__setitem__(0, num(rng.randint(10, 20))), "add up")
    bad(lambda s: s[2].pop(), "add up")
    bad(lambda s: s[2].append(["1", [], []]), "add up")
    # A sum of nothing but squares is zero where they are: nothing is above zero.
    bad(lambda s: s.__setitem__(2, []), "no term is above zero")
    bad(lambda s: s.__setitem__(2, [["1", [[]], []]]), "no term is above zero")
    bad(lambda s: s.__setitem__(2, [["1", [poly((0, [x]))], [["known", claim]]]]), "no term is above zero")
    bad(lambda s: s.__setitem__(2, [["1", [], [["low", 0]]], ["1", [], [["high", 0]]]]), "no term is above zero")
    for wrong in (["known", y], ["known", 99], ["known"], ["known", claim, 0], ["fact", 5], ["low", 2], ["high", -1]):
        bad(lambda s, wrong=wrong: s[2][0].__setitem__(2, [wrong]), "")
    for wrong in ([], None, "known", ["else", 0], [["known", claim]], ["node", x, 0], ["log", x, None], ["log", None]):
        bad(lambda s, wrong=wrong: s[2][0].__setitem__(2, [wrong]), "")
    for wrong in ([["1", [claim]]], [["1", [-1]]], [["1", 0]], [[1, [0]]], [["1"]], "1", None):
        bad(lambda s, wrong=wrong: s[2][1].__setitem__(1, [wrong]), "")
    for wrong in (good[:3], [*good, []], ["positivstellensatz"], [good[0], None, *good[2:]]):
        reject(refuted(problem, claim, wrong, [0, 0]), "", 2)


@pytest.mark.parametrize("seed", SEEDS)
def test_only_what_is_known_counts(seed):
    """Before the case on the claim its truth is not known; a case the other way says the opposite."""
    rng = random.Random(seed)
    problem, claim, step = square(rng)
    reject(proof(problem, [step], [0, 0]), "no comparison whose truth is known", 0)
    reject(proof(problem, [["case", claim], step, step], [0, 0]), "", 1)


@pytest.mark.parametrize("seed", SEEDS)
def test_multiples_are_of_equalities(seed):
    rng = random.Random(seed)
    problem, claim, good, (x, least, r) = root(rng)
    for wrong, word in [
        (["known", claim], "a multiple is of an equality"),
        (["known", least], "a multiple is of an equality"),
        (["node", r, 1], "a multiple is of an equality"),
        (["node", r, 2], "index"),
        (["node", x, 0], "does not stand for itself"),
        (["low", 0], "a multiple is of an equality"),
    ]:
        step = copy.deepcopy(good)
        step[3][0][1] = wrong
        reject(refuted(problem, claim, step, [1]), word, 2)
    step = copy.deepcopy(good)
    step[2].append(["1", [], [["node", r, 0]]])
    reject(refuted(problem, claim, step, [1]), "an equality is no part of a term", 2)
    step = copy.deepcopy(good)
    step[3][0][0] = poly((-1, []), (rng.randint(1, 5), [r]))
    reject(refuted(problem, claim, step, [1]), "add up", 2)


@pytest.mark.parametrize("seed", SEEDS)
def test_quotients_need_what_divides_not_to_be_zero(seed):
    rng = random.Random(seed)
    build, problem, claim, good, (x, y, positive, one, other) = identity(rng)
    for domains in ([], [[one, positive]], [[other, positive]]):
        step = [good[0], domains, *good[2:]]
        reject(refuted(problem, claim, step, [1, 1]), "nothing says", 2)
    for wrong, word in [
        ([[one, positive], [other, claim]], ""),
        ([[x, positive]], "no polynomial"),
        ([[one, x]], "no comparison"),
        ([[one, positive, 0]], ""),
        ([[one, -1]], ""),
        (None, ""),
    ]:
        reject(refuted(problem, claim, [good[0], wrong, *good[2:]], [1, 1]), word, 2)
    # y >= 0, y <= 5 and x > 0 do not say that y is not zero.
    for op, sides in (("le", (build.const(0), y)), ("lt", (build.const(0), x)), ("eq", (y, y))):
        weak = build.node(op, *sides)
        changed = build.problem(weak, claim)
        step = copy.deepcopy(good)
        step[1] = [[one, weak], [other, weak]]
        reject(refuted(changed, claim, step, [1, 1]), "does not say" if op != "eq" else "", 2)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_divides_may_have_either_sign_but_roots_and_logarithms_may_not(seed):
    rng = random.Random(seed)
    build = Build()
    k = rng.randint(1, 9)
    x = build.real("x", -5, 5)
    y = build.affine(0, (k, x))
    apart = build.node("not", build.node("eq", x, build.const(0)))
    q = build.node("div", "exact", x, y)
    claim = build.node("eq", q, build.const(Fraction(1, k)))
    is_zero = apart - 1
    # (q - 1/k) x = (q k x - x) / k; squared.
    d = ((Fraction(1, k), [q, x]), (Fraction(-1, k * k), [x]))
    step = step_of(
        [["1", [], [["known", claim], ["known", is_zero]]]], [[poly(*((-w, n) for w, n in d)), ["node", q, 0]]],
        [[q, is_zero]],
    )
    problem = build.problem(apart, claim)
    assert accepted(refuted(problem, claim, step, [1])), answer(refuted(problem, claim, step, [1]))
    for made in (root, logarithm):
        problem, claim, good, parts = made(rng)
        raw = copy.deepcopy(problem)
        build = Build()
        build.inputs, build.nodes = raw["inputs"], raw["nodes"]
        x, node = parts[0], parts[2]
        for op in ("le", "eq"):
            said = build.node(op, x, build.const(0))
            assumption = said if op == "le" else build.node("not", said)
            changed = raw | {"nodes": build.nodes, "assumption": assumption}
            step = copy.deepcopy(good)
            step[1] = [[node, said]]
            reject(refuted(changed, claim, step, [0] if op == "le" else [1]), "does not say", 2)


def test_an_undefined_quotient_says_nothing_of_itself():
    """x / 0 compared with itself, or with what divides in it, is no ground for anything."""
    build = Build()
    x = build.real("x", 0, 1)
    zero = build.affine(0, (1, x), (-1, x))
    q = build.node("div", "exact", x, zero)
    same = build.node("eq", build.affine(0, (1, zero), (1, q), (-1, q)), build.const(0))
    claim = build.node("eq", q, q)
    problem = build.problem(None, claim)
    for w in (same, claim):
        step = step_of([["1", [], [["known", claim]]]], (), [[q, w]])
        steps = [["case", same], ["case", claim], ["leaf"], step, ["case", claim], ["leaf"], step]
        reject(proof(problem, steps, [0]), "", 3)
    reject(proof(problem, [["case", claim], ["leaf"], step_of([["1", [], [["known", claim]]]])], [0]), "", 2)


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_rounded_has_a_polynomial(seed):
    rng = random.Random(seed)
    problem, claim, step = square(rng)
    for place, node in enumerate(problem["nodes"]):
        if node[0] in ("mul", "affine"):
            changed = copy.deepcopy(problem)
            changed["nodes"][place][1] = "float32"
            reject(refuted(changed, claim, step, [0, 0]), "no polynomial", 2)
    build = Build()
    x = build.real("x", 0, 9)
    fed = build.node("round32", x)
    claim = build.node("le", fed, fed)
    step = step_of([["1", [], [["known", claim]]]])
    reject(refuted(build.problem(None, claim), claim, step, [0]), "no polynomial", 2)


def test_a_choice_takes_the_side_that_is_known():
    build = Build()
    x = build.real("x", -5, 5)
    zero = build.const(0)
    c = build.node("le", zero, x)
    v = build.node("ite", c, x, build.affine(0, (-1, x)))
    claim = build.node("le", zero, v)
    problem = build.problem(None, claim)
    up = step_of([["1", [], [["known", claim]]], ["1", [], [["known", c]]]])
    closed = [["case", claim], ["leaf"], ["case", c], up, up]
    assert accepted(proof(problem, closed, [0])), answer(proof(problem, closed, [0]))
    reject(refuted(problem, claim, up, [0]), "no polynomial", 2)
    # The side that is not taken may have no value.
    build = Build()
    x = build.real("x", -5, 5)
    zero = build.const(0)
    c = build.node("lt", zero, x)
    v = build.node("ite", c, build.node("div", "exact", x, x), build.const(1))
    claim = build.node("eq", v, build.const(1))
    problem = build.problem(None, claim)
    q = v - 2
    one = step_of(
        [["1", [], [["known", claim], ["known", c], ["known", c]]]],
        [[poly((-1, [q, x]), (1, [x])), ["node", q, 0]]],
        [[q, c]],
    )
    other = step_of([["1", [], [["known", claim]]]])
    # With q = 1 the difference is not zero, squared; without, 0 is not 0.
    good = proof(problem, [["case", claim], ["leaf"], ["case", c], one, other], [0])
    assert accepted(good), answer(good)


def test_sizes_are_limited(monkeypatch):
    build = Build()
    names = [build.real(f"x{k}", 0, 1) for k in range(4)]
    total = build.affine(0, *((1, x) for x in names))
    claim = build.node("le", build.const(0), build.node("mul", "exact", total, total))
    step = step_of([["1", [], [["known", claim]]], ["1", [poly((1, [total]))], []]])
    problem = build.problem(None, claim)
    assert accepted(refuted(problem, claim, step, [0] * 4))
    for n, word in ((32, "add up"), (33, "too large")):
        high = step_of([["1", [], [["known", claim]]], ["1", [poly((1, [names[0]] * n))], []]])
        reject(refuted(problem, claim, high, [0] * 4), word, 2)
    monkeypatch.setattr(relations, "LARGE", Limits(terms=9, degree=64, products=10**6))
    reject(refuted(problem, claim, step, [0] * 4), "too large", 2)


def test_work_is_counted():
    build = Build()
    x, y = build.real("x", 0, 1), build.real("y", 0, 1)
    total = build.affine(1, (1, x), (1, y))
    claim = build.node("le", build.const(0), build.node("mul", "exact", total, total))
    problem = build.problem(None, claim)
    counts = []
    for n in (1, 4, 8):
        extra = [[num(1), [poly((1, [total] * n))], []]]
        step = step_of([["1", [], [["known", claim]]], ["1", [poly((1, [total]))], []], *extra])
        counts.append(answer(refuted(problem, claim, step, [0, 0])).operations)
    assert counts[0] < counts[1] < counts[2]
    assert counts[2] > 1000


def test_kind_empty():
    """x y = 1 and x x <= 0 exclude each other."""
    build = Build()
    x, y = build.real("x", -3, 3), build.real("y", -3, 3)
    one, zero = build.const(1), build.const(0)
    product = build.node("eq", build.node("mul", "exact", x, y), one)
    low = build.node("le", build.node("mul", "exact", x, x), zero)
    problem = build.problem(build.node("and", [product, low]), build.truth(value=False))
    # -x x >= 0 times y^2, plus 1, less (x y + 1) (1 - x y)
    step = step_of(
        [["1", [poly((1, [y]))], [["known", low]]], ["1", [], []]],
        [[poly((-1, [x, y]), (-1, [])), ["known", product]]],
    )
    assert accepted(proof(problem, [step], [], kind="empty")), answer(proof(problem, [step], [], kind="empty"))
    reject(proof(problem, [step_of([["1", [], []]])], [], kind="empty"), "add up", 0)
