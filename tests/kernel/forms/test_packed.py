"""Packed sums are the plain ones: number by number, and leaf by leaf."""

import random
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import pytest
from kernel_mutations import NUMERIC, ROUNDED, small_problem

from mechverify.kernel.fault import InvalidError
from mechverify.kernel.forms import packed
from mechverify.kernel.forms.evaluate import evaluate_forms
from mechverify.kernel.forms.form import ClosedError, Forms
from mechverify.kernel.forms.packed import Packs
from mechverify.kernel.forms.sums import plain_sums
from mechverify.kernel.plan import Prepared, plan_affine
from mechverify.kernel.reading.node import Node
from mechverify.kernel.reading.problem import read_problem
from mechverify.kernel.state import State


def number(rng: random.Random, bits: int) -> int:
    """A number of up to that many bits; often one of the ends, which are the first to spill over."""
    end = (1 << bits) - 1
    return rng.choice([end, -end, 0, 1, -1, rng.randint(-end, end), rng.randint(-end, end)])


def plain(columns: list[list[int]], sizes: list[int], node: Node) -> Any:
    """The sums, column by column."""
    forms: Any = SimpleNamespace(columns=columns, size=sizes)
    return plain_sums(forms, node, plan_affine(node))


def sums(seed: int, form_bits: int, weight_bits: int) -> bool:
    """Compare random sums; whether they were packed."""
    rng = random.Random(seed)
    nodes, inputs, terms = rng.randint(16, 40), rng.randint(0, 6), rng.randint(16, 40)
    columns = [[number(rng, form_bits) for _ in range(2 * nodes)] for _ in range(inputs + 1)]
    sizes = [abs(number(rng, form_bits)) for _ in range(nodes)]
    args = tuple(rng.choices(range(nodes), k=terms))
    weights = tuple(Fraction(number(rng, weight_bits), 8) for _ in range(terms))
    node = Node("affine", args, rounded=True, numerators=weights)
    plan = plan_affine(node)
    packs = Packs(columns, sizes, 96)
    found = packs.sums(args, plan)
    wanted = plain(columns, sizes, node)
    assert found in (None, wanted)
    assert packs.sums(args, plan) == found
    most = max(abs(c) for a in args for c in (sizes[a], *(col[2 * a + s] for col in columns for s in (0, 1))))
    assert (found is not None) is (most.bit_length() + sum(plan.sizes).bit_length() < packs.width)
    return found is not None


@pytest.mark.parametrize("weight_bits", [1, 24, 60, 78])
def test_sums_of_numbers_up_to_what_a_field_holds(weight_bits: int) -> None:
    room = Packs([[0]], [0], 96).width
    found = [sums(seed, room - weight_bits - 6 + short, weight_bits) for short in range(-9, 4) for seed in range(12)]
    assert {True, False} == set(found)


@pytest.mark.parametrize("seed", range(60))
def test_sums_of_forms_with_few_columns_that_are_not_zero(seed: int) -> None:
    rng = random.Random(seed)
    nodes, width = rng.randint(16, 40), rng.randint(17, 60)
    columns = [[0] * (2 * nodes) for _ in range(width)]
    most = 4 if seed % 4 else 5
    for side in range(2 * nodes):
        for _ in range(rng.randint(0, most)):
            columns[rng.randrange(width)][side] = number(rng, 200 if seed % 3 else 90)
    sizes = [abs(number(rng, 90)) for _ in range(nodes)]
    args = tuple(rng.choices(range(nodes), k=rng.randint(16, 40)))
    weights = tuple(Fraction(number(rng, 40), 8) for _ in args)
    node = Node("affine", args, rounded=True, numerators=weights)
    assert Packs(columns, sizes, 96).sums(args, plan_affine(node)) in (None, plain(columns, sizes, node))


def leaf(problem: Any, monkeypatch: pytest.MonkeyPatch, fewest: int, entries: int) -> Any:
    """Everything that a leaf computes of its forms."""
    monkeypatch.setattr(packed, "FEWEST", fewest)
    monkeypatch.setattr(packed, "FEW_ENTRIES", entries)
    forms = Forms(State.start(Prepared(read_problem(problem))), {}, {})
    try:
        evaluate_forms(forms)
    except (ClosedError, InvalidError) as error:
        return type(error), str(error)
    return forms.columns, forms.lo, forms.hi, forms.size, forms.grid, forms.truth, sorted(forms.tops)


def compare(monkeypatch: pytest.MonkeyPatch, seeds: range) -> None:
    for seed in seeds:
        rng = random.Random(seed)
        problem = small_problem(rng, NUMERIC if seed % 2 else ROUNDED, real=seed % 3 == 0)
        plain = leaf(problem, monkeypatch, 1 << 30, 0)
        assert leaf(problem, monkeypatch, 1, 0) == plain, seed
        assert leaf(problem, monkeypatch, 1, 4) == plain, seed


def test_leaves_are_the_same_packed_or_plain(monkeypatch: pytest.MonkeyPatch) -> None:
    compare(monkeypatch, range(300))


@pytest.mark.campaign
@pytest.mark.parametrize("part", range(10))
def test_a_hundred_thousand_leaves(part: int, monkeypatch: pytest.MonkeyPatch) -> None:
    compare(monkeypatch, range(10_000 * part, 10_000 * (part + 1)))
