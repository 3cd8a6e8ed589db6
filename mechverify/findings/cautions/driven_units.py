"""Interventions along directions, or to values of a claim's own, that take a unit where no admissible input takes it.

A direction may read a feature off one unit and, when it is set, move the output through another that is dormant
(Makelov, Lange and Nanda, "Is This the Subspace You Are Looking for?", arXiv 2311.17030). What a unit holds on
admissible inputs is bounded on boxes that cover all of them; what it holds after the intervention is seen at sampled
ones.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise, product
from math import prod

import numpy as np

from mechverify.caution import Caution
from mechverify.deciding.running.sampled import listed_values
from mechverify.engines.points.admissible import AdmissiblePoints
from mechverify.engines.points.judge import Point, PointJudge, PointStatus
from mechverify.engines.work.meter import work_done
from mechverify.explanation.compiled import CompiledClaim, Driven
from mechverify.explanation.prune import cut_down, prune
from mechverify.graph.graph import Graph, Input
from mechverify.graph.intervals import Array, IntervalEvaluator
from mechverify.spec.text import decimal_text

_BOXES = 256
_FEW = 8  # inputs up to which cutting them tightens bounds by much
_POINTS = 128
_WORK = 0.5
_CELLS = 4_000_000
_ASKED = 3
_SHOWN = 3
_SHOWN_INPUTS = 4


@dataclass(frozen=True, slots=True)
class _Taken:
    """A unit, the range that no admissible input leaves, and what it holds at a point that leaves it."""

    driven: Driven
    range: tuple[float, float]
    value: float
    point: Point


def driven_cautions(compiled: CompiledClaim, seed: int) -> tuple[Caution, ...]:
    """A warning for all units that the claim's directions take where no admissible input takes them."""
    taken = list(_taken(compiled, seed)) if compiled.driven else []
    if not taken:
        return ()
    furthest: dict[str, _Taken] = {}
    for one in sorted(taken, key=_reach, reverse=True):
        furthest.setdefault(one.driven.unit, one)
    first, *others = furthest.values()
    names = " and ".join(dict.fromkeys(name for one in taken for name in one.driven.names))
    words = (
        f"setting {names} takes {first.driven.unit} to {_number(first.value)} at {_at(compiled, first.point)} (a point "
        f"that was found), and no admissible input takes it out of {_range(first)} (bounds over all of them)"
    )
    if others:
        listed = [f"{one.driven.unit} ({_range(one)})" for one in others[:_SHOWN]]
        more = len(others) - len(listed)
        words += f"; the same of {', '.join(listed)}" + (f" and {more} more" if more else "")
    own = {one.name for one in compiled.claim.settings}
    todo = "set a direction without that unit in it, or claim with `resample` what the unit does"
    if all(name in own for one in taken for name in one.driven.names):
        todo = "what the model does there is what no input makes it do: set it to a value that it can hold"
    return (Caution("driven unit", words, todo, compiled.claim.span),)


def _taken(compiled: CompiledClaim, seed: int) -> Iterator[_Taken]:
    nodes = [node for one in compiled.driven for node in (one.before, one.after)]
    graph, number = cut_down(compiled.graph, [compiled.assumption, *nodes])
    evaluator = IntervalEvaluator(graph)
    before = [number[one.before] for one in compiled.driven]
    after = [number[one.after] for one in compiled.driven]
    low, high = _ranges(evaluator, number[compiled.assumption], before)
    found = _point_beyond(compiled, evaluator, low, high, after, seed)
    if found is None:
        return
    point, least, most = found
    for k in np.flatnonzero((least > high) | (most < low)).tolist():
        value = float((least[k] + most[k]) / 2)
        yield _Taken(compiled.driven[k], (float(low[k]), float(high[k])), value, point)


def _point_beyond(
    compiled: CompiledClaim, evaluator: IntervalEvaluator, low: Array, high: Array, after: Sequence[int], seed: int
) -> tuple[Point, Array, Array] | None:
    """An admissible point at which a unit is taken furthest beyond its range, with bounds of all units there."""
    assumed = prune(compiled.graph, compiled.assumption, compiled.assumption, {}, ())
    points = AdmissiblePoints(assumed, seed, listed_values(compiled))
    judge = PointJudge(assumed)
    width = np.maximum(high - low, 1e-9 * (1.0 + np.abs(high) + np.abs(low)))
    for draws in points.batches(_POINTS, work_done() + _WORK):
        least, most = _values(evaluator, draws.inputs, draws.inputs, after)
        beyond = (np.maximum(least - high[:, None], low[:, None] - most) / width[:, None]).max(axis=0)
        for column in np.argsort(-beyond)[:_ASKED].tolist():
            point = draws.point(column)
            if beyond[column] > 0 and judge.status(point) is PointStatus.HOLDS:
                return point, least[:, column], most[:, column]
    return None


