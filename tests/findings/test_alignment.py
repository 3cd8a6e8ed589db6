"""The size of explanations beside that of models, and decodings that could do the mechanism's work."""

from pathlib import Path

import numpy as np
import pytest
from semantics_tools import dense, onnx_file, verify_file

from mechverify.deciding.options import VerifyOptions
from mechverify.explanation.obligations import base_graph
from mechverify.findings.alignment import alignment_of
from mechverify.report.json.claims import report_data
from mechverify.report.text.claims import render_report
from mechverify.results import Alignment, Report, SpecResult
from mechverify.spec.expression.complexity import Size, size_of, steps_of
from mechverify.spec.read import read_spec
from mechverify.verification.lint import lint_spec

HEAD = """mechverify: 1
title: t
model: {onnx: net.onnx, arithmetic: real, feed: {x: [a, b]}}
inputs: {a: {integers: 0 .. 9}, b: {integers: 0 .. 9}}
explanation:
  variables:
    seen: {value: "max(a - b, 0)", located_at: "hidden_1[0:2]", read_as: "%s"}
claims: {one: {always: network.seen == seen, expect: open}}
"""


def write(folder: Path, read_as: str) -> Path:
    dense(folder / "net.onnx", [([[1, 0], [0, 1], [1, 1]], [0, 0, 0]), ([[1, 1, 1]], [0])])
    path = folder / "s.yaml"
    path.write_text(HEAD % read_as)
    return path


def result(folder: Path, read_as: str) -> SpecResult:
    return verify_file(write(folder, read_as), timeout=2.0)


def aligned(folder: Path, read_as: str) -> Alignment:
    found = result(folder, read_as).alignment
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("read_as", "operations", "constants", "steps"),
    [
        ("it[0]", 1, 1, 0),
        ("it[0] * 3 - it[1] / 2 + 1", 6, 5, 0),
        ("dot(it, [2, 3])", 1, 2, 0),
        ("sum(2 * it[i] for i in range(2))", 4, 2, 0),
        ("floor(it[0] / 2)", 3, 2, 1),
        ("1 if it[0] > 0 else 0", 3, 4, 1),
        ("max(it[0] - it[1], 0)", 4, 3, 1),
        ("argmax(it)", 1, 0, 1),
        ("1 if argmax(it) == 1 else 0", 3, 3, 1),
        ("1 if 0 < round(it[0]) <= 3 else 0", 5, 5, 1),
        ("1 if argmax(it) == it[0] else 0", 4, 3, 2),
        ("1 if argmax(it) == round(it[0]) else 0", 5, 3, 3),
        ("it[0] * it[1]", 3, 2, 1),
        ("1 / (it[0] + 1)", 3, 3, 1),
        ("it[0] % 3", 2, 2, 1),
        ("dot(it, it)", 1, 0, 1),
        ("1 if 0 < it[0] < 3 else 0", 4, 5, 2),
        ("it[0] if it[0] > it[1] else it[1]", 6, 4, 2),
        ("[4, 2, 7, 1][floor(it[0])]", 3, 5, 4),
        ("count(it[i] > 2 for i in range(2))", 4, 2, 2),
        ("sum([max(it[i], 1) for i in range(2)])", 4, 2, 2),
    ],
)
def test_sizes_and_steps(tmp_path: Path, read_as: str, operations: int, constants: int, steps: int) -> None:
    (variable,) = read_spec(write(tmp_path, read_as)).variables
    assert variable.read_as is not None
    e = variable.read_as.expression
    assert (size_of(e), steps_of(e)) == (Size(operations, constants), steps)


@pytest.mark.parametrize(
    ("read_as", "doubtful"),
    [
        ("max(it[0] - it[1], 0)", False),
        ("it[0] * 1 - it[1] * 1 + 0 * it[0] + 0 * it[1]", False),
        ("it[0] if it[0] > it[1] else it[1]", True),
        ("it[0] * it[1] * it[0]", True),
        ("[0, 1, 2, 3, 4, 5, 6, 7, 8, 9][floor(it[0])]", True),
        ("argmax(it) + argmax(it)", False),
        ("5 if argmax(it) == 1 else 3", False),
    ],
)
def test_a_decoding_larger_than_its_mechanism_is_warned_of(tmp_path: Path, read_as: str, doubtful: bool) -> None:
    path = write(tmp_path, read_as)
    warned = [d for d in lint_spec(path, VerifyOptions()) if "work itself" in d.message]
    assert len(warned) == int(doubtful)
    if doubtful:
        assert (warned[0].line, warned[0].column) == (7, HEAD.splitlines()[6].index("%s") + 1)
    found = verify_file(path, timeout=2.0)
    text = " ".join(render_report(Report("t", (found,)), width=100, colour=False).split())
    assert ("warning: the decoding of seen has" in text) is doubtful
    assert found.alignment is not None
    assert [d.doubtful for d in found.alignment.decodings] == [doubtful]


