"""Points that come ever closer to breaking a claim in an execution, each bred from those that came closest so far."""

import numpy as np

from mechverify.engines.points.search_space import Floats, SearchSpace

_KEPT = 32
_ULP = 2.0**-24
_MOST_ULPS = 32
_MOST_WHOLE = 3
_FINEST = 20
_MOVED = (0.1, 0.3, 1.0)
_PATIENCE = 8


class Climb:
    """The points of a search that came closest, and their offspring.

    Where a claim turns on rounding alone, what comes close is not near what comes closer: the last bits of a point are
    a new draw. Which values are large, small, equal or zero decides how wide those draws are, and that is bred.
    """

    def __init__(self, space: SearchSpace, random: np.random.Generator) -> None:
        self._space = space
        self._random = random
        self._forget()

    def _forget(self) -> None:
        self._points = np.empty((0, len(self._space.parameters)))
        self._gaps = np.empty(0)
        self._best, self._idle = np.inf, 0

    @property
    def has_points(self) -> bool:
        """Whether there is anything to breed from."""
        return len(self._points) > 0

    def add(self, parameters: Floats, gaps: Floats) -> None:
        """Points, (n, k), and how far each is from breaking the claim, (n,). Begins anew where nothing came closer for
        a while: what can be reached from these points has then been seen.
        """
        if not len(gaps):
            return
        points, first = np.unique(np.concatenate([self._points, parameters]), axis=0, return_index=True)
        joined = np.concatenate([self._gaps, gaps])[first]
        order = np.argsort(joined, kind="stable")[:_KEPT]
        self._points, self._gaps = points[order], joined[order]
        self._idle = 0 if self._gaps[0] < self._best else self._idle + 1
        self._best = self._gaps[0]
        if self._idle > _PATIENCE:
            self._forget()

    def offspring(self, strangers: Floats) -> Floats:
        """One for each of the strangers, (n, k), which are admissible points: a point that came close moved by a few
        floats or a step of any size, or crossed with another one or with the stranger.
        """
        random, space, count = self._random, self._space, len(strangers)
        best = len(self._points)
        rows = np.minimum(random.integers(best, size=count), random.integers(best, size=count))
        parents, others = self._points[rows], self._points[random.integers(best, size=count)]
        shape = parents.shape
        moved = random.random(shape) < random.choice(_MOVED, (count, 1))
        floats = random.integers(-_MOST_ULPS, _MOST_ULPS + 1, shape) * _ULP * np.maximum(np.abs(parents), 2.0**-126)
        whole = random.integers(-_MOST_WHOLE, _MOST_WHOLE + 1, shape)
        width = np.maximum(space.high - space.low, 1e-30)
        step = random.normal(size=shape) * width * 2.0 ** -random.uniform(0, _FINEST, (count, 1))
        children = np.choose(
            random.integers(4, size=(count, 1)),
            [
                parents + np.where(moved, np.where(space.integer, whole, floats), 0.0),
                parents + np.where(moved, step, 0.0),
                np.where(random.random(shape) < 0.5, parents, others),
                np.where(moved, strangers, parents),
            ],
        )
        return np.clip(np.where(space.integer, np.round(children), children), space.low, space.high)
