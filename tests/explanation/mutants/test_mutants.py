"""Mutants: each differs from the original in one place, of everything that the claim depends on, and of nothing else."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from mechverify.explanation.formulas.references import Sort
from mechverify.explanation.mutants.mutants import KINDS, RE_ENCODED, Mutant, mutants
from mechverify.explanation.relevance import ancestors, relevance
from mechverify.spec.read import read_spec
from mechverify.spec.spec import Spec
from mechverify.spec.text import expression_text

SPEC = """mechverify: 1
title: t
model: {onnx: n.onnx, feed: {x: [a, b]}}
inputs: {a: {integers: 0 .. 9}, b: {integers: 0 .. 9}, v: {integers: 0 .. 9, shape: [2]}}
parameters: {k: 3}
explanation:
  variables:
    big: {value: "a > b", located_at: "h[0]", read_as: it > 0.5}
    gap: {value: "a - 2 * b if big else v[0] - v[1]", located_at: "h[1]"}
    out: {value: gap + k, located_at: "y[0]"}
    aside: {value: a * b, located_at: "h[2]"}
claims:
  whole: {always: network.out == out}
  moved: {interchange: [gap], always: network.out == out}
  first: {always: network.big == big}
  read_only: {always: network.big}
  ignored: {ignores: [out], resample: [b]}
  all_of_it: {faithful: true}
  rest: {resample: [rest], always: network.out == out}
"""
SORTS = {
    "a": Sort(), "b": Sort(), "v": Sort((2,)), "big": Sort((), True), "gap": Sort(), "out": Sort(), "aside": Sort(),
}  # fmt: skip
SHAPES = {"network": {"h": (3,), "y": (1,)}}


@pytest.fixture
def spec(tmp_path: Path) -> Spec:
    path = tmp_path / "s.yaml"
    path.write_text(SPEC)
    return read_spec(path)


def made(spec: Spec, claim: str) -> tuple[Mutant, ...]:
    (found,) = (c for c in spec.claims if c.name == claim)
    return mutants(spec, found, SORTS, SHAPES)


def test_what_a_claim_depends_on(spec: Spec) -> None:
    claims = {c.name: relevance(spec, c) for c in spec.claims}
    assert claims["whole"].compared == ("out",)
    assert claims["whole"].mechanisms == ("big", "gap", "out")
    assert claims["whole"].located == ("out",)
    assert claims["moved"].located == ("gap", "out")
    assert (claims["first"].mechanisms, claims["first"].decoded) == (("big",), ("big",))
    assert (claims["read_only"].mechanisms, claims["read_only"].located) == ((), ("big",))
    assert (claims["ignored"].compared, claims["ignored"].mechanisms) == ((), ())
    assert (claims["ignored"].decoded, claims["ignored"].located) == (("out",), ("out",))
    everything = ("big", "gap", "out", "aside")
    assert (claims["all_of_it"].compared, claims["all_of_it"].located) == (everything, everything)
    assert (claims["rest"].compared, claims["rest"].decoded) == (("out",), ("out",))
    assert claims["rest"].located == ("big", "gap", "out")
    assert ancestors(spec, "gap") == {"gap", "a", "b", "big", "v"}


def re_encoded(spec: Spec, claim: str) -> dict[str, dict[str, str]]:
    """For each re-encoded variable, the first time, the mechanisms that changed."""
    found: dict[str, dict[str, str]] = {}
    for mutant in made(spec, claim):
        if mutant.kind == RE_ENCODED:
            pairs = zip(spec.variables, mutant.spec.variables, strict=True)
            changed = {b.name: b.value.text for a, b in pairs if a != b and b.value is not None}
            found.setdefault(mutant.variable, changed)
    return found


def test_a_value_in_another_encoding_is_undone_wherever_it_is_used(spec: Spec) -> None:
    assert re_encoded(spec, "whole") == {
        "big": {"big": "not a > b", "gap": "a - 2 * b if not big else v[0] - v[1]"},
        "gap": {"gap": "(a - 2 * b if big else v[0] - v[1]) + 1", "out": "gap - 1 + k"},
    }
    assert re_encoded(spec, "first") == {}


@pytest.mark.parametrize("claim", ["whole", "moved", "first", "read_only"])
def test_a_mutant_differs_in_one_part_of_one_relevant_variable(spec: Spec, claim: str) -> None:
    (one,) = (c for c in spec.claims if c.name == claim)
    relevant = relevance(spec, one)
    for mutant in made(spec, claim):
        if mutant.kind == RE_ENCODED:
            continue
        assert replace(mutant.spec, variables=()) == replace(spec, variables=())
        pairs = list(zip(spec.variables, mutant.spec.variables, strict=True))
        ((before, after),) = [(a, b) for a, b in pairs if a != b]
        assert before.name == after.name == mutant.variable
        parts = [before.value != after.value, before.read_as != after.read_as, before.located_at != after.located_at]
        assert sum(parts) == 1
        names = (relevant.mechanisms, relevant.decoded, relevant.located)[parts.index(True)]
        assert mutant.variable in names


def test_texts_are_those_of_the_changed_expressions(spec: Spec) -> None:
    for mutant in made(spec, "moved"):
        for variable in mutant.spec.variables:
            for part in (variable.value, variable.read_as):
                assert part is None or variable.name != mutant.variable or part.text == expression_text(part.expression) or part in [v for s in spec.variables for v in (s.value, s.read_as)]


def test_every_kind_comes_first_once(spec: Spec) -> None:
    found = made(spec, "moved")
    assert [m.kind for m in found[: len(KINDS)]] == list(KINDS)
    assert len({(m.variable, m.change) for m in found}) == len(found)
    assert min(Counter(m.kind for m in found).values()) >= 2


def changes(spec: Spec, claim: str, kind: str) -> set[str]:
    return {f"{m.variable}: {m.change}" for m in made(spec, claim) if m.kind == kind}


def test_the_mistakes_of_each_kind(spec: Spec) -> None:
    assert changes(spec, "whole", "inputs swapped") >= {
        "big: a and b are swapped",
        "gap: a and b are swapped",
        "gap: v[0] and v[1] are swapped",
    }
    swapped = changes(spec, "whole", "inputs swapped")
    assert not any("big" in one.partition(":")[2] for one in swapped), "a truth value is no number"
    assert changes(spec, "first", "variable deleted") == {"big: a > b -> false"}
    assert changes(spec, "moved", "variable moved") == {
        "gap: h[1] -> h[2]",
        "gap: h[1] -> h[0]",
        "gap: h[1] -> y[0]",
        "out: y[0] -> h[0]",
        "out: y[0] -> h[1]",
        "out: y[0] -> h[2]",
    }
    assert changes(spec, "first", "constant") == {"big: in read_as, 0.5 -> 0.55"}
    assert changes(spec, "whole", "constant") >= {"gap: 2 -> 3", "gap: 2 -> 1"}
    assert changes(spec, "first", "operator") >= {"big: a > b -> a >= b", "big: a > b -> a < b"}
    assert "out: gap + k -> gap - k" in changes(spec, "whole", "operator")
    assert "out: gap + k -> a * b" in changes(spec, "whole", "mechanism")
    assert "out: gap -> a" in changes(spec, "whole", "parent")


def test_no_mutant_goes_round_in_circles(spec: Spec) -> None:
    for mutant in made(spec, "moved"):
        for variable in mutant.spec.variables:
            value = variable.value
            if value is not None:
                from mechverify.spec.text import names_in

                assert all(variable.name not in ancestors(mutant.spec, n) for n in names_in(value.expression))
