
"""For each side condition of each rule, at least twenty certificates that violate it alone, each rejected.

Most conditions are tested on problems whose claim is plainly true, so that nothing else can be the reason; a twin of
each certificate without the violation is accepted.
"""

import random
from fractions import Fraction

import pytest
from kernel_tools import Build, accepted, answer, num, proof, reject, unimodular, witness

from mechverify.kernel.api import open_path, read_problem, try_step

SEEDS = range(20)


def box(rng, *, real=False):
    """Inputs a, b, c (integers; c real on demand) with a plainly true claim, and some nodes of each kind."""
    build = Build()
    a, b = build.integer("a", 0, rng.randint(2, 9)), build.integer("b", -rng.randint(1, 5), 9)
    c = build.real("c", 0, rng.randint(1, 5)) if real else build.integer("c", 0, rng.randint(1, 5))
    return build, (a, b, c), build.truth()


def twin(good, bad, word, at=None):
    """The good certificate is accepted and the bad one rejected for this reason."""
    assert accepted(good), answer(good)
    reject(bad, word, at)


# ---- the tree ----


@pytest.mark.parametrize("seed", SEEDS)
def test_tree_shape(seed):
    rng = random.Random(seed)
    build, _, true = box(rng)
    problem = build.problem(None, true)
    step = ["split", [["1", rng.randint(0, 2)]], "1"]
    steps = [step, step, ["leaf"], ["leaf"], ["leaf"]]
    assert accepted(proof(problem, steps, [0, 0, 0]))
    reject(proof(problem, steps[:-1], [0, 0, 0]), "left open", 4)
    reject(proof(problem, [*steps, ["leaf"]], [0, 0, 0]), "left over", 5)
    reject(proof(problem, [], [0, 0, 0]), "left open", 0)
    i = rng.randrange(2, 5)
    for bad in (["leaves"], ["Leaf"], [], "leaf", None, [1], [["leaf"]], {"leaf": 1}, ["trust"], ["hole"]):
        reject(proof(problem, [*steps[:i], bad, *steps[i + 1 :]], [0, 0, 0]), "step", i)


@pytest.mark.parametrize("seed", SEEDS)
def test_inhabitant(seed):
    rng = random.Random(seed)
    build, (a, _b, _c), true = box(rng, real=True)
    least = rng.randint(1, 2)
    assumption = build.node("le", build.const(least), a)
    problem = build.problem(assumption, true)
    good = proof(problem, [["leaf"]], [2, 0, Fraction(1, 3)])
    twin(good, proof(problem, [["leaf"]], [2, 0]), "one number for each")
    for point, word in [
        ([2, 0, 0, 0], "one number for each"),
        ([2, 10, 0], "bounds"),
        ([2, -9, 0], "bounds"),
        ([2, 0, -1], "bounds"),
        ([2, Fraction(1, 2), 0], "integer"),
        ([Fraction(3, 2), 0, 0], "integer"),
        ([least - 1, 0, 0], "assumption"),
    ]:
        reject(proof(problem, [["leaf"]], point), word)


@pytest.mark.parametrize("seed", SEEDS)
def test_inhabitant_needs_an_established_assumption(seed):
    rng = random.Random(seed)
    build = Build()
    x = build.real("x", 0, 5)
    third = build.affine(0, (Fraction(1, 3), x), rounding="float32")
    value = Fraction(rng.randint(1, 9), 3)
    assumption = build.node(rng.choice(["le", "eq"]), third, build.const(value / 3))
    problem = build.problem(assumption, build.truth())
    reject(proof(problem, [["leaf"]], [value]), "not established")


# ---- split ----


def split_cases(rng):
    k = rng.randint(0, 2)
    one = num(rng.choice([1, 2, -3]))
    bound = num(rng.randint(0, 3))
    other = (k + 1) % 3
    good = ["split", [[one, k], ["1", other]], bound]
    return good, [
        (["split", [], bound], "no terms"),
        (["split", [["0", k]], bound], "zero"),
        (["split", [[one, k], ["0", other]], bound], "zero"),
        (["split", [[one, k], ["1", k]], bound], "twice"),
        (["split", [[one, 3 + rng.randint(0, 5)]], bound], "index"),
        (["split", [[one, -1]], bound], "index"),
        (["split", [[one, True]], bound], "index"),
        (["split", [[one, str(k)]], bound], "index"),
        (["split", [[one]], bound], "list of 2"),
        (["split", [[one, k, k]], bound], "list of 2"),
        (["split", [one, k], bound], "list"),
        (["split", [["2/4", k]], bound], "fraction"),
        (["split", [[1, k]], bound], "number"),
        (["split", [[one, k]], 1], "number"),
        (["split", [[one, k]]], "fields"),
        (["split", [[one, k]], bound, bound], "fields"),
    ]


