"""The sampled accuracy beside a verdict: the share that brute force finds, and never more than that."""

from fractions import Fraction
from itertools import product
from math import sqrt
from pathlib import Path

import pytest
from semantics_tools import verify

from mechverify.deciding.running.sampled import _Count
from mechverify.engines.points.admissible import AdmissiblePoints
from mechverify.engines.work.meter import work_done
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.graph import Obligation
from mechverify.graph.operations.smooth import SQRT
from mechverify.report.words.wording import sampled
from mechverify.verdict import Verdict

# The explanation says that `m` is used; it is used only where x is not 3.
PROGRAM = "def f(x, y):\n    m = x * y % 5\n    out = m + x\n    if x == 3:\n        out = x * y % 5 + x\n    return out\n"
HEAD = "model: {program: 'program.py:f', arithmetic: integer}\ninputs: {x: {integers: 0 .. 7}, y: {integers: 0 .. 7}}\n"
VARIABLES = """explanation:
  variables:
    m: {value: x * y % 5, located_at: m}
    out: {value: m + x, located_at: out}
"""


def spec(folder: Path, conditions: str = "", arithmetic: str = HEAD) -> str:
    (folder / "program.py").write_text(PROGRAM)
    claims = "claims:\n  moved: {interchange: [m], always: network.out == out}\n  plain: {always: network.out == out}\n"
    return arithmetic + conditions + VARIABLES + claims


def true_share(low: int = 0) -> float:
    pairs = list(product(range(low, 8), range(8)))
    good = sum(x != 3 or a * b % 5 == x * y % 5 for x, y in pairs for a, b in pairs)
    return good / len(pairs) ** 2


@pytest.mark.parametrize("low", [0, 3])
def test_the_share_is_that_of_brute_force(tmp_path: Path, low: int) -> None:
    text = spec(tmp_path, f"preconditions: {{p: x >= {low}}}\n" if low else "")
    found = verify(tmp_path, text, iia_samples=40_000)["moved"]
    assert found.verdict is Verdict.REFUTED
    assert found.sampled is not None
    assert found.sampled.samples == 40_000
    share, wanted = found.sampled.agreed / 40_000, true_share(low)
    assert abs(share - wanted) < 5 * sqrt(wanted * (1 - wanted) / 40_000)


def test_only_claims_with_an_intervention_are_sampled_and_zero_means_none(tmp_path: Path) -> None:
    text = spec(tmp_path)
    found = verify(tmp_path, text)
    assert found["plain"].sampled is None
    assert found["moved"].sampled is not None
    assert found["moved"].sampled.samples == 10_000
    assert verify(tmp_path, text, iia_samples=0)["moved"].sampled is None


def test_a_rare_case_escapes_the_sample_and_the_line_says_so(tmp_path: Path) -> None:
    rare = "def f(x, y):\n    m = y\n    out = m + x\n    if x == 0:\n        out = y\n    return out\n"
    (tmp_path / "program.py").write_text(rare)
    text = HEAD.replace("0 .. 7}", "0 .. 1000000}") + VARIABLES.replace("x * y % 5", "y")
    text += "claims: {moved: {interchange: [m], always: network.out == out, expect: refuted}}\n"
    found = verify(tmp_path, text)["moved"]
    assert found.verdict is Verdict.REFUTED
    assert found.sampled is not None
    assert found.sampled.agreed == found.sampled.samples == 10_000
    words = "100% of 10,000 random pairs agree (seed 0); the counterexample is not among them"
    assert sampled(found) == words


def test_a_large_network_gives_fewer_samples_in_the_same_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if every batch took all the time there is: one is counted, and the line says so."""
    monkeypatch.setattr("mechverify.deciding.running.sampled._WORK", -1.0)
    monkeypatch.setattr("mechverify.deciding.running.sampled._CELLS", 1000)
    found = verify(tmp_path, spec(tmp_path))["moved"]
    assert found.sampled is not None
    assert 0 < found.sampled.samples < 1000
    words = sampled(found)
    assert words is not None
    assert ", of 10,000 asked for" in words


def test_what_float64_rounds_is_settled_exactly(tmp_path: Path) -> None:
    """Thirds and sevenths: float64 finds the two sides apart by its own rounding, exact arithmetic equal."""
    (tmp_path / "program.py").write_text("def f(x, y):\n    m = x + y\n    out = 3 * m\n    return out\n")
    text = HEAD + "explanation:\n  variables:\n    m: {value: x + y, located_at: m}\n"
    text += "    out: {value: 3 * m, located_at: out}\nclaims:\n"
    text += "  moved: {interchange: [m], always: network.out / 7 * 0.1 == out * 0.3 / 21}\n"
    found = verify(tmp_path, text)["moved"]
    assert found.verdict is Verdict.PROVED
    assert found.sampled is not None
    assert found.sampled.agreed == found.sampled.samples > 100


def test_what_enclosures_do_not_tell_is_not_counted_as_broken() -> None:
    """Once the sample of a claim that is true, of two equal roots in ideal arithmetic, said that 0% agree."""
    b = GraphBuilder()
    x = b.input("x", "real", Fraction(1), Fraction(2))
    one = b.apply(SQRT, b.affine([(Fraction(2), x)]))
    other = b.mul(b.apply(SQRT, b.const(2)), b.apply(SQRT, x))
    always = b.boolean(True)
    close = b.le(b.abs(b.sub(one, other)), b.const(Fraction(1, 10)))
    for claim, counted in ((b.eq(one, other), 0), (close, 100), (b.lt(one, b.const(0)), 100)):
        obligation = Obligation(b.graph(), always, claim)
        count = _Count(obligation)
        for draws in AdmissiblePoints(obligation, 0, {}).batches(100, work_done() + 1):
            count.add(draws, work_done() + 1)
        assert count.samples == counted
        assert count.agreed == (100 if claim == close else 0)
