"""Scaled dot-product attention.

In float32 the scale may be applied to the scores, or its root to queries and keys; the weights may be divided by their
sum before they are multiplied with the values, or the sum of products after it, and a fused runtime may go through the
keys in blocks (``softmax``).
"""

from fractions import Fraction
from math import sqrt

import numpy as np

from mechverify.models.tensors.arithmetic import Arithmetic, NodeArray
from mechverify.models.tensors.operation import Operation, add, broadcast_shape
from mechverify.models.tensors.products import matmul
from mechverify.models.tensors.smooth.softmax import softmax
from mechverify.models.tensors.tensor import Tensor

_SCALINGS = 8
"""Roundings of a product beside those of a sum of products: of the scale or its roots, and of what they scale."""


def attention(
    op: Operation, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None, scale: float | None
) -> Tensor:
    """``softmax(scale * query @ key.T + mask) @ value`` over the last two axes, the mask added to the scores. Without
    a scale: one over the root of the last axis of the query, as a double.
    """
    for tensor in (query, key, value):
        if tensor.dtype != "float32" or len(tensor.shape) < 2 or not tensor.array.size:
            op.refuse(f"an operand {tensor.dtype} of shape {list(tensor.shape)}")
    if query.shape[-1] != key.shape[-1] or key.shape[-2] != value.shape[-2]:
        op.wrong(f"shapes {query.shape}, {key.shape} and {value.shape} do not fit together")
    factor = Fraction(1 / sqrt(query.shape[-1]) if scale is None else scale)
    scores = op.floating(_scores(op, op.arithmetic.nodes(query), op.arithmetic.nodes(key), factor))
    if mask is not None:
        scores = add(op, scores, mask)
    return matmul(op, softmax(op, scores, -1), value)


def _scores(op: Operation, query: NodeArray, key: NodeArray, scale: Fraction) -> NodeArray:
    batch = broadcast_shape(op, query.shape[:-2], key.shape[:-2])
    query = np.broadcast_to(query, (*batch, *query.shape[-2:]))
    key = np.broadcast_to(key, (*batch, *key.shape[-2:]))
    found = np.empty((*batch, query.shape[-2], key.shape[-2]), dtype=np.int64)
    op.arithmetic.meter.expect(found.size, found.size * query.shape[-1])
    for at in np.ndindex(*found.shape):
        *where, i, j = at
        found[at] = _score(op.arithmetic, query[(*where, i)].tolist(), key[(*where, j)].tolist(), scale)
    return found


def _score(arithmetic: Arithmetic, query: list[int], key: list[int], scale: Fraction) -> int:
    """The scaled product of a query and a key."""
    builder = arithmetic.builder
    arithmetic.meter.charge(1, len(query))
    products = arithmetic.products(query, key)
    if arithmetic.is_exact:
        return builder.affine((scale, p) for p in products)
    zeros = [(Fraction(0), builder.const(0))] * _SCALINGS
    return builder.affine([*((scale, p) for p in products), *zeros], 0, "float32")
