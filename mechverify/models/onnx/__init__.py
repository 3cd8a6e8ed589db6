"""ONNX models: read from a file, built into a graph, run by onnxruntime."""
