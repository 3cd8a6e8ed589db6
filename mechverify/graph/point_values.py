"""A graph at many points at once in plain float64, with slopes: what a search looks at, never evidence.

Rounded nodes are taken without their rounding. Slopes are those of the piece that a point lies in: at a kink one side
is taken, and floor and round have slope 0.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mechverify.errors import InternalError
from mechverify.graph.groups import Array, Group
from mechverify.graph.operations.table import OPERATIONS

_BLOCK = 4_000_000


def point_values(groups: Sequence[Group], nodes: int, points: Array) -> Array:
    """Every node's value, (nodes, points), at points of shape (points, inputs); a truth value is 0 or 1."""
    values = np.zeros((nodes, len(points)))
    with np.errstate(all="ignore"):
        for group in groups:
            values[group.nodes] = _values(group, values, points)
    return values


def _values(group: Group, values: Array, points: Array) -> Array:
    if group.op == "input":
        return points.T[group.args[:, 0]]
    if group.op == "affine":
        return _affine(group, values)
    if group.bias is not None:
        return group.bias[:, None]
    function = OPERATIONS[group.op].values
    if function is None:
        raise InternalError(f"{group.op} has no value at a point")
    beside = () if group.table is None else (group.table,)
    found: Array = function(*beside, *(values[group.args[:, k]] for k in range(group.args.shape[1])))
    return found


def _affine(group: Group, values: Array) -> Array:
    if group.weights is None or group.bias is None:
        return np.zeros((len(group.nodes), values.shape[1]))
    if group.shared:
        total: Array = group.weights @ values[group.args[0]] + group.bias[:, None]
        return total
    rows, terms = group.weights.shape
    step = max(1, _BLOCK // max(1, terms * values.shape[1]))
    parts = [
        np.einsum("rk,rkp->rp", group.weights[k : k + step], values[group.args[k : k + step]])
        for k in range(0, rows, step)
    ]
    joined: Array = np.concatenate(parts) + group.bias[:, None]
    return joined


def point_slopes(groups: Sequence[Group], values: Array, seeds: Array, inputs: int) -> Array:
    """The slope by each input, (points, inputs), of sum seed * node at each point; ``seeds`` is (nodes, points) and is
    used up.
    """
    slopes = np.zeros((inputs, values.shape[1]))
    with np.errstate(all="ignore"):
        for group in reversed(groups):
            own = seeds[group.nodes]
            if group.op == "input":
                _add(slopes, group.args[:, 0], own)
            elif own.any():
                _back(group, values, seeds, own)
    return np.nan_to_num(slopes.T, posinf=0.0, neginf=0.0)


def _add(seeds: Array, places: NDArray[np.int64], amounts: Array) -> None:
    """Add to rows, of which some may be named twice; where none is, numpy adds them ten times faster."""
    if len(set(places.tolist())) == len(places):
        seeds[places] += amounts
    else:
        np.add.at(seeds, places, amounts)


def _back(group: Group, values: Array, seeds: Array, own: Array) -> None:
    """Hand the slopes of a group's nodes on to their arguments."""
    args = group.args
    if group.op == "affine" and group.weights is not None:
        if group.shared:
            _add(seeds, args[0], group.weights.T @ own)
            return
        for k in range(args.shape[1]):
            _add(seeds, args[:, k], group.weights[:, k, None] * own)
    elif group.op == "ite":
        yes = values[args[:, 0]] > 0.5
        _add(seeds, args[:, 1], np.where(yes, own, 0.0))
        _add(seeds, args[:, 2], np.where(yes, 0.0, own))
    else:
        for k, factor in enumerate(_factors(group, values)):
            _add(seeds, args[:, k], own * factor)


def _factors(group: Group, values: Array) -> Sequence[Array | float]:
    """The derivative of each node by each of its arguments; none where it is zero."""
    slopes = OPERATIONS[group.op].slopes
    return () if slopes is None else slopes(*(values[group.args[:, k]] for k in range(group.args.shape[1])))
