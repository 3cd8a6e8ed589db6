"""The makers of small ONNX models are used here too."""


