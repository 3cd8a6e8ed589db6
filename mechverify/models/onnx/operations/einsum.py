"""ONNX Einsum of one or two tensors, as a sum or as a matrix product."""

from typing import NoReturn

import numpy as np

from mechverify.models.onnx.operations.reductions import reduce
from mechverify.models.tensors.operation import Operation
from mechverify.models.tensors.products import matmul
from mechverify.models.tensors.tensor import Tensor


def op_einsum(op: Operation) -> Tensor:
    """Einsum without repeated indices in one operand and without an ellipsis."""
    equation = op.attribute("equation", b"").decode("ascii", "replace").replace(" ", "")
    left, arrow, output = equation.partition("->")
    terms = left.split(",")
    if not arrow:
        joined = "".join(terms)
        output = "".join(sorted(c for c in set(joined) if joined.count(c) == 1))
    operands = [op.floats(i) for i in range(len(op.inputs))]
    if len(terms) != len(operands):
        op.wrong(f"{len(operands)} tensors for the equation {equation!r}")
    if len(terms) > 2 or not all(t.isalpha() or not t for t in (*terms, output)):
        _refuse(op, equation)
    extents: dict[str, int] = {}
    for term, tensor in zip(terms, operands, strict=True):
        if len(term) != len(tensor.shape):
            op.wrong(f"a tensor with {len(tensor.shape)} axes for {term!r} of {equation!r}")
        for label, extent in zip(term, tensor.shape, strict=True):
            if extents.setdefault(label, extent) != extent:
                op.wrong(f"axis {label!r} of {equation!r} is {extents[label]} and {extent} long")
    if any(len(set(t)) != len(t) for t in (*terms, output)) or not set(output) <= set(extents):
        _refuse(op, equation)
    if len(terms) == 1:
        return op.floating(_summed(op, operands[0], terms[0], output))
    return _product(op, terms[0], terms[1], output, operands[0], operands[1])


def _refuse(op: Operation, equation: str) -> NoReturn:
    op.refuse(
        f"equation {equation!r}: only one or two tensors, an index at most once in each, and no ellipsis are modelled"
    )


def _summed(op: Operation, tensor: Tensor, labels: str, output: str) -> np.ndarray:
    """The sum over the axes that are not in the output, the others in its order."""
    dropped = [i for i, label in enumerate(labels) if label not in output]
    nodes = op.arithmetic.nodes(tensor)
    if dropped:
        nodes = reduce(op, nodes, dropped, op.arithmetic.total, keep=False)
    kept = [label for label in labels if label in output]
    return np.transpose(nodes, [kept.index(label) for label in output])


def _product(op: Operation, first: str, second: str, output: str, a: Tensor, b: Tensor) -> Tensor:
    alone = [c for c in first + second if c not in output and (c in first) != (c in second)]
    if alone:
        op.refuse(f"index {alone[0]!r} is summed in one tensor by itself")
    shared = [c for c in first if c in second and c in output]
    inner = [c for c in first if c in second and c not in output]
    rows, columns = [c for c in first if c not in second], [c for c in second if c not in first]
    extent = dict(zip(first + second, a.shape + b.shape, strict=True))

    def size(labels: list[str]) -> int:
        return int(np.prod([extent[c] for c in labels], dtype=object))

    def arranged(tensor: Tensor, labels: str, *groups: list[str]) -> Tensor:
        order = [labels.index(c) for group in groups for c in group]
        return tensor.moved(np.transpose(tensor.array, order).reshape([size(group) for group in groups]))

    product = matmul(op, arranged(a, first, shared, rows, inner), arranged(b, second, shared, inner, columns))
    labels = [*shared, *rows, *columns]
    array = product.array.reshape([extent[c] for c in labels])
    return product.moved(np.transpose(array, [labels.index(c) for c in output]))
