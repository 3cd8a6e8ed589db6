"""Softmax and its logarithm along an axis, and positions that a mask leaves out.

In ideal arithmetic a weight is e^s over the sum of all e^s, each a node of its own: the maximum that runtimes subtract
cancels. A score of minus infinity (``masked``) has the weight zero, and takes no part in the sum.

In float32 (SEMANTICS 6 and 24) a score s may be off by what subtracting the maximum m of its row rounds, so by
2^-24 |s - m| and as much again where a runtime goes through the row in blocks and corrects for a maximum that it finds
later; the weights are then within a relative error of those of such scores: of each exponential, of a sum of them in
any order, of a quotient, and of the corrections. No weight can be an overflow.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from mechverify.graph.operations.products import DIV
from mechverify.graph.operations.smooth import EXP, LOG
from mechverify.models.tensors.arithmetic import Arithmetic, NodeArray
from mechverify.models.tensors.masked import is_masked, others
from mechverify.models.tensors.operation import Operation
from mechverify.models.tensors.smooth.functions import RELATIVE, within
from mechverify.models.tensors.tensor import Tensor

_ONE, _NONE = Fraction(1), Fraction(0)


def softmax(op: Operation, a: Tensor, axis: int) -> Tensor:
    """e^s over the sum of e^s along the axis."""
    return _along(op, a, axis, _weights)


def log_softmax(op: Operation, a: Tensor, axis: int) -> Tensor:
    """s minus the logarithm of the sum of e^s along the axis."""
    return _along(op, a, axis, _log_weights)


def log_sum_exp(op: Operation, nodes: Sequence[int]) -> int:
    """The logarithm of the sum of e^s."""
    row = _Row.of(op, nodes)
    total = _log_total(op.arithmetic, _scores(op.arithmetic, row.nodes), row.others)
    return within(op.arithmetic, total, 4, _loss(op.arithmetic, len(row.nodes)))


def _along(op: Operation, a: Tensor, axis: int, row: Callable[[Operation, Sequence[int]], list[int]]) -> Tensor:
    if a.dtype != "float32":
        op.refuse(f"input {a.dtype}")
    nodes = op.arithmetic.nodes(a)
    if not nodes.size:
        op.refuse(f"an input of shape {list(nodes.shape)}")
    if not nodes.ndim:
        return op.floating(np.array(row(op, [int(nodes)])[0], dtype=np.int64))
    moved = np.moveaxis(nodes, axis, -1)
    flat = [row(op, one) for one in moved.reshape(-1, moved.shape[-1]).tolist()]
    found: NodeArray = np.array(flat, dtype=np.int64).reshape(moved.shape)
    return op.floating(np.moveaxis(found, -1, axis))


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of scores: the places that are not masked, and nodes on whose having a value its weights depend."""

    places: tuple[int, ...]
    nodes: tuple[int, ...]
    others: tuple[int, ...]

    @staticmethod
    def of(op: Operation, nodes: Sequence[int]) -> "_Row":
        builder = op.arithmetic.builder
        masked = [is_masked(builder, n) for n in nodes]
        places = tuple(k for k, out in enumerate(masked) if not out)
        if not places:
            op.refuse("a row whose every position is masked has no weights")
        beside = dict.fromkeys(o for n, out in zip(nodes, masked, strict=True) if out for o in others(builder, n))
        return _Row(places, tuple(nodes[k] for k in places), tuple(beside))

    def spread(self, nodes: Sequence[int], found: Sequence[int]) -> list[int]:
        """What was found for the places, among the nodes of all."""
        result = list(nodes)
        for place, node in zip(self.places, found, strict=True):
            result[place] = node
        return result


def _weights(op: Operation, nodes: Sequence[int]) -> list[int]:
    arithmetic = op.arithmetic
    builder = arithmetic.builder
    row = _Row.of(op, nodes)
    powers = [builder.apply(EXP, s) for s in _scores(arithmetic, row.nodes)]
    arithmetic.meter.charge(3 * len(powers), 2 * len(powers))
    total = builder.affine((*((_ONE, e) for e in powers), *((_NONE, o) for o in row.others)))
    if len(powers) == 1 and arithmetic.is_exact and not builder.is_partial(total):
        shares = [builder.const(1)]
    else:
        shares = [builder.apply(DIV, e, total, defined=True) for e in powers]
    weights = [within(arithmetic, s, _losses(len(powers))) for s in shares]
    return row.spread([builder.const(0)] * len(nodes), weights)


def _log_weights(op: Operation, nodes: Sequence[int]) -> list[int]:
    arithmetic = op.arithmetic
    row = _Row.of(op, nodes)
    scores = _scores(arithmetic, row.nodes)
    total = _log_total(arithmetic, scores, row.others)
    loss = _loss(arithmetic, len(scores))
    arithmetic.meter.charge(2 * len(scores), 2 * len(scores))
    found = [arithmetic.builder.affine(((_ONE, s), (-_ONE, total))) for s in scores]
    if not arithmetic.is_exact:
        found = [_near(arithmetic, w, (s, total), loss) for w, s in zip(found, scores, strict=True)]
    return row.spread(nodes, found)


def _near(arithmetic: Arithmetic, a: int, beside: Sequence[int], loss: Fraction) -> int:
    """Any number that differs from a by some roundings of what stands beside it, and by ``loss``."""
    builder = arithmetic.builder
    one = builder.const(1)
    terms = [(_ONE, a), *((w, n) for n in beside for w in (_ONE, -_ONE)), (loss * 2**20, one), (-loss * 2**20, one)]
    arithmetic.meter.charge(1, len(terms))
    return builder.affine([*terms, (Fraction(1, 2**200), one)], 0, "float32")


def _scores(arithmetic: Arithmetic, nodes: Sequence[int]) -> list[int]:
    """The scores as rounding may change them before they are exponents."""
    if arithmetic.is_exact:
        return list(nodes)
    most = arithmetic.extremum("max", nodes)
    return [_near(arithmetic, node, (most,), Fraction(0)) for node in nodes]


def _log_total(arithmetic: Arithmetic, scores: Sequence[int], beside: Sequence[int]) -> int:
    builder = arithmetic.builder
    arithmetic.meter.charge(2 + len(scores), len(scores))
    terms = [*((_ONE, builder.apply(EXP, s)) for s in scores), *((_NONE, o) for o in beside)]
    return builder.apply(LOG, builder.affine(terms), defined=True)


def _losses(count: int) -> int:
    """The relative error of a weight in units of 2^-24: of two exponentials, of a sum, of a quotient, and of a
    correction for each sixteen positions.
    """
    return 2 * RELATIVE + 2 * count + 8 + (RELATIVE + 4) * (count // 16)


def _loss(arithmetic: Arithmetic, count: int) -> Fraction:
    """The absolute error of the logarithm of a sum of exponentials: the relative error of the sum, and that of the
    logarithm of a number up to ``count``.
    """
    if arithmetic.is_exact:
        return Fraction(0)
    return Fraction(_losses(count) + RELATIVE * (1 + count.bit_length()), 2**24)
