"""Suggested conditions against running every input: they suffice, are met, and whatever is weaker fails."""

import json
from fractions import Fraction
from pathlib import Path

import pytest
from random_conditions import environments, random_spec, true_at

from mechverify import api
from mechverify.__main__ import main
from mechverify.deciding.options import VerifyOptions
from mechverify.errors import UsageError
from mechverify.explanation.obligations import conditions
from mechverify.report.text.scope_suggested import suggested_settled
from mechverify.scope.suggesting.run import suggest
from mechverify.scope.suggesting.search import Limits
from mechverify.scope.variants import Variants
from mechverify.spec.read import read_spec
from mechverify.suggested_results import Suggested
from mechverify.verdict import Verdict
from mechverify.verification.loading import load_models
from mechverify.verification.selection import member_named

LIMITS = Limits(attempts=60, work=2.0)


def suggested(path: Path, name: str, dropped: frozenset[str] = frozenset(), limits: Limits = LIMITS) -> Suggested:
    spec = read_spec(path)
    claim, family = member_named(spec, name)
    models = load_models(spec, allow_code=False)
    return suggest(Variants(spec, models, claim, name, family, VerifyOptions()), dropped, limits)


def read_back(path: Path, condition: str) -> Path:
    """A spec with the condition as its only precondition, to read it as a user's."""
    lines = [line for line in path.read_text().splitlines() if not line.startswith("preconditions")]
    other = path.with_name(f"read_{path.name}")
    other.write_text("\n".join([*lines, f'preconditions: {{read: "{condition}"}}']) + "\n")
    return other


def check(path: Path) -> int:
    """Hold every suggestion for the claim of a small spec against all inputs; how many there are."""
    spec = read_spec(path)
    (claim,) = spec.claims
    dropped = frozenset(c.name for c in conditions(spec, claim))
    found = suggested(path, "c", dropped)
    assert claim.condition is not None
    inputs = list(environments(spec))
    fails = [env for env in inputs if not true_at(claim.condition.expression, env)]
    assert found.without is (Verdict.REFUTED if fails else Verdict.PROVED)
    for one in found.suggestions:
        (read,) = read_spec(read_back(path, one.condition)).preconditions
        kept = [env for env in inputs if true_at(read.condition.expression, env)]
        assert kept
        assert not any(env in kept for env in fails)
        assert one.kept.kept is not None
        assert one.kept.kept[0] <= len(kept) <= one.kept.kept[1]
        assert one.kept.total is not None
        assert one.kept.total[0] <= len(inputs) <= one.kept.total[1]
        assert one.maximal == all(w.verdict is Verdict.REFUTED for w in one.weaker)
        assert one.weaker
        for weaker in one.weaker:
            (looser,) = read_spec(read_back(path, weaker.condition)).preconditions
            assert all(true_at(looser.condition.expression, env) for env in kept), weaker.condition
            if weaker.verdict is Verdict.REFUTED:
                assert weaker.counterexample is not None
                values = weaker.counterexample.inputs
                at = {i.name: Fraction(values[i.name]) for i in spec.inputs}  # type: ignore[arg-type]
                assert any(at.items() <= env.items() for env in fails)
                assert true_at(looser.condition.expression, dict(at))
    assert bool(found.suggestions) == (0 < len(fails) < len(inputs))
    return len(found.suggestions)


@pytest.mark.parametrize("seed", range(4))
def test_small_specs(seed: int, tmp_path: Path) -> None:
    check(random_spec(seed, tmp_path).path)


@pytest.mark.campaign  # what docs/scope.md prints, which is run by default
def test_equal_pairs_are_suggested_that_nobody_wrote_down() -> None:
    found = suggested(Path("specs/equality_network.yaml"), "always_right", limits=Limits(60, 10.0))
    assert [one.maximal for one in found.suggestions] == [True, True]
    texts = [one.condition for one in found.suggestions]
    assert texts[1] == "W_1 == X_1 and W_2 == X_2"
    assert found.suggestions[0].kept.share is not None
    assert found.suggestions[0].kept.share[0] > Fraction(9, 10)


REALS = """mechverify: 1
title: t
inputs: {x: {reals: -1 .. 1}, y: {reals: -1 .. 1}}
claims:
  open_end: {always: "x > 0.25 or y <= 0"}
"""


