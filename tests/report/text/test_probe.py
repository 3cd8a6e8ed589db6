"""What ``probe`` prints and writes: survivors are never hidden, and nothing untried is counted."""

import json
import re
from dataclasses import replace

import pytest
from probe_samples import APART, CAUGHT, CONSTANT, GOOD, LEFT, NO_WEIGHTS, SAME, SURVIVOR
from report_samples import ERROR, INTERCHANGE, OPEN, REFUTED, VACUOUS, claim

from mechverify.probe_results import Apart, Probed, ProbeReport
from mechverify.report.json.probe import probe_json
from mechverify.report.text.probe import probe_exit_code, probe_text
from mechverify.results import ClaimResult, Sampled
from mechverify.verdict import Reason, Verdict


def text(report: ProbeReport, width: int = 100) -> str:
    return re.sub(r"\s+", " ", probe_text(report, width=width, colour=False))


@pytest.mark.parametrize(
    ("report", "code"),
    [
        (GOOD, 0),
        (replace(GOOD, mutants=(CAUGHT, SURVIVOR)), 3),
        (replace(GOOD, mutants=(CAUGHT, LEFT)), 3),
        (replace(GOOD, mutants=(CAUGHT, replace(CAUGHT, result=VACUOUS))), 0),
        (replace(GOOD, mutants=(CAUGHT, replace(LEFT, result=ERROR))), 4),
        (replace(GOOD, mutants=(CAUGHT, replace(LEFT, result=replace(ERROR, reason=Reason.UNSUPPORTED)))), 3),
        (replace(GOOD, controls=(replace(CONSTANT, outcome="survives"),)), 3),
        (replace(GOOD, mutants=(SAME,)), 0),
        (replace(GOOD, mutants=()), 5),
        (replace(GOOD, interrupted=True), 130),
        (replace(GOOD, claim=REFUTED, mutants=()), 1),
        (replace(GOOD, claim=OPEN, mutants=()), 3),
        (replace(GOOD, claim=replace(OPEN, expect="open", as_expected=True), mutants=()), 3),
        (replace(GOOD, claim=ERROR, mutants=()), 4),
    ],
)
def test_exit_codes(report: ProbeReport, code: int) -> None:
    assert probe_exit_code(report) == code
    assert json.loads(probe_json(report))["summary"]["exit_code"] == code
    assert probe_text(report, width=80, colour=False).endswith("\n")


def test_all_caught() -> None:
    shown = text(GOOD)
    assert "1 of 1 wrong explanation is caught." in shown
    same = "Not counted: 1 mutant that provably says the same as the original on every value that the claim's runs reach;"
    assert f"{same} as a causal model it may differ." in " ".join(shown.split())
    assert "Values alone do not tell those apart; a claim with an intervention might." in shown
    assert "2 of 7 mutants were tried; --mutants N tries more." in shown
    assert "caught inputs swapped gap: a and b are swapped REFUTED 99.97%" in shown
    assert "no model has weights to shuffle" in shown
    assert "survive" not in shown


def test_what_is_set_aside_is_told_apart() -> None:
    model = replace(SAME, kind="inputs swapped", same_model=True)
    within = Probed("constant", "gap", "7 -> 8", "within", claim(), equal=False, apart=replace(APART, largest=0.5))
    report = replace(GOOD, mutants=(CAUGHT, model, replace(SAME, same_model=False), within))
    shown = text(report)
    assert "1 of 1 wrong explanation is caught." in shown
    assert "1 mutant that provably is the same causal model, whatever values its mechanisms read." in shown
    assert "on every value that the claim's runs reach; as a causal model it may differ." in shown
    assert "1 mutant that provably differs by no more than the claim's tolerance." in shown
    assert probe_exit_code(report) == 0
    data = json.loads(probe_json(report))
    assert [m["same_as"] for m in data["mutants"]] == [None, "causal model", "reachable values", None]
    assert data["summary"]["within"] == 1


def test_survivors_are_told_with_what_they_mean() -> None:
    shown = text(replace(GOOD, mutants=(CAUGHT, SURVIVOR, LEFT, SAME)))
    assert "1 of 3 wrong explanations is caught; 1 survives; 1 stays open." in shown
    assert (
        "Survives: gap: 0 -> 1: the claim does not pin this constant down. The two say different things at a = 0, "
        "b = 3; they differ on 50.42% of 10,000 random inputs, by up to 1."
    ) in shown
    assert "Open (OPEN), time: gap: a - b -> a + b: neither caught nor shown to survive." in shown


