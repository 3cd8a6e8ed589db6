"""What samples say: LIKELY and no more, with its confidence shared out; runs are named, and averages need a range."""

from fractions import Fraction as F
from pathlib import Path

import pytest

from mechverify.deciding.chances.sampling import CONFIDENCE, shared_by
from mechverify.deciding.options import VerifyOptions
from mechverify.probability.clopper_pearson import clopper_pearson
from mechverify.results import ClaimResult
from mechverify.spec.read import read_spec
from mechverify.verdict import Assurance, Reason, Verdict
from mechverify.verification.run import verify_specs

PROGRAM = "def f(x, y):\n    return x * y\n"
SPEC = """mechverify: 1
title: t
model: {program: 'p.py:f'}
inputs: {x: {integers: 0 .. 1000000}, y: {integers: 0 .. 1000000}}
explanation: {variables: {out: {located_at: output}}}
claims:
  enough: {usually: network.out % 7 != 3, probability: 0.7, samples: 300, seed: 4}
  too_much: {usually: network.out % 7 != 3, probability: 0.99, samples: 300}
  near: {for: {i: 1 .. 5}, usually: network.out % 7 != i, probability: 0.87, samples: 300}
  weighed: {usually: network.out % 2 == 0, probability: 0.8, samples: 200, distribution: {x: {3: 1, 8: 9}}}
  surer: {usually: network.out % 7 != 3, probability: 0.7, samples: 300, seed: 4, confidence: 0.9999}
  average: {on_average: network.out % 7 <= 3.5, samples: 300}
  no_draw: {usually: network.out % 7 != 3, probability: 0.5, also: {tied: "x * x % 1009 == 5 and y * y % 1013 == 7"}}
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, ClaimResult]:
    folder = tmp_path_factory.mktemp("sampling")
    (folder / "p.py").write_text(PROGRAM)
    (folder / "s.yaml").write_text(SPEC)
    claims = ("enough", "too_much", "near[i=1]", "weighed", "surer", "average", "no_draw")
    (spec,) = verify_specs([folder / "s.yaml"], VerifyOptions(claims=claims, timeout=1, jobs=1)).specs
    return {claim.name: claim for claim in spec.claims}


def test_a_sample_that_is_enough_is_likely_and_no_more(found: dict[str, ClaimResult]) -> None:
    result = found["enough"]
    assert (result.verdict, result.assurance, result.reason) == (Verdict.LIKELY, Assurance.SAMPLED, None)
    sample = result.chance.sample if result.chance is not None else None
    assert sample is not None
    assert (sample.drawn, sample.seed, sample.fixed, sample.shared) == (300, 4, True, 1)
    assert sample.interval.low >= F(7, 10)
    assert sample.runtimes
    assert all("interpreter" in runtime for runtime in sample.runtimes)
    assert result.proof is not None
    assert result.proof.certificate is None
    assert not any("kernel" in part for part in result.rests_on)


def test_a_spec_says_how_sure_the_interval_is_to_be(found: dict[str, ClaimResult]) -> None:
    """The same draws, and a wider interval: what is enough for 99% need not be for more."""
    one, other = (found[name].chance for name in ("enough", "surer"))
    assert one is not None
    assert other is not None
    assert one.sample is not None
    assert other.sample is not None
    assert (one.sample.confidence, other.sample.confidence) == (CONFIDENCE, F(9999, 10000))
    assert (one.sample.hits, one.sample.drawn) == (other.sample.hits, other.sample.drawn)
    tail = F(1, 20000)
    assert other.sample.interval == clopper_pearson(other.sample.hits, 300, tail)
    assert other.sample.interval.low < one.sample.interval.low < one.sample.interval.high < other.sample.interval.high
    assert found["surer"].verdict is (Verdict.LIKELY if other.sample.interval.low >= F(7, 10) else Verdict.OPEN)


def test_a_sample_that_is_too_small_or_speaks_against_it_settles_nothing(found: dict[str, ClaimResult]) -> None:
    for name in ("too_much", "near[i=1]"):
        assert (found[name].verdict, found[name].reason) == (Verdict.OPEN, Reason.SAMPLING)
        assert found[name].counterexample is None
    chance = found["too_much"].chance
    assert chance is not None
    assert chance.sample is not None
    assert not chance.sample.fixed
    assert chance.sample.interval.high < F(99, 100)


def test_the_confidence_of_a_family_is_shared_out(found: dict[str, ClaimResult], tmp_path: Path) -> None:
    chance = found["near[i=1]"].chance
    assert chance is not None
    assert chance.sample is not None
    assert (chance.sample.shared, chance.sample.confidence) == (5, CONFIDENCE)
    (tmp_path / "p.py").write_text(PROGRAM)
    (tmp_path / "s.yaml").write_text(SPEC)
    spec = read_spec(tmp_path / "s.yaml")
    assert [shared_by(spec, claim) for claim in spec.claims] == [1, 1, 5, 1, 1, 1, 1]


def test_weights_are_drawn(found: dict[str, ClaimResult]) -> None:
    """19 of 20: 9 of 10 x are even, and half of the others' products."""
    chance = found["weighed"].chance
    assert found["weighed"].verdict is Verdict.LIKELY
    assert chance is not None
    assert chance.sample is not None
    assert chance.sample.interval.low < F(19, 20) < chance.sample.interval.high


