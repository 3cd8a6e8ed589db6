"""What a plain sum may lose, against sums that are carried out: all orders, fused or not, in more bits or not."""

import random
from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest
from kernel_tools import Build, accepted, execute, plain_error, proof, reject, witness

from mechverify.kernel.api import read_problem
from mechverify.kernel.fault import UnreadableError
from mechverify.kernel.numbers.float32 import UNIT, charged_in_any_order, round_float32

U = Fraction(1, UNIT)


def single(rng: random.Random, spread: int) -> Fraction:
    """A float32 number with all of its bits in use, of either sign."""
    size = Fraction(rng.randint(2**23, 2**24 - 1), 2**23) * Fraction(2) ** rng.randint(-spread, spread)
    return rng.choice((1, -1)) * size


def carried_out(rng: random.Random, bias: Fraction, terms: list[tuple[Fraction, Fraction]]) -> Fraction:
    """A float32 sum in some order: a random tree, a caterpillar by size, or blocks; products rounded before or fused
    with the addition, and all of it in double precision at times, rounded last."""
    wide = rng.random() < 0.2

    def kept(x: Fraction) -> Fraction:
        found = Fraction(float(x)) if wide else round_float32(x)
        assert found is not None
        return Fraction(found)

    fused = rng.random() < 0.4
    waiting = [(w * a, False) for w, a in terms] + [(bias, True)]
    way = rng.choice(("tree", "large first", "small first", "as it stands", "halves"))
    if way in ("large first", "small first"):
        waiting.sort(key=lambda part: abs(part[0]), reverse=way == "large first")
    while len(waiting) > 1:
        i = rng.randrange(len(waiting) - 1) if way == "tree" else 0
        (x, done), (y, finished) = waiting.pop(i), waiting.pop(i)
        if not done and not (fused and finished):
            x = kept(x)
        if not finished and not (fused and done):
            y = kept(y)
        waiting.insert(len(waiting) if way == "halves" else i, (kept(x + y), True))
    ((total, done),) = waiting
    found = round_float32(total)
    assert found is not None
    return Fraction(found)


def charged(bias: Fraction, products: list[Fraction]) -> Fraction:
    """The kernel's bound of a sum of exact products."""
    scale = 1
    for x in (bias, *products):
        scale = max(scale, x.denominator)
    whole = [int(x * scale) for x in products]
    return Fraction(charged_in_any_order(whole, whole, int(bias * scale)), scale * (UNIT - 2 * len(products)))


@pytest.mark.parametrize("seed", range(150))
def test_no_order_loses_more_than_is_charged(seed: int) -> None:
    rng = random.Random(seed)
    spread = rng.choice((0, 2, 12))
    terms = [(single(rng, spread), single(rng, spread)) for _ in range(rng.choice((1, 2, 3, 5, 8, 20)))]
    if rng.random() < 0.3:
        terms = [(w, a) if rng.random() < 0.6 else (w, Fraction(0)) for w, a in terms]
    if rng.random() < 0.3:
        terms += [(w, -a) for w, a in terms]
    bias = single(rng, spread) if rng.random() < 0.6 else Fraction(0)
    exact = bias + sum((w * a for w, a in terms), Fraction(0))
    bound = charged(bias, [w * a for w, a in terms])
    for _ in range(12):
        assert abs(carried_out(rng, bias, terms) - exact) <= bound


@pytest.mark.parametrize("signs", ["alike", "both"])
def test_some_order_loses_a_good_part_of_it(signs: str) -> None:
    """Were it far from what orders lose, a mistake of a factor would not be seen above."""
    most = Fraction(0)
    for seed in range(400):
        rng = random.Random(seed)
        terms = [(Fraction(1), abs(single(rng, 0)) if signs == "alike" else single(rng, 0)) for _ in range(3)]
        exact = sum((a for _, a in terms), Fraction(0))
        lost = abs(carried_out(rng, Fraction(0), terms) - exact)
        most = max(most, lost / charged(Fraction(0), [a for _, a in terms]))
    assert most > Fraction(1, 4)