def test_reals_are_bounded_by_steps_and_measured(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text(REALS)
    found = suggested(tmp_path / "s.yaml", "open_end")
    one = found.suggestions[0]
    assert one.maximal
    assert one.condition in ("x > 0.25", "y <= 0")
    half = Fraction(3, 8) if one.condition == "x > 0.25" else Fraction(1, 2)
    assert one.kept.share == (half, half)
    assert one.kept.dimension == 2
    assert one.kept.sampled is None


OWN = """mechverify: 1
title: t
parameters: {most: 9}
inputs: {a: {integers: 0 .. 9}, b: {integers: 0 .. 9}}
explanation: {variables: {weight: {value: 2 * a + b}, both: {value: "[a, b]"}}}
claims:
  c: {for: {k: 0 .. 1}, always: "weight <= most + k and both[0] <= 9"}
"""


def test_a_variable_of_the_explanation_may_be_bounded(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text(OWN)
    found = suggested(tmp_path / "s.yaml", "c[k=1]")
    assert [(o.condition, o.maximal) for o in found.suggestions] == [("2 * a + b <= 10", True)]
    assert found.suggestions[0].kept.share == (Fraction(35, 100), Fraction(35, 100))


def test_a_difference_is_written_the_short_way(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    inputs = "{a: {integers: 0 .. 99}, b: {integers: 0 .. 99}}"
    path.write_text(f"mechverify: 1\ntitle: t\ninputs: {inputs}\nclaims:\n  c: {{always: 2 * b <= 2 * a + 7}}\n")
    found = suggested(path, "c")
    one = found.suggestions[0]
    assert (one.condition, one.maximal) == ("b - a <= 3", True)
    assert {w.condition for w in one.weaker} == {"true", "b - a <= 4"}


UNDEFINED = """mechverify: 1
title: t
inputs: {a: {integers: 0 .. 3}, v: {integers: 0 .. 3, shape: [2]}}
explanation: {variables: {chosen: {value: "v[a]"}, least: {value: "min(v)"}}}
claims:
  c: {always: chosen >= 0 and 6 // (least + 1) >= 2}
"""


def test_terms_without_a_value_are_left_out(tmp_path: Path) -> None:
    """An index beyond the vector breaks the claim; a precondition that has it would be a mistake."""
    (tmp_path / "s.yaml").write_text(UNDEFINED)
    found = suggested(tmp_path / "s.yaml", "c")
    one = found.suggestions[0]
    assert one.maximal
    assert "v[a]" not in one.condition
    assert "a <= 1" in one.condition


MOVED = """mechverify: 1
title: t
model: {program: "p.py:f"}
inputs: {x: {integers: 0 .. 9}, y: {integers: 0 .. 9}}
explanation:
  variables:
    u: {value: x, located_at: u}
    out: {value: u, located_at: out}
claims:
  moved: {interchange: [u], always: network.out == out}
"""
PROGRAM = "def f(x, y):\n    u = x\n    out = u + (y if u > 5 else 0)\n    return out\n"


def test_a_condition_holds_of_every_run_of_a_claim(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text(PROGRAM)
    (tmp_path / "s.yaml").write_text(MOVED)
    found = suggested(tmp_path / "s.yaml", "moved")
    one = found.suggestions[0]
    assert one.maximal
    assert one.condition in ("x <= 5", "y <= 0", "y == 0")
    for weaker in one.weaker:
        assert weaker.counterexample is not None
        (reads, gives) = weaker.counterexample.inputs, weaker.counterexample.sources["u"]
        assert int(gives["x"]) > 5  # type: ignore[arg-type]
        assert int(reads["y"]) > 0  # type: ignore[arg-type]


def test_of_what_is_proved_nothing_is_suggested(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_text("mechverify: 1\ntitle: t\ninputs: {x: {integers: 0 .. 9}}\nclaims:\n  c: {always: x >= 0}\n")
    found = suggested(path, "c")
    assert (found.without, found.suggestions, found.attempts) == (Verdict.PROVED, (), ())
    assert found.problem == "It is proved without any: there is nothing to suggest."
    assert suggested_settled(found)


def test_without_attempts_it_is_said_what_was_tried(tmp_path: Path) -> None:
    path = random_spec(0, tmp_path).path
    found = suggested(path, "c", limits=Limits(1, 2.0))
    assert len(found.attempts) <= 2
    for one in found.suggestions:
        assert one.maximal == all(w.counterexample is not None for w in one.weaker)
    if not found.suggestions:
        assert found.problem is not None


def test_from_the_command_line_to_the_mark(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "s.yaml"
    text = "mechverify: 1\ntitle: t\ninputs: {x: {integers: 0 .. 9}}\nclaims:\n  c: {always: x <= 4}\n"
    path.write_text(text)
    json_file = tmp_path / "s.json"
    arguments = [f"{path}#c", "--only", "suggested", "--json", str(json_file), "--certificates", str(tmp_path / "kept")]
    assert main(["scope", *arguments]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "keeps 5 of 10 inputs (50%)" in shown
    assert 'suggested: {condition: "x <= 4", suggested: true}' in shown
    (claim,) = json.loads(json_file.read_text())["specs"][0]["claims"]
    (one,) = claim["scope"]["suggested"]
    assert one["keeps"]["share"] == "0.5"
    assert [w["condition"] for w in one["weaker"]] == ["true", "x <= 5"]
    pasted = text.replace("{always", '{also: {s: {condition: "x <= 4", suggested: true}}, always')
    path.write_text(pasted)
    assert main(["check", one["certificate"], "--spec", f"{path}#c"]) == 0
    assert main(["lint", str(path), "--suggested", str(json_file)]) == 0
    path.write_text(pasted.replace(", suggested: true", ""))
    assert main(["lint", str(path), "--suggested", str(json_file)]) == 2


def test_the_same_search_says_the_same(tmp_path: Path) -> None:
    path = random_spec(0, tmp_path).path
    once, again = suggested(path, "c"), suggested(path, "c")
    assert once.attempts == again.attempts
    assert [(o.condition, o.kept, o.weaker) for o in once.suggestions] == [
        (o.condition, o.kept, o.weaker) for o in again.suggestions
    ]


def test_only_preconditions_can_be_dropped(tmp_path: Path) -> None:
    path = random_spec(0, tmp_path).path
    with pytest.raises(UsageError, match="has no precondition 'none_such'"):
        api.scope(path, "c", VerifyOptions(), asked=("suggested",), dropped=("none_such",))


@pytest.mark.campaign
def test_many_small_specs(tmp_path: Path) -> None:
    found = {seed: check(random_spec(seed, tmp_path).path) for seed in range(300)}
    print(f"{sum(map(bool, found.values()))} of {len(found)} specs have a suggestion, {sum(found.values())} in all")