def test_units_located_of_all(tmp_path: Path) -> None:
    found = aligned(tmp_path, "it[0]")
    (extent,) = found.models
    assert (extent.model, extent.weights, extent.inputs) == ("network", 13, 2)
    assert (extent.units, extent.located) == (7, 2)  # before_1 and hidden_1 of three, one output
    assert (found.variables, found.size) == (1, Size(3, 2))


def test_report_and_json(tmp_path: Path) -> None:
    found = result(tmp_path, "it[0]")
    report = Report("t", (found,))
    text = " ".join(render_report(report, width=100, colour=False).split())
    assert "Explanation: 1 variable, 5 operations and constants, 2 of them in decodings (the largest: seen, 2)." in text
    assert "Model network: 13 weights, 2 inputs, 2 of 7 units at a site (29%)." in text
    data = report_data(report)["specs"][0]["alignment"]
    assert data["models"] == [{"model": "network", "weights": 13, "model_inputs": 2, "units": 7, "located": 2}]
    (decoding,) = data["decodings"]
    assert decoding["mechanism"] == {"operations": 2, "constants": 1}
    assert (decoding["variable"], decoding["operations"], decoding["steps"]) == ("seen", 1, 0)
    assert data["variables"] == 1


def test_a_tensor_with_several_names_is_counted_once(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    from mechverify.models.torch.model import read_torch

    net = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.ReLU(), torch.nn.Linear(3, 1))
    text = HEAD % "it"
    text = text.replace("onnx: net.onnx", "torch: in_memory:net").replace("x: [a", "input: [a")
    for sites in ('"2[0]"', '"output[0]"', '{network: "2[0]"}'):
        path = tmp_path / "s.yaml"
        path.write_text(text.replace('"hidden_1[0:2]"', sites))
        spec, models = read_spec(path), {"network": read_torch(net)}
        found = alignment_of(spec, models, base_graph(spec, models))
        assert found is not None
        assert [(m.units, m.located) for m in found.models] == [(7, 1)], sites


AT_INPUTS = """mechverify: 1
title: t
model: {onnx: net.onnx, arithmetic: real, feed: {x: [a / 10, b / 10]}}
inputs: {a: {integers: 0 .. 9}, b: {integers: 0 .. 9}}
explanation:
  variables:
    seen: {value: "%s", located_at: %s, read_as: "%s"}
claims: {one: {always: network.seen == seen, expect: open}}
"""


@pytest.mark.parametrize(
    ("value", "site", "read_as", "doubtful"),
    [
        ("abs(a - b)", "x", "10 * abs(it[0] - it[1])", True),
        ("a + b", "x", "10 * it[0] + 10 * it[1]", True),
        ("a + b", "x", "10 * sum(it)", True),
        ("a + b", "x", "dot(it, [10, 10])", True),
        ("a > 5", "'x[0]'", "it > 0.5", True),
        ("[a + b, a]", "x", "[10 * it[0] + 10 * it[1], 10 * it[0]]", True),
        ("10 * a", "'x[0]'", "100 * it", False),
        ("[a, b]", "x", "[10 * it[0], 10 * it[1]]", False),
        ("[2 * a, 2 * b]", "x", "[20 * it[i] for i in range(2)]", False),
        ("a", "x", "5 * (it[0] + it[1]) + 5 * (it[0] - it[1])", False),
        ("max(a - b, 0)", "'hidden_1[0:2]'", "max(10 * it[0] - 10 * it[1], 0)", False),
    ],
)
def test_a_decoding_at_the_inputs_does_the_mechanisms_work(
    tmp_path: Path, value: str, site: str, read_as: str, doubtful: bool
) -> None:
    dense(tmp_path / "net.onnx", [([[1, 0], [0, 1], [1, 1]], [0, 0, 0]), ([[1, 1, 1]], [0])])
    path = tmp_path / "s.yaml"
    path.write_text(AT_INPUTS % (value, site, read_as))
    warned = [d.message for d in lint_spec(path, VerifyOptions()) if "work itself" in d.message]
    words = "warning: the decoding of seen computes it from the model's own inputs: it does the mechanism's work itself"
    assert [message.startswith(words) for message in warned] == [True] * doubtful


def test_inputs_under_another_name_are_inputs(tmp_path: Path) -> None:
    """A reshape leaves the numbers as they are."""
    onnx_file(
        tmp_path / "net.onnx",
        [("Reshape", ("x", "two"), ("flat",)), ("Gemm", ("flat", "w"), ("output",), {"transB": 1})],
        {"x": ["batch", 2, 1]},
        {"output": ["batch", 1]},
        {"two": np.array([-1, 2], dtype=np.int64), "w": [[1, 1]]},
    )
    path = tmp_path / "s.yaml"
    path.write_text(
        AT_INPUTS.replace("[a / 10, b / 10]", "[[a], [b]]") % ("max(a, b)", "flat", "max(it[0], it[1])")
    )
    (warned,) = [d for d in lint_spec(path, VerifyOptions()) if "work itself" in d.message]
    assert warned.hint == "name a site that the network computes, or explain nothing at its inputs"