def trees(leaves: tuple[Fraction, ...]) -> Iterator[Fraction]:
    """For each tree over some terms, the sum of the absolute values of the exact sums of its inner nodes."""
    if len(leaves) == 1:
        yield Fraction(0)
        return
    first, rest = leaves[0], leaves[1:]
    for k in range(len(rest)):
        for some in combinations(range(len(rest)), k):
            left = (first, *(rest[i] for i in some))
            right = tuple(rest[i] for i in range(len(rest)) if i not in some)
            yield from (abs(sum(leaves)) + a + b for a in trees(left) for b in trees(right))


@pytest.mark.parametrize("seed", range(40))
def test_the_sums_in_every_tree_are_within_what_is_charged(seed: int) -> None:
    """All trees over up to five terms, by trying them; over terms of one sign and size some tree comes to just that."""
    rng = random.Random(seed)
    alike = seed % 4 == 0
    terms = [1 if alike else rng.randint(-9, 9) for _ in range(rng.randint(1, 4))]
    bias = 1 if alike else rng.choice((0, rng.randint(-9, 9)))
    leaves = tuple(Fraction(x) for x in (*terms, bias) if x)
    if not leaves:
        assert charged_in_any_order(terms, terms, bias) == 0
        return
    most = max(trees(leaves)) + sum(map(abs, terms))
    found = charged_in_any_order(terms, terms, bias)
    assert most <= found
    if alike:
        assert most == found


@pytest.mark.parametrize("seed", range(60))
def test_what_is_charged_of_ranges_covers_every_point_of_them(seed: int) -> None:
    rng = random.Random(seed)
    ranges = [sorted((rng.randint(-9, 9), rng.randint(-9, 9))) for _ in range(rng.randint(0, 7))]
    bias = rng.randint(-9, 9)
    found = charged_in_any_order([low for low, _ in ranges], [high for _, high in ranges], bias)
    for _ in range(20):
        point = [rng.randint(low, high) for low, high in ranges]
        at = charged_in_any_order(point, point, bias)
        assert at <= found
        told = plain_error(Fraction(bias), [Fraction(x) for x in point])
        assert Fraction(at, UNIT - 2 * len(point)) == told


def sum_and_claim(bound: Fraction, rounding: str, low: int = 2**22 + 1) -> tuple[dict, int]:
    """That a sum of three products is within a bound of the exact one, for integers beyond the exact grid from low on,
    and low."""
    build = Build()
    x = build.integer("x", low, low + 3)
    terms = [(Fraction(5, 2), x), (Fraction(-7, 4), x), (Fraction(9, 8), x)]
    rounded, exact = build.affine(3, *terms, rounding=rounding), build.affine(3, *terms)
    apart = build.node("abs", build.affine(0, (1, rounded), (-1, exact)))
    return build.problem(None, build.node("le", apart, build.const(bound))), low


def bound_at(size: int) -> Fraction:
    return plain_error(Fraction(3), [c * size for c in (Fraction(5, 2), Fraction(-7, 4), Fraction(9, 8))])


@pytest.mark.parametrize("step", [["leaf"], ["enumerate"]], ids=["by forms", "at points"])
def test_a_plain_sum_is_proved_within_its_bound_and_no_closer(step: list) -> None:
    slack = 1 + Fraction(1, 2**12)
    for factor, wanted in ((slack, True), (Fraction(9, 10), False)):
        problem, low = sum_and_claim(bound_at(2**22 + 4) * factor, "float32 sum")
        assert accepted(proof(problem, [step], [low])) is wanted
    problem, low = sum_and_claim(bound_at(2**22 + 4) * slack, "float32")
    reject(proof(problem, [step], [low]))  # of any other sum that is too little