def test_an_average_is_bounded_by_a_proved_range(found: dict[str, ClaimResult]) -> None:
    chance = found["average"].chance
    assert found["average"].verdict is Verdict.LIKELY
    assert chance is not None
    assert chance.sample is not None
    assert chance.sample.values is not None
    assert chance.sample.values.low <= F(7, 2) - 6
    assert chance.sample.values.high >= F(7, 2)
    assert chance.sample.interval.low >= 0


def test_preconditions_that_no_draw_meets_leave_it_open(found: dict[str, ClaimResult]) -> None:
    assert (found["no_draw"].verdict, found["no_draw"].chance is not None) == (Verdict.OPEN, True)
    assert found["no_draw"].chance is not None
    assert found["no_draw"].chance.sample is None


WIDE = """mechverify: 1
title: t
model: {program: 'p.py:f'}
inputs: {x: {integers: 0 .. 1000}, y: {integers: 0 .. 1000}, z: {integers: 0 .. 1000}, w: {integers: 0 .. 1000}}
explanation: {variables: {out: {located_at: output}}}
claims:
  enough: {on_average: network.out - x * y <= 100, samples: 200}
  exactly: {on_average: network.out - x * y <= 1, samples: 200}
  strict: {on_average: network.out - x * y < 1, samples: 200}
"""


def test_a_proved_range_that_decides_an_average_is_a_proof(tmp_path: Path) -> None:
    """Of products no map is finished; that out is x y or one more is proved of every input. More than 0 to spare is
    said only where every input has more.
    """
    program = "def f(x, y, z, w):\n    return x * y + (1 if x * y + z * w * 3 < 20000 and x + y * z > 500 else 0)\n"
    (tmp_path / "p.py").write_text(program)
    (tmp_path / "s.yaml").write_text(WIDE)
    (spec,) = verify_specs([tmp_path / "s.yaml"], VerifyOptions(timeout=2, jobs=1)).specs
    claims = {claim.name: claim for claim in spec.claims}
    for name, low, high in (("enough", 99, 100), ("exactly", 0, 1)):
        result = claims[name]
        assert (result.verdict, result.assurance) == (Verdict.PROVED, Assurance.WEIGHED)
        assert result.chance is not None
        assert result.chance.exact is not None
        assert result.chance.sample is None
        assert low <= result.chance.exact.low <= result.chance.exact.high <= high
        assert result.proof is not None
        assert result.proof.certificate is None
        assert any("weighing" in part for part in result.rests_on)
    assert claims["strict"].verdict is Verdict.LIKELY
    required = VerifyOptions(timeout=2, jobs=1, claims=("enough",), require="checked")
    (spec,) = verify_specs([tmp_path / "s.yaml"], required).specs
    assert (spec.claims[0].verdict, spec.claims[0].reason) == (Verdict.OPEN, Reason.ASSURANCE)
