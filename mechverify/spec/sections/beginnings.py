"""What was probably meant by a text that stands where a mapping, or a range, is expected."""

import re
from collections.abc import Collection
from pathlib import PurePosixPath

from mechverify.spec.yaml.tree import Node, Scalar, Sequence

# What to add where a part of a spec has none of its kinds, by the first of these.
KINDS = {
    "always": "add what it asserts, as in `always: network.answer == answer`",
    "integers": "as in {integers: 0 .. 9}",
    "onnx": "as in `onnx: model.onnx`, `torch: net.py:make` or `program: prog.py:function`",
}
_LONGEST = 40
_TWO_NUMBERS = re.compile(r"\s*(-?[\d._]+)\s*(?:-|to|,|:|\.\.\.)\s*(-?[\d._]+)\s*")


def in_place_of_a_mapping(text: str, keys: Collection[str]) -> str | None:
    """What to write in place of a text where a mapping with these keys is expected."""
    shown = text.strip()
    if not shown or len(shown) > _LONGEST:
        return None
    if "onnx" in keys:
        return _model(shown)
    quoted = f'"{shown}"' if any(c in shown for c in "[]{},:#") and '"' not in shown else shown
    if "located_at" in keys:
        return f"write {{located_at: {quoted}}} for a place of the model, or {{value: {quoted}}} for a mechanism"
    if "always" in keys:
        return f"write {{always: {quoted}}}"
    return None


def _model(text: str) -> str:
    path, _, function = text.rpartition(":") if ":" in text else (text, "", "")
    if PurePosixPath(text).suffix == ".onnx":
        return f"write {{onnx: {text}}}"
    if path.endswith(".py"):
        made, computed = (f"{path}:{function or name}" for name in ("make", "function"))
        return f"write {{torch: {made}}} for what makes a PyTorch module, {{program: {computed}}} for integer code"
    return KINDS["onnx"]


def location_hint(kind: str, text: str) -> str | None:
    """What to write in place of a model's location that has no function."""
    suffix = PurePosixPath(text).suffix
    if suffix == ".onnx":
        return f"an ONNX file is named by `onnx: {text}`"
    if suffix == ".py":
        name, what = ("make", "the function or class that makes the module")
        if kind == "program":
            name, what = ("f", "the function")
        return f"name {what} too, as in `{kind}: {text}:{name}`"
    return None


def range_of(node: Node) -> str | None:
    """The range that was probably meant: of ``[0, 9]``, ``0 - 9`` or ``0 to 9``."""
    text = node.value if isinstance(node, Scalar) else ""
    if isinstance(node, Sequence) and len(node.items) == 2:
        text = ", ".join(item.value for item in node.items if isinstance(item, Scalar))
    found = _TWO_NUMBERS.fullmatch(text)
    return None if found is None else f"{found[1]} .. {found[2]}"
