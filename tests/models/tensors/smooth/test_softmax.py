"""Softmax in the graph: one form for all, masks, and what stays undefined."""

from fractions import Fraction

import numpy as np
import pytest

from mechverify.errors import UnsupportedOperationError
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.intervals import interval_values
from mechverify.models.tensors.arithmetic import Arithmetic
from mechverify.models.tensors.masked import minus_infinity
from mechverify.models.tensors.operation import Operation
from mechverify.models.tensors.smooth.softmax import log_softmax, log_sum_exp, softmax
from mechverify.models.tensors.tensor import Tensor


def row(rounding: str, count: int = 3) -> tuple[Operation, list[int]]:
    builder = GraphBuilder()
    scores = [builder.input(f"s{k}", "real", Fraction(-9), Fraction(9)) for k in range(count)]
    return Operation("softmax", 0, (), {}, Arithmetic(builder, rounding)), scores


def weights(op: Operation, scores: list[int]) -> list[int]:
    return softmax(op, Tensor("float32", np.array(scores)), 0).array.tolist()


def values(op: Operation, nodes: list[int], point: list[float]) -> list[tuple[float, float]]:
    low, high = interval_values(op.arithmetic.builder.graph(), np.array([point]))
    return [(float(low[n, 0]), float(high[n, 0])) for n in nodes]


def test_a_weight_is_a_quotient_of_exponentials() -> None:
    """The form that attention's rules recognise."""
    op, scores = row("exact")
    builder = op.arithmetic.builder
    found = [builder.node(w) for w in weights(op, scores)]
    (total,) = {node.args[1] for node in found}
    for node, score in zip(found, scores, strict=True):
        assert node.op == "div"
        assert builder.node(node.args[0]).op == "exp"
        assert builder.node(node.args[0]).args == (score,)
    assert builder.node(total).args == tuple(node.args[0] for node in found)
    assert set(builder.node(total).numbers[1:]) == {1}
    assert not any(builder.is_partial(w) for w in weights(op, scores))


@pytest.mark.parametrize("rounding", ["exact", "float32"])
def test_values(rounding: str) -> None:
    op, scores = row(rounding)
    point = [0.5, -2.0, 3.0]
    powers = np.exp(point)
    nodes = [
        *weights(op, scores),
        *log_softmax(op, Tensor("float32", np.array(scores)), 0).array.tolist(),
        log_sum_exp(op, scores),
    ]
    exact = [*(powers / powers.sum()), *np.log(powers / powers.sum()), np.log(powers.sum())]
    for (low, high), value in zip(values(op, nodes, point), exact, strict=True):
        assert low - 1e-12 <= value <= high + 1e-12
        assert high - low < 1e-3


@pytest.mark.parametrize("rounding", ["exact", "float32"])
def test_a_masked_position_has_no_weight(rounding: str) -> None:
    op, scores = row(rounding)
    builder = op.arithmetic.builder
    found = weights(op, [scores[0], minus_infinity(builder), scores[2]])
    assert builder.constant_value(found[1]) == 0
    low, high = values(op, [found[0]], [0.5, -2.0, 3.0])[0]
    assert low - 1e-6 <= 1 / (1 + np.exp(2.5)) <= high + 1e-6
    alone = weights(op, [scores[0], minus_infinity(builder)])[0]
    assert (builder.constant_value(alone) == 1) is (rounding == "exact")


def test_a_masked_score_that_may_have_no_value_leaves_no_weight_without_doubt() -> None:
    """In a runtime minus infinity and a NaN are a NaN, and so is the whole row."""
    op, scores = row("exact", 2)
    builder = op.arithmetic.builder
    wild = builder.div(builder.const(1), scores[1])
    out = op.arithmetic.add(wild, minus_infinity(builder))
    found = weights(op, [scores[0], out])[0]
    assert builder.is_partial(found)
    assert values(op, [found], [1.0, 0.0]) == [(-np.inf, np.inf)]
    assert values(op, [found], [1.0, 2.0])[0][0] > 0.99


def test_equal_scores_at_two_places_round_by_themselves() -> None:
    op, scores = row("float32", 1)
    first, second = weights(op, [scores[0], scores[0]])
    assert first != second


def test_a_row_without_a_place_is_refused() -> None:
    op, _ = row("exact")
    with pytest.raises(UnsupportedOperationError, match="every position is masked"):
        weights(op, [minus_infinity(op.arithmetic.builder)])
