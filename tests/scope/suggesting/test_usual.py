"""Conditions under which a claim holds as often as it says, against running every input."""

import json
from fractions import Fraction as F
from pathlib import Path

import pytest
from random_conditions import environments, random_spec, true_at

from mechverify.__main__ import main
from mechverify.deciding.options import VerifyOptions
from mechverify.scope.suggesting.run import suggest
from mechverify.scope.suggesting.search import Limits
from mechverify.scope.variants import Variants
from mechverify.spec.read import read_spec
from mechverify.suggested_results import Suggested
from mechverify.verdict import Verdict
from mechverify.verification.loading import load_models
from mechverify.verification.selection import member_named

LIMITS = Limits(attempts=60, work=2.0)
WEIGHTS = {10: F(1), 60: F(1), 90: F(2)}
SPEC = """mechverify: 1
title: t
inputs: {x: {integers: 0 .. 99}, y: {integers: 0 .. 99}}
claims:
  plain: {usually: x - y <= 20, probability: 0.9}
  weighed: {usually: x - y <= 20, probability: 0.9, distribution: {x: {10: 1, 60: 1, 90: 2}}}
  surely: {usually: x - y <= 99, probability: 0.9}
  average: {on_average: x - y <= 0}
"""


def suggested(path: Path, name: str, limits: Limits = LIMITS) -> Suggested:
    spec = read_spec(path)
    claim, family = member_named(spec, name)
    models = load_models(spec, allow_code=False)
    return suggest(Variants(spec, models, claim, name, family, VerifyOptions()), frozenset(), limits)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "s.yaml"
    found.write_text(SPEC)
    return found


def share(most: int, weights: dict[int, F]) -> tuple[F, F]:
    """How probable ``x - y <= most`` is, and the claim under it."""
    told = [(x - y, w / 100) for x, w in weights.items() for y in range(100)]
    kept = sum((w for d, w in told if d <= most), F(0))
    return kept / sum(weights.values()), sum((w for d, w in told if d <= min(20, most)), F(0)) / kept


@pytest.mark.parametrize("name", [pytest.param("plain", marks=pytest.mark.campaign), "weighed"])
def test_a_bound_goes_as_far_as_the_share_lets_it(path: Path, name: str) -> None:
    weights = WEIGHTS if name == "weighed" else dict.fromkeys(range(100), F(1))
    found = suggested(path, name)
    assert found.without is Verdict.REFUTED
    (one,) = found.suggestions
    most = next(n for n in range(99, 0, -1) if share(n, weights)[1] >= F(9, 10))
    assert (one.condition, one.maximal, one.weighed) == (f"x - y <= {most}", True, name == "weighed")
    kept, often = share(most, weights)
    assert one.probability == (often, often)
    assert (one.kept.probability or one.kept.share) == (kept, kept)
    told = {w.condition: w.probability for w in one.weaker}
    assert told == {text: (p, p) for text, p in (("true", share(99, weights)[1]), (f"x - y <= {most + 1}", share(most + 1, weights)[1]))}
    for weaker in one.weaker:
        assert weaker.verdict is Verdict.REFUTED
        assert weaker.counterexample is not None
        at = weaker.counterexample.inputs
        assert int(at["x"]) - int(at["y"]) > 20  # type: ignore[arg-type]


def test_of_what_is_proved_nothing_is_suggested(path: Path) -> None:
    found = suggested(path, "surely")
    assert (found.without, found.suggestions, found.attempts) == (Verdict.PROVED, (), ())


def test_from_the_command_line_to_the_mark(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept = path.parent / "kept"
    arguments = ["--only", "suggested", "--json", str(path.parent / "s.json"), "--certificates", str(kept)]
    assert main(["scope", f"{path}#weighed", *arguments]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "under it the claim is proved, by a map that the kernel checked, weighed outside of it" in shown
    assert "keeps inputs of probability 61% (61 of 100)" in shown
    assert "it holds there with probability ≈ 90.163% (55 of 61)" in shown
    (claim,) = json.loads((path.parent / "s.json").read_text())["specs"][0]["claims"]
    (one,) = claim["scope"]["suggested"]
    assert one["keeps"]["probability"] == "0.61"
    assert one["probability"] == "55/61"
    pasted = SPEC.replace("  weighed: {", '  weighed: {also: {s: {condition: "x - y <= 28", suggested: true}}, ')
    path.write_text(pasted)
    assert main(["check", one["certificate"], "--spec", f"{path}#weighed"]) == 0
    assert "PROVED" in capsys.readouterr().out


def test_averages_and_other_sections_are_refused(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scope", f"{path}#average", "--only", "suggested"]) == 2
    assert main(["scope", f"{path}#plain", "--only", "map,suggested"]) == 2
    assert "is about all inputs together" in " ".join(capsys.readouterr().err.split())


def agrees(seed: int, folder: Path) -> int:
    """Hold what is suggested for a claim that is to hold of three quarters against all inputs; how many there are."""
    path = random_spec(seed, folder).path
    path.write_text(path.read_text().replace("{always: ", "{probability: 3/4, usually: "))
    spec = read_spec(path)
    (claim,) = spec.claims
    assert claim.kind == "usually"
    assert claim.condition is not None
    admitted = [env for env in environments(spec) if all(true_at(p.condition.expression, env) for p in spec.preconditions)]

    def often(condition: str) -> F | None:
        other = path.with_name("read.yaml")
        lines = [line for line in path.read_text().splitlines() if not line.startswith("preconditions")]
        other.write_text("\n".join([*lines, f'preconditions: {{read: "{condition}"}}']) + "\n")
        (read,) = read_spec(other).preconditions
        kept = [env for env in admitted if true_at(read.condition.expression, env)]
        holding = sum(true_at(claim.condition.expression, env) for env in kept) if claim.condition else 0
        return F(holding, len(kept)) if kept else None

    found = suggested(path, "c")
    without = often("true")
    if without is not None:
        assert found.without is (Verdict.PROVED if without >= F(3, 4) else Verdict.REFUTED)
    for one in found.suggestions:
        share = often(one.condition)
        assert share is not None
        assert share >= F(3, 4)
        assert one.probability == (share, share)
        assert one.maximal == all(w.verdict is Verdict.REFUTED for w in one.weaker)
        for weaker in one.weaker:
            less = often(weaker.condition)
            assert less is not None
            if weaker.verdict is Verdict.REFUTED:
                assert less < F(3, 4)
                assert weaker.probability == (less, less)
    return len(found.suggestions)


@pytest.mark.campaign
def test_many_small_specs(tmp_path: Path) -> None:
    found = {seed: agrees(seed, tmp_path) for seed in range(60)}
    assert sum(map(bool, found.values())) >= 5
