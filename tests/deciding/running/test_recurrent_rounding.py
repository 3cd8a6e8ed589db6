"""Recurrent networks that are right in ideal arithmetic, and wrong by rounding at a share of the inputs."""

from pathlib import Path

import numpy as np
import pytest
from runtime_jobs import job_of, shows
from semantics_tools import onnx_file

from mechverify.deciding.running.runtime_search import broken_in_runtimes
from mechverify.deciding.running.seen_claim import SeenClaim

LENGTH = 4
SPEC = """model: {onnx: m.onnx, arithmetic: float32, feed: {x: x}}
inputs: {x: {reals: 0 .. 1, shape: [4]}}
explanation: {variables: {y: {located_at: y}}}
claims: {right: {always: "CLAIM"}}
"""
SECOND = "max(max(0, min(x[i], max(max(0, x[j]) for j in range(i)))) for i in range(1, 4))"


# What the parts of a unit are of it, and the weights with which they are read; their products are 1 in sum.
SHARES = {1: ((1.0,), (1.0,)), 4: ((1.5, 1.75, 0.75, 0.625), (-2.875, 1.375, 2.625, 1.5))}


def second_largest(path: Path, length: int = LENGTH, parts: int = 1) -> None:
    """Running maxima in four ReLU units, each as several; y is the largest input and the second largest."""
    largest, second = np.array([1.0, 1, 0, 0]), np.array([0.0, -1, 1, 1])
    shares, reads = SHARES[parts]
    split, join = np.kron(np.eye(4), [[s] for s in shares]), np.kron(np.eye(4), [reads])
    keep = split @ np.stack([largest, -largest, second, -second]) @ join
    weights = {
        "last": np.array([2]),
        "first": np.array([0]),
        "take": (split @ [[0], [1], [0], [1]])[None].astype(np.float32),
        "keep": keep[None].astype(np.float32),
        "read": (join.T @ np.stack([largest, second], axis=1)).astype(np.float32),
    }
    nodes = [
        ("Transpose", ("x",), ("by_time",), {"perm": [1, 0]}),
        ("Unsqueeze", ("by_time", "last"), ("steps",)),
        ("RNN", ("steps", "take", "keep"), ("states", "end"), {"hidden_size": 4 * parts, "activations": ["Relu"]}),
        ("Squeeze", ("end", "first"), ("state",)),
        ("MatMul", ("state", "read"), ("y",)),
    ]
    onnx_file(path, nodes, {"x": [1, length]}, {"y": [1, 2]}, weights)


def error_at(folder: Path, share: float, length: int = LENGTH) -> float:
    """The error of the largest input that onnxruntime exceeds at this share of random inputs."""
    import onnxruntime

    session = onnxruntime.InferenceSession(str(folder / "m.onnx"), providers=["CPUExecutionProvider"])
    points = np.random.default_rng(0).uniform(0, 1, (4000, length))
    errors = [abs(session.run(None, {"x": p[None].astype(np.float32)})[0][0, 0] - p.max()) for p in points]
    return float(np.quantile(errors, 1 - share))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("share", [0.01, 0.001])
def test_an_error_at_one_input_in_a_hundred_or_a_thousand_is_found(tmp_path: Path, share: float, seed: int) -> None:
    second_largest(tmp_path / "m.onnx")
    limit = error_at(tmp_path, share)
    job = job_of(tmp_path, SPEC.replace("CLAIM", f"abs(network.y[0] - max(x)) <= {limit:.12g}"))
    found = broken_in_runtimes(job.compiled, job.models, (), 5.0, seed)
    assert found
    assert shows(job, found[0])


@pytest.mark.parametrize("seed", range(4))
def test_of_wide_networks_and_long_inputs_too(tmp_path: Path, seed: int) -> None:
    """Ten inputs, sixteen units: one input in a thousand breaks the claim."""
    second_largest(tmp_path / "m.onnx", 10, 4)
    limit = error_at(tmp_path, 0.001, 10)
    text = SPEC.replace("[4]", "[10]").replace("CLAIM", f"abs(network.y[0] - max(x)) <= {limit:.12g}")
    job = job_of(tmp_path, text)
    found = broken_in_runtimes(job.compiled, job.models, (), 3.0, seed)
    assert found
    assert shows(job, found[0])


def test_a_slow_machine_runs_enough_points_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where points are run one at a time."""
    monkeypatch.setattr(SeenClaim, "of", lambda *_: None)
    second_largest(tmp_path / "m.onnx")
    limit = error_at(tmp_path, 0.01)
    job = job_of(tmp_path, SPEC.replace("CLAIM", f"abs(network.y[0] - max(x)) <= {limit:.12g}"))
    assert broken_in_runtimes(job.compiled, job.models, (), 1e-4, 0) == ()
    assert broken_in_runtimes(job.compiled, job.models, (), 1e-4, 0, patience=2e5)


def test_the_exact_claim_is_broken(tmp_path: Path) -> None:
    second_largest(tmp_path / "m.onnx")
    job = job_of(tmp_path, SPEC.replace("CLAIM", f"network.y[1] == {SECOND}"))
    assert broken_in_runtimes(job.compiled, job.models, (), 5.0, 0)


def test_nothing_is_found_within_a_tolerance_that_holds(tmp_path: Path) -> None:
    second_largest(tmp_path / "m.onnx")
    job = job_of(tmp_path, SPEC.replace("CLAIM", f"abs(network.y[1] - {SECOND}) <= 0.00001"))
    assert broken_in_runtimes(job.compiled, job.models, (), 0.5, 0) == ()
