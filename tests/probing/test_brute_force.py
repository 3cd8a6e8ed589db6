"""What becomes of a mutant is what brute force over all bases and sources says of it."""

import random
from fractions import Fraction
from itertools import product
from pathlib import Path

import pytest

from mechverify.deciding.options import VerifyOptions
from mechverify.errors import SpecError
from mechverify.explanation.compiled import CompiledClaim
from mechverify.explanation.mutants.mutants import mutants
from mechverify.graph.evaluate import evaluate_exact
from mechverify.probing.mutant import ProbeMutant, the_job
from mechverify.probing.probe import _sorts
from mechverify.spec.read import read_spec
from mechverify.verdict import Verdict
from mechverify.verification.loading import load_models

SPEC = """mechverify: 1
title: t
model: {program: "p.py:f", arithmetic: integer}
inputs: {x: {integers: 0 .. 3}, y: {integers: 0 .. 3}}
preconditions: {p: x != y}
explanation:
  variables:
    big: {value: "x > y", located_at: m, read_as: it > 1}
    gap: {value: "abs(x - y)", located_at: n}
    out: {value: "gap + 5 if big else gap % 3", located_at: out}
claims:
  plain: {always: network.out == out and network.big == big}
  loose: {always: abs(network.out - out) <= 1}
  moved: {interchange: [gap], always: network.out == out}
  both: {interchange: [gap, big], always: network.out == out}
"""
PROGRAM = """def f(x, y):
    m = 0
    if x > y:
        m = 2
    m = m
    n = abs(x - y)
    out = n % 3
    if m > 1:
        out = n + 5
    out = out
    return out
"""
OPTIONS = VerifyOptions(timeout=10.0, iia_samples=0)


def true_everywhere(compiled: CompiledClaim) -> bool:
    ranges = [range(int(i.low), int(i.high) + 1) for i in compiled.graph.inputs]
    nodes = [compiled.assumption, compiled.claim_node]
    for point in product(*ranges):
        values = evaluate_exact(compiled.graph, tuple(map(Fraction, point)), nodes)
        if values[compiled.assumption] and not values[compiled.claim_node]:
            return False
    return True


@pytest.mark.parametrize("claim", ["plain", "loose", "moved", "both"])
def test_outcomes(tmp_path: Path, claim: str, request: pytest.FixtureRequest) -> None:
    (tmp_path / "p.py").write_text(PROGRAM)
    (tmp_path / "s.yaml").write_text(SPEC)
    spec = read_spec(tmp_path / "s.yaml")
    models = load_models(spec, allow_code=False)
    original = the_job(spec, models, OPTIONS, claim).compiled
    if claim != "both":
        assert true_everywhere(original)
    every = mutants(spec, original.claim, _sorts(original), {n: m.activations for n, m in models.items()})
    few = 100 if request.config.getoption("--campaign") else 6 if claim != "both" else 2
    seen = 0
    for mutant in random.Random(5).sample(every, min(few, len(every))):
        try:
            compiled = the_job(mutant.spec, models, OPTIONS, claim).compiled
        except SpecError:
            continue
        seen += 1
        probed = ProbeMutant(mutant, claim, original, models, OPTIONS)()
        if probed.result is not None and probed.result.verdict is Verdict.VACUOUS:
            assert probed.outcome == "caught"
        elif true_everywhere(compiled):
            assert probed.outcome in ("survives", "equivalent", "within"), mutant.change
        else:
            assert probed.outcome == "caught", mutant.change
    assert seen