@pytest.mark.parametrize("seed", SEEDS)
def test_split_side_conditions(seed):
    rng = random.Random(seed)
    build, _, true = box(rng)
    problem = build.problem(None, true)
    good, bads = split_cases(rng)
    assert accepted(proof(problem, [good, ["leaf"], ["leaf"]], [0, 0, 0]))
    for bad, word in bads:
        reject(proof(problem, [bad, ["leaf"], ["leaf"]], [0, 0, 0]), word, 0)


@pytest.mark.parametrize("seed", SEEDS)
def test_split_leaves_no_gap_unless_all_is_integer(seed):
    """x <= c or x >= c + 1 for an integer x. With a real input, coefficient or bound the gap would be unsound."""
    rng = random.Random(seed)
    c = rng.randint(1, 5)
    for kind, coefficient, bound, gap in [
        ("integer", Fraction(1), Fraction(c), True),
        ("real", Fraction(1), Fraction(c), False),
        ("integer", Fraction(1, 2), Fraction(c, 2), False),
        ("integer", Fraction(1), c + Fraction(1, 2), True),
    ]:
        build = Build()
        x = build.integer("x", 0, 9) if kind == "integer" else build.real("x", 0, 9)
        y = build.real("y", 0, 1)
        half = build.affine(-c - Fraction(1, 2), (1, x))
        claim = build.node("le", build.affine(0, (Fraction(1, 4), y)), build.node("abs", half))
        problem = build.problem(None, claim)
        steps = [["split", [[num(coefficient), 0]], num(bound)], ["leaf"], ["leaf"]]
        assert accepted(proof(problem, steps, [0, 0])) is gap, (kind, coefficient, bound)
    build = Build()
    x, y = build.real("x", 0, 9), build.integer("y", 0, 9)
    total = build.affine(-c - Fraction(1, 2), (1, x), (1, y))
    problem = build.problem(None, build.node("lt", build.const(0), build.node("abs", total)))
    reject(proof(problem, [["split", [["1", 0], ["1", 1]], num(c)], ["leaf"], ["leaf"]], [0, 0]), "does not show")


# ---- phase and case ----


@pytest.mark.parametrize("seed", SEEDS)
def test_phase_side_conditions(seed):
    rng = random.Random(seed)
    build, (a, b, _c), true = box(rng)
    z = build.affine(0, (1, a), (-1, b))
    good = build.node(rng.choice(["relu", "abs"]), z) if seed % 2 else build.node(rng.choice(["max", "min"]), a, b)
    others = [
        a,
        z,
        true,
        build.node("floor", z),
        build.node("round", z),
        build.node("mul", "exact", a, b),
        build.const(1),
        build.node("le", a, b),
        build.node("ite", true, a, b),
        build.node("round32", a),
        build.node("exp", a),
    ]
    problem = build.problem(None, true)
    tail = [["leaf"], ["leaf"]]
    assert accepted(proof(problem, [["phase", good], *tail], [0, 0, 0]))
    for v in others:
        reject(proof(problem, [["phase", v], *tail], [0, 0, 0]), "phases", 0)
    for bad in (["phase"], ["phase", good, good], ["phase", str(good)], ["phase", 999], ["phase", -1], ["phase", True]):
        reject(proof(problem, [bad, *tail], [0, 0, 0]), "", 0)


@pytest.mark.parametrize("seed", SEEDS)
def test_phase_decides_no_strict_comparison(seed):
    rng = random.Random(seed)
    build = Build()
    x = build.real("x", -rng.randint(1, 5), 5)
    y = build.affine(rng.randint(-1, 1), (1, x))
    relu = build.node("relu", y)
    zero = build.const(0)
    tail = [["leaf"], ["leaf"]]
    weak = build.node("or", [build.node("le", zero, y), build.node("le", y, zero)])
    strict = build.node("or", [build.node("lt", zero, y), build.node("lt", y, zero)])
    half = build.node("or", [build.node("lt", zero, y), build.node("le", y, zero)])
    assert accepted(proof(build.problem(None, weak), [["phase", relu], *tail], [0]))
    reject(proof(build.problem(None, strict), [["phase", relu], *tail], [0]), "does not show")
    reject(proof(build.problem(None, half), [["phase", relu], *tail], [0]), "does not show", 1)


