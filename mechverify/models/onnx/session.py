"""Sessions of onnxruntime on one CPU thread, and the graph that its default optimisation makes."""

import tempfile
from pathlib import Path
from typing import Any


def plain_session(proto: Any) -> Any:
    """A session that runs a model as written. Raises whatever onnxruntime raises."""
    import onnxruntime

    options = _options()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    return onnxruntime.InferenceSession(proto.SerializeToString(), options, providers=["CPUExecutionProvider"])


def optimised_session(proto: Any) -> tuple[Any, Any]:
    """A session with the default optimisation, and the graph that it runs. Raises whatever onnxruntime raises."""
    import onnxruntime

    options = _options()
    with tempfile.TemporaryDirectory(prefix="mechverify-") as folder:
        path = Path(folder) / "optimised.onnx"
        options.optimized_model_filepath = str(path)
        session = onnxruntime.InferenceSession(proto.SerializeToString(), options, providers=["CPUExecutionProvider"])
        return session, type(proto).FromString(path.read_bytes())


def _options() -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    return options
