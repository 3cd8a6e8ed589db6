"""Inputs and constants: what has no arguments."""

import numpy as np

from mechverify.errors import InternalError
from mechverify.graph.groups import NO_GRID, Bounds, Group
from mechverify.graph.operations.operation import SLACK, Operation


def _const(state: Bounds, group: Group) -> None:
    if group.bias is None or group.weight_grid is None:
        raise InternalError("a constant without a value")
    value = group.bias[:, None]
    grid = group.weight_grid[:, :1]
    slack = np.where(grid < NO_GRID, 0.0, np.abs(value) * SLACK + 1e-320)
    state.put(group, value - slack, value + slack, grid)


def _bool(state: Bounds, group: Group) -> None:
    if group.bias is None:
        raise InternalError("a truth value without a value")
    state.put(group, group.bias[:, None], group.bias[:, None])


INPUT = Operation("input", (), None, None, beside="index")
CONST = Operation("const", (), lambda numbers: numbers[0], None, beside="number", interval=_const)
BOOL = Operation("bool", (), lambda truth: truth, None, gives="truth", beside="truth", interval=_bool)
