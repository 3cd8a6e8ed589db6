"""ONNX files that lie, are broken, or hold what is not modelled."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper
from onnx_making import make_model, node, save

from mechverify.errors import ModelError, UnsupportedOperationError
from mechverify.models.onnx.model import read_onnx

W = np.array([[1.0, 2.0], [3.0, 4.0]], dtype=np.float32)


def simple(weights: np.ndarray = W) -> onnx.ModelProto:
    return make_model([node("MatMul", ["x", "w"], ["y"])], {"x": ["N", 2]}, ["y"], {"w": weights})


def refuses(model: onnx.ModelProto, tmp_path: Path, message: str, kind: type[ModelError] = ModelError) -> None:
    with pytest.raises(kind, match=message):
        read_onnx(save(model, tmp_path / "m.onnx"))


def test_the_plain_model_is_read(tmp_path: Path) -> None:
    assert read_onnx(save(simple(), tmp_path / "m.onnx")).parameter_count == 4


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_weights_that_are_no_numbers(bad: float, tmp_path: Path) -> None:
    weights = W.copy()
    weights[1, 0] = bad
    refuses(simple(weights), tmp_path, "tensor 'w' holds NaN or infinity")


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be read"):
        read_onnx(tmp_path / "none.onnx")


@pytest.mark.parametrize("length", [0, 1, 10, 40])
def test_truncated_file(length: int, tmp_path: Path) -> None:
    path = tmp_path / "m.onnx"
    path.write_bytes(simple().SerializeToString()[:length])
    with pytest.raises(ModelError):
        read_onnx(path)


def test_random_bytes_never_crash(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    good = simple().SerializeToString()
    path = tmp_path / "m.onnx"
    for _ in range(300):
        content = bytearray(good)
        for at in rng.integers(0, len(content), 3):
            content[at] = rng.integers(256)
        path.write_bytes(bytes(content))
        try:
            read_onnx(path)
        except ModelError:
            continue


def test_raw_data_shorter_than_declared(tmp_path: Path) -> None:
    model = simple()
    model.graph.initializer[0].raw_data = b"\0" * 12
    refuses(model, tmp_path, "declares 4 elements of 4 bytes but holds 12 bytes")


def test_huge_declared_shape(tmp_path: Path) -> None:
    model = simple()
    del model.graph.initializer[0].dims[:]
    model.graph.initializer[0].dims.extend([2**40, 2**20])
    refuses(model, tmp_path, "too large")


def test_negative_dimension(tmp_path: Path) -> None:
    model = simple()
    model.graph.initializer[0].dims[0] = -2
    refuses(model, tmp_path, "negative dimension")


def test_data_stored_twice(tmp_path: Path) -> None:
    model = simple()
    model.graph.initializer[0].float_data.extend([1.0] * 4)
    refuses(model, tmp_path, "stored twice")


def external(location: str, **entries: str) -> onnx.ModelProto:
    model = simple()
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    for key, text in {"location": location, **entries}.items():
        tensor.external_data.add(key=key, value=text)
    return model


def test_external_data_beside_the_model(tmp_path: Path) -> None:
    (tmp_path / "w.bin").write_bytes(b"junk" + W.tobytes())
    model = read_onnx(save(external("w.bin", offset="4", length="16"), tmp_path / "m.onnx"))
    run = model.run({"x": np.ones((1, 2), np.float32)}, ("y",))[0]
    assert run.values["y"].tolist() == [[4.0, 6.0]]


@pytest.mark.parametrize("location", ["../w.bin", "/etc/passwd", "a/../../w.bin", "C:\\w.bin", "", "..\\w.bin"])
def test_external_data_elsewhere(location: str, tmp_path: Path) -> None:
    (tmp_path / "w.bin").write_bytes(W.tobytes())
    folder = tmp_path / "inner"
    folder.mkdir()
    refuses(external(location), folder, "external data")


def test_external_data_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "w.bin").write_bytes(W.tobytes())
    folder = tmp_path / "inner"
    folder.mkdir()
    (folder / "w.bin").symlink_to(tmp_path / "w.bin")
    refuses(external("w.bin"), folder, "outside the model's folder")


@pytest.mark.parametrize("entries", [{"length": "12"}, {"offset": "-4"}, {"offset": "8"}, {"length": "many"}])
def test_external_data_of_a_wrong_size(entries: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "w.bin").write_bytes(W.tobytes())
    refuses(external("w.bin", **entries), tmp_path, "tensor 'w'")


@pytest.mark.parametrize("dtype", [np.float64, np.float16, np.uint8])
def test_element_types_that_are_not_modelled(dtype: type, tmp_path: Path) -> None:
    refuses(simple(W.astype(dtype)), tmp_path, "not modelled", UnsupportedOperationError)


def test_an_operation_that_is_not_modelled(tmp_path: Path) -> None:
    model = make_model([node("Selu", ["x"], ["y"], name="soft")], {"x": ["N", 2]}, ["y"], {})
    refuses(model, tmp_path, r"Selu \(node 'soft', ai.onnx opset 17\)", UnsupportedOperationError)


def test_a_foreign_domain(tmp_path: Path) -> None:
    model = make_model([node("Relu", ["x"], ["y"], domain="com.microsoft")], {"x": ["N", 2]}, ["y"], {})
    refuses(model, tmp_path, "com.microsoft", UnsupportedOperationError)


def test_an_attribute_that_is_not_modelled(tmp_path: Path) -> None:
    model = make_model([node("Relu", ["x"], ["y"], magic=1)], {"x": ["N", 2]}, ["y"], {})
    refuses(model, tmp_path, "attribute 'magic'", UnsupportedOperationError)


@pytest.mark.parametrize("opset", [6, 99])
def test_opsets_that_are_not_modelled(opset: int, tmp_path: Path) -> None:
    model = simple()
    model.opset_import[0].version = opset
    refuses(model, tmp_path, f"opset {opset}", UnsupportedOperationError)


def test_a_cast_from_float_to_integer(tmp_path: Path) -> None:
    model = make_model([node("Cast", ["x"], ["y"], to=7)], {"x": ["N", 2]}, ["y"], {}, dtypes={"y": "int64"})
    refuses(model, tmp_path, "cast from float to integer", UnsupportedOperationError)


def test_integer_arithmetic_that_may_wrap(tmp_path: Path) -> None:
    from fractions import Fraction

    from mechverify.graph.builder import GraphBuilder

    types = {"x": "int64", "y": "int64"}
    model = make_model([node("Mul", ["x", "x"], ["y"])], {"x": ["N", 1]}, ["y"], {}, dtypes=types)
    read = read_onnx(save(model, tmp_path / "m.onnx"))
    for bound, fine in ((2**31, True), (2**32, False)):
        builder = GraphBuilder()
        x = builder.input("x", "integer", Fraction(0), Fraction(bound))
        if fine:
            read.build(builder, {"x": np.array([x])}, "float32")
        else:
            with pytest.raises(UnsupportedOperationError, match="may wrap"):
                read.build(builder, {"x": np.array([x])}, "float32")


def test_an_input_used_before_it_is_computed(tmp_path: Path) -> None:
    nodes = [node("Relu", ["b"], ["a"]), node("Relu", ["a"], ["b"])]
    refuses(make_model(nodes, {"x": ["N", 2]}, ["b"], {}), tmp_path, "not computed before")


def test_a_tensor_computed_twice(tmp_path: Path) -> None:
    nodes = [node("Relu", ["x"], ["y"]), node("Neg", ["x"], ["y"])]
    refuses(make_model(nodes, {"x": ["N", 2]}, ["y"], {}), tmp_path, "computed twice")


def test_a_bomb_of_shapes(tmp_path: Path) -> None:
    weights = {"s": np.array([10**9, 10**9])}
    nodes = [node("ConstantOfShape", ["s"], ["c"]), node("ReduceSum", ["c"], ["y"])]
    refuses(make_model(nodes, {"x": ["N", 2]}, ["y"], weights), tmp_path, "elements")


def test_a_bomb_of_products(tmp_path: Path) -> None:
    wide = np.zeros((400, 400), dtype=np.float32)
    model = make_model([node("MatMul", ["x", "w"], ["y"])], {"x": [1, 400, 400]}, ["y"], {"w": wide})
    refuses(model, tmp_path, "scalar products")
    kernel = np.zeros((1500, 1, 1, 1), dtype=np.float32)
    model = make_model([node("Conv", ["x", "w"], ["y"])], {"x": [1, 1, 64, 64]}, ["y"], {"w": kernel})
    refuses(model, tmp_path, "scalar operations")


def test_a_symbolic_axis_inside(tmp_path: Path) -> None:
    model = make_model([node("Relu", ["x"], ["y"])], {"x": ["N", "M"]}, ["y"], {})
    refuses(model, tmp_path, "symbolic axis 1")


def test_a_hidden_subgraph(tmp_path: Path) -> None:
    model = simple()
    inner = helper.make_graph([], "inner", [], [])
    model.graph.node.append(helper.make_node("If", ["x"], ["z"], then_branch=inner, else_branch=inner))
    refuses(model, tmp_path, "If", UnsupportedOperationError)


def test_a_batch_axis_that_is_mixed_away(tmp_path: Path) -> None:
    nodes = [node("Reshape", ["x", "s"], ["y"])]
    model = read_onnx(save(make_model(nodes, {"x": ["N", 2]}, ["y"], {"s": np.array([1, -1])}), tmp_path / "m.onnx"))
    with pytest.raises(ModelError, match="on a batch of 3"):
        model.run({"x": np.zeros((3, 2), np.float32)}, ("y",))
