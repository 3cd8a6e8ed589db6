"""SEMANTICS 22 for several directions at once: `it` = D^T h, and h += D (D^T D)^-1 (t - D^T h)."""

from fractions import Fraction as F
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file
from semantics_tools import dense, mistakes, verdicts, verify

from mechverify.api import VerifyOptions, check_certificate_file
from mechverify.deciding.running.point_view import PointView
from mechverify.deciding.running.replay import replays_at
from mechverify.spec.read import read_spec
from mechverify.verification.loading import load_models
from mechverify.verification.plan import plan

# Columns: two orthogonal directions of length 5 and 13, and what is left of the space.
TURNED = np.array([[3, 0, 4], [0, 13, 0], [4, 0, -3]], dtype=np.float32)


def network(folder: Path) -> None:
    """h = TURNED (x_1, x_2, x_3), output = the coordinates (25 x_1, 169 x_2, 25 x_3) read off h again."""
    dense(folder / "m.onnx", [(TURNED, [0, 0, 0]), (TURNED.T, [0, 0, 0])])
    save_file({"rotation": TURNED, "decoder": np.ascontiguousarray(TURNED.T)}, folder / "das.safetensors")


SPEC = (
    "model: {onnx: m.onnx, arithmetic: %s, feed: {x: [x_1, x_2, x_3]}}\n"
    "inputs: {x_1: {integers: 1 .. 20}, x_2: {integers: 0 .. 20}, x_3: {integers: 0 .. 1}}\n"
    "explanation:\n  variables:\n"
    "    pair: {value: '[25 * x_1, 169 * x_2]', located_at: {directions: %s, of: before_1}}\n"
    "    rest: {value: 25 * x_3, located_at: {direction: {file: das.safetensors, tensor: rotation, column: 2}, of: before_1}}\n"
    "    out: {value: 'pair[0] + 2 * pair[1]', located_at: output, read_as: 'it[0] + 2 * it[1]'}\n"
    "claims:\n"
    "  read: {always: 'network.pair == pair and network.rest == rest'}\n"
    "  moved: {interchange: [pair], always: 'network.out == out and network.pair == pair and network.rest == 25 * x_3'}\n"
    "  both: {interchange: [pair, rest], always: 'network.out == out and network.rest == rest'}\n"
    "  wrong: {interchange: [pair], always: network.out == 25 * x_1 + 338 * x_2, expect: refuted}\n"
)
FROM_FILE = "{file: das.safetensors, tensor: rotation, columns: 0 .. 1}"
ROWS = "{file: das.safetensors, tensor: decoder, rows: [0, 1]}"
INLINE = "[[3, 0, 4], [0, 13, 0]]"
EXPECTED = {"read": "PROVED", "moved": "PROVED", "both": "PROVED", "wrong": "REFUTED"}


@pytest.mark.parametrize("where", [FROM_FILE, ROWS, INLINE])
def test_a_subspace_is_read_and_set(tmp_path: Path, where: str) -> None:
    network(tmp_path)
    found = verify(tmp_path, SPEC % ("real", where), timeout=30.0)
    assert verdicts(found) == EXPECTED
    shown = found["wrong"].counterexample
    assert shown is not None
    assert len(shown.replays) == 4
    assert all(r.shows for r in shown.replays)
    notes = [n for n in found["moved"].notes if n.startswith("pair is read along")]
    if where == INLINE:
        assert notes == []
    else:
        assert "2 directions of 3 numbers in before_1, norms 5, 13" in notes[0]
    assert found["read"].notes[-1] == (
        "rest is read along column 2 of rotation in das.safetensors: a direction of 3 numbers in before_1, norm 5."
    )


def test_a_subspace_is_set_in_float32(tmp_path: Path) -> None:
    """Every execution: each coordinate that is moved is a rounded sum, and each unit."""
    network(tmp_path)
    text = SPEC % ("float32", FROM_FILE)
    text = text.replace("network.out == out", "abs(network.out - out) <= 1").replace("'network.pair == pair and", "'true and")
    text = text.replace("network.rest == 25 * x_3", "abs(network.rest - 25 * x_3) <= 1").replace(
        "and network.pair == pair and", "and abs(network.pair[0] - pair[0]) <= 1 and"
    )
    text = text.replace("network.rest == rest", "abs(network.rest - rest) <= 1")
    assert verdicts(verify(tmp_path, text, timeout=30.0)) == EXPECTED


