"""``init``: new files only, and a spec that passes lint."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mechverify.report.starter import onnx_spec

Runner = Callable[..., Any]


def test_a_program_and_its_spec(run: Runner) -> None:
    done = run("init", "first.yaml")
    assert done.code == 0
    assert done.out == "Wrote first.yaml and first_model.py. Next: mechverify verify first.yaml\n"
    assert "program: first_model.py:add" in Path("first.yaml").read_text()
    assert "def add(x_1, x_2):" in Path("first_model.py").read_text()


@pytest.mark.parametrize("there", ["first.yaml", "first_model.py"])
def test_nothing_is_overwritten(run: Runner, there: str) -> None:
    Path(there).write_text("mine")
    done = run("init", "first.yaml")
    assert done.code == 2
    assert f"{there} is there already" in done.err
    assert Path(there).read_text() == "mine"
    assert len(list(Path.cwd().iterdir())) == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["first.txt"], "should end in .yaml"),
        (["nowhere/first.yaml"], "there is no folder nowhere"),
        (["first.yaml", "--onnx", "absent.onnx"], "does not exist"),
        ([], "Missing argument"),
    ],
)
def test_wrong_names(run: Runner, arguments: list[str], words: str) -> None:
    done = run("init", *arguments)
    assert done.code == 2
    assert words in done.err
    assert not list(Path.cwd().iterdir())


def small_model(file: Path, names: tuple[str, ...] = ("x", "hidden", "output")) -> Path:
    """A dense layer of two inputs and a ReLU, with these names of input, activation and output."""
    import onnx
    from onnx import TensorProto, helper

    first, hidden, output = names
    weights = helper.make_tensor("w", TensorProto.FLOAT, [2, 1], [1.0, -1.0])
    graph = helper.make_graph(
        [helper.make_node("MatMul", [first, "w"], [hidden]), helper.make_node("Relu", [hidden], [output])],
        "small",
        [helper.make_tensor_value_info(first, TensorProto.FLOAT, [1, 2])],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, [1, 1])],
        [weights],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), str(file))
    return file


def diagnostics_of(file: Path) -> list[str]:
    from mechverify.api import VerifyOptions, lint_paths

    return [d.render() for _, found in lint_paths([file], VerifyOptions()) for d in found]


def test_the_program_spec_passes_lint(run: Runner) -> None:
    run("init", "first.yaml")
    assert diagnostics_of(Path("first.yaml")) == []


@pytest.mark.parametrize(
    "names",
    [
        ("x", "hidden", "output"),
        ("input.1", "/fc1/Gemm_output_0", "/relu/out: put#1"),
        ("lambda", "é", "a'b\"c"),
        ("answer", "if", "1"),
    ],
    ids=["plain", "paths", "quotes", "words"],
)
def test_an_onnx_spec_passes_lint(run: Runner, tmp_path: Path, names: tuple[str, str, str]) -> None:
    (tmp_path / "models").mkdir()
    small_model(tmp_path / "models" / "small.onnx", names)
    done = run("init", "net.yaml", "--onnx", "models/small.onnx")
    assert done.code == 0, done.err
    text = Path("net.yaml").read_text()
    assert "onnx: models/small.onnx" in text
    assert all(f"#   {name}  shape" in text for name in names)
    assert diagnostics_of(Path("net.yaml")) == []


def test_a_model_elsewhere_is_refused(run: Runner, tmp_path: Path) -> None:
    model = small_model(tmp_path / "small.onnx")
    (tmp_path / "specs").mkdir()
    done = run("init", "specs/net.yaml", "--onnx", model)
    assert done.code == 2
    assert "lies outside the folder" in done.err
    assert not list((tmp_path / "specs").iterdir())


def test_a_file_that_is_no_model(run: Runner, tmp_path: Path) -> None:
    (tmp_path / "bad.onnx").write_text("not a model")
    done = run("init", "net.yaml", "--onnx", "bad.onnx")
    assert done.code == 2
    assert "bad.onnx" in done.err
    assert not Path("net.yaml").exists()


def test_names_that_are_no_names() -> None:
    inputs = {"input.1": ((2,), "float32"), "for": ((), "integer"), "1": ((), "float32"), "plain": ((3, 4), "bool")}
    text = onnx_spec("odd name's.onnx", inputs, {"out\nput": (1,)}, ("out\nput",))
    lines = text.splitlines()
    assert '  onnx: "odd name\'s.onnx"' in lines
    assert '      located_at: "out\\nput[0]"' in lines
    for line in (
        "    input.1: input_1",
        "    for: x_for",
        "  input_1: {reals: 0 .. 1, shape: [2]}",
        "  x_for: {integers: 0 .. 9}",
    ):
        assert line in lines
    assert "  plain: {integers: 0 .. 1, shape: [3, 4]}" in lines
    assert "    plain:" not in text


def test_many_activations_are_cut() -> None:
    activations = {f"a{i}": (2,) for i in range(100)}
    assert "#   and 60 more" in onnx_spec("m.onnx", {"x": ((2,), "float32")}, activations, ("a99",))


NETS = """
import torch


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden, self.act, self.out = torch.nn.Linear(3, 4), torch.nn.ReLU(), torch.nn.Linear(4, 1)

    def forward(self, x):
        return self.out(self.act(self.hidden(x)))


class Unknown(torch.nn.Module):
    def forward(self, x):
        return x + 1
"""


@pytest.mark.parametrize("location", ["some_nets:Net", "some_nets.py:Net"])
def test_a_spec_about_a_module(run: Runner, location: str) -> None:
    pytest.importorskip("torch")
    Path("some_nets.py").write_text(NETS)
    done = run("init", "--torch", location, "net.yaml")
    assert done.out == "Wrote net.yaml. Next: mechverify verify --allow-code net.yaml\n"
    text = Path("net.yaml").read_text()
    assert f'torch: "{location}"' in text
    assert "  feed:\n    x: x\n" in text
    assert "#   act  shape [4], 4 units" in text
    done = run("lint", "--allow-code", "net.yaml")
    assert done.code == 2
    assert f"net.yaml:9:11: torch: {location} makes other weights each time that it is called" in done.out
    import torch
    from safetensors.torch import save_file

    shapes = {"hidden.weight": (4, 3), "hidden.bias": (4,), "out.weight": (1, 4), "out.bias": (1,)}
    save_file({name: torch.ones(shape) for name, shape in shapes.items()}, "weights.safetensors")
    Path("net.yaml").write_text(text.replace("  # weights:", "  weights:"))
    done = run("lint", "--allow-code", "net.yaml")
    assert done.out == "1 spec: no mistakes found.\n"


def test_a_module_whose_inputs_are_not_known(run: Runner) -> None:
    pytest.importorskip("torch")
    Path("some_nets.py").write_text(NETS)
    done = run("init", "--torch", "some_nets:Unknown", "net.yaml")
    assert done.code == 2
    assert "the shapes of the module's inputs are not known" in done.err
    assert "mechverify_inputs" in done.err
    assert not Path("net.yaml").exists()