@pytest.mark.parametrize("seed", SEEDS)
def test_case_side_conditions(seed):
    rng = random.Random(seed)
    build, (a, b, c), true = box(rng)
    le = build.node(rng.choice(["le", "lt", "eq"]), a, b)
    both = build.node("and", [le, build.node("le", b, c)])
    problem = build.problem(None, true)
    tail = [["leaf"], ["leaf"]]
    for good in (le, both):
        assert accepted(proof(problem, [["case", good], *tail], [0, 0, 0]))
    for v in (a, b, c):
        reject(proof(problem, [["case", v], *tail], [0, 0, 0]), "boolean", 0)
    for bad in (
        ["case"],
        ["case", le, le],
        ["case", str(le)],
        ["case", 999],
        ["case", -1],
        ["case", True],
        ["case", None],
    ):
        reject(proof(problem, [bad, *tail], [0, 0, 0]), "", 0)
    reject(proof(problem, [["case", le], ["leaf"]], [0, 0, 0]), "left open")


@pytest.mark.parametrize("seed", SEEDS)
def test_knowing_the_same_twice_is_no_contradiction(seed):
    rng = random.Random(seed)
    build, (a, b, c), _ = box(rng)
    le = build.node("le", a, build.const(1))
    other = build.node("or", [build.node("not", le), build.node("lt", b, c)])
    false = build.truth(value=False)
    twice = build.node("and", [le, build.node("not", build.node("not", le))])
    for assumption in (le, twice, build.node("and", [le, le])):
        problem = build.problem(assumption, false)
        for end in (["leaf"], ["enumerate"]):
            reject(proof(problem, [end], [0, 0, 0]), "", 0)
            reject(proof(problem, [["case", le], end, ["leaf"]], [0, 0, 0]), "", 1)
            reject(proof(problem, [["case", twice], end, ["leaf"]], [0, 0, 0]), "", 1)
    problem = build.problem(None, build.node("or", [le, other]))
    assert accepted(proof(problem, [["case", le], ["leaf"], ["leaf"]], [0, 0, 0]))
    reject(
        proof(build.problem(None, false), [["case", le], ["case", le], ["leaf"], ["leaf"], ["leaf"]], [0, 0, 0]), "", 2
    )
    closed = [["case", le], ["case", le], ["leaf"], ["leaf"], ["leaf"]]
    assert accepted(proof(problem, closed, [0, 0, 0]))
    reject(proof(problem, [*closed[:3], ["enumerate"], ["leaf"]], [0, 0, 0]), "closed", 3)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_phase_against_any_value_closes_nothing(seed):
    rng = random.Random(seed)
    build = Build()
    x = build.integer("x", rng.randint(1, 3), 5)
    top = build.node("div", "exact", x, build.affine(0, (0, x)))
    for op in ("max", "min"):
        for pair in ((x, top), (top, x)):
            v = build.node(op, *pair)
            false = build.problem(None, build.truth(value=False))
            positive = build.problem(None, build.node("le", build.const(0), build.node("relu", top)))
            for problem in (false, positive):
                reject(proof(problem, [["phase", v], ["leaf"], ["leaf"]], [5]), "does not show", 1)


# ---- substitute ----


def equality_problem(rng, *, real=False):
    """Facts: 0 a + b = c + k, 1 a <= b, 2 a float32 equality, 3 a * b == 0, 4 b != 100, 5 2 a + 3 b = 5 c + 3 k, ..."""
    build = Build()
    a, b, c = (build.integer(name, 0, rng.randint(8, 12)) for name in "abc")
    r = build.real("r", 0, 9)
    k = rng.randint(0, 3)
    facts = [
        build.node("eq", build.affine(0, (1, a), (1, b)), build.affine(k, (1, c))),
        build.node("le", a, b),
        build.node("eq", build.affine(0, (1, a), rounding="float32"), a),
        build.node("eq", build.node("mul", "exact", a, b), build.affine(0, (0, a))),
        build.node("not", build.node("eq", b, build.const(100))),
        build.node("eq", build.affine(0, (2, a), (3, b)), build.affine(3 * k, (5, c))),
        build.node("eq", build.affine(0, (1, r)), build.affine(0, (Fraction(1, 2), a), (Fraction(1, 4), b))),
        build.node("eq", build.node("relu", a), a),
        build.node(
            "not", build.node("not", build.node("eq", build.affine(0, (1, a), (1, b)), build.affine(k, (1, c))))
        ),
    ]
    problem = build.problem(build.node("and", facts), build.truth())
    return problem, [0, k, 0, Fraction(k, 4)]


