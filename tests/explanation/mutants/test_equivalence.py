"""Original and mutant are proved the same only where brute force over the domain finds them the same."""

import random
from fractions import Fraction
from itertools import product
from pathlib import Path

import pytest
from semantics_tools import dense

from mechverify.deciding.options import VerifyOptions
from mechverify.errors import SpecError
from mechverify.explanation.compiled import CompiledClaim
from mechverify.explanation.formulas.symbolic import leaves
from mechverify.explanation.mutants.equivalence import difference
from mechverify.explanation.mutants.mutants import mutants
from mechverify.graph.evaluate import evaluate_exact
from mechverify.models.model import Model
from mechverify.probing.mutant import apartness, proved, the_job
from mechverify.probing.probe import _sorts
from mechverify.spec.read import read_spec
from mechverify.spec.spec import Spec
from mechverify.verification.loading import load_models

SPEC = """mechverify: 1
title: t
model: {program: "p.py:f", arithmetic: integer}
inputs: {x: {integers: 0 .. 3}, y: {integers: 0 .. 3}}
preconditions: {p: x <= y}
explanation:
  variables:
    less: {value: "min(x, y)", located_at: m}
    more: {value: "y", located_at: n}
    out: {value: "less + 2 * more if less > 1 else less + more", located_at: out}
claims:
  plain: {always: network.out == out}
  moved: {interchange: [less], always: network.out == out and network.more <= more + 1}
"""
PROGRAM = "def f(x, y):\n    m = x\n    n = y\n    out = m + n\n    if m > 1:\n        out = m + 2 * n\n    out = out\n    return out\n"
OPTIONS = VerifyOptions(timeout=5.0)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Spec, dict[str, Model]]:
    folder = tmp_path_factory.mktemp("e")
    (folder / "p.py").write_text(PROGRAM)
    (folder / "s.yaml").write_text(SPEC)
    spec = read_spec(folder / "s.yaml")
    return spec, load_models(spec, allow_code=False)


def spoken(compiled: CompiledClaim, point: tuple[Fraction, ...]) -> tuple[object, ...] | None:
    """The values that the claim names at a point, None where it is not admissible."""
    values = [compiled.explanation["out"], compiled.explanation["more"], compiled.network["network", "out"]]
    values.append(compiled.network["network", "more"])
    if compiled.name == "plain":
        values = values[::2]
    nodes = [n for v in values for n in leaves(v)]
    exact = evaluate_exact(compiled.graph, point, [*nodes, compiled.assumption])
    return tuple(exact[n] for n in nodes) if exact[compiled.assumption] else None


def same_everywhere(a: CompiledClaim, b: CompiledClaim) -> bool:
    ranges = [range(int(i.low), int(i.high) + 1) for i in a.graph.inputs]
    points = [tuple(map(Fraction, p)) for p in product(*ranges)]
    return all(spoken(a, p) == spoken(b, p) for p in points)


@pytest.mark.parametrize("claim", ["plain", "moved"])
def test_the_obligation_is_brute_force(loaded: tuple[Spec, dict[str, Model]], claim: str) -> None:
    spec, models = loaded
    original = the_job(spec, models, OPTIONS, claim).compiled
    found = mutants(spec, original.claim, _sorts(original), {n: m.activations for n, m in models.items()})
    chosen = random.Random(7).sample(found, min(24, len(found)))
    answers = []
    for mutant in chosen:
        try:
            compiled = the_job(mutant.spec, models, OPTIONS, claim).compiled
        except SpecError:  # the sites of two variables moved together, for one
            continue
        differs = difference(original, compiled)
        assert differs is not None
        wanted = same_everywhere(original, compiled)
        apart = apartness(differs, 0, {})
        assert (apart.differing == 0) is wanted, mutant.change
        assert bool(apart.at) is not wanted
        if apart.at:
            point = tuple(Fraction(apart.at[i.name]) for i in original.graph.inputs)  # type: ignore[arg-type]
            assert spoken(original, point) != spoken(compiled, point)
        answers.append(wanted)
        if len(answers) % 4 == 0 or wanted:
            assert proved(differs.obligation, OPTIONS) is wanted, mutant.change
    assert len(answers) > 15
    assert True in answers
    assert False in answers


def float32(folder: Path, extra: str) -> tuple[Spec, dict[str, Model]]:
    dense(folder / "n.onnx", [([[0.3, 0.7], [0.3, 0.7]], [0.1, 0.1]), ([[1.1, 0.2]], [0])])
    path = folder / "s.yaml"
    path.write_text(
        "mechverify: 1\ntitle: t\nmodel: {onnx: n.onnx, feed: {x: [a, b]}}\n"
        "inputs: {a: {integers: 0 .. 9}, b: {integers: 0 .. 9}}\nexplanation:\n  variables:\n"
        f"    one: {{value: a, located_at: 'hidden_1[0]'}}\n{extra}"
        "claims: {c: {always: abs(network.one - one) <= 100}}\n"
    )
    spec = read_spec(path)
    return spec, load_models(spec, allow_code=False)


def test_rounded_values_of_one_execution_are_compared_with_themselves(tmp_path: Path) -> None:
    """The mechanism changed, the network is the same run: only the explanation's values are left to compare."""
    spec, models = float32(tmp_path, "")
    original = the_job(spec, models, OPTIONS, "c").compiled
    found = mutants(spec, original.claim, _sorts(original), {"network": models["network"].activations})
    (deleted,) = (m for m in found if m.kind == "variable deleted")
    differs = difference(original, the_job(deleted.spec, models, OPTIONS, "c").compiled)
    assert differs is not None
    assert [name for name, _, _ in differs.pairs] == ["one"]


def test_two_units_that_round_apart_are_not_the_same(tmp_path: Path) -> None:
    """Both units compute one and the same sum; float32 may still give them different values."""
    spec, models = float32(tmp_path, "    two: {value: a, located_at: 'hidden_1[1]'}\n")
    original = the_job(spec, models, OPTIONS, "c").compiled
    found = mutants(spec, original.claim, _sorts(original), {"network": models["network"].activations})
    moved = next(m for m in found if m.kind == "variable moved" and m.change.endswith("hidden_1[1]"))
    differs = difference(original, the_job(moved.spec, models, OPTIONS, "c").compiled)
    assert differs is not None
    assert [name for name, _, _ in differs.pairs] == ["network.one"]
    assert not proved(differs.obligation, OPTIONS)
