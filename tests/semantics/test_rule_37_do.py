"""SEMANTICS 37: `do` sets a site so that its decoding reads any value of a range; `set` and `add` set and move sites."""

from pathlib import Path

import pytest
from semantics_tools import decided, dense, mistakes, verdicts, verify, verify_file

from mechverify.deciding.options import VerifyOptions
from mechverify.spec.read import read_spec
from mechverify.verification.loading import load_models
from mechverify.verification.plan import plan

HEAD = (
    "model: {program: 'p.py:f'}\ninputs: {x: {integers: 0 .. 2}}\nexplanation:\n  variables:\n"
    "    a: {value: x + 1, located_at: a, read_as: it + 1}\n    b: {value: x % 2, located_at: b}\n"
    "    odd: {value: x % 2 == 1, located_at: c, read_as: it > 0}\n"
    "    y: {value: 'a - 1 + b + (1 if odd else 0)', located_at: y}\nclaims:\n"
)
SOURCE = "def f(x):\n    a = x\n    b = x % 2\n    c = x % 2\n    y = a + b + c if a < 3 else 7\n    return y\n"
CLAIMS = {
    "do: {a: 1 .. 3}, always: network.y == y and network.a == a": "PROVED",
    "do: {a: 1 .. 4}, always: network.y == y": "REFUTED",
    "do: {a: {one_of: [1, 3]}}, always: network.y == y": "PROVED",
    "do: {a: [1, 4]}, always: network.y == y": "REFUTED",
    "do: {odd: {false: 0, true: 1}}, always: network.y == y": "PROVED",
    "do: {odd: {false: -1, true: 1}}, always: network.y == y": "REFUTED",
    "do: {a: 1 .. 3, b: 0 .. 9}, interchange: [odd], always: network.y == y": "PROVED",
    "do: {a: 1 .. 3}, resample: [rest], always: network.y == y": "PROVED",
    "do: {a: 1 .. 3}, resample: [each], always: network.y == y": "PROVED",
    "set: {b: 0}, always: network.y == x + x % 2": "PROVED",
    "set: {b: 1}, always: network.y == x + x % 2": "REFUTED",
    "set: {a: 2 - x}, always: network.y == 2 - x + 2 * (x % 2)": "PROVED",
    "set: {a: mean}, always: network.y == 1 + 2 * (x % 2)": "PROVED",
    "add: {a: -1}, always: network.y == y - 1": "PROVED",
    "add: {a: 1}, always: network.y == y + 1": "REFUTED",
    "ignores: [y], set: {b: 0}": "REFUTED",
    "ignores: [y], set: {b: 0}, tolerance: 1": "PROVED",
}
NOTHING = ("ignores: [y], set: {b: x % 2}", "ignores: [y], add: {b: 0 * x}")


