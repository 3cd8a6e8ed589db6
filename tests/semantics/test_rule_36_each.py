"""SEMANTICS 36: with `each`, every unit that the explanation leaves out comes from a run of its own."""

from pathlib import Path

import pytest
from semantics_tools import dense, mistakes, verdicts, verify

HEAD = (
    "model: {program: 'p.py:f'}\ninputs: {x: {integers: 0 .. 1}}\nexplanation:\n  variables:\n"
    "    a: {value: x, located_at: a}\n    b1: {value: x, located_at: b1}\n    b2: {value: x, located_at: b2}\n"
    "    y: {value: a, located_at: y}\nclaims:\n"
)
SOURCE = "def f(x):\n    a = x\n    b1 = x\n    b2 = x\n    y = a + 3 * (b1 - b2)\n    return y\n"
CLAIMS = {
    "resample: [each]": "REFUTED",
    "resample: [b1, each]": "REFUTED",
    "interchange: [b1], resample: [b2, each]": "REFUTED",
    "interchange: [x], resample: [each]": "PROVED",  # what depends on what is set is computed
    "interchange: [a], resample: [each]": "REFUTED",
}


@pytest.mark.parametrize("taken", CLAIMS)
def test_each_unit_comes_from_a_run_of_its_own(tmp_path: Path, taken: str) -> None:
    (tmp_path / "p.py").write_text(SOURCE)
    found = verdicts(verify(tmp_path, f"{HEAD}  c: {{{taken}, always: network.y == y}}\n", timeout=10.0, iia_samples=0, scope=False))
    assert found == {"c": CLAIMS[taken]}


def test_what_no_input_reaches_or_cancels_within_one_unit_is_no_leak(tmp_path: Path) -> None:
    """A unit that is computed from left-out units alone is left out itself, and taken whole."""
    (tmp_path / "p.py").write_text(
        "def f(x):\n    a = x\n    b1 = x\n    b2 = x\n    s = b1 - b2\n    y = a + 3 * s\n    return y\n"
    )
    head = HEAD.replace("b1: {value: x, located_at: b1}", "s: {value: 0, located_at: s}").replace(
        "    b2: {value: x, located_at: b2}\n", ""
    )
    found = verify(tmp_path, f"{head}  c: {{resample: [each], always: network.y == y}}\n", timeout=10.0, iia_samples=0, scope=False)
    assert verdicts(found) == {"c": "PROVED"}


def test_faithful_with_each_and_ignores_under_each(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text(SOURCE)
    head = HEAD.replace("    b1: {value: x, located_at: b1}\n    b2: {value: x, located_at: b2}\n", "")
    text = head + (
        "  together: {faithful: true}\n  apart: {faithful: true, resample: [each]}\n"
        "  quiet: {ignores: [y], resample: [each]}\n  within: {ignores: [y], resample: [each], tolerance: 4}\n"
    )
    found = verify(tmp_path, text, timeout=10.0, iia_samples=0, scope=False)
    assert verdicts(found) == {"together": "PROVED", "apart": "REFUTED", "quiet": "REFUTED", "within": "PROVED"}
    assert found["apart"].notion == "nothing else matters, each unit by itself"
    assert "each of these comes from a run of its own: " in " ".join(found["quiet"].notes)
    assert "each unit by itself" in found["quiet"].sentence


def test_a_claim_with_each_has_no_modular_proof(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text(SOURCE)
    found = verify(tmp_path, f"{HEAD}  c: {{resample: [each], always: network.a == a}}\n", timeout=10.0, iia_samples=0, scope=False, proof="modular")
    assert found["c"].verdict == "OPEN"
    assert "modular proofs are for interchange, resample: [rest] and faithful" in (found["c"].detail or "")


def test_two_copies_that_cancel_in_float32(tmp_path: Path) -> None:
    dense(tmp_path / "m.onnx", [([[1], [1], [1]], [0, 0, 0]), ([[1, 1, -1]], [0])])
    text = (
        "model: {onnx: m.onnx}\ninputs: {x: {integers: 0 .. 1, shape: [1]}}\nexplanation:\n  variables:\n"
        "    a: {value: 'x[0]', located_at: 'hidden_1[0]'}\n    y: {value: a, located_at: 'output[0]'}\nclaims:\n"
        "  together: {resample: [rest], always: abs(network.y - y) <= 0.001}\n"
        "  apart: {resample: [each], always: abs(network.y - y) <= 0.001}\n"
        "  within: {resample: [each], always: abs(network.y - y) <= 1.001}\n"
    )
    found = verify(tmp_path, text, timeout=10.0, iia_samples=0, scope=False)
    assert verdicts(found) == {"together": "PROVED", "apart": "REFUTED", "within": "PROVED"}
    assert found["apart"].counterexample is not None
    assert all(replay.shows for replay in found["apart"].counterexample.replays)


def test_each_and_rest_together_and_as_names_are_refused(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text(SOURCE)
    (found,) = mistakes(tmp_path, f"{HEAD}  c: {{resample: [rest, each], always: network.y == y}}\n")
    assert "'each' says all that 'rest' says, and more" in found
    named = HEAD.replace("b1: {", "each: {").replace("located_at: b1", "located_at: b1")
    (found,) = mistakes(tmp_path, f"{named}  c: {{resample: [each], always: network.y == y}}\n")
    assert "'each' is a name here and the word for everything else" in found
