"""A chain of k identical mechanisms, x_i = max(x_(i-1), y_i) / 2 + y_i / 4, as a ReLU network, and a spec that moves
all of them."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

Matrix = npt.NDArray[np.float64]

SPEC = """\
mechverify: 1
title: A chain of {k} mechanisms
model:
  onnx: chain.onnx
  arithmetic: real
inputs:
  y: {{integers: 0 .. {top}, shape: [{size}]}}
explanation:
  variables:
{variables}
claims:
  moved:
    interchange: [{names}]
    always: {agree}
"""


def layers(k: int) -> list[Matrix]:
    """y_0 .. y_k -> [max(y_1 - x_0, 0) / 2, x_0 / 2, y_1 / 4, y_2 .. y_k] -> [x_1, y_2 .. y_k] and so on; x_0 is
    y_0. Each of shape (in, out), with a ReLU behind it.
    """
    found = []
    for left in range(k, 0, -1):
        split = np.zeros((left + 1, left + 2))
        split[:2, :3] = [[-0.5, 0.5, 0], [0.5, 0, 0.25]]
        join = np.zeros((left + 2, left))
        join[:3, 0] = 1
        split[2:, 3:] = join[3:, 1:] = np.eye(left - 1)
        found += [split, join]
    return found


def write(folder: Path, k: int, top: int = 1_000_000) -> Path:
    """Write chain.onnx and chain.yaml, x_i at hidden_(2 i)[0]; the path of the spec."""
    value, nodes, weights = "y", [], []
    for n, matrix in enumerate(layers(k), start=1):
        weights.append(numpy_helper.from_array(matrix.astype(np.float32), f"weights_{n}"))
        nodes.append(helper.make_node("MatMul", [value, f"weights_{n}"], [f"before_{n}"]))
        value = f"hidden_{n}"
        nodes.append(helper.make_node("Relu", [f"before_{n}"], [value]))
    ends = [helper.make_tensor_value_info(n, TensorProto.FLOAT, ["batch", s]) for n, s in (("y", k + 1), (value, 1))]
    graph = helper.make_graph(nodes, "chain", ends[:1], ends[1:], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.save(model, folder / "chain.onnx")
    names = [f"x_{i}" for i in range(1, k + 1)]
    variables = "\n".join(
        f"    x_{i}: {{value: '{_mechanism(i)}', located_at: 'hidden_{2 * i}[0]'}}" for i in range(1, k + 1)
    )
    agree = " and ".join(f"network.{n} == {n}" for n in names)
    path = folder / "chain.yaml"
    path.write_text(SPEC.format(k=k, top=top, size=k + 1, variables=variables, names=", ".join(names), agree=agree))
    return path


def _mechanism(i: int) -> str:
    before = f"x_{i - 1}" if i > 1 else "y[0]"
    return f"max({before}, y[{i}]) / 2 + y[{i}] / 4"