def test_what_a_claim_sets(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text(SOURCE)
    text = HEAD + "".join(f"  c{k}: {{{claim}}}\n" for k, claim in enumerate(CLAIMS))
    (tmp_path / "spec.yaml").write_text("mechverify: 1\ntitle: A fixture\n" + text)
    spec = read_spec(tmp_path / "spec.yaml")
    found = {}
    for claim, planned in zip(CLAIMS, plan(spec, load_models(spec, allow_code=False), VerifyOptions()), strict=True):
        assert planned.job is not None
        found[claim] = str(decided(planned.job.compiled.obligation).verdict)
    assert found == CLAIMS


def test_what_changes_nothing_is_vacuous(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text(SOURCE)
    text = HEAD + "".join(f"  c{k}: {{{claim}}}\n" for k, claim in enumerate(NOTHING))
    found = verify(tmp_path, text, timeout=10.0, iia_samples=0, scope=False)
    assert verdicts(found) == {"c0": "VACUOUS", "c1": "VACUOUS"}
    assert [c.detail.split(":")[0] for c in found.values() if c.detail] == [
        "Setting b changes nothing in the model", "Adding to b changes nothing",
    ]  # fmt: skip


def test_a_claim_about_values_that_no_input_reaches_says_so(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text(SOURCE)
    text = HEAD + "  c: {do: {a: 1 .. 4}, always: network.y == y}\n"
    (found,) = verify(tmp_path, text, timeout=10.0, iia_samples=0).values()
    assert "with a set to any integer from 1 to 4, reached or not" in found.sentence
    assert found.notion == "any value, reached or not"
    assert found.counterexample is not None
    assert found.counterexample.inputs["do(a)"] == 4


def test_a_site_that_is_set_where_no_input_takes_it_is_warned_of(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text(SOURCE)
    text = HEAD + "  c: {set: {a: 50}, always: network.y == 7}\n  d: {set: {a: 2}, always: network.y == 2 + 2 * (x % 2)}\n"
    (tmp_path / "spec.yaml").write_text("mechverify: 1\ntitle: A fixture\n" + text)
    found = verify_file(tmp_path / "spec.yaml", iia_samples=0, scope=False)
    assert {str(c.verdict) for c in found.claims} == {"PROVED"}
    told = {c.name: [one.words for one in c.warnings if one.kind == "driven unit"] for c in found.claims}
    assert told["d"] == []
    assert "setting a takes a to 50" in told["c"][0]
    assert "no admissible input takes it out of 0 .. 2" in told["c"][0]


def test_float32_sites_by_their_text_and_a_mean_that_is_told(tmp_path: Path) -> None:
    dense(tmp_path / "m.onnx", [([[1, 0], [0, 1]], [0, 0]), ([[1, 2]], [0.5])])
    text = (
        "model: {onnx: m.onnx, feed: {x: [a / 8, b / 8]}}\ninputs: {a: {integers: 0 .. 2}, b: {integers: 0 .. 2}}\n"
        "explanation:\n  variables:\n    first: {value: a, located_at: 'hidden_1[0]', read_as: 8 * it}\n"
        "    out: {value: first + 2 * b + 4, located_at: 'output[0]', read_as: 8 * it}\nclaims:\n"
        "  zero: {set: {'hidden_1[1]': 0}, always: network.out == a + 4}\n"
        "  every: {set: {hidden_1: 0}, always: network.out == 4}\n"
        "  averaged: {set: {'hidden_1[1]': mean}, always: network.out == a + 6}\n"
        "  steered: {add: {hidden_1: [a, 1]}, always: abs(network.out - (9 * a + 2 * b + 20)) <= 0.001}\n"
        "  reached: {do: {first: {reals: -9 .. 99}}, always: abs(network.out - out) <= 0.001}\n"
    )
    found = verify(tmp_path, text, timeout=10.0, iia_samples=0, scope=False)
    assert set(verdicts(found).values()) == {"PROVED"}
    assert "The mean of hidden_1[1] over the 9 inputs that meet the preconditions is 0.125." in found["averaged"].notes
    assert found["zero"].notion == "set by the claim"


def test_a_claim_that_sets_sites_has_no_modular_proof(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text(SOURCE)
    text = f"{HEAD}  c: {{do: {{a: 1 .. 3}}, interchange: [b], always: network.y == y}}\n"
    found = verify(tmp_path, text, timeout=10.0, iia_samples=0, scope=False, proof="modular")
    assert found["c"].verdict == "OPEN"
    assert "modular proofs are for interchange, resample: [rest] and faithful" in (found["c"].detail or "")


def test_a_site_that_is_held_while_something_else_moves_is_no_idle_setting(tmp_path: Path) -> None:
    """Of another x, the way through b alone is cut."""
    (tmp_path / "p.py").write_text(SOURCE)
    text = HEAD + "  c: {resample: [x], set: {a: x, c: x % 2}, ignores: [y], tolerance: 1}\n" + (
        "  d: {resample: [x], set: {b: x % 2, c: x % 2, a: x}, ignores: [y]}\n"
    )
    found = verify(tmp_path, text, timeout=10.0, iia_samples=0, scope=False)
    assert verdicts(found) == {"c": "PROVED", "d": "PROVED"}


@pytest.mark.parametrize(
    ("claim", "words"),
    [
        ("do: {odd: 0 .. 1}", "the decoding of odd cannot be turned round"),
        ("do: {odd: {false: 1, true: 2}}", "the site value 1 of odd is not read as 0"),
        ("do: {odd: 0 .. 2}", "odd is a truth value"),
        ("do: {a: {reals: 0 .. 1}}", "a holds integers, and it would be set to what may be none"),
        ("set: {b: 1 / 2}", "b holds integers"),
        ("set: {b: 1 // x}", "may divide by zero"),
        ("set: {b: '[1, 2]'}", "b has 1 number, and this has 2"),
        ("set: {nowhere: 1}", "has no activation 'nowhere'"),
        ("set: {b: 1}, add: {'b': 1}", "'b' is set twice"),
        ("set: {b: 1}, interchange: [b]", "'b' is in 'interchange' already"),
        ("set: {b: odd}", "'set' speaks of inputs and parameters, and 'odd' is a variable"),
        ("do: {x: 0 .. 1}", "'do' names variables that have a value and a site"),
    ],
)
def test_what_cannot_be_set_is_refused(tmp_path: Path, claim: str, words: str) -> None:
    (tmp_path / "p.py").write_text(SOURCE)
    found = mistakes(tmp_path, f"{HEAD}  c: {{{claim}, always: network.y == y}}\n")
    assert any(words in one for one in found), found
