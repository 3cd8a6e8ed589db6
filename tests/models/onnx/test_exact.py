"""In ideal arithmetic the graph equals an independent evaluator, Fraction for Fraction, at every activation."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from exact_graph import exact_values
from onnx_cases import CASES, SMOOTH
from onnx_making import make_model, save
from reference_onnx import evaluate

from mechverify.graph.builder import GraphBuilder
from mechverify.models.onnx.model import read_onnx

# Batch normalisation divides by an irrational root, as layer norms do; auto_pad is covered by the runtimes.
NOT_RATIONAL = {"batch_norm", "conv_batch_norm", "gemm_batch_norm", *(name for name in CASES if name in SMOOTH)}


def compare(name: str, tmp_path: Path, seed: int, rounds: int) -> int:
    rng = np.random.default_rng(seed)
    compared = 0
    for _ in range(rounds):
        nodes, inputs, outputs, weights, options = CASES[name](rng)
        if any(a.name == "auto_pad" for n in nodes for a in n.attribute):
            continue
        proto = make_model(nodes, inputs, outputs, weights, options.get("opset", 17), options.get("dtypes"))
        model = read_onnx(save(proto, tmp_path / "m.onnx"))
        builder = GraphBuilder()
        feed, point, reference = {}, [], {}
        for given in model.inputs:
            size = int(np.prod(given.shape))
            kind = "real" if given.dtype == "float32" else "integer"
            values = [
                Fraction(int(v), 1 if kind == "integer" else 8)
                for v in rng.integers(1, options.get("integers", 40), size)
            ]
            places = [
                builder.input(f"{given.name}{i}", kind, Fraction(0), Fraction(options.get("integers", 40) - 1))
                for i in range(size)
            ]
            feed[given.name] = np.array(places).reshape(given.shape)
            point += values
            full = next(i.shape for i in model.graph_inputs if i.name == given.name)
            array = np.empty(size, dtype=object)
            array[:] = values
            reference[given.name] = array.reshape(full)
        built = model.build(builder, feed, "exact")
        found = exact_values(builder.graph(), point)
        wanted = evaluate(proto, reference)
        for activation, nodes_array in built.items():
            expected = np.asarray(wanted[activation], dtype=object).ravel()
            assert nodes_array.size == expected.size
            for node, value in zip(nodes_array.ravel().tolist(), expected, strict=True):
                assert found[node] == value, (name, activation)
                compared += 1
    return compared


@pytest.mark.parametrize("name", sorted(set(CASES) - NOT_RATIONAL))
def test_graph_equals_the_reference_evaluator(name: str, tmp_path: Path) -> None:
    assert compare(name, tmp_path, seed=7, rounds=4) > 0


@pytest.mark.campaign
@pytest.mark.parametrize("name", sorted(set(CASES) - NOT_RATIONAL))
def test_campaign_graph_equals_the_reference_evaluator(name: str, tmp_path: Path) -> None:
    assert compare(name, tmp_path, seed=99, rounds=100) > 0
