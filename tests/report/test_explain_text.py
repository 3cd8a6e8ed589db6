"""The table of float errors names every operation of the graph, and `explain` prints all of it."""

import re
from pathlib import Path

import pytest

from mechverify.errors import UsageError
from mechverify.graph.float_errors import EXCLUDED, FLOAT_ERRORS
from mechverify.graph.graph import NUMBER_OPS
from mechverify.report.explain_text import explain_text


def test_every_operation_of_the_graph_has_one_row() -> None:
    named = [name.strip() for row in FLOAT_ERRORS if row.kind == "node" for name in row.operation.split(",")]
    assert sorted(named) == sorted(NUMBER_OPS - {"input", "const"})


def test_what_semantics_excludes_is_listed() -> None:
    text = " ".join(EXCLUDED)
    for word in ("TF32", "Winograd", "FFT", "rewrites", "float64", "float16", "wrap", "casts"):
        assert word in text


@pytest.mark.parametrize("width", [60, 80, 100])
def test_everything_is_printed_within_the_width(width: int) -> None:
    text = explain_text((), width=width)
    assert max(map(len, text.splitlines())) <= width
    flat = " ".join(text.split())
    for row in FLOAT_ERRORS:
        assert row.operation in flat
        assert row.error in flat
        assert all(cover in flat for cover in row.covers)
    assert all(item in flat for item in EXCLUDED)


def test_what_is_said_to_be_refused_is_refused() -> None:
    from mechverify.models.aten_table import TABLE as ATEN
    from mechverify.models.onnx_table import TABLE as ONNX

    refused = ("Softmax", "LayerNormalization", "Exp", "Tanh", "Sigmoid", "Erf", "Gelu")
    assert not set(refused) & set(ONNX)
    assert not {f"{name}.default" for name in ("exp", "tanh", "sigmoid", "erf", "gelu", "native_layer_norm")} & set(
        ATEN
    )
    text = EXCLUDED[-1].lower()
    for name in refused:
        assert name.lower().replace("layernormalization", "layer normalisation") in text


def test_the_formulas_are_those_of_the_kernels_contract() -> None:
    contract = " ".join((Path(__file__).parents[2] / "docs" / "kernel.md").read_text("utf-8").split())
    rows = {row.operation: row for row in FLOAT_ERRORS}
    for operation in ("affine", "mul", "div"):
        formula = re.match(r"gamma\(.\) S \+ 2 \(.*?\) 2\^-126", rows[operation].error)
        assert formula is not None
        assert formula[0] in contract
    assert rows["round32"].error.partition(" over")[0] in contract


def test_one_operation_by_name() -> None:
    text = explain_text(("Power", "relu"), width=80)
    assert "  power" in text
    assert "relu, abs" in text
    assert "affine\n" not in text
    with pytest.raises(UsageError, match="no operation is named 'matmul'; these are: affine, mul"):
        explain_text(("matmul",), width=80)


def test_the_start_of_a_name_is_enough_for_a_hint() -> None:
    with pytest.raises(UsageError, match="no operation is named 'conv'; did you mean 'convolution'"):
        explain_text(("conv",), width=80)
