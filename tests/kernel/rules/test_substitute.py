"""Rule substitute, by solving and by lattices.

For each side condition at least twenty certificates that violate it alone, each rejected; a twin of each without the
violation is accepted.
"""

import random
from fractions import Fraction

import pytest
from kernel_tools import Build, accepted, answer, num, proof, reject, unimodular

from mechverify.kernel.api import read_problem
from mechverify.kernel.search import open_path, try_step

SEEDS = range(20)


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