def test_what_sampling_would_have_let_pass_is_counted() -> None:
    blind = replace(CAUGHT, result=replace(INTERCHANGE, sampled=Sampled(500, 500, 500, 2, 0, 0.1)))
    report = replace(GOOD, mutants=(blind, CAUGHT, blind, replace(SURVIVOR, result=blind.result)))
    assert "2 of those caught agree on every random input tried: sampling would have let them pass." in text(report)
    assert json.loads(probe_json(report))["summary"]["missed_by_sampling"] == 2
    assert "sampling would" not in text(GOOD)


def test_a_surviving_control_is_told() -> None:
    shown = text(replace(GOOD, controls=(replace(NO_WEIGHTS, outcome="survives", result=claim(), problem=None),)))
    assert "true of the shuffled one too" in shown
    assert "The control `shuffled weights` survives." in shown


def test_a_survivor_not_told_from_the_original() -> None:
    alike = replace(SURVIVOR, apart=Apart(0, 10_000, 0.0, {}))
    shown = text(replace(GOOD, mutants=(alike,)))
    assert "The two were not proved to be the same; they differ on 0% of 10,000 random inputs." in shown


def test_an_unproved_claim_is_shown_itself() -> None:
    shown = text(replace(GOOD, claim=REFUTED, mutants=(), controls=()))
    assert "breaks at x_1 = 1, x_2 = 0" in shown
    assert "Nothing to probe: only a claim that is proved can be put to wrong explanations." in shown


@pytest.mark.parametrize("width", [20, 40, 60, 80, 140])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    long = replace(SURVIVOR, change="x" * 300, variable="a_very_long_name" * 4)
    shown = probe_text(replace(GOOD, mutants=(CAUGHT, long)), width=width, colour=False)
    assert max(map(len, shown.splitlines())) <= width


def test_foreign_text_is_cleaned() -> None:
    bad = replace(SURVIVOR, change="\x1b[31mred", variable="a\nb")
    assert "\x1b" not in probe_text(replace(GOOD, mutants=(bad,)), width=80, colour=False)


def test_json() -> None:
    result: ClaimResult = claim(sampled=Sampled(9_999, 10_000, 10_000, 2, 0, 0.1))
    data = json.loads(probe_json(replace(GOOD, mutants=(replace(SURVIVOR, result=result), SAME))))
    assert list(data) == [
        "format", "tool", "path", "claim", "seed", "possible", "mutants", "controls", "edges", "uncut", "summary",
        "seconds",
    ]  # fmt: skip
    first, second = data["mutants"]
    assert (first["kind"], first["variable"], first["change"], first["outcome"]) == ("constant", "gap", "0 -> 1", "survives")
    assert (first["verdict"], first["sampled"]["agreed"]) == ("PROVED", 9_999)
    assert first["apart"] == {"differing": 5042, "samples": 10_000, "largest": 1.0, "inputs": {"a": "0", "b": "3"}}
    assert (second["outcome"], second["equal"], second["verdict"]) == ("equivalent", True, None)
    assert data["controls"][1]["detail"] == "no model has weights to shuffle"
    assert data["claim"]["verdict"] == Verdict.PROVED.value
    counted = {"caught": 0, "survives": 1, "open": 0, "equivalent": 1, "within": 0}
    assert {k: data["summary"][k] for k in counted} == counted


def test_edges() -> None:
    cut = Probed("edge cut", "gap", "a", "caught", REFUTED)
    same = Probed("edge cut", "gap", "b", "equivalent", None, equal=True)
    near = Probed("edge cut", "out", "gap", "within", claim())
    blind = Probed("edge cut", "out", "a", "survives", claim())
    left = Probed("edge cut", "out", "b", "open", OPEN)
    report = replace(GOOD, edges=(cut, same, near, blind, left), uncut=2)
    shown = " ".join(probe_text(report, width=200, colour=False).split())
    assert "needed: gap reads a: with that of another input the claim fails at" in shown
    assert "unnecessary: gap reads b, and the answer is the same whatever b is" in shown
    assert "unnecessary: out reads gap, which changes the answer by less than the claim allows" in shown
    assert "not told: out reads a; the claim holds without that" in shown
    assert "open: out reads b; neither was settled in time" in shown
    assert "2 more edges not tried." in shown
    assert probe_exit_code(report) == probe_exit_code(GOOD)
    data = json.loads(probe_json(report))
    assert [(e["variable"], e["parent"], e["outcome"]) for e in data["edges"][:2]] == [
        ("gap", "a", "caught"), ("gap", "b", "equivalent"),
    ]  # fmt: skip
    assert data["uncut"] == 2
