"""Vectors that are made of inputs: what they are, in both evaluators, and what a claim says of them."""

from fractions import Fraction
from itertools import product
from typing import Any

import pytest

from mechverify.deciding.running.point_view import PointView
from mechverify.explanation.compiled import CompiledClaim
from mechverify.explanation.obligations import compile_claim
from mechverify.graph.evaluate import evaluate_exact
from mechverify.spec.read import read_spec
from mechverify.spec.sentence import claim_sentence
from mechverify.spec.spec import Spec
from mechverify.spec.vectors import with_vectors

F = Fraction
TEXT = """mechverify: 1
title: Vectors
parameters: {n: 4}
inputs:
  p: {simplex: 3}
  f: {integers: -1 .. 2, shape: [n], sparse: 2}
  x: {reals: 0 .. 1}
preconditions:
  some: p[2] <= f[1]
explanation:
  variables:
    total: {value: sum(f) + x}
claims:
  claim:
    always: total * p[2] <= max(f) and f[f_which[0]] == f_strength[0]
"""


@pytest.fixture(scope="module")
def spec(tmp_path_factory: pytest.TempPathFactory) -> Spec:
    path = tmp_path_factory.mktemp("vectors") / "vectors.yaml"
    path.write_text(TEXT, encoding="utf-8")
    return read_spec(path)


@pytest.fixture(scope="module")
def compiled(spec: Spec) -> CompiledClaim:
    return compile_claim(spec, {}, spec.claims[0], "claim", {})


def test_what_they_are_made_of(spec: Spec) -> None:
    assert [(i.name, i.kind, i.shape) for i in spec.inputs] == [
        ("p_free", "reals", (2,)),
        ("f_which", "integers", (2,)),
        ("f_strength", "integers", (2,)),
        ("x", "reals", ()),
    ]
    names: dict[str, Any] = {"p_free": (F(1, 2), F(1, 3)), "f_which": (F(1), F(3)), "f_strength": (F(2), F(-1))}
    found = with_vectors(spec.vectors, names)
    assert found["p"] == (F(1, 2), F(1, 3), F(1, 6))
    assert found["f"] == (0, 2, 0, -1)


def test_which_ranges_could_be_others(spec: Spec) -> None:
    assert [one.name for one in spec.ranged] == ["f_strength", "x"]


def test_every_sparse_vector_is_met_and_no_other(compiled: CompiledClaim) -> None:
    """Of integers: each vector of at most two entries that are not 0, at some admissible point."""
    seen = set()
    for which, strength in product(product(range(4), repeat=2), product(range(-1, 3), repeat=2)):
        point = (F(0), F(0), *map(F, which), *map(F, strength), F(0))
        view = PointView(compiled, point)
        (graph_says,) = evaluate_exact(compiled.graph, point, [compiled.counted])[compiled.counted],
        assert graph_says is (which[0] < which[1]), which
        if graph_says:
            seen.add(tuple(view.inputs["f"]))
    wanted = {f for f in product(range(-1, 3), repeat=4) if sum(v != 0 for v in f) <= 2}
    assert seen == wanted


def test_both_evaluators_agree(compiled: CompiledClaim) -> None:
    grid = [F(k, 3) for k in range(4)]
    for a, b, x in product(grid, grid, grid[:2]):
        for which, strength in (((0, 1), (2, -1)), ((1, 3), (1, 1)), ((2, 1), (1, 1)), ((1, 2), (2, 0))):
            point = (a, b, *map(F, which), *map(F, strength), x)
            view = PointView(compiled, point)
            values = evaluate_exact(compiled.graph, point, [compiled.assumption, compiled.claim_node])
            assert view.admissible() is values[compiled.assumption], point
            assert view.admissible() is (a + b <= 1 and which[0] < which[1] and 1 - a - b <= view.inputs["f"][1])
            condition = compiled.claim.condition
            assert condition is not None
            assert view.base.holds(condition.expression) is values[compiled.claim_node], point


def test_sentences(spec: Spec) -> None:
    assert claim_sentence(spec, spec.claims[0]).startswith(
        "For all real numbers x from 0 to 1 and all probabilities p[0], ..., p[2] that sum to 1 and all vectors f of 4 "
        "integers of which at most 2 are not 0: f_strength at f_which, from -1 to 2 with p[2] <= f[1]: "
    )
