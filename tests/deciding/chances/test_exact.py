"""Probabilities and averages of small specs against going through every input; verdicts at the very edge."""

from dataclasses import replace
from fractions import Fraction as F
from pathlib import Path

import pytest
from semantics_tools import dense
from small_worlds import World, world

from mechverify.deciding.chances.exact import boxes_for, decided_exactly
from mechverify.deciding.options import VerifyOptions
from mechverify.explanation.obligations import compile_claim
from mechverify.kernel.api import read_problem
from mechverify.kernel.search import Prepared
from mechverify.mapping.problem import map_problem
from mechverify.mapping.search import Limits, find_map
from mechverify.mapping.tree import leaves
from mechverify.probability.bracket import Bracket
from mechverify.results import ClaimResult
from mechverify.spec.read import read_spec
from mechverify.verdict import Assurance, Verdict
from mechverify.verification.loading import load_models
from mechverify.verification.run import verify_specs


def verified(folder: Path, one: World, share: F, bound: F) -> dict[str, ClaimResult]:
    text = one.text.replace("SHARE", str(share)).replace("BOUND", f"({bound})")
    report = verify_specs([replace(one, text=text).written(folder)], VerifyOptions(timeout=20, jobs=1))
    (spec,) = report.specs
    assert not spec.errors
    return {claim.name: claim for claim in spec.claims}


def at(value: F | None) -> Bracket | None:
    return None if value is None else Bracket.at(value)


def agrees(seed: int, folder: Path) -> None:
    one = world(seed)
    told = [(w, *one.truth(point)) for point, w in one.points()]
    total = sum((w for w, *_ in told), F(0))
    inside = sum((w for w, a, _, _ in told if a), F(0))
    holding = sum((w for w, _, h, _ in told if h), F(0))
    both = sum((w for w, a, h, _ in told if a and h), F(0))
    share = both / inside if inside else F(1)
    mean = sum((w * s for w, a, _, s in told if a), F(0)) / inside if inside else F(0)
    found = verified(folder, one, share, mean)
    if not inside:
        assert {c.verdict for c in found.values()} == {Verdict.VACUOUS}
        return
    usual, average = found["c"], found["a"]
    assert usual.chance is not None
    assert average.chance is not None
    weighed = "distribution" in one.text
    assert (usual.verdict, usual.assurance) == (Verdict.PROVED, Assurance.WEIGHED if weighed else Assurance.CHECKED)
    assert usual.chance.exact == Bracket.at(share)
    assert usual.chance.admitted == Bracket.at(inside / total)
    assert usual.chance.holds == Bracket.at(holding / total)
    assert usual.chance.admitted_if_holds == at(both / holding if holding else None)
    assert usual.chance.lift == at(both * total / inside / holding if holding else None)
    assert usual.exceptions is not None
    broken = [dict(point) for point, _ in one.points() if one.truth(point)[:2] == (True, False)]
    assert usual.exceptions.total == Bracket.at(len(broken))
    if len(broken) <= 64:
        listed = [dict(e.found.inputs) for e in usual.exceptions.listed]
        assert usual.exceptions.complete
        assert sorted(map(str, listed)) == sorted(map(str, broken))
    assert (average.verdict, average.assurance) == (Verdict.PROVED, Assurance.WEIGHED)
    assert average.chance.exact == Bracket.at(0)
    if share < 1:
        more = verified(folder, one, share + F(1, 10**9), mean + F(1, 10**9))
        assert (more["c"].verdict, more["a"].verdict) == (Verdict.REFUTED, Verdict.REFUTED)
        assert more["c"].counterexample is not None
        assert more["a"].counterexample is not None


THIN = """mechverify: 1
title: t
model: {program: 'p.py:f'}
inputs: {x: {integers: 0 .. 1000000}, y: {integers: 0 .. 1000000}}
preconditions: {same: x == y}
explanation: {variables: {out: {located_at: output}}}
claims: {c: {usually: "network.out % 1000 <= 998 and x // 100000 != 3", probability: 0.9}}
"""


def test_work_goes_to_what_meets_the_preconditions_first(tmp_path: Path) -> None:
    """On the diagonal the claim has ten parts; outside, a thousand."""
    (tmp_path / "p.py").write_text("def f(x, y):\n    return max(x - y, 0)\n")
    (tmp_path / "s.yaml").write_text(THIN)
    spec = read_spec(tmp_path / "s.yaml")
    compiled = compile_claim(spec, load_models(spec, allow_code=False), spec.claims[0], "c", {})
    prepared = Prepared(read_problem(map_problem(compiled)))
    inside = {}
    for first in (False, True):
        root = find_map(prepared, Limits(parts=40, inside_first=first)).root
        inside[first] = {part.label for part in leaves(root) if part.place == "inside"}
    assert "open" in inside[False]
    assert inside[True] == {"proved", "refuted"}


CURVES = """mechverify: 1
title: t
model: {onnx: m.onnx, feed: {x: [a, b]}, arithmetic: real}
inputs: {a: {reals: 0 .. 1}, b: {reals: 0 .. 1}}
distribution: {a: {normal: {mean: 0.5, deviation: 0.2}}, b: {exponential: {mean: 0.3}}}
explanation: {variables: {out: {located_at: 'output[0]'}}}
claims: {c: {usually: CLAIM, probability: 0.9}}
"""


def test_few_boxes_weigh_many_tied_parts(tmp_path: Path) -> None:
    """The work of weighing is bounded by the boxes, not by the parts; all parts proved are all there is. Fewer boxes
    say less, and nothing else.
    """
    dense(tmp_path / "m.onnx", [([[1, -1], [-1, 1], [1, 2], [3, 1]], [0, 0, -1, -2]), ([[1, 1, 2, 1]], [0])])
    found = {}
    for name, claim in (("all", "network.out <= 9"), ("most", "network.out <= 4")):
        (tmp_path / "s.yaml").write_text(CURVES.replace("CLAIM", claim))
        spec = read_spec(tmp_path / "s.yaml")
        compiled = compile_claim(spec, load_models(spec, allow_code=False), spec.claims[0], "c", {})
        for boxes in (1, 100, 2_000):
            found[name, boxes] = decided_exactly(compiled, Limits(), 60.0, boxes).found
    assert [found["all", boxes] for boxes in (1, 100, 2_000)] == [Bracket.at(1)] * 3
    one, some, many = (found["most", boxes] for boxes in (1, 100, 2_000))
    assert one is not None
    assert some is not None
    assert many is not None
    assert one.low <= some.low <= many.low <= many.high <= some.high <= one.high
    assert many.width < F(1, 20)


def test_boxes_go_with_the_time() -> None:
    """Far fewer than two millions, of which a second weighs some thousands."""
    assert boxes_for(20) == boxes_for(10) * 2 <= 20 * 1_000
    assert boxes_for(0.0001) == 1


@pytest.mark.parametrize("seed", range(8))
def test_small_specs_against_every_input(seed: int, tmp_path: Path) -> None:
    agrees(seed, tmp_path)


@pytest.mark.campaign
@pytest.mark.parametrize("seed", range(100, 400))
def test_many_small_specs(seed: int, tmp_path: Path) -> None:
    agrees(seed, tmp_path)
