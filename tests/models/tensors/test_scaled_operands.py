"""Scales that runtimes move across products, at magnitudes where it matters: each of these was outside its enclosure."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from onnx_making import make_model, node, save

from mechverify.graph.builder import GraphBuilder
from mechverify.graph.intervals import interval_values
from mechverify.models.crosscheck import cross_check, enclose
from mechverify.models.model import Model, ModelInput
from mechverify.models.onnx.model import OnnxModel, read_onnx
from mechverify.models.tensors.arithmetic import Arithmetic


def f32(*values: float) -> np.ndarray:
    return np.array(values, dtype=np.float32)


def conv_scaled(path: Path, weights: np.ndarray, factor: float) -> OnnxModel:
    nodes = [node("Conv", ["x", "w"], ["h"]), node("Mul", ["h", "s"], ["y"])]
    constants = {"w": weights.reshape(1, -1, 1), "s": f32(factor).reshape(1, 1, 1)}
    return read_onnx(save(make_model(nodes, {"x": ["N", weights.size, 1]}, ["y"], constants), path / "m.onnx"))


def matmul_scaled(path: Path, weights: np.ndarray, factor: float) -> OnnxModel:
    nodes = [node("Mul", ["x", "s"], ["l"]), node("MatMul", ["l", "w"], ["y"])]
    constants = {"w": weights.reshape(-1, 1), "s": np.float32(factor).reshape(())}
    return read_onnx(save(make_model(nodes, {"x": ["N", weights.size]}, ["y"], constants), path / "m.onnx"))


def values_of(model: Model, x: np.ndarray) -> set[float]:
    """What the runtimes return, every one of them within the enclosure."""
    feeds = {i.name: x.reshape(1, *i.shape) for i in model.inputs}
    cross_check(model, feeds)
    return {float(v) for run in model.run(feeds, model.outputs) for v in run.values[model.outputs[0]].ravel()}


def test_a_folded_weight_may_underflow(tmp_path: Path) -> None:
    found = values_of(conv_scaled(tmp_path, f32(2.0**-110), 2.0**-80), f32(2.0**90))
    assert found == {0.0, 2.0**-100}


def test_folded_products_may_overflow_where_their_sum_does_not(tmp_path: Path) -> None:
    model = conv_scaled(tmp_path, f32(2.0**20, -(2.0**20)), 2.0**60)
    low, high = enclose(model, {"x": np.full((1, 2, 1), 2.0**60, dtype=np.float32)}, ["y"])["y"]
    assert low.item() == -np.inf
    assert high.item() == np.inf
    assert any(np.isnan(v) for v in values_of(model, f32(2.0**60, 2.0**60)))


def test_a_product_without_the_scale_before_it_may_underflow(tmp_path: Path) -> None:
    found = values_of(matmul_scaled(tmp_path, f32(2.0**-60), 2.0**60), f32(2.0**-100))
    assert found == {0.0, 2.0**-100}


def test_a_product_without_the_scale_before_it_may_overflow(tmp_path: Path) -> None:
    found = values_of(matmul_scaled(tmp_path, f32(2.0**60, 1.0), 2.0**-60), f32(2.0**100, 0.0))
    assert found == {np.inf, 2.0**100}


def test_scales_that_a_runtime_may_join_out_of_range_give_any_value(tmp_path: Path) -> None:
    nodes = [node("Mul", ["x", "s"], ["l"]), node("MatMul", ["l", "w"], ["p"]), node("Mul", ["p", "s"], ["y"])]
    constants = {"w": np.ones((2, 1), dtype=np.float32), "s": np.float32(2.0**-70).reshape(())}
    model = read_onnx(save(make_model(nodes, {"x": ["N", 2]}, ["y"], constants), tmp_path / "m.onnx"))
    x = f32(2.0**20, 2.0**100)
    assert values_of(model, x) == {2.0**-40}
    low, high = enclose(model, {"x": x[None]}, ["y"])["y"]
    assert (low.item(), high.item()) == (-np.inf, np.inf)


def test_a_weight_lost_in_folding_stays_lost(tmp_path: Path) -> None:
    nodes = [node("Conv", ["x", "w"], ["h"]), node("Mul", ["h", "s"], ["p"]), node("Mul", ["p", "t"], ["y"])]
    constants = {"w": f32(2.0**-80).reshape(1, 1, 1)}
    constants |= {n: f32(v).reshape(1, 1, 1) for n, v in (("s", 2.0**-90), ("t", 3 * 2.0**90))}
    model = read_onnx(save(make_model(nodes, {"x": ["N", 1, 1]}, ["y"], constants), tmp_path / "m.onnx"))
    assert values_of(model, f32(2.0**80)) == {0.0, 3.0}


def test_a_batch_of_products_with_a_factor() -> None:
    torch = pytest.importorskip("torch")
    from mechverify.models.torch.model import read_torch

    class Batched(torch.nn.Module):
        def forward(self, x, z):
            return torch.baddbmm(x, x, z, alpha=0.3, beta=0.7)

    model = read_torch(Batched(), [ModelInput(n, (2, 2), "float32") for n in "xz"])
    rng = np.random.default_rng(0)
    feeds = {n: (rng.normal(size=(30, 2, 2)) * 10.0 ** rng.uniform(-9, 9, (30, 2, 2))).astype(np.float32) for n in "xz"}
    assert cross_check(model, feeds).values > 0


def test_alpha_may_be_applied_to_an_operand() -> None:
    torch = pytest.importorskip("torch")
    from mechverify.models.torch.model import read_torch

    class Scaled(torch.nn.Module):
        def __init__(self, alpha: float, weight: float) -> None:
            super().__init__()
            self.alpha = alpha
            self.w = torch.nn.Parameter(torch.tensor([[weight], [-weight], [weight], [weight]]))
            self.b = torch.nn.Parameter(torch.zeros(1))

        def forward(self, x):
            return torch.addmm(self.b, x, self.w, alpha=self.alpha)

    inputs = [ModelInput("x", (4,), "float32")]
    big = read_torch(Scaled(2.0**10, 2.0**-40).eval(), inputs)
    values_of(big, f32(2.0**124, 2.0**124, 0, 0))
    low, high = enclose(big, {"x": f32(2.0**124, 2.0**124, 0, 0)[None]}, ["output"])["output"]
    assert (low.item(), high.item()) == (-np.inf, np.inf)
    small = read_torch(Scaled(2.0**-40, 2.0**60).eval(), inputs)
    values_of(small, f32(2.0**-100, 0, 0, 0))
    low, high = enclose(small, {"x": f32(2.0**-100, 0, 0, 0)[None]}, ["output"])["output"]
    assert low.item() <= 0 < 2.0**-80 <= high.item()


def test_the_factor_of_addcmul_may_be_applied_first() -> None:
    torch = pytest.importorskip("torch")
    from mechverify.models.torch.model import read_torch

    class Multiplied(torch.nn.Module):
        def forward(self, x, z):
            return torch.addcmul(x, x, z, value=2.0**40)

    model = read_torch(Multiplied(), [ModelInput(n, (1,), "float32") for n in "xz"])
    feeds = {"x": f32(2.0**100)[None], "z": f32(2.0**-100)[None]}
    cross_check(model, feeds)
    low, high = enclose(model, feeds, ["output"])["output"]
    assert (low.item(), high.item()) == (-np.inf, np.inf)


@pytest.mark.parametrize("factor", [0.5, 0.25, -1.0, 2.0, 8.0, -4.0])
@pytest.mark.parametrize("before", [True, False])
def test_integer_weights_stay_exact(factor: float, before: bool, tmp_path: Path) -> None:
    """The exact grid survives powers of two before and after a product."""
    maker = matmul_scaled if before else conv_scaled
    model = maker(tmp_path, f32(3, -5), factor)
    builder = GraphBuilder()
    x = [builder.input(f"x{i}", "integer", Fraction(-1000), Fraction(1000)) for i in range(2)]
    built = model.build(builder, {"x": np.array(x).reshape(model.inputs[0].shape)}, "float32")
    low, high = interval_values(builder.graph(), np.array([[7, 4], [-1000, 1000]]))
    (output,) = built["y"].ravel()
    assert low[output].tolist() == high[output].tolist() == [factor, factor * -8000]


def gemm(path: Path, alpha: float, weights: np.ndarray, bias: np.ndarray | None) -> OnnxModel:
    constants = {"w": weights} if bias is None else {"w": weights, "c": bias}
    nodes = [node("Gemm", ["x", *constants], ["y"], alpha=alpha)]
    return read_onnx(save(make_model(nodes, {"x": ["N", len(weights)]}, ["y"], constants), path / "m.onnx"))


@pytest.mark.parametrize("alpha", [0.5, 0.125, 2.0, -4.0])
@pytest.mark.parametrize("biased", [True, False])
def test_alpha_that_is_a_power_of_two_keeps_whole_numbers_exact(alpha: float, biased: bool, tmp_path: Path) -> None:
    weights = f32(1, 2, 3, 4, 5, 6).reshape(2, 3)
    bias = f32(1, -7, 0.5) if biased else None
    model = gemm(tmp_path, alpha, weights, bias)
    points = np.array([[7, 4], [-1000, 1000], [0, 1]])
    builder = GraphBuilder()
    x = [builder.input(f"x{i}", "integer", Fraction(-1000), Fraction(1000)) for i in range(2)]
    built = model.build(builder, {"x": np.array(x)}, "float32")
    low, high = interval_values(builder.graph(), points)
    right = alpha * (points @ weights) + (0 if bias is None else bias)
    outputs = built["y"].ravel()
    assert low[outputs].T.tolist() == high[outputs].T.tolist() == right.tolist()
    cross_check(model, {"x": points.astype(np.float32)})


def flushed(x: np.ndarray) -> np.ndarray:
    return np.where(np.abs(x) < np.float32(2.0**-126), np.float32(0), x).astype(np.float32)


def executions(alpha: np.float32, x: np.ndarray, w: np.ndarray) -> list[np.float32]:
    """The factor on the sum, on either operand; subnormals kept or flushed; the sum from either end."""
    found = []
    for keep in (lambda v: v, flushed):
        for left, right, after in ((x, w, alpha), (keep(alpha * x), w, 1), (x, keep(alpha * w), 1)):
            terms = keep(keep(left) * keep(right))
            for order in (terms, terms[::-1]):
                total = np.float32(0)
                for term in order:
                    total = keep(total + term)[()]
                found.append(keep(np.float32(after) * total)[()])
    return found


@pytest.mark.parametrize("seed", range(60))
def test_every_execution_of_a_product_scaled_by_a_power_of_two_is_enclosed(seed: int) -> None:
    """Near the least normal number, where a scaled operand underflows, and near 2^24, where the grid ends."""
    random = np.random.default_rng(seed)
    alpha = np.float32(random.choice([-1, 1]) * 2.0 ** random.integers(-8, 9))
    low, high = ((-130, -110), (-12, 6)) if seed % 2 else ((0, 24), (-3, 3))
    with np.errstate(all="ignore"):
        x = (random.integers(-9, 10, 3) * 2.0 ** random.integers(*low, 3)).astype(np.float32)
        w = (random.integers(-9, 10, 3) * 2.0 ** random.integers(*high, 3)).astype(np.float32)
        runs = executions(alpha, x, w)
    builder = GraphBuilder()
    arithmetic = Arithmetic(builder, "float32")
    operands = [builder.const(Fraction(float(v))) for v in (*x, *w)]
    product = arithmetic.dot([(Fraction(float(v)), n) for v, n in zip(w, operands, strict=False)])
    scaled = arithmetic.scale_product(product, Fraction(float(alpha)), operands)
    least, most = (v[scaled, 0] for v in interval_values(builder.graph(), np.zeros((1, 0))))
    assert all(least <= float(v) <= most for v in runs), (least, most, runs)