@pytest.mark.parametrize("seed", SEEDS)
def test_substitute_side_conditions(seed):
    rng = random.Random(seed)
    problem, point = equality_problem(rng)

    def steps(*fields):
        return [["substitute", *fields], ["leaf"]]

    for fields in ((0, "solve", rng.randint(0, 2)), (8, "solve", 0), (6, "solve", 3)):
        assert accepted(proof(problem, steps(*fields), point)), answer(proof(problem, steps(*fields), point))
    for fields, word in [
        ((1, "solve", 0), "no equality"),
        ((4, "solve", 1), "no equality"),
        ((2, "solve", 0), "not exactly linear"),
        ((3, "solve", 0), "not exactly linear"),
        ((7, "solve", 0), "not exactly linear"),
        ((0, "solve", 3), "does not occur"),
        ((5, "solve", rng.randint(0, 2)), "coefficient"),
        ((6, "solve", rng.randint(0, 1)), "reals"),
        ((0, "eliminate", 0), "solve or lattice"),
        ((0, "Solve", 0), "solve or lattice"),
        ((99, "solve", 0), "index"),
        ((-1, "solve", 0), "index"),
        ((True, "solve", 0), "index"),
        (("0", "solve", 0), "index"),
        ((0, "solve", 4), "index"),
        ((0, "solve", "0"), "index"),
        ((0, "solve"), "fields"),
        ((0, "solve", 0, 0), "fields"),
        ((0, "lattice", []), "fields"),
        ((0, None, 0), "solve or lattice"),
        ((6, "lattice", [], []), "integer parameters"),
    ]:
        reject(proof(problem, steps(*fields), point), word, 0)
    gone = [["substitute", 0, "solve", 0], ["substitute", 8, "solve", 1], ["leaf"]]
    reject(proof(problem, gone, point), "no parameters", 1)
    gone = [["substitute", 0, "solve", 0], ["substitute", 5, "solve", 0], ["leaf"]]
    reject(proof(problem, gone, point), "does not occur", 1)
    for fact in (["split", [["1", 0]], "3"], ["phase", 4]):
        if fact[0] == "split":
            reject(proof(problem, [fact, ["substitute", 9, "solve", 0], ["leaf"], ["leaf"]], point), "no equality", 1)


@pytest.mark.parametrize("seed", SEEDS)
def test_lattice_side_conditions(seed):
    rng = random.Random(seed)
    problem, point = equality_problem(rng)
    u, v = unimodular([2, 3, -5])

    def steps(one, other):
        texts = [[[num(x) for x in row] for row in matrix] for matrix in (one, other)]
        return [["substitute", 5, "lattice", *texts], ["leaf"]]

    assert accepted(proof(problem, steps(u, v), point)), answer(proof(problem, steps(u, v), point))
    root = open_path(read_problem(problem))
    (child,) = try_step(root, steps(u, v)[0])
    assert len(child.facts) == len(root.facts) + 6
    assert sorted(child.live) == [3, 4, 5]

    def changed(matrix):
        out = [list(row) for row in matrix]
        out[rng.randrange(3)][rng.randrange(3)] += rng.choice([-1, 1, 2])
        return out

    identity = [[int(i == j) for j in range(3)] for i in range(3)]
    reject(proof(problem, steps(changed(u), v), point), "identity", 0)
    reject(proof(problem, steps(u, changed(v)), point), "identity", 0)
    reject(proof(problem, steps(identity, identity), point), "(1, 0, ..., 0)", 0)
    swapped_u = [[row[1], row[0], row[2]] for row in u]
    reject(proof(problem, steps(swapped_u, [v[1], v[0], v[2]]), point), "(1, 0, ..., 0)", 0)
    negated_u = [[-row[0], row[1], row[2]] for row in u]
    assert accepted(proof(problem, steps(negated_u, [[-x for x in v[0]], v[1], v[2]]), point))
    twice_u = [[2 * row[0], row[1], row[2]] for row in u]
    reject(proof(problem, steps(twice_u, v), point), "identity", 0)
    half_u = [[row[0], row[1] * Fraction(1, 2), row[2]] for row in u]
    reject(proof(problem, steps(half_u, [v[0], [2 * x for x in v[1]], v[2]]), point), "no integer", 0)
    reject(proof(problem, steps(u[:2], v), point), "list of 3", 0)
    reject(proof(problem, steps([row[:2] for row in u], v), point), "list of 3", 0)
    reject(proof(problem, steps([*u, u[0]], v), point), "list of 3", 0)


