"""An edge is unnecessary exactly if no value of the parent changes the answer: against all inputs of both runs."""

from itertools import product
from pathlib import Path

import pytest

from mechverify.deciding.options import VerifyOptions
from mechverify.explanation.mutants.edges import edge_cuts, with_second_run
from mechverify.probing.mutant import ProbeMutant, the_job
from mechverify.spec.read import read_spec
from mechverify.verification.loading import load_models

SPEC = """mechverify: 1
title: t
model: {program: "p.py:f"}
inputs: {x: {integers: 0 .. 3}, y: {integers: 0 .. 3}}
preconditions: {p: x >= y}
explanation:
  variables:
    most: {value: "max(x, y)", located_at: m}
    same: {value: "most == y"}
    out: {value: "most + (1 if same and x >= y else 0)", located_at: out}
claims:
  plain: {always: network.out == out}
  blind: {always: network.out <= 4}
  loose: {always: abs(network.out - out) <= 3}
"""
PROGRAM = """def f(x, y):
    m = max(x, y)
    out = m + (1 if x == y else 0)
    return out
"""
OPTIONS = VerifyOptions(timeout=20.0, iia_samples=0)


def most(x: int, y: int) -> int:
    return max(x, y)


def out(x: int, m: int, y: int, same: bool) -> int:
    return m + (1 if same and x >= y else 0)


# What the answer is where one edge takes its value from (u, v), by the edge.
CUTS = {
    ("most", "x"): lambda x, y, u, v: out(x, most(u, y), y, most(u, y) == y),
    ("most", "y"): lambda x, y, u, v: out(x, most(x, v), y, most(x, v) == y),
    ("same", "most"): lambda x, y, u, v: out(x, most(x, y), y, most(u, v) == y),
    ("same", "y"): lambda x, y, u, v: out(x, most(x, y), y, most(x, y) == v),
    ("out", "most"): lambda x, y, u, v: out(x, most(u, v), y, most(x, y) == y),
    ("out", "same"): lambda x, y, u, v: out(x, most(x, y), y, most(u, v) == v),
    ("out", "x"): lambda x, y, u, v: out(u, most(x, y), y, most(x, y) == y),
    ("out", "y"): lambda x, y, u, v: out(x, most(x, y), v, most(x, y) == y),
}
PAIRS = [(x, y) for x, y in product(range(4), repeat=2) if x >= y]


def apart(edge: tuple[str, str]) -> int:
    """The most by which a cut changes the answer."""
    cut = CUTS[edge]
    right = {(x, y): out(x, most(x, y), y, most(x, y) == y) for x, y in PAIRS}
    return max(abs(cut(x, y, u, v) - right[x, y]) for (x, y), (u, v) in product(PAIRS, repeat=2))


@pytest.mark.parametrize("name", ["plain", "loose"])
def test_needed_where_some_value_changes_the_answer(name: str, tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text(PROGRAM)
    (tmp_path / "s.yaml").write_text(SPEC)
    spec = read_spec(tmp_path / "s.yaml")
    models = load_models(spec, allow_code=False)
    claim = next(c for c in spec.claims if c.name == name)
    original = the_job(with_second_run(spec, claim), models, OPTIONS, name).compiled
    cuts = list(edge_cuts(spec, claim))
    assert {(m.variable, m.change) for m in cuts} == set(CUTS)
    for cut in cuts if name == "plain" else cuts[4:6]:
        far = apart((cut.variable, cut.change))
        allowed = 0 if name == "plain" else 3
        found = ProbeMutant(cut, name, original, models, OPTIONS)()
        wanted = "equivalent" if far == 0 else "caught" if far > allowed else "within"
        assert found.outcome == wanted, (cut.variable, cut.change)
        if wanted == "caught":
            assert found.result is not None
            assert found.result.counterexample is not None
            at = found.result.counterexample.inputs
            values = [int(at[n]) for n in ("x", "y", "x elsewhere", "y elsewhere")]  # type: ignore[arg-type]
            x, y, u, v = values
            assert (x, y) in PAIRS
            assert (u, v) in PAIRS
            right = out(x, most(x, y), y, most(x, y) == y)
            assert CUTS[cut.variable, cut.change](x, y, u, v) != right


def test_what_a_claim_does_not_speak_of_has_no_edges(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text(PROGRAM)
    (tmp_path / "s.yaml").write_text(SPEC)
    spec = read_spec(tmp_path / "s.yaml")
    assert list(edge_cuts(spec, next(c for c in spec.claims if c.name == "blind"))) == []


def test_values_without_a_probability_are_no_inputs_of_either_run(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text(PROGRAM)
    text = SPEC + "  often: {usually: network.out == out, probability: 0.5, distribution: {x: {1: 1, 3: 2}}}\n"
    (tmp_path / "s.yaml").write_text(text)
    spec = read_spec(tmp_path / "s.yaml")
    both = with_second_run(spec, next(c for c in spec.claims if c.name == "often"))
    values = {i.name: i.values for i in both.inputs}
    assert values == {"x": (1, 3), "x elsewhere": (1, 3), "y": (), "y elsewhere": ()}
    assert all(i.kind == "integers" for i in with_second_run(spec, spec.claims[0]).inputs)