def test_the_same_in_torch(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    network(tmp_path)
    (tmp_path / "turned_net.py").write_text(
        "import torch\nclass Net(torch.nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.before_1 = torch.nn.Linear(3, 3, bias=False)\n        self.after = torch.nn.Linear(3, 3, bias=False)\n"
        "    def forward(self, x):\n        return self.after(torch.relu(self.before_1(x)))\n"
    )
    save_file({"before_1.weight": TURNED, "after.weight": np.ascontiguousarray(TURNED.T)}, tmp_path / "w.safetensors")
    text = (SPEC % ("real", FROM_FILE)).replace("onnx: m.onnx", "torch: 'turned_net:Net', weights: w.safetensors")
    found = verify(tmp_path, text, allow_code=True, timeout=30.0)
    assert verdicts(found) == EXPECTED
    shown = found["wrong"].counterexample
    assert shown is not None
    assert {r.runtime for r in shown.replays} == {"torch (eager, CPU)"}
    assert all(r.shows for r in shown.replays)


def test_skewed_directions_by_numpy(tmp_path: Path) -> None:
    """Directions that are not orthogonal, against h + D (D^T D)^-1 (t - D^T h) computed by numpy, in graph and runtime."""
    rng = np.random.default_rng(3)
    one, two = rng.normal(size=(5, 3)).astype(np.float32), rng.normal(size=(2, 5)).astype(np.float32)
    directions = rng.normal(size=(5, 2)).astype(np.float16)
    dense(tmp_path / "m.onnx", [(one, np.zeros(5)), (two, np.zeros(2))])
    save_file({"d": directions}, tmp_path / "d.safetensors")
    text = (
        "mechverify: 1\ntitle: A fixture\nmodel: {onnx: m.onnx, feed: {x: v}}\ninputs: {v: {integers: 0 .. 9, shape: [3]}}\n"
        "explanation:\n  variables:\n    p: {value: '[v[0], v[1]]',"
        " located_at: {directions: {file: d.safetensors, tensor: d, columns: all}, of: before_1}}\n"
        "    h: {located_at: before_1}\n    out: {value: 'p[0]', located_at: output}\n"
        "claims:\n  c: {interchange: [p], always: 'network.out[0] <= 1000 and network.h[0] <= 1000 and network.p[0] <= 1000'}\n"
    )
    (tmp_path / "s.yaml").write_text(text)
    spec = read_spec(tmp_path / "s.yaml")
    models = load_models(spec, allow_code=False)
    (planned,) = plan(spec, models, VerifyOptions())
    assert planned.job is not None
    assert planned.job.ideal is not None
    point = tuple(F(k * 7 % 10) for k, _ in enumerate(planned.job.compiled.graph.inputs))
    names = [i.name for i in planned.job.compiled.graph.inputs]
    base, source = (
        np.array([float(point[names.index(f"{before}v[{k}]")]) for k in range(3)]) for before in ("", "p from: ")
    )
    d = directions.astype(np.float64)
    h, s = one.astype(np.float64) @ base, one.astype(np.float64) @ source
    wanted = h + d @ np.linalg.inv(d.T @ d) @ (d.T @ s - d.T @ h)
    exact = PointView(planned.job.ideal, point).ideal_network()
    np.testing.assert_allclose([float(v) for v in exact["network", "h"]], wanted, rtol=1e-12)  # type: ignore[union-attr, arg-type]
    np.testing.assert_allclose([float(v) for v in exact["network", "p"]], d.T @ s, rtol=1e-12)  # type: ignore[union-attr, arg-type]
    output = two.astype(np.float64) @ np.maximum(wanted, 0)
    replays = replays_at(planned.job.compiled, models, point)
    assert len(replays) == 4
    for replay in replays:
        np.testing.assert_allclose([float(v) for v in replay.values["out"]], output, rtol=1e-4)  # type: ignore[union-attr, arg-type]
        np.testing.assert_allclose([float(v) for v in replay.values["p"]], d.T @ s, rtol=1e-4)  # type: ignore[union-attr, arg-type]


def test_a_subspace_and_a_direction_in_it_overlap(tmp_path: Path) -> None:
    network(tmp_path)
    text = (SPEC % ("real", INLINE)).replace("column: 2", "column: 1")
    (found,) = mistakes(tmp_path, text)
    assert "the sites of pair and rest overlap in before_1" in found


@pytest.mark.parametrize("of", ["before_1[0:2]", "output"])
def test_as_many_units_as_components(tmp_path: Path, of: str) -> None:
    dense(tmp_path / "m.onnx", [(TURNED, [0, 0, 0]), (TURNED[:2], [0, 0])])
    save_file({"rotation": TURNED}, tmp_path / "das.safetensors")
    text = (SPEC % ("real", FROM_FILE)).replace("of: before_1", f"of: '{of}'")
    assert any("3 " in m and ("at most 2" in m or "which has 2 units" in m) for m in mistakes(tmp_path, text))


def test_a_certificate_is_about_the_numbers_in_the_file(tmp_path: Path) -> None:
    network(tmp_path)
    found = verify(tmp_path, SPEC % ("real", FROM_FILE), certificates=tmp_path / "certificates", timeout=30.0)
    proof = found["moved"].proof
    assert proof is not None
    assert proof.certificate is not None
    spec = tmp_path / "spec.yaml"
    options = VerifyOptions(claims=("moved",))
    assert check_certificate_file(proof.certificate, spec, options).spec_matches is True
    save_file({"rotation": TURNED + np.float32(0.5)}, tmp_path / "das.safetensors")
    assert check_certificate_file(proof.certificate, spec, options).spec_matches is False