@pytest.mark.parametrize("seed", SEEDS)
def test_substitution_keeps_the_bounds_of_what_it_eliminates(seed):
    """b = n - a with b <= top: without b's bounds the claim a >= n - top has no proof; a >= n - top + 1 is false."""
    rng = random.Random(seed)
    n, top = rng.randint(6, 9), rng.randint(1, 4)
    build = Build()
    a, b = build.integer("a", 0, 9), build.integer("b", 0, top)
    same = build.node("eq", build.affine(0, (1, a), (1, b)), build.const(n))
    for shift in (0, 1):
        claim = build.node("le", build.const(n - top + shift), a)
        u, v = unimodular([1, 1])
        matrices = [[[num(x) for x in row] for row in matrix] for matrix in (u, v)]
        for step in (
            ["substitute", 0, "solve", 1],
            ["substitute", 0, "solve", 0],
            ["substitute", 0, "lattice", *matrices],
        ):
            for last in (["leaf"], ["enumerate"]):
                found = accepted(proof(build.problem(same, claim), [step, last], [n - top, top]))
                assert found is (shift == 0), (step, last, shift)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_parity_contradiction_closes_the_branch(seed):
    rng = random.Random(seed)
    odd = 2 * rng.randint(0, 5) + 1
    build = Build()
    x, y = build.integer("x", 0, 9), build.integer("y", 0, 9)
    for constant, expected in ((odd, True), (odd + 1, False)):
        equality = build.node("eq", build.affine(0, (2, x)), build.affine(constant, (2, y)))
        problem = build.problem(equality, build.truth(value=False))
        for step in (["substitute", 0, "solve", 0], ["substitute", 0, "solve", 1]):
            assert accepted(proof(problem, [step, ["leaf"]], [], kind="empty")) is expected
        steps = [["substitute", 0, "solve", 0], ["split", [["1", 1]], "4"], ["leaf"], ["leaf"]]
        reject(proof(problem, steps, [], kind="empty"), "closed" if expected else "", 1 if expected else None)


# ---- enumerate ----


@pytest.mark.parametrize("seed", SEEDS)
def test_enumerate_side_conditions(seed):
    rng = random.Random(seed)
    build, _, true = box(rng, real=True)
    steps = [["enumerate"]]
    reject(proof(build.problem(None, true), steps, [0, 0, 0]), "integer parameters", 0)
    build, _, true = box(rng)
    problem = build.problem(None, true)
    assert accepted(proof(problem, steps, [0, 0, 0]))
    for bad in (["enumerate", 1], ["enumerate", None], ["enumerate", []]):
        reject(proof(problem, [bad], [0, 0, 0]), "fields", 0)
    size = 1_001 + rng.randint(0, 10**6)
    build = Build()
    build.integer("a", 0, size), build.integer("b", -1, 2000)
    reject(proof(build.problem(None, build.truth()), steps, [0, 0]), "points", 0)


@pytest.mark.parametrize("seed", SEEDS)
def test_enumerate_finds_the_one_bad_point(seed):
    rng = random.Random(seed)
    build = Build()
    a, b = build.integer("a", 0, 6), build.integer("b", -3, 3)
    p, q = rng.randint(0, 6), rng.randint(-3, 3)
    at = build.node("and", [build.node("eq", a, build.const(p)), build.node("eq", b, build.const(q))])
    claim = build.node("not", at)
    reject(proof(build.problem(None, claim), [["enumerate"]], [(p + 1) % 7, 0]), "not settled", 0)
    excuse = build.node("not", build.node("eq", build.affine(0, (10, a), (1, b)), build.const(10 * p + q)))
    assert accepted(proof(build.problem(excuse, claim), [["enumerate"]], [(p + 1) % 7, 0]))
    other = build.node("not", build.node("eq", build.affine(0, (10, a), (1, b)), build.const(10 * p + q + 100)))
    reject(proof(build.problem(other, claim), [["enumerate"]], [(p + 1) % 7, 0]), "not settled", 0)


