"""An ONNX graph whose tensors can be replaced while it runs: a choice behind each, between itself and a new input."""

from collections.abc import Iterable, Mapping
from typing import Any

from mechverify.errors import ModelError
from mechverify.models.onnx.protos import protos, value_info


def value_name(tensor: str) -> str:
    """The input that replaces a tensor."""
    return f"{tensor} (replaced by)"


def mask_name(tensor: str) -> str:
    """The input that says where a tensor is replaced."""
    return f"{tensor} (replaced where)"


def add_replacements(graph: Any, types: Mapping[str, tuple[int, int]]) -> None:
    """Insert ``name = Where(mask, value, name before)`` after the node that computes each named tensor.

    ``types`` gives the ONNX element type and the rank of each. Raises ModelError for a tensor that no node computes.
    """
    nodes = list(graph.node)
    for name, (element, rank) in types.items():
        producer = next((n for n in nodes if name in n.output), None)
        if producer is None:
            raise ModelError(f"the activation {name!r} is computed by no node; it cannot be replaced")
        before = f"{name} (before)"
        place = list(producer.output).index(name)
        producer.output[place] = before
        choice = protos().NodeProto(op_type="Where", input=[mask_name(name), value_name(name), before], output=[name])
        nodes.insert(nodes.index(producer) + 1, choice)
        graph.input.append(value_info(mask_name(name), protos().TensorProto.BOOL, rank))
        graph.input.append(value_info(value_name(name), element, rank))
    _replace_nodes(graph, nodes)


def _replace_nodes(graph: Any, nodes: Iterable[Any]) -> None:
    copies = []
    for node in nodes:
        copy = type(node)()
        copy.CopyFrom(node)
        copies.append(copy)
    del graph.node[:]
    graph.node.extend(copies)
