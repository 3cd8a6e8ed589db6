"""A structure that is not the claim's is noticed before anything is proved of it."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from mechverify.deciding.job import Job
from mechverify.deciding.modular.structure_check import check_structure
from mechverify.deciding.options import VerifyOptions
from mechverify.errors import EnclosureError
from mechverify.explanation.structures.pieces import Piece
from mechverify.explanation.structures.structure import ClaimStructure, structure_of
from mechverify.graph.graph import Node
from mechverify.spec.read import read_spec
from mechverify.verification.loading import load_models
from mechverify.verification.plan import plan

PROGRAM = """\
def f(x_1, x_2, v_0, v_1):
    larger = max(x_1, x_2)
    seen = [larger, larger - v_0]
    big = 1 if larger > 5 else 0
    out = larger + v_1 * big
    return out
"""
SPEC = """\
mechverify: 1
title: t
summary: t
model: {program: 'p.py:f', arithmetic: integer, feed: {x_1: x_1, x_2: x_2, v_0: 'v[0]', v_1: 'v[1]'}}
inputs: {x_1: {integers: 0 .. 9}, x_2: {integers: 0 .. 9}, v: {integers: -3 .. 3, shape: [2]}}
preconditions: {first: x_1 <= 8}
explanation:
  variables:
    step: {value: x_1 + 0 * x_2}
    pair: {value: '[max(step, x_2), max(step, x_2) - v[0]]', located_at: seen}
    big: {value: 'max(x_1, x_2) > 5', located_at: big, read_as: it == 1}
    out: {value: 'max(x_1, x_2) + (v[1] if big else 0)', located_at: out}
claims:
  swapped: {interchange: [v, big, pair], always: network.out == out}
  rest: {resample: [rest], always: network.out == out}
  whole: {faithful: true}
"""


def jobs(folder: Path) -> dict[str, Job]:
    (folder / "p.py").write_text(PROGRAM)
    (folder / "s.yaml").write_text(SPEC)
    spec = read_spec(folder / "s.yaml")
    planned = plan(spec, load_models(spec, allow_code=False), VerifyOptions())
    return {p.name: p.job for p in planned if p.job is not None}


def structure(job: Job) -> ClaimStructure:
    compiled = job.compiled
    return structure_of(compiled.spec, job.models, compiled.claim, compiled.family)


def shifted(piece: Piece, root: int) -> Piece:
    """The piece with one more at one root."""
    one = Node("affine", (piece.roots[root],), (Fraction(1), Fraction(1)))
    nodes = (*piece.nodes, one)
    return Piece(nodes, tuple(len(piece.nodes) if k == root else r for k, r in enumerate(piece.roots)))


def with_variable(found: ClaimStructure, index: int, **changes: object) -> ClaimStructure:
    changed = replace(found.variables[index], **changes)  # type: ignore[arg-type]
    return replace(found, variables=(*found.variables[:index], changed, *found.variables[index + 1 :]))


@pytest.mark.parametrize("name", ["swapped", "rest", "whole"])
def test_a_structure_agrees_with_its_claim(tmp_path: Path, name: str) -> None:
    job = jobs(tmp_path)[name]
    check_structure(job.compiled, structure(job), 0)


Fault = Callable[[ClaimStructure], ClaimStructure]
FAULTS: dict[str, Fault] = {
    "a mechanism one off": lambda s: with_variable(s, 2, mechanism=shifted(s.variables[2].mechanism, 0)),
    "a site one off": lambda s: with_variable(s, 1, network=shifted(s.variables[1].network, 0)),
    "a truth value the other way": lambda s: with_variable(
        s, 1, mechanism=Piece((Node("const", numbers=(Fraction(1),)), Node("bool", truth=True)), (0, 1))
    ),
    "the sites of two variables exchanged": lambda s: with_variable(s, 2, network=s.variables[1].network),
}


@pytest.mark.parametrize("name", ["swapped", "rest", "whole"])
@pytest.mark.parametrize("fault", FAULTS)
def test_another_structure_does_not(tmp_path: Path, name: str, fault: str) -> None:
    job = jobs(tmp_path)[name]
    with pytest.raises(EnclosureError):
        check_structure(job.compiled, FAULTS[fault](structure(job)), 0)
