"""PARTLY: proved boxes with certificates and exact counts. What a proof uses: found by dropping preconditions."""

from dataclasses import replace
from fractions import Fraction as F
from pathlib import Path

from mechverify.deciding.decision import Decision
from mechverify.deciding.options import VerifyOptions
from mechverify.deciding.parts import certify_parts, narrowed
from mechverify.engines.certificates.problem import problem_data, problem_sha256
from mechverify.engines.engine import ProofFound
from mechverify.findings.uses import proof_uses
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.graph import Obligation
from mechverify.kernel.api import check_data
from mechverify.results import ClaimResult
from mechverify.spec.read import read_spec
from mechverify.verdict import Assurance, Verdict
from mechverify.verification.loading import load_models
from mechverify.verification.plan import plan
from mechverify.verification.run import verify_specs

PROGRAM = "def f(x, y):\n    return x * 2\n"
HEAD = """mechverify: 1
title: doubles
summary: doubles its first input
model: {program: 'f.py:f', arithmetic: integer}
inputs: {x: {integers: 0 .. 1000}, y: {integers: 0 .. 1000}}
explanation: {variables: {out: {located_at: output, value: x + y}}}
"""


def below(high: int) -> Obligation:
    """x <= 10 for x in 0 .. high."""
    g = GraphBuilder()
    x = g.input("x", "integer", F(0), F(high))
    always, claim = g.boolean(True), g.le(x, g.const(10))
    return Obligation(g.graph(), always, claim)


LEAF = ProofFound((["leaf"],), 96)


def test_only_parts_that_the_kernel_accepts_are_kept() -> None:
    obligation = below(20)
    parts = certify_parts(obligation, [(((F(0), F(10)),), LEAF), (((F(11), F(20)),), LEAF)], 0)
    assert [p.bounds for p in parts] == [((F(0), F(10)),)]
    assert check_data(dict(parts[0].certificate)).answer == "valid"
    assert parts[0].sha256 == problem_sha256(problem_data(narrowed(obligation, parts[0].bounds)))


def test_parts_do_not_overlap() -> None:
    found = certify_parts(below(20), [(((F(0), F(5)),), LEAF), (((F(5), F(10)),), LEAF), (((F(6), F(10)),), LEAF)], 0)
    assert [p.bounds for p in found] == [((F(0), F(5)),), ((F(6), F(10)),)]


def test_a_part_without_an_admissible_point_is_not_counted() -> None:
    g = GraphBuilder()
    x = g.input("x", "integer", F(0), F(20))
    big, claim = g.le(g.const(15), x), g.le(x, g.const(10))
    obligation = Obligation(g.graph(), big, claim)
    assert certify_parts(obligation, [(((F(0), F(10)),), LEAF)], 0) == ()


def run(folder: Path, text: str) -> ClaimResult:
    (folder / "f.py").write_text(PROGRAM)
    (folder / "s.yaml").write_text(HEAD + text)
    (spec,) = verify_specs([folder / "s.yaml"], VerifyOptions(timeout=20)).specs
    assert not spec.errors
    return spec.claims[0]


def test_a_precondition_that_the_proof_needs_is_named(tmp_path: Path) -> None:
    claim = run(tmp_path, "preconditions: {same: x == y, low: x <= 900}\nclaims: {c: {always: network.out == out}}\n")
    assert claim.verdict is Verdict.PROVED
    assert claim.proof is not None
    assert "same" in claim.proof.uses
    assert "low" not in claim.proof.uses
    assert "no internals" in claim.proof.uses


def test_a_conjunction_keeps_the_numbers_of_the_facts_after_it(tmp_path: Path) -> None:
    text = "preconditions: {box: x <= 900 and y <= 800, same: x == y}\nclaims: {c: {always: network.out == out}}\n"
    claim = run(tmp_path, text)
    assert claim.verdict is Verdict.PROVED
    assert claim.proof is not None
    assert claim.proof.uses[0] == "same"


def test_an_inequality_that_the_proof_does_not_need_is_not_named(tmp_path: Path) -> None:
    claim = run(tmp_path, "preconditions: {low: x <= 900}\nclaims: {c: {always: network.out >= x}}\n")
    assert claim.proof is not None
    assert claim.proof.uses == ("no internals",)


def test_of_two_preconditions_that_replace_each_other_one_is_named(tmp_path: Path) -> None:
    """Found by attack: each could be dropped alone, so that neither was named."""
    claim = run(tmp_path, "preconditions: {p: x <= 5, q: 2 * x <= 11}\nclaims: {c: {always: network.out <= 10}}\n")
    assert claim.verdict is Verdict.PROVED
    assert claim.proof is not None
    assert claim.proof.uses == ("q", "no internals")
    without = "preconditions: {q: 2 * x <= 11}\nclaims: {c: {always: network.out <= 10}}\n"
    assert run(tmp_path, without).verdict is Verdict.PROVED


def test_counts_of_a_narrowed_obligation() -> None:
    assert narrowed(below(20), ((F(3), F(4)),)).graph.inputs[0] == replace(below(20).graph.inputs[0], low=F(3), high=F(4))


def test_a_site_that_is_a_vector_is_a_mistake_with_a_place(tmp_path: Path) -> None:
    (tmp_path / "f.py").write_text("def f(x, y):\n    out = [x, y]\n    return out\n")
    (tmp_path / "s.yaml").write_text(HEAD + "claims: {c: {always: abs(network.out - x) <= 1}}\n")
    (spec,) = verify_specs([tmp_path / "s.yaml"], VerifyOptions(timeout=5)).specs
    assert [d.line for d in spec.errors] == [7]
    assert "a vector of 2 elements" in spec.errors[0].message


def test_without_a_certificate_it_is_not_known_what_a_proof_needs(tmp_path: Path) -> None:
    text = "preconditions: {same: x == y}\nclaims: {c: {always: network.out == out}}\n"
    (tmp_path / "f.py").write_text(PROGRAM)
    (tmp_path / "s.yaml").write_text(HEAD + text)
    spec = read_spec(tmp_path / "s.yaml")
    models = load_models(spec, allow_code=False)
    (planned,) = plan(spec, models, VerifyOptions())
    assert planned.job is not None
    agreed = Decision(Verdict.PROVED, Assurance.AGREED)
    assert proof_uses(planned.job.compiled, agreed) == ("not known: no certificate",)


def test_a_proof_that_evaluates_every_point_says_so(tmp_path: Path) -> None:
    claim = run(tmp_path, "preconditions: {same: y == x}\nclaims: {c: {always: network.out ** 2 % 3 != 2}}\n")
    assert claim.verdict is Verdict.PROVED
    assert claim.proof is not None
    assert claim.proof.engine == "exhaustive"
    assert claim.proof.pointwise
    claim = run(tmp_path, "claims: {c: {always: network.out >= x}}\n")
    assert claim.proof is not None
    assert not claim.proof.pointwise