@pytest.mark.parametrize("seed", SEEDS)
def test_enumerate_is_not_excused_by_an_uncertain_fact(seed):
    """A rounded comparison that may hold at a point does not excuse it, on either side of a case."""
    rng = random.Random(seed)
    k = rng.randint(1, 9)
    build = Build()
    a = build.integer("a", 0, 9)
    rounded = build.affine(0, (Fraction(1, 3), a), rounding="float32")
    unsure = build.node("eq", rounded, build.const(Fraction(k, 3)))
    claim = build.node("not", build.node("eq", a, build.const(k)))
    problem = build.problem(None, claim)
    reject(proof(problem, [["case", unsure], ["enumerate"], ["enumerate"]], [0]), "not settled", 1)
    reject(proof(build.problem(build.node("not", unsure), claim), [["enumerate"]], [0]), "not settled", 0)


# ---- witness ----


@pytest.mark.parametrize("seed", SEEDS)
def test_witness_side_conditions(seed):
    rng = random.Random(seed)
    n = rng.randint(2, 8)
    build = Build()
    x, y = build.integer("x", 0, 9), build.real("y", 0, 9)
    assumption = build.node("le", build.const(1), x)
    claim = build.node("lt", build.affine(0, (1, x), (1, y)), build.const(n))
    problem = build.problem(assumption, claim)
    good = witness(problem, [n, Fraction(1, 7)])
    assert accepted(good)
    for point, word in [
        ([n], "one number"),
        ([n, 0, 0], "one number"),
        ([n, 10], "bounds"),
        ([n, -1], "bounds"),
        ([10, 0], "bounds"),
        ([n + Fraction(1, 2), 0], "integer"),
        ([0, 9], "assumption"),
        ([1, 0], "not broken"),
        ([n - 1, Fraction(99, 100)], "not broken"),
    ]:
        reject(witness(problem, point), word)


@pytest.mark.parametrize("seed", SEEDS)
def test_witness_must_break_in_every_execution(seed):
    rng = random.Random(seed)
    k = 3 * rng.randint(1, 30) + 1
    build = Build()
    x = build.integer("x", 0, 100)
    rounded = build.affine(0, (Fraction(1, 3), x), rounding="float32")
    claim = build.node("lt", rounded, build.const(Fraction(k, 3)))
    reject(witness(build.problem(None, claim), [k]), "not broken")
    assert answer(witness(build.problem(None, claim), [k], kind="replayed")).answer == "unconfirmed"
    assert accepted(witness(build.problem(None, claim), [k + 1]))
    for top in (
        build.node("div", "exact", x, build.const(0)),
        build.node("log", build.const(-k)),
        build.node("sqrt", build.const(-1)),
        build.node("mul", "float32", build.const(2**100), build.const(2**100)),
        build.node("round32", build.const(2**129)),
    ):
        for claim in (
            build.node("lt", top, build.const(0)),
            build.node("le", build.const(0), top),
            build.node("eq", top, top),
        ):
            reject(witness(build.problem(None, claim), [k]), "not broken")
            reject(witness(build.problem(claim, build.truth(value=False)), [k]), "assumption")


@pytest.mark.parametrize("seed", SEEDS)
def test_replayed_is_never_valid(seed):
    rng = random.Random(seed)
    n = rng.randint(2, 8)
    build = Build()
    x = build.integer("x", 0, 9)
    problem = build.problem(build.node("le", build.const(1), x), build.node("lt", x, build.const(n)))
    found = answer(witness(problem, [n], kind="replayed"))
    assert (found.answer, found.exit_code) == ("unconfirmed", 3)
    reject(witness(problem, [n - 1], kind="replayed"), "holds in every execution")
    reject(witness(problem, [0], kind="replayed"), "assumption")
    reject(witness(problem, [10], kind="replayed"), "bounds")


# ---- leaf ----


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
    for bad in (["leaf", []], ["leaf", [], [], []], ["leaf", {}, []], ["leaf", [], None], ["leaf", None, []]):
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
