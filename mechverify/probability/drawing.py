"""Random inputs by their measures, each independently of all others."""

import random
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import accumulate
from math import erfc, expm1, lcm, log1p, sqrt
from statistics import NormalDist

from mechverify.errors import InternalError
from mechverify.kernel.search import Number
from mechverify.probability.measures import Counting, Density, Measure, Weights

_CELLS = 1 << 53
_LEAST = 1e-290  # a tail of less has no quantiles in floats
Point = tuple[Fraction, ...]


class Drawing:
    """Draws of all inputs of a problem; deterministic for a seed. ``bounds`` are those of the inputs. Integers and
    weights are drawn exactly, real numbers on a grid of 2^53 cells of their range (under a curve, of their quantiles).
    ``possible`` is unset where an input's range lies so far out in the tail of its curve that nothing can be drawn.
    """

    def __init__(self, measures: Sequence[Measure], bounds: Sequence[tuple[Number, Number]], seed: int) -> None:
        self.possible = True
        self._random = random.Random(seed)  # noqa: S311 - a sample is to be the same again
        pairs = zip(measures, bounds, strict=True)
        self._each = [self._drawn(measure, Fraction(low), Fraction(high)) for measure, (low, high) in pairs]

    def point(self) -> Point:
        """One draw. Raises InternalError where none is ``possible``."""
        if not self.possible:
            raise InternalError("a draw from a tail that has no quantiles")
        return tuple(draw() for draw in self._each)

    def _drawn(self, measure: Measure, low: Fraction, high: Fraction) -> Callable[[], Fraction]:
        if isinstance(measure, Weights):
            return self._weighted(measure)
        if isinstance(measure, Counting) and measure.integer:
            return lambda: Fraction(self._random.randint(int(low), int(high)))
        if isinstance(measure, Density):
            return self._under(measure, low, high)
        return lambda: low + (high - low) * Fraction(self._random.randrange(_CELLS), _CELLS - 1)

    def _weighted(self, measure: Weights) -> Callable[[], Fraction]:
        scale = lcm(*(w.denominator for w in measure.weights))
        sums = list(accumulate(int(w * scale) for w in measure.weights))

        def draw() -> Fraction:
            at = self._random.randrange(sums[-1])
            low, high = 0, len(sums) - 1
            while low < high:
                middle = (low + high) // 2
                low, high = (low, middle) if at < sums[middle] else (middle + 1, high)
            return measure.values[low]

        return draw

    def _under(self, measure: Density, low: Fraction, high: Fraction) -> Callable[[], Fraction]:
        """By the quantile of a uniform number, and again where rounding takes it out of the range. The upper tail of a
        normal curve is drawn as the lower one, whose quantiles floats tell apart.
        """
        curve = measure.curve
        if curve.kind == "normal":
            side = -1 if low > curve.mean else 1
            normal = NormalDist(float(side * curve.mean), float(curve.deviation))
            far = (float(side * (curve.mean - x) / curve.deviation) for x in (low, high))
            first, last = sorted(erfc(z / sqrt(2)) / 2 for z in far)
            self.possible = self.possible and last - first > _LEAST

            def quantile(u: float) -> float:
                at = first + (last - first) * u
                return side * normal.inv_cdf(at) if 0 < at < 1 else float(curve.mean)

        else:
            gone = -expm1(-float((high - low) / curve.mean))

            def quantile(u: float) -> float:
                return float(low) - float(curve.mean) * log1p(-u * gone)

        def draw() -> Fraction:
            while True:
                value = Fraction(quantile(self._random.random()))
                if low <= value <= high:
                    return value

        return draw
