"""Maps of small random problems against their value at every point; the kernel takes each as it stands."""

import random
from collections import Counter
from dataclasses import replace
from fractions import Fraction

import pytest
from kernel_tools import execute
from map_making import certificate_of, part_at, sizes_by_label
from random_obligations import EXACT, points_of, random_obligation

from mechverify.engines.certificates.preparation import prepare
from mechverify.engines.certificates.problem import problem_data
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.graph import Graph, Obligation
from mechverify.kernel.api import PROBLEM_FORMAT, check_data, read_problem
from mechverify.kernel.search import Prepared, evaluate, normal
from mechverify.mapping.search import Limits, find_map
from mechverify.mapping.tree import leaves

LINEAR = ("affine", "affine", "affine", "relu", "abs", "max", "min", "ite", "floor", "round", "mod")
_WORDS = {True: "proved", False: "refuted", None: "open"}


def listed(obligation: Obligation) -> Counter[tuple[str, str]]:
    """How many points of the box have which label, by the kernel's values at each of them."""
    prepared = prepare(obligation)
    found: Counter[tuple[str, str]] = Counter()
    for point in points_of(obligation):
        truth = evaluate(prepared, [normal(x) for x in point]).truth
        inside = truth[obligation.assumption]
        place = "open" if inside is None else "inside" if inside else "outside"
        found[place, _WORDS[truth[obligation.claim]]] += 1
    return found


def divides_by_an_input(obligation: Obligation) -> bool:
    """Whether a value may be none at all: the kernel's leaf then says less than its evaluation at a point."""
    return any(node.op == "div" for node in obligation.graph.nodes)


@pytest.mark.parametrize("ops", [EXACT, LINEAR], ids=["exact", "linear"])
@pytest.mark.parametrize("seed", range(150))
def test_every_count_is_that_of_listing_the_points(seed, ops):
    obligation = random_obligation(seed, ops, inputs=2)
    mapped = find_map(prepare(obligation), Limits())
    file = certificate_of(problem_data(obligation), mapped)
    assert check_data(file).answer == "valid"
    found, wanted = sizes_by_label(file), listed(obligation)
    if not divides_by_an_input(obligation):
        assert found == {label: (n, n) for label, n in wanted.items()}
    for label, (low, high) in found.items():
        if "open" not in label:
            assert low == high <= wanted[label]
    assert sum(high for _, high in found.values()) == wanted.total()


@pytest.mark.parametrize("seed", range(60))
def test_three_inputs(seed):
    obligation = random_obligation(seed, LINEAR, inputs=3)
    mapped = find_map(prepare(obligation), Limits())
    file = certificate_of(problem_data(obligation), mapped)
    assert check_data(file).answer == "valid"
    found, wanted = sizes_by_label(file), listed(obligation)
    if mapped.finished and not divides_by_an_input(obligation):
        assert found == {label: (n, n) for label, n in wanted.items()}
    assert all(low <= wanted[label] for label, (low, _) in found.items() if "open" not in label)


@pytest.mark.parametrize("seed", range(20))
def test_six_inputs_and_products(seed):
    """More than a region ties together: cut input by input, and never a false label."""
    obligation = random_obligation(seed, ("affine", "affine", "mul", "relu", "max", "min"), inputs=6, size=12)
    narrow = tuple(replace(i, high=i.low + 2) for i in obligation.graph.inputs)
    obligation = replace(obligation, graph=Graph(narrow, obligation.graph.nodes))
    mapped = find_map(prepare(obligation), Limits(parts=300))
    file = certificate_of(problem_data(obligation), mapped)
    assert check_data(file).answer == "valid"
    found, wanted = sizes_by_label(file), listed(obligation)
    assert all(low <= wanted[label] for label, (low, _) in found.items() if "open" not in label)
    assert sum(low for low, _ in found.values()) <= wanted.total() <= sum(high for _, high in found.values())


def test_the_open_share_of_a_product_falls_with_the_parts():
    open_after = []
    for parts in (1, 30, 300):
        mapped = find_map(Prepared(read_problem(product_problem(10**6, 3 * 10**11))), Limits(parts=parts))
        open_after.append(sum(part.region.size().high for part in leaves(mapped.root) if part.label == "open"))
    whole = (10**6 + 1) ** 2
    assert open_after[0] == whole
    assert open_after[1] < whole / 4
    assert open_after[2] < whole / 30


def wide_network(units: int) -> Obligation:
    """Three reals, two layers of random weights, and a claim about the last sum."""
    rng, build = random.Random(units), GraphBuilder()
    layer = [build.input(name, "real", Fraction(-1), Fraction(1)) for name in "xyz"]
    for _ in range(2):
        layer = [
            build.relu(build.affine([(Fraction(rng.randint(-9, 9), 9), a) for a in layer], Fraction(rng.randint(-9, 9), 9)))
            for _ in range(units)
        ]
    total = build.affine([(Fraction(rng.randint(-9, 9), 9), a) for a in layer], Fraction(0))
    claim, always = build.le(total, build.const(Fraction(units, 8))), build.boolean(True)
    return Obligation(build.graph(), always, claim)


