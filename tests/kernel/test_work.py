"""Files made to exhaust the kernel: deep graphs, deep proofs, exploding numbers. Each is answered soon, never valid."""

from fractions import Fraction

import pytest
from kernel_tools import Build, accepted, answer, proof, reject, witness
from waiting import no_hang

from mechverify.kernel import work

DEEP = 10_000


@pytest.fixture(autouse=True)
def soon():
    with no_hang(200.0):
        yield


def squares(start, rounds, rounding="exact"):
    build = Build()
    x = build.integer("x", 2, 3)
    v = build.affine(0, (start, x))
    for _ in range(rounds):
        v = build.node("mul", rounding, v, v)
    return build, v


@pytest.mark.parametrize("start", [3, Fraction(1, 2**60000), Fraction(1, 3)])
def test_repeated_squaring(start):
    build, v = squares(start, 60)
    problem = build.problem(build.node("le", v, build.const(0)), build.truth())
    for found in (answer(witness(problem, [2])), answer(proof(problem, [["leaf"]], [], kind="empty"))):
        assert found.answer == "invalid", found
    found = answer(proof(problem, [["enumerate"]], [], kind="empty"))
    word = "grown" if start == 3 else "not settled"  # long fractions are rounded outward, to an interval around zero
    assert (found.answer, word in found.reason) == ("invalid", True)


def test_repeated_exponentials():
    build = Build()
    v = build.integer("x", 2, 3)
    for _ in range(60):
        v = build.node("exp", v)
    problem = build.problem(build.node("le", v, build.const(0)), build.truth())
    for step in (["leaf"], ["enumerate"]):
        assert answer(proof(problem, [step], [], kind="empty", precision=4096)).answer == "invalid"
    for size in (10**3000, -(10**3000), Fraction(1, 2**60000), Fraction(-1, 3**800)):
        build = Build()
        top = build.node("exp", build.affine(size, (0, build.integer("x", 0, 0))))
        claim = build.node("le", build.const(0), top)
        assert accepted(proof(build.problem(None, claim), [["leaf"]], [0])) is (size < 10**9)


def test_a_deep_graph_needs_no_recursion():
    build = Build()
    v = build.integer("x", 0, 3)
    for _ in range(DEEP):
        v = build.node("relu", v)
    b = build.node("le", v, build.const(3))
    for _ in range(DEEP):
        b = build.node("not", b)
    problem = build.problem(b, b)
    assert accepted(proof(problem, [["leaf"]], [3]))
    assert accepted(proof(problem, [["enumerate"]], [3]))
    refuted = build.problem(None, build.node("not", b))
    assert accepted(witness(refuted, [3]))


def test_a_deep_proof_needs_no_recursion():
    build = Build()
    x = build.integer("x", 0, 3 * 800)
    problem = build.problem(None, build.node("le", x, build.const(3 * 800)))
    steps = []
    for k in range(800):
        steps += [["split", [["1", 0]], str(k)], ["leaf"]]
    assert accepted(proof(problem, [*steps, ["leaf"]], [0]))
    assert answer(proof(problem, steps, [0])).answer == "invalid"


def test_shared_conjunctions_do_not_unfold_for_ever():
    build = Build()
    x = build.integer("x", 0, 3)
    for leaf in ([], [build.node("le", x, build.const(2))]):
        b = build.node("and", leaf)
        for _ in range(80):
            b = build.node("and", [b, b])
        found = answer(proof(build.problem(b, build.truth()), [["leaf"]], [0]))
        assert (found.answer, found.reason) == ("invalid", "too many facts")


def test_weights_without_a_reasonable_common_denominator():
    build = Build()
    x = build.integer("x", 0, 3)
    terms = [(Fraction(1, 10**3900 + 2 * i + 1), x) for i in range(60)]
    total = build.affine(0, *terms)
    problem = build.problem(None, build.node("le", build.const(0), total))
    found = answer(proof(problem, [["leaf"]], [0]))
    assert (found.answer, "denominator" in found.reason) == ("invalid", True)


def test_long_nesting_in_the_free_text():
    build = Build()
    build.integer("x", 0, 3)
    good = proof(build.problem(None, build.truth()), [["leaf"]], [0])
    nested = []
    for _ in range(500):
        nested = [nested]
    assert accepted(good | {"about": nested})
    for _ in range(200_000):
        nested = [nested]
    assert answer(good | {"about": nested}).answer == "unreadable"


def test_values_that_are_no_json():
    for value in (float("nan"), {1: 2, "x": {3}}, object(), b"{}"):
        assert answer(value).answer == "unreadable"


def powers(last, rounds):
    """x <= x^(2^rounds) for every integer x from 1 to `last`, point by point."""
    build = Build()
    v = x = build.integer("x", 1, last)
    for _ in range(rounds):
        v = build.node("mul", "exact", v, v)
    return proof(build.problem(None, build.node("le", x, v)), [["enumerate"]], [1])


def test_long_numbers_at_many_points():
    """Each number is of a length that is allowed, and each point takes milliseconds."""
    reject(powers(1_999_999, 12), "arithmetic on numbers of more than", at=0)


