"""A call of an ATen operation as it is read, held against what torch computes."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from aten_cases import Drawn, mapped, operator, results

from mechverify.graph.builder import GraphBuilder
from mechverify.graph.intervals import IntervalEvaluator
from mechverify.models.tensors.arithmetic import Arithmetic
from mechverify.models.tensors.tensor import Tensor, known
from mechverify.models.torch.call import call
from mechverify.models.torch.operations.promotion import TORCH_TYPES
from mechverify.models.torch.operations.table import TABLE

# Operations whose result is a list or a tuple, perhaps of one tensor.
SEVERAL = {
    name for name in TABLE
    if len(operator(name)._schema.returns) > 1 or str(operator(name)._schema.returns[0].type) == "List[Tensor]"
}  # fmt: skip


class Node:
    """Stands for the tensor that an earlier node of an exported program computed."""

    def __init__(self, drawn: Drawn) -> None:
        self.drawn = drawn


class Inputs:
    """The variable tensors of a call as graph inputs, with their values at every point."""

    def __init__(self) -> None:
        self.builder = GraphBuilder()
        self.columns: list[Any] = []

    def tensor(self, drawn: Drawn) -> Tensor:
        dtype = TORCH_TYPES[str(drawn.values.dtype)]
        if drawn.constant:
            return known(dtype, drawn.values[0].numpy().copy())
        flat = drawn.values.reshape(len(drawn.values), -1).to(torch.float64).numpy()
        nodes = []
        for column in flat.T:
            low, high = (self.fraction(v) for v in (column.min(), column.max()))
            node = self.builder.input(f"i{len(self.columns)}", "real" if dtype == "float32" else "integer", low, high)
            self.columns.append(column)
            truth = self.builder.negate(self.builder.eq(node, self.builder.const(0))) if dtype == "bool" else node
            nodes.append(truth)
        return Tensor(dtype, np.array(nodes, dtype=np.int64).reshape(tuple(drawn.values.shape[1:])))

    @staticmethod
    def fraction(value: float) -> Any:
        from fractions import Fraction

        return Fraction(float(value))


def compare(name: str, args: list[Any], kwargs: dict[str, Any], eager: list[list[Any]]) -> None:
    """Build the call and compare with what torch computes at every point. Raises ModelError where it is refused."""
    inputs = Inputs()
    nodes: dict[Any, Tensor] = {}

    def placed(drawn: Drawn) -> Node:
        node = Node(drawn)
        nodes[node] = inputs.tensor(drawn)
        return node

    recorded = eager[0] if name in SEVERAL else eager[0][0]
    called = SimpleNamespace(
        name=name,
        target=operator(name),
        args=mapped(args, placed),
        kwargs=mapped(kwargs, placed),
        meta={"val": recorded},
    )
    arithmetic = Arithmetic(inputs.builder, "float32")
    built = results(call(called, nodes, arithmetic))
    arrays = [arithmetic.nodes(t) for t in built]
    evaluator = IntervalEvaluator(inputs.builder.graph())
    points = np.stack(inputs.columns, axis=1) if inputs.columns else np.zeros((len(eager), 0))
    low, high = evaluator.values(points)
    for k, (tensor, array) in enumerate(zip(built, arrays, strict=True)):
        values = np.stack([e[k].numpy().astype(np.float64) for e in eager])
        places = array.ravel()
        bottom = np.broadcast_to(low[places].T, (len(eager), len(places))).reshape(values.shape)
        top = np.broadcast_to(high[places].T, (len(eager), len(places))).reshape(values.shape)
        inside = (values >= bottom) & (values <= top) | np.isnan(values) & np.isneginf(bottom) & np.isposinf(top)
        assert inside.all(), (name, args, kwargs, values[~inside], bottom[~inside], top[~inside])
        if tensor.dtype != "float32":
            assert np.array_equal(bottom, top), (name, args, kwargs)
