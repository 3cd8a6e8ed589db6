"""Reading a spec: text to ``Spec``. Knows no tensor and runs no code."""
