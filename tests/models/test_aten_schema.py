"""Every modelled ATen operation against eager torch, with arguments drawn from the operator's own schema.

Shape and element type of each result, and its value at every point within the enclosure; an integer or a truth value
exactly. An operation may refuse what it does not model, and only with its own errors.
"""

from types import SimpleNamespace
from typing import Any
from zlib import crc32

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from aten_cases import Drawn, Draws, mapped, operator, results  # noqa: E402

from mechverify.errors import ModelError, UnsupportedOperationError  # noqa: E402
from mechverify.graph.builder import GraphBuilder  # noqa: E402
from mechverify.graph.intervals import IntervalEvaluator  # noqa: E402
from mechverify.models.arithmetic import Arithmetic  # noqa: E402
from mechverify.models.aten_promotion import TORCH_TYPES  # noqa: E402
from mechverify.models.aten_table import TABLE  # noqa: E402
from mechverify.models.tensor import Tensor, known  # noqa: E402
from mechverify.models.torch_call import call  # noqa: E402

POINTS = 5
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
        name=name, target=operator(name), args=mapped(args, placed), kwargs=mapped(kwargs, placed), meta={"val": recorded}
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


def attempt(name: str, draws: Draws) -> str:
    """``invalid`` where torch refuses the call, ``refused`` where the reader does, ``read`` where both agree."""
    args, kwargs = draws.arguments(name)
    eager = []
    try:
        for point in range(POINTS):
            given = mapped([args, kwargs], lambda d, p=point: d.values[p].clone())
            eager.append([t.detach() for t in results(operator(name)(*given[0], **given[1]))])
    except (RuntimeError, IndexError, TypeError, ValueError, NotImplementedError):
        return "invalid"
    if any(t.dtype not in (torch.float32, torch.int64, torch.int32, torch.bool) for t in eager[0]):
        return "invalid"
    try:
        compare(name, args, kwargs, eager)
    except ModelError as refusal:
        if isinstance(refusal, UnsupportedOperationError) and "is read as" in str(refusal):
            raise AssertionError(f"{refusal}: {args} {kwargs}") from refusal
        return "refused"
    return "read"


def counted(name: str, wanted: int, tries: int, seed: int = 0) -> dict[str, int]:
    draws = Draws(np.random.default_rng(crc32(name.encode()) + seed), POINTS)
    found = {"invalid": 0, "refused": 0, "read": 0}
    while found["read"] < wanted and sum(found.values()) < tries:
        found[attempt(name, draws)] += 1
    return found


@pytest.mark.parametrize("name", sorted(TABLE))
def test_an_operation_is_what_torch_computes(name: str) -> None:
    found = counted(name, 4, 400)
    assert found["read"] >= 2, found


def test_a_fused_sum_of_two_constants_is_covered() -> None:
    assert counted("rsub.Tensor", 20, 800, seed=1)["read"] == 20


@pytest.mark.campaign
@pytest.mark.parametrize("name", sorted(TABLE))
def test_an_operation_many_times(name: str) -> None:
    found = counted(name, 150, 6000, seed=1)
    assert found["read"] >= 20, found
