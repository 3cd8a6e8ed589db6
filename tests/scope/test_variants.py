"""Claims with other ranges and preconditions, against running every input."""

from dataclasses import replace
from fractions import Fraction as F
from pathlib import Path

import pytest

from mechverify.deciding.options import VerifyOptions
from mechverify.explanation.obligations import base_graph
from mechverify.scope.variants import Variant, Variants
from mechverify.spec.read import read_spec
from mechverify.verdict import Assurance, Verdict
from mechverify.verification.loading import load_models
from mechverify.verification.selection import member_named

PROGRAM = "def f(x, y):\n    out = x + 3 * (y // 10)\n    return out\n"
SPEC = """mechverify: 1
title: t
model: {program: 'p.py:f'}
inputs: {x: {integers: 0 .. 30}, y: {integers: 0 .. 90}}
preconditions: {few: y <= 39, some: x <= 25}
explanation: {variables: {out: {value: x, located_at: output}}}
claims:
  near: {always: network.out - x <= 9}
  open_end: {without: [few], also: {less: y <= 49}, always: network.out - x <= 9, expect: refuted}
"""


@pytest.fixture
def variants(tmp_path: Path) -> Variants:
    (tmp_path / "p.py").write_text(PROGRAM)
    (tmp_path / "s.yaml").write_text(SPEC)
    spec = read_spec(tmp_path / "s.yaml")
    models = load_models(spec, allow_code=False)
    claim, family = member_named(spec, "near")
    return Variants(spec, models, claim, "near", family, VerifyOptions(certificates=tmp_path / "found"))


def test_without_a_precondition_it_fails_at_a_replayed_witness(variants: Variants) -> None:
    tried = variants.tried(Variant("without few", dropped=frozenset({"few"})), 2.0)
    assert tried.verdict is Verdict.REFUTED
    assert tried.counterexample is not None
    point = dict(tried.counterexample.inputs)
    assert 3 * (point["y"] // 10) > 9
    assert point["x"] <= 25


def test_one_that_is_not_needed_is_proved_with_a_certificate(variants: Variants) -> None:
    tried = variants.tried(Variant("without some", dropped=frozenset({"some"})), 2.0)
    assert (tried.verdict, tried.decision.assurance) == (Verdict.PROVED, Assurance.CHECKED)
    path = variants.stored(tried)
    assert path is not None
    assert "without_some" in path.name
    assert path.exists()


@pytest.mark.parametrize(("high", "right"), [(39, Verdict.PROVED), (40, Verdict.REFUTED)])
def test_other_ranges(variants: Variants, high: int, right: Verdict) -> None:
    wider = Variant("wider", {"y": (F(0), F(high))}, dropped=frozenset({"few"}))
    assert variants.tried(wider, 2.0).verdict is right


def test_preconditions_of_the_claim_alone_may_go(variants: Variants) -> None:
    claim, family = member_named(variants.spec, "open_end")
    other = replace(variants, claim=claim, name="open_end", family=family)
    less = other.spec.preconditions[0]
    assert other.tried(Variant("as few", dropped=frozenset({"less"}), added=(less,)), 2.0).verdict is Verdict.PROVED
    assert other.tried(Variant("without less", dropped=frozenset({"less"})), 2.0).verdict is Verdict.REFUTED


def test_a_witness_of_one_variant_refutes_another(variants: Variants) -> None:
    without = Variant("without few", dropped=frozenset({"few"}))
    witness = {"x": F(0), "y": F(90)}
    found = variants.broken_at(without, witness)
    assert found is not None
    assert (found.verdict, found.witness) == (Verdict.REFUTED, witness)
    assert variants.broken_at(Variant("as written"), witness) is None
    assert variants.broken_at(without, {"x": F(0), "y": F(1)}) is None
    assert variants.broken_at(without, {"x": F(0)}) is None


def test_models_are_built_once_for_all_preconditions(variants: Variants, monkeypatch: pytest.MonkeyPatch) -> None:
    built: list[object] = []

    def building(*args: object, **more: object) -> object:
        built.append(args)
        return base_graph(*args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr("mechverify.scope.variants.base_graph", building)
    for dropped in ("few", "some"):
        variants.compiled(Variant(f"without {dropped}", dropped=frozenset({dropped})))
    variants.compiled(Variant("wider", {"y": (F(0), F(99))}))
    assert len(built) == 2