def test_no_witness_of_what_some_order_of_a_plain_sum_keeps() -> None:
    """Where the bound lets executions differ, none of them is taken for all."""
    problem, low = sum_and_claim(Fraction(1, 2**30), "float32 sum")
    reject(witness(problem, [low]))
    reject(proof(problem, [["enumerate"]], [low]))
    problem, low = sum_and_claim(Fraction(-1), "float32 sum")
    assert accepted(witness(problem, [low]))


def test_a_plain_sum_on_the_exact_grid_is_exact() -> None:
    problem, low = sum_and_claim(Fraction(0), "float32 sum", low=100)
    assert accepted(proof(problem, [["enumerate"]], [low]))
    values = execute(problem, [Fraction(100)], random.Random(1), numpy_sums=True)
    assert values is not None


@pytest.mark.parametrize("word", ["float32 sums", "sum", "float32  sum", "Float32 sum", 1, None])
def test_other_words_for_how_a_sum_rounds_are_refused(word: object) -> None:
    build = Build()
    x = build.integer("x", 0, 3)
    y = build.node("affine", word, "0", [["1", x]])
    with pytest.raises(UnreadableError):
        read_problem(build.problem(None, build.node("le", y, y)))


@pytest.mark.parametrize("op", ["mul", "div"])
def test_no_product_is_a_plain_sum(op: str) -> None:
    build = Build()
    x = build.integer("x", 1, 3)
    y = build.node(op, "float32 sum", x, x)
    with pytest.raises(UnreadableError):
        read_problem(build.problem(None, build.node("le", y, y)))


def test_rows_of_plain_sums_are_read_as_such_and_end_where_others_begin() -> None:
    build = Build()
    args = [build.integer(f"x_{k}", 0, 3) for k in range(16)]
    weights = [Fraction(k, 4) for k in range(16)]
    nodes = [build.affine(0, *zip(weights, args, strict=True), rounding=r) for r in ("float32 sum", "float32", "exact")]
    total = build.affine(0, *((1, v) for v in nodes))
    problem = build.problem(None, build.node("le", total, build.const(10**6)))
    read = read_problem(problem).nodes
    assert [(read[v].rounded, read[v].plain, read[v].rounding) for v in nodes] == [
        (True, True, "float32 sum"),
        (True, False, "float32"),
        (False, False, "exact"),
    ]
    assert sum(raw[0] == "rows" for raw in problem["nodes"]) == 3


def layer_sums(weights: np.ndarray, values: np.ndarray) -> Iterator[np.ndarray]:
    """Ways in which libraries add up the products of a layer."""
    yield weights @ values
    yield np.einsum("ij,j->i", weights, values)
    yield (weights * values).sum(axis=1, dtype=np.float32)
    yield (weights.astype(np.float64) @ values.astype(np.float64)).astype(np.float32)
    yield np.cumsum(weights * values, axis=1, dtype=np.float32)[:, -1]
    yield np.cumsum((weights * values)[:, ::-1], axis=1, dtype=np.float32)[:, -1]
    blocks = (weights * values).reshape(len(weights), -1, 8)
    yield blocks.sum(axis=2, dtype=np.float32).sum(axis=1, dtype=np.float32)


@pytest.mark.parametrize("width", [16, 256])
def test_layers_as_libraries_add_them_are_within_the_bound(width: int) -> None:
    rng = np.random.default_rng(width)
    for _ in range(3):
        weights = rng.normal(size=(8, width)).astype(np.float32)
        values = np.maximum(rng.normal(size=width), 0).astype(np.float32)
        found = [*layer_sums(weights, values)]
        for i, row in enumerate(weights):
            products = [Fraction(float(w)) * Fraction(float(x)) for w, x in zip(row, values, strict=True)]
            exact, bound = sum(products, Fraction(0)), charged(Fraction(0), products)
            assert all(abs(Fraction(float(one[i])) - exact) <= bound for one in found)
