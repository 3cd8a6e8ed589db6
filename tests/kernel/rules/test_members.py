"""Rule members.

For each side condition at least twenty certificates that violate it alone, each rejected; a twin of each without the
violation is accepted.
"""

import random

import pytest
from kernel_tools import Build, accepted, box, proof, reject

SEEDS = range(20)


def comparisons(rng: random.Random, count: int, wrong: int | None = None) -> tuple[Build, list[int]]:
    """x + k <= x + m for k <= m, each true, but for one that is false at the upper end alone."""
    build = Build()
    high = rng.randint(5, 500)
    x = build.integer("x", 0, high)
    found = []
    for k in range(count):
        bound = high + rng.randint(0, 3) - (k == wrong) * 10
        found.append(build.node("le", x, build.const(max(bound, high) if k != wrong else high - 1)))
    return build, found


@pytest.mark.parametrize("seed", SEEDS)
def test_every_member_is_proved(seed: int) -> None:
    rng = random.Random(seed)
    count = rng.randint(1, 6)
    build, found = comparisons(rng, count)
    problem = build.problem(None, build.node("and", found))
    steps = [["members"], *[["leaf"]] * count]
    assert accepted(proof(problem, steps, [0]))
    reject(proof(problem, steps[:-1], [0]), "left open", count)
    reject(proof(problem, [*steps, ["leaf"]], [0]), "left over", count + 1)
    for bad in (["members", 0], ["members", []], ["members", str(count)], ["member"], ["members", found]):
        reject(proof(problem, [bad, *steps[1:]], [0]), "", 0)


@pytest.mark.parametrize("seed", SEEDS)
def test_one_member_is_false(seed: int) -> None:
    rng = random.Random(seed)
    count = rng.randint(2, 6)
    wrong = rng.randrange(count)
    build, found = comparisons(rng, count, wrong)
    problem = build.problem(None, build.node("and", found))
    reject(proof(problem, [["members"], *[["leaf"]] * count], [0]), "does not show", 1 + wrong)
    for last in (["enumerate"], ["members"]):
        steps = [["leaf"]] * count
        steps[wrong] = last
        reject(proof(problem, [["members"], *steps], [0]), "", 1 + wrong)
    swapped = [f for k, f in enumerate(found) if k != wrong]
    assert accepted(proof(build.problem(None, build.node("and", swapped)), [["members"], *[["leaf"]] * (count - 1)], [0]))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_claim_is_a_conjunction(seed: int) -> None:
    rng = random.Random(seed)
    build, (a, b, _c), true = box(rng)
    le = build.node("le", a, build.const(100))
    good = build.node("and", [le, true])
    others = [le, true, build.node("or", [le, true]), build.node("not", build.node("lt", b, build.const(-100))), build.node("or", [good])]
    assert accepted(proof(build.problem(None, good), [["members"], ["leaf"], ["leaf"]], [0, 0, 0]))
    for claim in others:
        for tail in ([["leaf"]], [["leaf"], ["leaf"]]):
            reject(proof(build.problem(None, claim), [["members"], *tail], [0, 0, 0]), "no conjunction", 0)


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_is_claimed_of_an_empty_domain(seed: int) -> None:
    """A member that is true, or a claim of no members, says nothing of the assumption."""
    rng = random.Random(seed)
    build, (a, _b, _c), true = box(rng)
    never = build.node("lt", a, build.const(-rng.randint(0, 5)))
    for claim in (build.node("and", [true] * rng.randint(1, 4)), build.node("and", [])):
        count = len(build.nodes[claim][1])
        problem = build.problem(never, claim)
        assert accepted(proof(problem, [["leaf"]], [], "empty"))
        reject(proof(problem, [["members"], *[["leaf"]] * count], [], "empty"), "", 0)
        met = build.problem(None, claim)
        assert accepted(proof(met, [["members"], *[["leaf"]] * count], [0, 0, 0]))
        reject(proof(met, [["members"], *[["leaf"]] * count], [], "empty"), "members of a claim", 0)


@pytest.mark.parametrize("seed", SEEDS)
def test_facts_of_the_path_go_to_every_member_and_no_further(seed: int) -> None:
    """Below a split; below members again; a split in one member says nothing in the next."""
    rng = random.Random(seed)
    build = Build()
    middle = rng.randint(1, 9)
    x = build.integer("x", 0, 20)
    z = build.affine(-middle, (1, x))
    size = build.node("abs", z)
    relu = build.node("relu", z)
    one = build.node("eq", size, build.affine(0, (2, relu), (-1, z)))
    two = build.node("le", relu, size)
    inner = build.node("and", [two, one])
    problem = build.problem(None, build.node("and", [one, inner]))
    split = ["split", [["1", 0]], str(middle)]
    leaves = [["leaf"], ["leaf"]]
    assert accepted(proof(problem, [split, *[["members"], ["leaf"], ["members"], *leaves] * 2], [0]))
    apart = [["members"], split, *leaves, ["members"], split, *leaves, split, *leaves]
    assert accepted(proof(problem, apart, [0]))
    reject(proof(problem, [["members"], split, *leaves, ["members"], split, *leaves, ["leaf"]], [0]), "does not show", 8)
    reject(proof(problem, [["members"], ["leaf"], ["members"], split, *leaves, split, *leaves], [0]), "does not show", 1)
