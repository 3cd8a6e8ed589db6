"""The table of float errors names every operation of the graph, and `explain` prints all of it."""

import re
from pathlib import Path

import pytest

from mechverify.errors import UsageError
from mechverify.graph.float_errors import EXCLUDED, float_errors
from mechverify.graph.operations.table import OPERATIONS
from mechverify.models.onnx.rewrites import LISTED
from mechverify.models.operation_words import _WORDS, aten_operations, onnx_operations, rows_of
from mechverify.report.text.explain import Reading, explain_text

torch = pytest.importorskip("torch")

READING = Reading(rows_of, {"ONNX": onnx_operations(), "PyTorch": aten_operations()}, LISTED)


def test_every_operation_of_the_graph_has_one_row() -> None:
    named = [name.strip() for row in float_errors() if row.kind == "node" for name in row.operation.split(",")]
    assert sorted(named) == sorted(n for n, o in OPERATIONS.items() if o.takes and not o.boolean)


def test_what_semantics_excludes_is_listed() -> None:
    text = " ".join(EXCLUDED)
    for word in ("TF32", "Winograd", "FFT", "rewrites", "float64", "float16", "wrap", "casts"):
        assert word in text


@pytest.mark.parametrize("width", [60, 80, 100])
def test_everything_is_printed_within_the_width(width: int) -> None:
    text = explain_text((), READING, width=width)
    assert max(map(len, text.splitlines())) <= width
    flat = " ".join(text.split())
    for row in float_errors():
        assert row.operation in flat
        assert row.error in flat
        assert all(cover in flat for cover in row.covers)
    assert all(item in flat for item in EXCLUDED)


def test_the_formulas_are_those_of_the_kernels_contract() -> None:
    contract = " ".join((Path(__file__).parents[3] / "docs" / "kernel.md").read_text("utf-8").split())
    rows = {row.operation: row for row in float_errors()}
    for operation in ("affine", "mul", "div"):
        formula = re.match(r"gamma\(.\) S \+ 2 \(.*?\) 2\^-126", rows[operation].error)
        assert formula is not None
        assert formula[0] in contract
    assert rows["round32"].error.partition(" over")[0] in contract


def test_one_operation_by_name() -> None:
    text = explain_text(("Power", "relu"), READING, width=80)
    assert "  power" in text
    assert "relu, abs" in text
    assert "affine\n" not in text
    with pytest.raises(UsageError, match=r"no operation is named 'wave', and no model .* the rows are: affine, mul"):
        explain_text(("wave",), READING, width=80)


def test_the_start_of_a_name_is_enough_for_a_hint() -> None:
    with pytest.raises(UsageError, match=r"'batch'.*; did you mean 'batch normalisation'"):
        explain_text(("batch",), READING, width=80)


@pytest.mark.parametrize("word", ["Gemm", "Linear", "nn.Linear", "torch.nn.Conv1d", "aten.addmm.default", "matmul"])
def test_the_words_of_a_model_find_their_rows(word: str) -> None:
    text = explain_text((word,), READING, width=80)
    assert "  dense layer, convolution, recurrent layer\n" in text
    assert "batch normalisation" not in text


def test_every_operation_that_is_read_has_rows_and_every_word_is_read() -> None:
    rows = {row.operation for row in float_errors()}
    for word in (*onnx_operations(), *aten_operations(), "Sequential"):
        found = rows_of(word)
        assert bool(found) is (word != "Sequential")
        assert set(found) <= rows
    named = {
        w for words in _WORDS.values() for w in words.split() if not hasattr(torch.nn, w.removeprefix("torch.nn."))
    }
    assert named <= {*onnx_operations(), *aten_operations()}


def test_what_is_read_and_which_rewrites_are_covered_is_printed() -> None:
    flat = " ".join(explain_text((), READING, width=80).split())
    assert all(one in flat for one in (*LISTED, *onnx_operations(), *aten_operations()))


def test_the_documentation_lists_what_is_read() -> None:
    page = (Path(__file__).parents[3] / "docs" / "operations.md").read_text("utf-8")
    for title, operations in (("ONNX", onnx_operations()), ("PyTorch", aten_operations())):
        section = page.partition(f"## {title}\n")[2].partition("\n## ")[0]
        assert tuple(re.findall(r"`(\w+)`", section)) == operations
    assert all(f"- {one}\n" in page for one in LISTED)
