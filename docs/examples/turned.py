"""Writes ``turned.onnx``, a network that keeps sum and difference along two turned directions, and these directions as
``turned.safetensors``.
"""

from pathlib import Path

import numpy as np
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import save_file

rotation = np.linalg.qr(np.random.default_rng(0).normal(size=(4, 2)))[0]
weights = {
    "spread": rotation @ [[1, 1], [1, -1]],                     # h = rotation (a + b, a - b)
    "gather": np.array([[1, 0], [0, 1], [0, -1]]) @ rotation.T,  # a + b, a - b, b - a
    "halves": np.array([[0.5, 0.5, 0.5]]),
}
nodes = [
    helper.make_node("Gemm", ["x", "spread"], ["h"], transB=1),
    helper.make_node("Gemm", ["h", "gather"], ["gathered"], transB=1),
    helper.make_node("Relu", ["gathered"], ["kept"]),
    helper.make_node("Gemm", ["kept", "halves"], ["output"], transB=1),
]
shapes = [helper.make_tensor_value_info(n, TensorProto.FLOAT, [1, k]) for n, k in (("x", 2), ("output", 1))]
tensors = [numpy_helper.from_array(w.astype(np.float32), name) for name, w in weights.items()]
graph = helper.make_graph(nodes, "turned", shapes[:1], shapes[1:], tensors)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)

here = Path(__file__).parent
(here / "turned.onnx").write_bytes(model.SerializeToString(deterministic=True))
save_file({"rotation": rotation.astype(np.float32)}, here / "turned.safetensors")
