"""A chain of k identical mechanisms, x_i = max(x_(i-1), y_i) / 2 + y_i / 4, as a ReLU network in which
each reads its own input, and a spec that moves all of them."""

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
  nothing_else_matters:
    faithful: true
"""


def layers(k: int, i: int) -> tuple[Matrix, Matrix, Matrix]:
    """The weights of mechanism i: of x_(i-1), shape (1, 3), and of y, (k + 1, 3), for
    [max(y_i - x_(i-1), 0) / 2, x_(i-1) / 2, y_i / 4], and of the sum of these, (3, 1). x_0 is y_0.
    """
    before, own = np.array([[-0.5, 0.5, 0]]), np.zeros((k + 1, 3))
    own[i] = [0.5, 0, 0.25]
    if i == 1:
        own[0] = before
    return before, own, np.ones((3, 1))


def write(folder: Path, k: int, top: int = 1_000_000) -> Path:
    """Write chain.onnx and chain.yaml, x_i at hidden_(2 i)[0], every mechanism with a ReLU behind each of its two
    layers; the path of the spec.
    """
    value, nodes, weights = "y", [], []
    for i in range(1, k + 1):
        named = zip(("before", "own", "sum"), layers(k, i), strict=True)
        weights += [numpy_helper.from_array(m.astype(np.float32), f"{n}_{i}") for n, m in named]
        split = f"own_part_{i}"
        nodes.append(helper.make_node("MatMul", ["y", f"own_{i}"], [split]))
        if i > 1:
            nodes.append(helper.make_node("MatMul", [value, f"before_{i}"], [f"before_part_{i}"]))
            nodes.append(helper.make_node("Add", [f"before_part_{i}", split], [f"split_{i}"]))
            split = f"split_{i}"
        nodes.append(helper.make_node("Relu", [split], [f"hidden_{2 * i - 1}"]))
        nodes.append(helper.make_node("MatMul", [f"hidden_{2 * i - 1}", f"sum_{i}"], [f"joined_{i}"]))
        value = f"hidden_{2 * i}"
        nodes.append(helper.make_node("Relu", [f"joined_{i}"], [value]))
    weights = [w for w in weights if w.name != "before_1"]
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