def test_a_wide_network_over_three_inputs_is_cut_into_boxes_first():
    """Cut at one switch after another, nearly all of it would be open after so few parts."""
    obligation = wide_network(24)
    shares = []
    for parts in (15, 60, 120):
        mapped = find_map(prepare(obligation), Limits(parts=parts))
        shares.append(sum(part.region.size().high for part in leaves(mapped.root) if part.label == "open") / 8)
    assert shares == sorted(shares, reverse=True)
    assert shares[-1] < Fraction(3, 4)
    assert check_data(certificate_of(problem_data(obligation), mapped)).answer == "valid"


def product_problem(most: int, bound: int) -> dict[str, object]:
    return {
        "format": PROBLEM_FORMAT,
        "inputs": [["x", "integer", "0", str(most)], ["y", "integer", "0", str(most)]],
        "nodes": [["input", 0], ["input", 1], ["mul", "exact", 0, 1], ["const", str(bound)], ["le", 2, 3], ["bool", "true"]],
        "assumption": 5,
        "claim": 4,
    }


@pytest.mark.parametrize("parts", [1, 2, 3, 4])
def test_work_that_ends_early_leaves_parts_open(parts):
    unfinished = 0
    for seed in range(40):
        obligation = random_obligation(seed, LINEAR)
        mapped = find_map(prepare(obligation), Limits(parts=parts))
        file = certificate_of(problem_data(obligation), mapped)
        assert check_data(file).answer == "valid"
        assert mapped.parts <= parts
        unfinished += not mapped.finished
        found, wanted = sizes_by_label(file), listed(obligation)
        assert all(high <= wanted[label] for label, (_, high) in found.items() if "open" not in label)
        assert sum(high for _, high in found.values()) == wanted.total()
    assert unfinished


def test_more_work_never_decides_less():
    for seed in range(30):
        obligation = random_obligation(seed, LINEAR)
        decided = []
        for parts in (1, 2, 4, 8, 16, 1000):
            mapped = find_map(prepare(obligation), Limits(parts=parts))
            shown = (part.region.size().high for part in leaves(mapped.root) if part.label != "open")
            decided.append(sum(shown))
        assert decided == sorted(decided)


@pytest.mark.parametrize("seed", [85, 182, 280, 288, 310, 348])
def test_one_point_left_in_a_polygon_is_cut_out(seed):
    """Products, on parts whose polygons have no corner at the point that they hold."""
    obligation = random_obligation(seed, ("mul", "affine", "relu", "max"), inputs=2, size=10)
    mapped = find_map(prepare(obligation), Limits())
    assert all("open" not in (part.place, part.label) for part in leaves(mapped.root))


ROUNDED = ("affine32", "affine32", "affine32", "mul32", "relu", "abs", "max", "min", "ite")


@pytest.mark.parametrize("seed", range(80))
def test_rounded_labels_hold_in_every_execution_that_is_drawn(seed):
    rng = random.Random(seed)
    obligation = random_obligation(seed, ROUNDED, inputs=2)
    data = problem_data(obligation)
    mapped = find_map(prepare(obligation), Limits())
    file = certificate_of(data, mapped)
    assert check_data(file).answer == "valid"
    for point in points_of(obligation):
        part = part_at(mapped.root, point)
        for _ in range(4):
            values = execute(data, list(point), rng, numpy_sums=rng.random() < 0.5)
            if values is None:
                continue
            if part.place != "open":
                assert values[obligation.assumption] is (part.place == "inside")
            if part.label != "open":
                assert values[obligation.claim] is (part.label == "proved")


def test_rounded_claims_are_decided_but_for_strips():
    """Most maps leave little open; those that compare for equality leave their line."""
    shares = []
    for seed in range(60):
        obligation = random_obligation(seed, ("affine32", "relu", "max"), inputs=2)
        mapped = find_map(prepare(obligation), Limits())
        sizes = Counter()
        for part in leaves(mapped.root):
            sizes[part.label] += part.region.size().high
        shares.append(sizes["open"] / sizes.total())
    assert sorted(shares)[45] < 0.1


def test_what_is_looked_up_outside_its_table_stays_open():
    data = {
        "format": PROBLEM_FORMAT, "inputs": [["x", "integer", "0", "3"]], "tables": [["1/3", "7"]],
        "nodes": [["input", 0], ["const", "1p-1"], ["table", 0, 1], ["le", 2, 0], ["bool", "true"]],
        "assumption": 4, "claim": 3,
    }  # fmt: skip
    mapped = find_map(Prepared(read_problem(data)), Limits())
    file = certificate_of(data, mapped)
    assert check_data(file).answer == "valid"
    assert sizes_by_label(file) == {("inside", "open"): (4, 4)}
