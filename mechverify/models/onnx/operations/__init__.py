"""The ONNX operations that are modelled, a kind a file, and their table."""