def _ranges(evaluator: IntervalEvaluator, assumption: int, wanted: Sequence[int]) -> tuple[Array, Array]:
    """Bounds of nodes over all inputs, from boxes that cover them; a box with no admissible input does not count."""
    lows, highs = _boxes(evaluator.graph, wanted)
    low, high = _values(evaluator, lows, highs, [*wanted, assumption])
    there = high[-1] > 0
    if not there.any():
        return np.full(len(wanted), -np.inf), np.full(len(wanted), np.inf)
    return low[:-1, there].min(axis=1), high[:-1, there].max(axis=1)


def _values(evaluator: IntervalEvaluator, low: Array, high: Array, wanted: Sequence[int]) -> tuple[Array, Array]:
    """Bounds of nodes on each box, (nodes, boxes), some boxes at a time."""
    step = max(1, _CELLS // max(1, len(evaluator.graph.nodes)))
    parts = []
    for start in range(0, len(low), step):
        least, most = evaluator.values(low[start : start + step], high[start : start + step])
        parts.append((least[wanted], most[wanted]))
    return np.concatenate([p[0] for p in parts], axis=1), np.concatenate([p[1] for p in parts], axis=1)


def _boxes(graph: Graph, wanted: Sequence[int]) -> tuple[Array, Array]:
    """The lower and upper corners of boxes that cover all inputs; those that the nodes depend on are cut, the widest
    first, where they are few.
    """
    inputs = graph.inputs
    cone, _ = cut_down(graph, wanted)
    reached = {node.args[0] for node in cone.nodes if node.op == "input"}
    cuts = [1] * len(inputs)
    order = sorted(reached, key=lambda k: inputs[k].low - inputs[k].high)
    while len(reached) <= _FEW and order and prod(cuts) * 2 <= _BOXES:
        k = order.pop(0)
        if inputs[k].kind == "real" or cuts[k] * 2 <= inputs[k].high - inputs[k].low + 1:
            cuts[k] *= 2
            order.append(k)
    corners = list(product(*(_pieces(one, count) for one, count in zip(inputs, cuts, strict=True))))
    low = np.array([[_below(piece[0]) for piece in one] for one in corners])
    high = np.array([[-_below(-piece[1]) for piece in one] for one in corners])
    return low, high


def _pieces(one: Input, count: int) -> list[tuple[Fraction, Fraction]]:
    """The bounds of an input in so many pieces that leave nothing out."""
    if one.kind == "real":
        step = (one.high - one.low) / count
        return [(one.low + k * step, one.low + (k + 1) * step) for k in range(count)]
    size = int(one.high - one.low) + 1
    starts = [one.low + k * size // count for k in range(count + 1)]
    return [(a, b - 1) for a, b in pairwise(starts)]


def _below(value: Fraction) -> float:
    """The greatest float64 that is not above a number, or the one before it."""
    near = float(value)
    return near if Fraction(near) <= value else float(np.nextafter(near, -np.inf))


# --- words


def _reach(one: _Taken) -> float:
    """How far beyond its range a unit is taken, in widths of the range."""
    low, high = one.range
    far = max(one.value - high, low - one.value)
    return far / (high - low) if high > low else float("inf")


def _range(one: _Taken) -> str:
    low, high = one.range
    return f"{_number(low)} .. {_number(high)}" if low < high else _number(low)


def _number(value: float) -> str:
    return decimal_text(Fraction(value)) if np.isfinite(value) else str(value)


def _at(compiled: CompiledClaim, point: Point) -> str:
    shown = [f"{i.name} = {decimal_text(x)}" for i, x in zip(compiled.obligation.graph.inputs, point, strict=True)]
    more = len(shown) - _SHOWN_INPUTS
    return ", ".join(shown[:_SHOWN_INPUTS]) + (f" and {more} more" if more > 0 else "")
