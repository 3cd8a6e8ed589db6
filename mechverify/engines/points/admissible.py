"""Random points that meet an assumption: uniform over a box of free parameters, the rest drawn again.

Linear equalities among the inputs are eliminated first, so that x_1 == x_2 costs nothing; only what is left of the
assumption rejects points. For integers the points are uniform over all admissible ones; for reals, uniform in the
parameters.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from mechverify.engines.affine.boxes import Box
from mechverify.engines.affine.layout import Floats, make_plan
from mechverify.engines.certificates.preparation import prepare
from mechverify.engines.points.judge import Point
from mechverify.engines.points.nominal import Points
from mechverify.engines.points.search_space import SearchSpace
from mechverify.engines.search.implied import bounded
from mechverify.engines.search.paths import eliminate, root_box
from mechverify.engines.work import costs
from mechverify.engines.work.meter import spend, work_done
from mechverify.graph.graph import Obligation

_CELLS = 4_000_000
_MOST_ROWS = 65_536
_LEAST_ROWS = 256
_WHOLE = 2.0**53
_NEAR = 1e-9


@dataclass(frozen=True, slots=True)
class Draws:
    """Admissible points of one batch: ``parameters`` (points, k) and ``inputs`` (points, inputs) in float64."""

    space: SearchSpace
    parameters: Floats
    inputs: Floats

    def point(self, row: int) -> Point:
        """One of them, exactly."""
        return self.space.point(self.space.exact(self.parameters[row]))


class AdmissiblePoints:
    """Draws from the points in bounds that meet an obligation's assumption, as float64 sees them.

    ``listed`` are the values that inputs may have, by input name, where they are not all between the bounds.
    Deterministic for a seed.
    """

    def __init__(self, obligation: Obligation, seed: int, listed: Mapping[str, Sequence[Fraction]]) -> None:
        self._obligation = obligation
        self._random = np.random.default_rng(seed)
        self._box = eliminate(bounded(root_box(prepare(obligation))))
        self._space = None if self._box.state.closed else SearchSpace.of(obligation, self._box)
        self._conditions = () if self._space is None else tuple(_left(obligation, self._box))
        self._plan = make_plan(obligation.graph, self._conditions)
        self._listed = {} if self._space is None else _by_parameter(obligation, self._space, listed)
        inputs = obligation.graph.inputs
        self._low = np.array([float(i.low) for i in inputs])
        self._high = np.array([float(i.high) for i in inputs])

    @property
    def space(self) -> SearchSpace | None:
        """The free parameters; None where the assumption excludes every point."""
        return self._space

    def batches(self, count: int, deadline: float) -> Iterator[Draws]:
        """``count`` points in all, or as many as are found until the work of this process has come to ``deadline``."""
        left = count if self._space is not None else 0
        cells = len(self._plan.number_row) + len(self._plan.truth_row) + len(self._low) + 1
        most = max(_LEAST_ROWS, min(_MOST_ROWS, _CELLS // cells))
        rows = min(most, max(left, 1))
        while left > 0 and self._space is not None:
            parameters = self._uniform(self._space, rows)
            inputs = self._space.inputs(parameters)
            good = np.flatnonzero(self.admitted(inputs))[:left]
            if len(good):
                yield Draws(self._space, parameters[good], inputs[good])
            left -= len(good)
            if work_done() > deadline:
                return
            rows = most if len(good) < rows else min(most, max(left, 1))

    def _uniform(self, space: SearchSpace, count: int) -> Floats:
        spend(costs.GROUP + costs.CELL * count * (1 + len(space.parameters)))
        drawn = np.empty((count, len(space.parameters)))
        for k, one in enumerate(space.parameters):
            low, high = float(space.low[k]), float(space.high[k])
            if k in self._listed:
                drawn[:, k] = self._random.choice(self._listed[k], count)
            elif one.integer and max(-low, high) < _WHOLE:
                drawn[:, k] = self._random.integers(int(low), int(high), count, endpoint=True)
            else:
                drawn[:, k] = low + self._random.random(count) * (high - low)
        return np.where(space.integer, np.round(drawn), drawn)

    def admitted(self, inputs: Floats) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
        """Which of these points, (points, inputs), are in bounds and meet the assumption, as float64 sees it."""
        slack = _NEAR * (1.0 + np.abs(inputs).max(axis=1, initial=0.0))[:, None]
        admitted = ((inputs >= self._low - slack) & (inputs <= self._high + slack)).all(axis=1)
        if self._conditions:
            values = Points(self._plan, inputs)
            for node in self._conditions:
                admitted &= values.holds(node)
        return np.asarray(admitted, dtype=np.bool_)


def _left(obligation: Obligation, box: Box) -> Iterator[int]:
    """The conjuncts of the assumption but for linear equalities that hold on the whole box by its elimination."""
    stack = [obligation.assumption]
    while stack:
        index = stack.pop()
        node = obligation.graph.nodes[index]
        if node.op == "and":
            stack.extend(node.args)
            continue
        if node.op == "eq":
            form = box.state.prepared.difference(*node.args)
            resolved = None if form is None else box.state.resolve(form)
            if resolved is not None and not resolved.terms and resolved.constant == 0:
                continue
        yield index


def _by_parameter(
    obligation: Obligation, space: SearchSpace, listed: Mapping[str, Sequence[Fraction]]
) -> dict[int, Floats]:
    """The values of the parameters that are listed inputs themselves."""
    found = {}
    for one, form in zip(obligation.graph.inputs, space.forms, strict=True):
        if one.name in listed and not form.constant and tuple(form.terms.values()) == (1,):
            (parameter,) = form.terms
            found[space.live.index(parameter)] = np.array([float(v) for v in listed[one.name]])
    return found
