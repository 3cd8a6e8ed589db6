"""DESIGN 6: what `interchange: all`, `resample`, `ignores` and `faithful` say, and SEMANTICS 23's trap from end to end."""

from pathlib import Path

import pytest
from semantics_tools import dense, mistakes, verdicts, verify

TWO = "inputs: {x_1: {integers: 0 .. 1000}, x_2: {integers: 0 .. 1000}}\n"
SWAP = "def f(x_1, x_2):\n    h_1 = x_1\n    h_2 = x_2\n    out = h_1\n    return out\n"
TRAP = "def f(x_1, x_2):\n    h_0 = x_1\n    h_1 = x_2\n    out = h_1 + (h_0 - x_1)\n    return out\n"
TRAP_VARIABLES = (
    "explanation:\n  variables:\n    w: {value: x_1, located_at: h_0}\n    p: {value: x_2, located_at: h_1}\n"
    "    out: {value: p, located_at: out}\nclaims:\n"
)


def program(folder: Path, source: str) -> str:
    (folder / "p.py").write_text(source)
    return "model: {program: 'p.py:f', arithmetic: integer}\n" + TWO


def test_every_subset_is_claimed_and_only_those_with_the_input_fail(tmp_path: Path) -> None:
    text = program(tmp_path, SWAP) + (
        "preconditions: {same: x_1 == x_2}\nexplanation:\n  variables:\n    y_1: {value: x_2, located_at: h_2}\n"
        "    y_2: {value: y_1, located_at: out}\nclaims:\n  swap: {interchange: all, always: network.y_2 == y_2}\n"
        "  all_of_it: {faithful: true}\n"
    )
    found = verdicts(verify(tmp_path, text))
    assert found.pop("all_of_it") == "REFUTED"
    assert len(found) == 8
    # y_2 is what the claim reads: once it is swapped itself, nothing else can reach it.
    wrong = {"swap[x_2]", "swap[y_1]", "swap[x_2, y_1]"}
    assert {name for name, verdict in found.items() if verdict == "REFUTED"} == wrong
    assert set(found.values()) == {"PROVED", "REFUTED"}


@pytest.mark.parametrize("road", ["direct", "modular", "auto"])
def test_the_trap_is_refuted_and_has_no_modular_proof(tmp_path: Path, road: str) -> None:
    text = program(tmp_path, TRAP).replace("1000", "100") + TRAP_VARIABLES + (
        "  outputs: {always: network.out == out}\n"
        "  second: {interchange: [p], always: network.out == out}\n"
        "  first: {interchange: [w], always: network.out == out}\n"
        "  rest: {resample: [rest], always: network.out == out}\n"
        "  all_of_it: {faithful: true}\n"
    )
    found = verify(tmp_path, text, proof=road, timeout=10.0)
    said = verdicts(found)
    assert said["outputs"] == "PROVED"
    assert said["first"] == said["all_of_it"] == "REFUTED"
    assert found["all_of_it"].counterexample is not None
    assert set(found["all_of_it"].counterexample.sources) >= {"w"}
    if road == "modular":
        assert said["second"] == said["rest"] == "OPEN (unsupported)"
        assert "no declared parent" in (found["second"].detail or "")
        assert [one.name for one in found["second"].lemmas] == ["out"]
    else:
        assert said["second"] == said["rest"] == "PROVED"


def test_what_is_resampled_moves_the_network_alone(tmp_path: Path) -> None:
    source = "def f(x_1, x_2):\n    h = x_1\n    out = h + (x_2 // 1001)\n    return out\n"
    text = program(tmp_path, source) + (
        "explanation:\n  variables:\n    h: {value: x_1, located_at: h}\n    out: {value: h, located_at: out}\nclaims:\n"
        "  second_input: {resample: [x_2], always: network.out == out}\n"
        "  first_input: {resample: [x_1], always: network.out == out, expect: refuted}\n"
        "  the_site: {resample: [h], always: network.out == out, expect: refuted}\n"
        "  the_rest: {resample: [rest], always: network.out == out}\n"
        "  out_ignores: {ignores: [out], resample: [x_2]}\n"
        "  h_ignores: {ignores: [h], resample: [x_1], tolerance: 999, expect: refuted}\n"
        "  h_ignores_within: {ignores: [h], resample: [x_1], tolerance: 1000}\n"
    )
    assert verdicts(verify(tmp_path, text)) == {
        "second_input": "PROVED", "first_input": "REFUTED", "the_site": "REFUTED", "the_rest": "PROVED",
        "out_ignores": "PROVED", "h_ignores": "REFUTED", "h_ignores_within": "PROVED",
    }  # fmt: skip