def test_long_numbers_at_few_points():
    assert accepted(powers(40, 12))


def test_long_sums_count_as_well():
    build = Build()
    x = build.integer("x", 1, 1_000_000)
    long = build.affine(0, *((10**3900 + k, x) for k in range(3)))
    square = build.node("mul", "exact", long, long)
    total = build.affine(0, *((k + 1, square) for k in range(300)))
    problem = build.problem(None, build.node("le", build.const(0), total))
    assert accepted(proof(build.problem(None, build.node("le", build.const(0), square)), [["leaf"]], [1]))
    reject(proof(problem, [["enumerate"]], [1]), "arithmetic on numbers of more than", at=0)


@pytest.mark.parametrize("depth", [20_000, 30_000])
def test_many_points_of_many_nodes(depth):
    """Refused before the first point; below the limit a proof goes wrong at its first point."""
    build = Build()
    v = x = build.integer("x", 0, 1_999_999)
    for _ in range(depth):
        v = build.node("relu", v)
    problem = build.problem(None, build.node("lt", v, x))
    word = "terms are asked for" if depth == 30_000 else "the point ['0'] is not settled"
    reject(proof(problem, [["enumerate"]], [0]), word, at=0)


def test_terms_are_counted_in_proportion_to_the_columns_of_a_leaf():
    """Twice as many inputs: twice as many terms of each sum, and twice as many columns of each term."""
    counts = []
    for inputs in (50, 100):
        build = Build()
        xs = [build.real(f"x{k}", 0, 1) for k in range(inputs)]
        sums = [build.node("relu", build.affine(-k, *((Fraction(1, 3), x) for x in xs))) for k in range(50)]
        zero = build.const(0)
        claim = build.node("and", [build.node("le", zero, v) for v in sums])
        found = answer(proof(build.problem(None, claim), [["leaf"]], [0] * inputs))
        assert found.answer == "valid"
        counts.append(found.operations)
        assert found.operations > 50 * inputs**2
    assert 3 < counts[1] / counts[0] <= 4


def test_multipliers_are_counted(monkeypatch):
    monkeypatch.setattr(work, "MAX_OPERATIONS", 5_000)
    build = Build()
    x = build.integer("x", 0, 9)
    problem = build.problem(None, build.node("le", x, build.const(9)))
    split = ["split", [["1", 0]], "4"]
    for count in (1, 3_000):
        leaf = ["leaf", [], [[2, "low", [[1, "0"]] * count]]]
        steps = proof(problem, [split, leaf, ["leaf"]], [0])
        if count == 1:
            assert accepted(steps)
        else:
            reject(steps, "terms are asked for", at=1)


def test_steps_are_counted_with_what_their_path_knows(monkeypatch):
    build = Build()
    x = build.integer("x", 0, 9)
    problem = build.problem(None, build.node("le", x, build.const(9)))
    steps = []
    for _ in range(300):
        steps += [["case", 2]]
    steps = proof(problem, steps + [["leaf"]] * 301, [0])
    enough = answer(steps)
    assert enough.answer == "valid"
    assert enough.operations > 300**2 / 2
    monkeypatch.setattr(work, "MAX_OPERATIONS", enough.operations - 1)
    reject(steps, "terms are asked for")
    monkeypatch.setattr(work, "MAX_OPERATIONS", enough.operations)
    assert accepted(steps)


def test_points_without_a_reasonable_common_denominator():
    primes = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71]
    point = [Fraction(1, p ** int(12_000 / p.bit_length())) for p in primes]
    for count in (2, 20):
        build = Build()
        inputs = [build.real(f"x{k}", 0, 1) for k in range(count)]
        total = build.affine(0, *((Fraction(k + 1), i) for k, i in enumerate(inputs)))
        problem = build.problem(None, build.node("lt", total, build.const(0)))
        found = answer(witness(problem, point[:count]))
        assert (found.answer, "denominator" in (found.reason or "")) == (("valid", False) if count == 2 else ("invalid", True))


def test_weights_that_multiply_without_end():
    for depth in (3, 100):
        build = Build()
        x = v = build.integer("x", 1, 2)
        for _ in range(depth):
            v = build.affine(0, (10**3900, v))
        b = build.node("le", x, v)
        found = answer(proof(build.problem(b, b), [["leaf"]], [1]))
        assert (found.answer, "grown" in (found.reason or "")) == (("valid", False) if depth == 3 else ("invalid", True))


def test_substitutions_that_multiply_without_end():
    build = Build()
    names = [build.real(f"x{k}", 0, 1) for k in range(60)]
    equal = [
        build.node("eq", build.affine(0, (10**3900, names[k + 1])), names[k]) for k in range(len(names) - 1)
    ]
    problem = build.problem(build.node("and", equal), build.node("le", build.const(0), names[0]))
    steps = [["substitute", k, "solve", k] for k in range(len(equal))]
    reject(proof(problem, [*steps, ["leaf"]], [0] * len(names)), "grown")
