"""SEMANTICS 6: every listed execution is covered and printed; a runtime outside its enclosure spoils every claim."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from semantics_tools import dense, onnx_file, verdicts, verify

from mechverify.cli.application import application
from mechverify.models.model import RuntimeRun
from mechverify.models.onnx import model as onnx_model

TEXT = (
    "model: {onnx: m.onnx, feed: {x: [a, b, c]}}\n"
    "inputs: {a: {integers: 0 .. 1000}, b: {integers: 0 .. 1000}, c: {integers: 0 .. 1000}}\n"
    "explanation: {variables: {o: {located_at: 'output[0]'}}}\nclaims:\n"
)


def claims(**conditions: str) -> str:
    return TEXT + "".join(f"  {n}: {{always: {c!r}}}\n" for n, c in conditions.items())


def exact(weights: list[float]) -> str:
    """The exact value of the dot product with the float32 weights, as an expression."""
    numbers = [Fraction(float(np.float32(w))) for w in weights]
    return " + ".join(f"({n.numerator} / {n.denominator}) * {x}" for n, x in zip(numbers, "abc", strict=True))


def test_explain_prints_what_is_covered_and_what_is_not() -> None:
    out = CliRunner().invoke(application, ["explain"]).output
    for word in ("every order of summation", "fused", "(c - m) a", "c a + (b - m a)", "reciprocal", "folded", "2^-126"):
        assert word in out
    excluded = out[out.index("Not covered") :]
    for word in ("TF32", "Winograd", "FFT", "not listed", "float64"):
        assert word in excluded


def test_no_order_of_summation_is_taken_for_granted(tmp_path: Path) -> None:
    """With 0.1, 0.2, 0.3 the listed order has a value; other orders have others, and all stay near the exact value."""
    dense(tmp_path / "m.onnx", [([[0.1, 0.2, 0.3]], [0])])
    results = verify(
        tmp_path,
        claims(
            near=f"abs(network.o - ({exact([0.1, 0.2, 0.3])})) <= 0.001",
            equal=f"network.o == {exact([0.1, 0.2, 0.3])}",
        ),
        timeout=2.0,
    )
    assert results["near"].verdict == "PROVED"
    assert results["equal"].verdict in ("REFUTED", "OPEN")


def test_batch_normalisation_covers_folding(tmp_path: Path) -> None:
    """The claim holds within a bound that is wider than the folding error, and not within the node's own roundings."""
    scale, shift, mean, variance = [3.0], [0.1], [1000.0], [0.01]
    onnx_file(
        tmp_path / "m.onnx",
        [
            ("Gemm", ("x", "w", "b"), ("h",), {"transB": 1}),
            ("BatchNormalization", ("h", "s", "t", "m", "v"), ("output",), {"epsilon": 0.0}),
        ],
        {"x": ["batch", 3]}, {"output": ["batch", 1]},
        {"w": [[1.0, 1.0, 1.0]], "b": [0.0], "s": scale, "t": shift, "m": mean, "v": variance},
    )  # fmt: skip
    value = "(a + b + c - 1000) * 30 + 0.1"
    text = claims(wide=f"abs(network.o - ({value})) <= 1", tight=f"abs(network.o - ({value})) <= 0.000001")
    results = verify(tmp_path, text.replace("0 .. 1000", "0 .. 100"), timeout=2.0)
    assert results["wide"].verdict == "PROVED"
    assert results["tight"].verdict in ("REFUTED", "OPEN")




def lying(off: float, only_at: float | None = None) -> Any:
    true_run = onnx_model.OnnxModel.run

    def run(self: Any, feeds: Any, activations: tuple[str, ...], done: Any = ()) -> tuple[RuntimeRun, ...]:
        runs = true_run(self, feeds, activations, done)
        first = np.asarray(feeds["x"]).reshape(len(feeds["x"]), -1)[:, 0]
        wrong = first == only_at if only_at is not None else np.ones(len(first), dtype=bool)
        changed = {k: v + off * wrong.reshape(-1, *[1] * (v.ndim - 1)).astype(v.dtype) for k, v in runs[-1].values.items()}
        return (*runs[:-1], replace(runs[-1], values=changed))

    return run


def test_a_runtime_outside_its_enclosure_is_an_error_for_every_claim(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dense(tmp_path / "m.onnx", [([[1, 1, 1]], [0])])
    text = claims(right="network.o >= 0", wrong="network.o <= 5", beside="a <= 1000")
    assert verdicts(verify(tmp_path, text)) == {"right": "PROVED", "wrong": "REFUTED", "beside": "PROVED"}
    monkeypatch.setattr(onnx_model.OnnxModel, "run", lying(1.0))
    results = verify(tmp_path, text)
    assert verdicts(results) == dict.fromkeys(("right", "wrong", "beside"), "ERROR")
    for result in results.values():
        assert "outside the enclosure" in (result.detail or "")
        assert not result.as_expected


def test_a_runtime_that_lies_at_the_witness_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not among the samples of the cross-check, but run as a witness: an error as well, never a refutation."""
    dense(tmp_path / "m.onnx", [([[1, 1, 1]], [0])])
    text = claims(never_417="a != 417 or network.o < 0 or b + c > 1", beside="a <= 1000")
    assert verdicts(verify(tmp_path, text)) == {"never_417": "REFUTED", "beside": "PROVED"}
    monkeypatch.setattr(onnx_model.OnnxModel, "run", lying(1.0, only_at=417.0))
    assert verdicts(verify(tmp_path, text)) == {"never_417": "ERROR", "beside": "ERROR"}
