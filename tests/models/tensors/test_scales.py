"""Scalar factors before a matrix product, whatever their shape and value: default onnxruntime applies them behind it.

Each chain of operations ends in a product with large weights: where the factors come behind it, the sum of the products
overflows, or underflows, although nothing as written does.
"""

from pathlib import Path

import numpy as np
import pytest
from onnx_making import make_model, node, save

from mechverify.models.crosscheck import cross_check, enclose
from mechverify.models.onnx.model import OnnxModel, read_onnx

BIG = 3e38

# Operations on "h" (two numbers), the constants they need and the value of h that shows it; the last output is "z".
CHAINS = {
    "scalar": ([("Mul", "h", "s")], {"s": 2.0**-60}),
    "scalar first": ([("Mul", "s", "h")], {"s": 2.0**-60}),
    "zero": ([("Mul", "h", "s")], {"s": 0.0}),
    "one axis": ([("Mul", "h", "s")], {"s": [2.0**-60]}),
    "two axes": ([("Mul", "h", "s")], {"s": [[2.0**-60]]}),
    "divided": ([("Div", "h", "s")], {"s": 2.0**60}),
    "after a vector": ([("Mul", "h", "v"), ("Mul", "hv", "s")], {"v": [3.0, 2.0], "s": 2.0**-60}),
    "three in a row": ([("Mul", "h", "s"), ("Div", "hs", "t"), ("Mul", "hst", "s")], {"s": 2.0**-30, "t": 2.0**30}),
    "with one between": ([("Mul", "h", "s"), ("Mul", "hs", "t")], {"s": 2.0**-60, "t": 1.0}),
    "with minus one between": ([("Mul", "h", "s"), ("Mul", "hs", "t")], {"s": 2.0**-60, "t": -1.0}),
    "up and down": ([("Mul", "h", "s"), ("Mul", "hs", "t")], {"s": 2.0**90, "t": 2.0**-95}),
    "moved": ([("Mul", "h", "s"), ("Transpose", "hs"), ("Transpose", "hst")], {"s": 2.0**-60}),
    "made of constants": ([("Div", "t", "s"), ("Mul", "h", "ts")], {"s": 2.0**60, "t": 1.0}),
    "a sum of constants": ([("Add", "s", "s"), ("Mul", "h", "ss")], {"s": 2.0**-60}),
    "a power of a constant": ([("Pow", "s", "t"), ("Mul", "h", "st")], {"s": 2.0**-30, "t": 2.0}),
    "subnormal": ([("Mul", "h", "s")], {"s": 2.0**-140}),
}


def chained(path: Path, chain: str, weights: np.ndarray, *, swapped: bool = False) -> OnnxModel:
    """y = (the chain of x) @ weights, or the other way round."""
    steps, constants = CHAINS[chain]
    nodes = []
    name = "h"
    for op, *inputs in steps:
        name = "".join(inputs) if op != "Transpose" else f"{inputs[0]}t"
        nodes.append(node(op, inputs, [name]))
    if swapped:
        nodes += [node("Transpose", [name], ["flipped"]), node("MatMul", ["w", "flipped"], ["y"])]
    else:
        nodes.append(node("MatMul", [name, "w"], ["y"]))
    values = {n: np.array(v, dtype=np.float32) for n, v in constants.items()}
    values |= {"w": weights.T if swapped else weights, "one": np.ones(2, dtype=np.float32)}
    proto = make_model([node("Mul", ["x", "one"], ["h"]), *nodes], {"x": ["N", 2]}, ["y"], values)
    return read_onnx(save(proto, path / "m.onnx"))


def check(model: OnnxModel, *, overflows: bool) -> None:
    """All runtimes lie in the enclosure at small, large and mixed inputs."""
    feeds = {"x": np.array([[1, 1], [0, 0], [2.0**-60, -3], [2.0**40, 1.5], [-1, 1]], dtype=np.float32)}
    cross_check(model, feeds)
    low, high = enclose(model, {"x": feeds["x"][:1]}, ["y"])["y"]
    if overflows:
        assert (low.item(), high.item()) == (-np.inf, np.inf)


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize("chain", CHAINS)
def test_a_factor_moved_behind_a_product_that_overflows(tmp_path: Path, chain: str, swapped: bool) -> None:
    model = chained(tmp_path, chain, np.array([[BIG], [BIG]], dtype=np.float32), swapped=swapped)
    check(model, overflows=True)


@pytest.mark.parametrize("chain", CHAINS)
def test_a_factor_moved_behind_a_product_that_underflows(tmp_path: Path, chain: str) -> None:
    check(chained(tmp_path, chain, np.array([[2.0**-120], [2.0**-100]], dtype=np.float32)), overflows=False)


def test_factors_of_both_operands_and_of_the_result(tmp_path: Path) -> None:
    nodes = [node("Mul", ["x", "s"], ["l"]), node("Div", ["z", "t"], ["r"]), node("MatMul", ["l", "r"], ["p"])]
    nodes += [node("Mul", ["p", "s"], ["y"])]
    constants = {"s": np.float32(2.0**-30), "t": np.array([2.0**20], dtype=np.float32)}
    proto = make_model(nodes, {"x": ["N", 1, 2], "z": ["N", 2, 1]}, ["y"], constants)
    model = read_onnx(save(proto, tmp_path / "m.onnx"))
    sizes = [2.0**e for e in (-120, -70, -1, 0, 60, 90, 120)]
    rows = np.array([(a, b) for a in sizes for b in sizes], dtype=np.float32)
    x, z = rows[:, None, [0, 0]], rows[:, [1, 1], None]
    z[:, 1] *= -1
    cross_check(model, {"x": x, "z": z})
    low, high = enclose(model, {"x": x[-1:], "z": z[-1:]}, ["y"])["y"]
    assert (low.item(), high.item()) == (-np.inf, np.inf)


def test_a_factor_of_elements_some_of_which_are_constants(tmp_path: Path) -> None:
    """A product of two variable tensors, the scaled one padded with constants."""
    nodes = [node("Concat", ["x", "c"], ["h"], axis=1), node("Mul", ["h", "s"], ["l"])]
    nodes += [node("Transpose", ["z"], ["w"], perm=[1, 0]), node("MatMul", ["l", "w"], ["y"])]
    constants = {"s": np.float32(2.0**-60), "c": np.array([[2.0**100]], dtype=np.float32)}
    proto = make_model(nodes, {"x": [1, 1], "z": [1, 2]}, ["y"], constants)
    model = read_onnx(save(proto, tmp_path / "m.onnx"))
    feeds = {"x": np.array([[1], [2.0**100]], dtype=np.float32), "z": np.full((2, 2), 2.0**40, dtype=np.float32)}
    cross_check(model, feeds)
    low, high = enclose(model, {n: a[1:] for n, a in feeds.items()}, ["y"])["y"]
    assert (low.item(), high.item()) == (-np.inf, np.inf)


def test_a_convolution_scaled_by_a_constant_that_is_computed(tmp_path: Path) -> None:
    nodes = [node("Pow", ["s", "two"], ["t"]), node("Conv", ["x", "w"], ["h"]), node("Mul", ["h", "t"], ["y"])]
    constants = {"w": np.full((1, 1, 1), 2.0**-100), "s": np.full((1, 1, 1), 2.0**-20), "two": np.array(2.0)}
    values = {n: v.astype(np.float32) for n, v in constants.items()}
    model = read_onnx(save(make_model(nodes, {"x": ["N", 1, 1]}, ["y"], values), tmp_path / "m.onnx"))
    cross_check(model, {"x": np.array([[[2.0**100]], [[1.0]]], dtype=np.float32)})
