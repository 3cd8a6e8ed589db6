"""What ``replay`` adds to a claim's report."""

from dataclasses import replace
from fractions import Fraction

import pytest
from report_samples import COUNTEREXAMPLE, ERROR, HELD, OPEN, PARTLY, REFUTED, VACUOUS, claim

from mechverify.report.text.replay import replay_text
from mechverify.results import ClaimResult, Replay


@pytest.mark.parametrize(
    ("result", "why"),
    [
        (claim(), "it is proved, so no input breaks it"),
        (HELD, "every admissible input was run, and none breaks it"),
        (VACUOUS, "no input meets the preconditions"),
        (ERROR, "it could not be carried out"),
        (OPEN, "no counterexample was found"),
        (PARTLY, "no counterexample was found"),
    ],
)
def test_nothing_to_replay(result: ClaimResult, why: str) -> None:
    text = " ".join(replay_text(result, width=60).split())
    assert text.startswith(f"Nothing to replay of {result.name}: {why}. ")
    assert "is the counterexample of a claim that is refuted." in text


def test_each_run_with_its_values() -> None:
    runs = (
        Replay("onnxruntime", "1.32.0", "single", True, {"answer": Fraction(5, 2), "pair": (Fraction(1), None)}),
        Replay("torch", "2.13.0", "batched", False, {"answer": Fraction(1, 3), "close": Fraction(13639910, 2**25)}),
    )
    result = replace(REFUTED, counterexample=replace(COUNTEREXAMPLE, replays=runs))
    assert replay_text(result, width=200).splitlines() == [
        "The counterexample in 2 runs of the model:",
        "  onnxruntime 1.32.0: breaks the claim; answer = 2.5, pair = [1, –]",
        "  torch 2.13.0, batched: does not break the claim; answer = 1/3, close ≈ 0.406500995",
    ]


def test_no_runtime() -> None:
    result = replace(REFUTED, counterexample=replace(COUNTEREXAMPLE, replays=()))
    assert replay_text(result, width=200) == "No runtime at hand could run this model at the counterexample.\n"
