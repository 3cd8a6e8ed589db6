"""Small helpers that write the gallery's networks as ONNX files, byte for byte the same on every run."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

FOLDER = Path(__file__).parent
OPSET = 17
IR_VERSION = 9

Array = npt.NDArray[np.float64] | npt.NDArray[np.float32]
Layer = tuple[Array, Array]


@dataclass
class Network:
    """An ONNX graph in the making. Tensors carry a leading batch axis; every tensor has the name that a spec's site
    uses."""

    name: str
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    weights: list[onnx.TensorProto] = field(default_factory=list)
    inputs: list[onnx.ValueInfoProto] = field(default_factory=list)
    outputs: list[onnx.ValueInfoProto] = field(default_factory=list)

    def input(self, name: str, size: int) -> str:
        """A model input of shape (batch, size)."""
        self.inputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", size]))
        return name

    def tokens(self, name: str, size: int) -> str:
        """A model input of shape (batch, size) whose elements are indices."""
        self.inputs.append(helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", size]))
        return name

    def output(self, name: str, size: int) -> None:
        """Declare a tensor of shape (batch, size) as a model output."""
        self.outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", size]))

    def weight(self, name: str, value: Array) -> str:
        """A float32 constant."""
        self.weights.append(numpy_helper.from_array(np.asarray(value, dtype=np.float32), name))
        return name

    def integers(self, name: str, value: Sequence[int]) -> str:
        """An int64 constant, for indices."""
        self.weights.append(numpy_helper.from_array(np.asarray(value, dtype=np.int64), name))
        return name

    def node(self, op: str, inputs: Sequence[str], *outputs: str, **attributes: object) -> str:
        """One operation; the name of its first output."""
        self.nodes.append(helper.make_node(op, list(inputs), list(outputs), name=outputs[0], **attributes))
        return outputs[0]

    def save(self, file: str) -> None:
        """Check the graph and write it beside this script."""
        graph = helper.make_graph(self.nodes, self.name, self.inputs, self.outputs, self.weights)
        model = helper.make_model(
            graph,
            producer_name="mechverify-gallery",
            opset_imports=[helper.make_opsetid("", OPSET)],
            ir_version=IR_VERSION,
        )
        onnx.checker.check_model(model, full_check=True)
        path = FOLDER / file
        path.write_bytes(model.SerializeToString(deterministic=True))
        print(f"{path.name}: {path.stat().st_size} bytes")


def save_dense(file: str, layers: Sequence[Layer]) -> None:
    """A ReLU network x -> hidden_1 -> .. -> output; each layer is (weights of shape (in, out), bias of shape
    (out,))."""
    network = Network(Path(file).stem)
    value = network.input("x", layers[0][0].shape[0])
    for k, (weights, bias) in enumerate(layers, start=1):
        terms = [value, network.weight(f"weights_{k}", weights), network.weight(f"bias_{k}", bias)]
        if k == len(layers):
            network.node("Gemm", terms, "output")
        else:
            value = network.node("Relu", [network.node("Gemm", terms, f"before_{k}")], f"hidden_{k}")
    network.output("output", layers[-1][0].shape[1])
    network.save(file)
