"""Inputs whose elements have ranges of their own: in proofs, counts, counterexamples, interchanges and calls."""

from pathlib import Path

import pytest
from semantics_tools import dense, verify

import mechverify

PROGRAM = """from typing import Annotated


def f(v: Annotated[list[int], 3]):
    h = v[0] + v[1]
    return h + v[2]
"""
SPEC = """model: {program: 'p.py:f'}
inputs: {v: {integers: [0 .. 3, 5 .. 9, -1 .. 0]}}
explanation:
  variables:
    h: {value: 'v[0] + v[1]', located_at: h}
    out: {value: 'h + v[2]', located_at: output}
claims:
  least: {always: 4 <= network.out <= 12}
  tight: {always: network.out > 4, expect: refuted}
  moved: {interchange: [h], always: network.out == out}
"""


def test_a_program(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text(PROGRAM)
    found = verify(tmp_path, SPEC, iia_samples=50)
    assert all(one.as_expected for one in found.values())
    assert found["least"].counts.total == (4 * 5 * 2,) * 2
    assert found["moved"].counts.total == ((4 * 5 * 2) ** 2,) * 2
    counterexample = found["tight"].counterexample
    assert counterexample is not None
    assert dict(counterexample.inputs) == {"v": (0, 5, -1)}
    assert "v[0] from 0 to 3 and all integers v[1] from 5 to 9" in found["least"].sentence


def test_a_network(tmp_path: Path) -> None:
    dense(tmp_path / "net.onnx", [([[1, 1], [1, -1]], [0, 0]), ([[1, 0]], [0])])
    text = (
        "model: {onnx: net.onnx}\ninputs: {x: {reals: [0 .. 0.5, 2 .. 3]}}\nexplanation: {variables: {out: "
        "{located_at: 'output[0]'}}}\nclaims:\n  in_range: {always: 1.9 <= network.out <= 3.6}\n"
        "  beyond: {always: network.out <= 3, expect: refuted}\n"
    )
    assert all(one.as_expected for one in verify(tmp_path, text).values())


@pytest.mark.parametrize(
    "bounds", [[(0, 3), (5, 9)], {"integers": ["0 .. 3", "5 .. 9"]}, {"integers": ["0 .. 3", "5 .. 9"], "shape": 2}]
)
def test_in_memory(tmp_path: Path, bounds: object) -> None:
    net = dense(tmp_path / "net.onnx", [([[1, 1], [1, -1]], [0, 0]), ([[1, 0]], [0])])
    inputs = {"x": bounds}
    found = mechverify.verify(net, inputs=inputs, sites={"out": "output[0]"}, claim="5 <= network.out <= 12")  # type: ignore[arg-type]
    assert found.verdict == "PROVED"
    assert found.result.counts.total == (20, 20)
