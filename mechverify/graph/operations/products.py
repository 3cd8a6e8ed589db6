"""Products and quotients, exact or rounded to float32."""

from collections.abc import Callable
from fractions import Fraction

import numpy as np

from mechverify.graph.groups import NO_GRID, Array, Bounds, Group
from mechverify.graph.operations.operation import OVERFLOW32, SLACK, TINY32, U32, Covered, Operation, Value


def _quotient(a: Fraction, b: Fraction) -> Value:
    return None if b == 0 else a / b


def _pair(state: Bounds, group: Group) -> tuple[Array, Array, Array, Array]:
    a, b = group.args[:, 0], group.args[:, 1]
    return state.lo[a], state.hi[a], state.lo[b], state.hi[b]


def _corners(op: Callable[[Array, Array], Array], bounds: tuple[Array, Array, Array, Array]) -> tuple[Array, Array]:
    al, ah, bl, bh = bounds
    values = [op(al, bl), op(al, bh), op(ah, bl), op(ah, bh)]
    return np.minimum.reduce(values), np.maximum.reduce(values)


def _mul(state: Bounds, group: Group) -> None:
    bounds = _pair(state, group)
    low, high = _corners(np.multiply, bounds)
    square = (group.args[:, 0] == group.args[:, 1])[:, None]
    low = np.where(
        square & (bounds[0] <= 0) & (bounds[1] >= 0), 0.0, np.where(square & (bounds[1] < 0), bounds[1] ** 2, low)
    )
    low = np.where(square & (bounds[0] > 0), bounds[0] ** 2, low)
    ma, mb = np.maximum(np.abs(bounds[0]), np.abs(bounds[1])), np.maximum(np.abs(bounds[2]), np.abs(bounds[3]))
    total = ma * mb
    grid = np.minimum(state.grid[group.args[:, 0]] + state.grid[group.args[:, 1]], NO_GRID)
    exact64 = (grid <= 1000) & (total <= np.ldexp(1.0, 52 - np.minimum(grid, 1000)))
    slack = np.where(exact64, 0.0, 4 * SLACK * total + 1e-320)
    if group.rounding == "float32":
        gamma = U32 / (1 - U32)
        exact32 = (grid <= 126) & (total <= np.ldexp(1.0, 24 - np.minimum(grid, 126)))
        slack = slack + np.where(exact32, 0.0, (gamma * total + 2 * (1 + ma + mb) * TINY32) * (1 + 16 * SLACK))
        unbounded = ~(total * (1 + gamma) < OVERFLOW32)
        slack = np.where(unbounded, np.nan, slack)
        grid = np.where(exact32, grid, NO_GRID)
    state.put(group, low - slack, high + slack, grid)


def _div(state: Bounds, group: Group) -> None:
    bounds = _pair(state, group)
    low, high = _corners(np.divide, bounds)
    least = np.where((bounds[2] <= 0) & (bounds[3] >= 0), 0.0, np.minimum(np.abs(bounds[2]), np.abs(bounds[3])))
    total = np.maximum(np.abs(low), np.abs(high))
    whole = (
        (bounds[0] == bounds[1]) & (bounds[2] == bounds[3]) & (np.fmod(bounds[0], bounds[2]) == 0) & (total < 2.0**52)
    )
    slack = np.where(whole, 0.0, 2 * SLACK * total + 1e-320)
    unbounded = least == 0
    if group.rounding == "float32":
        gamma = 3 * U32 / (1 - 3 * U32)
        losses = 2 + np.maximum(np.abs(bounds[0]), np.abs(bounds[1])) + 1 / least
        slack = slack + (gamma * total + 2 * losses * TINY32) * (1 + 16 * SLACK)
        unbounded |= (least < TINY32) | ~(total * (1 + gamma) < OVERFLOW32)
    state.put(group, np.where(unbounded, np.nan, low - slack), high + slack)


MUL = Operation(
    "mul",
    ("number", "number"),
    lambda a, b: a * b,
    np.multiply,
    interval=_mul,
    slopes=lambda a, b: (b, a),
    beside="rounding",
    grid="sum",
    rational=True,
    grows=True,
    covered=Covered(
        ("one rounded product", "subnormal operands and result kept or flushed to zero"),
        "gamma(1) S + 2 (1 + max|a| + max|b|) 2^-126, S = max|a| max|b|; 0 on an exact grid",
        "S (1 + gamma(1)) >= 2^127: any value",
    ),
    sign="*",
)
DIV = Operation(
    "div",
    ("number", "number"),
    _quotient,
    np.divide,
    interval=_div,
    slopes=lambda a, b: (1.0 / b, -a / b**2),
    beside="rounding",
    partial=True,
    rational=True,
    grows=True,
    covered=Covered(
        ("one rounded quotient", "a product with the rounded reciprocal"),
        "gamma(3) S + 2 (2 + max|a| + 1 / min|b|) 2^-126, S = max|a| / min|b|; no grid",
        "b may be zero or below 2^-126 in magnitude, or S (1 + gamma(3)) >= 2^127: any value",
    ),
    sign="/",
)
