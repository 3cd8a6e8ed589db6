"""What does not fit the model: every mistake at once, each at its place; and words about members and rounding."""

import re
from pathlib import Path

import pytest
from semantics_tools import dense, mistakes, verify

from mechverify.report.text.claims import render_claim

SPEC = """model:
  onnx: m.onnx
  feed: {x: [p, q]}
inputs:
  p: {integers: 0 .. 9}
  q: {integers: 0 .. 9}
explanation:
  variables:
    h: {located_at: "hidden_2[0]"}
    g: {located_at: "hidden_1[5]"}
    o: {located_at: "output[0, 0]"}
    e: {located_at: "hidden_1[2:7]"}
    d: {located_at: {direction: [1, 2], of: "output"}}
    ok: {located_at: "hidden_1[-1]"}
claims:
  c: {always: network.h >= 0}
  d: {always: network.g >= 0}
"""


def test_every_site_that_does_not_fit_is_told(tmp_path: Path) -> None:
    dense(tmp_path / "m.onnx", [([[1.0, -1.0], [-1.0, 1.0]], [0.0, 0.0]), ([[1.0, 1.0]], [0.0])])
    found = [m.split(":", 1)[1] for m in mistakes(tmp_path, SPEC)]
    heads = [m.splitlines()[0] for m in found]
    assert heads == [
        "11:22: the model has no activation 'hidden_2'",
        "12:22: hidden_1[5]: index 5 is out of range, it goes from 0 to 1; hidden_1 has shape [2]",
        "13:22: output[0, 0] has 2 indices, and output has shape [1]",
        "14:22: hidden_1[2:7] selects nothing: hidden_1 has shape [2]",
        "15:21: a direction of 2 numbers over output, which has 1 unit",
    ]
    assert "did you mean 'hidden_1'? It has: " in found[0]


def test_a_feed_of_the_wrong_shape(tmp_path: Path) -> None:
    dense(tmp_path / "m.onnx", [([[1.0, -1.0]], [0.0])])
    (found,) = mistakes(tmp_path, SPEC.replace("[p, q]", "[p, q, p]"))
    assert "the feed of 'x' has shape [3]; the model takes [2]" in found


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ("{x: p}", "the feed of 'x' is a single number; the model takes [2]"),
        ("{y: [p, q]}", "the model has no input 'y'; its inputs are: x\n.*\n.*\n    hint: name one of them, as in `feed: {x: ...}`"),
    ],
)
def test_a_feed_of_one_number_and_of_an_input_that_is_not_there(tmp_path: Path, changed: str, words: str) -> None:
    dense(tmp_path / "m.onnx", [([[1.0, -1.0]], [0.0])])
    (found,) = mistakes(tmp_path, re.sub(r"\{x: [^}]*\}", changed, SPEC, count=1))
    assert re.search(words.replace("[2]", "\\[2\\]"), found)


def test_a_member_of_a_family_states_its_own_claim(tmp_path: Path) -> None:
    (tmp_path / "f.py").write_text("def f(x):\n    y = x + 1\n    return y\n")
    found = verify(
        tmp_path,
        "model: {program: 'f.py:f'}\ninputs: {x: {integers: 0 .. 3}}\n"
        "explanation: {variables: {y: {located_at: output}}}\n"
        "claims:\n  c: {for: {i: 0 .. 1}, always: network.y > i}\n"
        "  later: {for: {i: 0 .. 1}, usually: network.y > i, probability: 0.5}\n",
    )
    assert found["c[i=0]"].sentence.startswith("With i = 0, for all integers x from 0 to 3: ")
    assert found["c[i=1]"].sentence.startswith("With i = 1, for all integers x from 0 to 3: ")
    assert found["later[i=1]"].sentence.startswith("With i = 1, of all integers x")


def test_rounding_hides_nothing_in_a_program(tmp_path: Path) -> None:
    (tmp_path / "f.py").write_text("def f(x, k):\n    y = x % k\n    return y\n")
    found = verify(
        tmp_path,
        "model: {program: 'f.py:f'}\ninputs: {x: {integers: 0 .. 3}, k: {integers: 0 .. 3}}\n"
        "explanation: {variables: {y: {located_at: output, value: x % k}}}\n"
        "claims:\n  c: {always: network.y == y}\n",
    )
    text = " ".join(render_claim(found["c"], width=200).split())
    assert "undefined: in y, division by zero" in text
    assert "integer interpreter 1 gives no value there" in text
    assert "rounding" not in text


def test_a_whole_activation_in_place_of_a_number_is_told_with_its_unit(tmp_path: Path) -> None:
    dense(tmp_path / "m.onnx", [([[1.0, -1.0], [-1.0, 1.0]], [0.0, 0.0]), ([[1.0, 1.0]], [0.0])])
    head = SPEC[: SPEC.index("    h:")]
    text = head + "    o: {located_at: output, value: p}\n    w: {located_at: output, read_as: it * 2}\nclaims:\n"
    found = mistakes(tmp_path, text + "  c: {always: network.o <= 9}\n")
    assert any(m.endswith("hint: it is the whole of output, of shape [1]: for one number write located_at: output[0]") for m in found)
    for claim in ("network.o <= 9", "abs(network.o - o) <= 1"):
        (told,) = mistakes(tmp_path, text.replace(", read_as: it * 2", "") + f"  c: {{always: {claim}}}\n")
        assert told.endswith(
            "hint: network.o is the whole of output, of shape [1]: for one number write located_at: output[0]"
        )
    (told,) = mistakes(tmp_path, text.replace(", read_as: it * 2", "") + "  c: {faithful: true}\n")
    assert "hint: locate o at the one unit that is meant, as in `located_at: output[0]`, or add an `always`" in told


def test_another_file_in_place_of_an_onnx_model_is_told_apart(tmp_path: Path) -> None:
    (tmp_path / "m.onnx").write_bytes(b"no model")
    (tmp_path / "nets.py").write_text("def make():\n    return None\n")
    (tmp_path / "net.pt").write_bytes(b"PK\x03\x04")
    for name, words in (("nets.py", "`torch: nets.py:make`"), ("net.pt", "torch.onnx.export"), ("m.onnx", "not an ONNX model: ")):
        (told,) = mistakes(tmp_path, SPEC.replace("onnx: m.onnx", f"onnx: {name}"))
        assert "not an ONNX model" in told
        assert words in told


def test_what_was_meant_is_named(tmp_path: Path) -> None:
    dense(tmp_path / "m.onnx", [([[1.0, -1.0], [-1.0, 1.0]], [0.0, 0.0]), ([[1.0, 1.0]], [0.0])])
    (told,) = mistakes(tmp_path, SPEC.replace("[p, q]", "[p, q, p]"))
    assert told.endswith("hint: feed it a vector of 2, as in `x: [a, b]`")
    head = SPEC[: SPEC.index("    h:")]
    (told,) = mistakes(tmp_path, head + '    o: {located_at: "Net.model.output[0]"}\nclaims:\n  c: {always: network.o <= 9}\n')
    assert "did you mean 'output'?" in told
