"""Reading models into the graph: the only files that import onnx or load torch models."""
