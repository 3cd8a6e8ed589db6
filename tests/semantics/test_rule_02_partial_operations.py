"""SEMANTICS 2: undefined in a claim breaks it; undefined in a precondition is a mistake; short circuits guard."""

from pathlib import Path

import pytest
from semantics_tools import IDENTITY, expressions, mistakes, program_spec, verdicts

ONE = "x: {integers: -3 .. 3}, y: {integers: 0 .. 0}"

UNDEFINED_AT_ZERO_OR_BELOW = {
    "quotient": "x / x == 1 or x / x != 1",
    "divided": "0 // x == 0",
    "modulo": "0 % x == 0",
    "root": "sqrt(x) >= 0",
    "logarithm": "log(x) <= 100",
    "index": "[1, 1, 1, 1][x + 1] == 1",
}


def test_undefined_in_a_claim_breaks_it(tmp_path: Path) -> None:
    results = expressions(tmp_path, ONE, UNDEFINED_AT_ZERO_OR_BELOW)
    assert verdicts(results) == dict.fromkeys(UNDEFINED_AT_ZERO_OR_BELOW, "REFUTED")
    broken = {n: c.counterexample.inputs["x"] for n, c in results.items() if c.counterexample}
    assert [broken[n] for n in ("quotient", "divided", "modulo")] == [0, 0, 0]
    assert broken["root"] < 0
    assert broken["logarithm"] <= 0
    assert broken["index"] == 3


def test_short_circuits_guard(tmp_path: Path) -> None:
    results = expressions(
        tmp_path,
        ONE,
        {
            "or_guard": "x == 0 or x / x == 1",
            "and_guard": "not (x != 0 and x / x != 1)",
            "if_guard": "(x / x if x != 0 else 1) == 1",
            "chain_guard": "not (0 < x <= 6 // x) or x <= 2",
            "late_guard": "x / x == 1 or x == 0",
            "other_branch": "(1 if x != 0 else x / x) == 1",
        },
    )
    assert verdicts(results) == {
        "or_guard": "PROVED", "and_guard": "PROVED", "if_guard": "PROVED", "chain_guard": "PROVED",
        "late_guard": "REFUTED", "other_branch": "REFUTED",
    }  # fmt: skip


@pytest.mark.parametrize("claim", ["x >= -3", "x <= -1"])
@pytest.mark.parametrize(
    ("condition", "at"), [("6 / x >= -6", "x = 0"), ("sqrt(x + 2) >= 0", "x = -3"), ("[1, 2, 3, 4, 5, 6][x + 3] > 0", "x = 3")]
)
def test_undefined_in_a_precondition_is_a_mistake_with_its_input(
    tmp_path: Path, condition: str, at: str, claim: str
) -> None:
    rest = f"preconditions:\n  defined: {condition!r}\n"
    found = mistakes(tmp_path, program_spec(tmp_path, IDENTITY, ONE, {"c": claim}, rest))
    assert len(found) == 1
    assert "the precondition defined is undefined at" in found[0]
    assert at in found[0]
    assert "spec.yaml:" in found[0]


def test_a_guarded_precondition_is_none(tmp_path: Path) -> None:
    rest = "preconditions:\n  guarded: x != 0 and 6 / x > 2\n"
    results = expressions(tmp_path, ONE, {"c": "x >= 1 and x <= 2", "d": "x == 1"}, rest)
    assert verdicts(results) == {"c": "PROVED", "d": "REFUTED"}
    assert results["c"].counts.total == (2, 2)


def test_undefined_preconditions_in_float32(tmp_path: Path) -> None:
    """The same where the model rounds, and where only running it could tell."""
    from semantics_tools import dense

    dense(tmp_path / "m.onnx", [([[0.1]], [0.2])])
    for claim in ("network.o <= 10", "network.o == 0.3"):
        text = (
            "model: {onnx: m.onnx, feed: {x: [n]}}\ninputs: {n: {integers: 0 .. 3}}\npreconditions: {p: 1 / n > 0}\n"
            f"explanation: {{variables: {{o: {{located_at: 'output[0]'}}}}}}\nclaims: {{c: {{always: {claim}}}}}\n"
        )
        found = mistakes(tmp_path, text)
        assert len(found) == 1
        assert "undefined at n = 0" in found[0]
