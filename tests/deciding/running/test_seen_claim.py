"""A claim at many points at once says what the exact evaluation of each run says."""

from fractions import Fraction as F
from pathlib import Path

import numpy as np
import pytest
from runtime_jobs import job_of
from semantics_tools import dense, onnx_file

from mechverify.deciding.running.replay import judged_runs
from mechverify.deciding.running.seen_claim import SeenClaim

SPEC = """model: {onnx: m.onnx, arithmetic: float32, feed: {x: [a + b, 0.5, 0.3 * b]}}
inputs: {a: {integers: -9 .. 9}, b: {reals: 0 .. 1}}
explanation: {variables: {y: {located_at: 'output[1]', read_as: 2 * it + 1}, z: {located_at: output}}}
claims: {c: {always: CLAIM}}
"""
WEIGHTS = [([[0.7, -0.3, 0.1], [0.1, 0.2, 0.3]], [0.25, -0.5]), ([[1.5, -1.0], [0.3, 0.3]], [0.0, 0.1])]
CLAIMS = [
    "network.y <= a + 1.5",
    "network.z[0] == 1.05 * (a + b) + 0.14",
    "not (network.y > a and network.z[0] > 3)",
    "argmax(network.z) == 0 or a < 0",
]


@pytest.mark.parametrize("claim", CLAIMS)
def test_it_says_what_every_run_says(tmp_path: Path, claim: str) -> None:
    dense(tmp_path / "m.onnx", WEIGHTS)
    job = job_of(tmp_path, SPEC.replace("CLAIM", f'"{claim}"'))
    seen = SeenClaim.of(job.compiled, job.models)
    assert seen is not None
    rng = np.random.default_rng(0)
    points = np.stack([rng.integers(-9, 10, 200), rng.random(200)], axis=1)
    holds, gaps = seen(points)
    exact = judged_runs(job.compiled, job.models, [(F(int(a)), F(float(b))) for a, b in points])
    assert holds.tolist() == [all(judged.claim for _, judged in row) for row in exact]
    assert len(set(holds.tolist())) == 2 or "==" in claim
    assert np.all(gaps[~holds] <= 0)
    if "<=" in claim:
        margins = [min(float(judged.margin or 0) for _, judged in row) for row in exact]
        assert gaps == pytest.approx(margins, abs=1e-12)


def test_several_models_are_run_the_same_way_together(tmp_path: Path) -> None:
    dense(tmp_path / "m.onnx", WEIGHTS)
    dense(tmp_path / "n.onnx", [*WEIGHTS, ([[1.0, 0.0], [0.0, 1.0]], [0.0, 0.0])])
    text = """models:
  f: {onnx: m.onnx, arithmetic: float32, feed: {x: x}}
  g: {onnx: n.onnx, arithmetic: float32, feed: {x: x}}
inputs: {x: {reals: 0 .. 1, shape: [3]}}
explanation: {variables: {z: {located_at: output}}}
claims: {c: {always: "f.z[0] <= g.z[0] and g.z[0] < 1"}}
"""
    job = job_of(tmp_path, text)
    seen = SeenClaim.of(job.compiled, job.models)
    assert seen is not None
    points = np.random.default_rng(1).random((100, 3))
    holds, _ = seen(points)
    exact = judged_runs(job.compiled, job.models, [tuple(F(float(v)) for v in p) for p in points])
    assert holds.tolist() == [all(judged.claim for _, judged in row) for row in exact]


def test_what_moves_values_or_reads_truth_values_is_not_seen_so(tmp_path: Path) -> None:
    dense(tmp_path / "m.onnx", WEIGHTS)
    text = SPEC.replace("y: {", "y: {value: a, ").replace("{c: {", "{c: {interchange: [y], ")
    moved = job_of(tmp_path, text.replace("CLAIM", "'network.z[0] <= 5'"))
    assert SeenClaim.of(moved.compiled, moved.models) is None
    nodes = [("Greater", ("x", "zero"), ("y",))]
    onnx_file(tmp_path / "m.onnx", nodes, {"x": [1, 1]}, {"y": [1, 1]}, {"zero": [[0.0]]})
    text = """model: {onnx: m.onnx, arithmetic: float32, feed: {x: [a]}}
inputs: {a: {reals: -1 .. 1}}
explanation: {variables: {y: {located_at: 'y[0]'}}}
claims: {c: {always: "network.y == 1"}}
"""
    truths = job_of(tmp_path, text)
    assert SeenClaim.of(truths.compiled, truths.models) is None