def test_what_else_reaches_an_answer_is_seen_with_the_rest_resampled(tmp_path: Path) -> None:
    """x_2 reaches the output past h, and only where the preconditions let base and rest differ in it."""
    source = "def f(x_1, x_2):\n    h = x_1\n    out = h + x_2\n    return out\n"
    variables = "explanation:\n  variables:\n    h: {value: x_1, located_at: h}\n    out: {value: h + 5, located_at: out}\n"
    text = program(tmp_path, source) + variables + (
        "claims:\n  kept: {also: {five: x_2 == 5}, resample: [rest], always: network.out == out}\n"
        "  near: {also: {five: abs(x_2 - 5) <= 1}, resample: [rest], always: abs(network.out - out) <= 1}\n"
        "  free: {also: {five: abs(x_2 - 5) <= 2}, resample: [rest], always: abs(network.out - out) <= 1}\n"
    )
    assert verdicts(verify(tmp_path, text)) == {"kept": "PROVED", "near": "PROVED", "free": "REFUTED"}


def test_an_observation_has_no_rest(tmp_path: Path) -> None:
    text = program(tmp_path, SWAP) + (
        "explanation:\n  variables:\n    seen: {located_at: out}\n"
        "claims:\n  c: {resample: [rest], always: network.seen == x_1}\n"
    )
    (found,) = mistakes(tmp_path, text)
    assert "has no value that says what the rest is" in found


def test_faithful_in_float32_with_its_lemmas(tmp_path: Path) -> None:
    """max(x_1, x_2) in a hidden unit, and twice that: modular lemmas, a certificate, the ideal verdict beside it."""
    dense(tmp_path / "m.onnx", [([[1, -1], [0, 1]], [0, 0]), ([[1, 1]], [0]), ([[2]], [0])])
    text = (
        "model: {onnx: m.onnx, feed: {x: [x_1 / 1000, x_2 / 1000]}}\n" + TWO + "explanation:\n  variables:\n"
        "    larger: {value: 'max(x_1, x_2)', located_at: 'hidden_2[0]', read_as: 1000 * it}\n"
        "    out: {value: 2 * larger, located_at: 'output[0]', read_as: 1000 * it}\n"
        "claims:\n  all_of_it: {faithful: true, tolerance: 0.01}\n"
        "  wrong: {faithful: true, also: {apart: x_1 - x_2 >= 1}, "
        "always: abs(network.out - 2 * x_1) <= 0.01, expect: refuted}\n"
    )
    found = verify(tmp_path, text, proof="modular", timeout=8.0)
    assert (found["all_of_it"].verdict, found["all_of_it"].assurance) == ("PROVED", "checked")
    assert found["all_of_it"].ideal_verdict == "PROVED"
    assert [(one.name, str(one.verdict)) for one in found["all_of_it"].lemmas] == [
        ("larger", "PROVED"), ("out", "PROVED"), ("the claim", "PROVED"),
    ]  # fmt: skip
    assert found["wrong"].verdict == "REFUTED"


def test_float32_that_rounds_nothing_is_proved_exactly(tmp_path: Path) -> None:
    """Sums of eighths: relations without a gap, though the claim names none for the variables that are moved."""
    dense(
        tmp_path / "m.onnx",
        [([[1, 0, 0], [0, 1, 0], [0, 0, 1]], [0] * 3), ([[1, 1, 0], [0, 0, 1]], [0, 0]), ([[1, 1]], [0])],
    )
    text = (
        "model: {onnx: m.onnx, feed: {x: [a / 8, b / 8, c / 8]}}\n"
        "inputs: {a: {integers: 0 .. 100}, b: {integers: 0 .. 100}, c: {integers: 0 .. 100}}\n"
        "explanation:\n  variables:\n"
        "    first: {value: a, located_at: 'hidden_1[0]', read_as: 8 * it}\n"
        "    second: {value: first + b, located_at: 'hidden_2[0]', read_as: 8 * it}\n"
        "    out: {value: second + c, located_at: 'output[0]', read_as: 8 * it}\n"
        "claims:\n  moved: {interchange: [first, second], always: network.out == out}\n  all_of_it: {faithful: true}\n"
    )
    for found in verify(tmp_path, text, proof="modular", timeout=30.0).values():
        assert (found.verdict, found.assurance) == ("PROVED", "checked"), found.detail
        assert [one.name for one in found.lemmas] == ["first", "second", "out", "the claim"]


def test_a_modular_proof_that_cannot_be_says_why(tmp_path: Path) -> None:
    text = program(tmp_path, SWAP) + (
        "explanation:\n  variables:\n    h: {value: x_1, located_at: h_1}\n    out: {value: h, located_at: out}\nclaims:\n"
        "  quiet: {ignores: [out], resample: [x_2]}\n  named: {resample: [x_2], always: network.out == out}\n"
    )
    for found in verify(tmp_path, text, proof="modular", timeout=5.0).values():
        assert (found.verdict, found.reason) == ("OPEN", "unsupported")
        assert "There is no modular proof: modular proofs are for interchange" in (found.detail or "")


def test_a_variable_named_rest_is_not_taken_for_everything_else(tmp_path: Path) -> None:
    text = program(tmp_path, SWAP) + (
        "explanation:\n  variables:\n    rest: {value: x_2, located_at: h_2}\n    out: {value: x_1, located_at: out}\n"
        "claims:\n  c: {resample: [rest], always: network.out == out}\n"
    )
    (found,) = mistakes(tmp_path, text)
    assert "'rest' is a name here and the word for everything else" in found
