"""How each input of a problem is distributed, as a measure of its values."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from math import lcm

from mechverify.explanation.compiled import CompiledClaim
from mechverify.kernel.search import Problem, Region
from mechverify.probability.bracket import NOTHING, Bracket
from mechverify.probability.densities import Curve
from mechverify.spec.expression.shapes import input_names
from mechverify.spec.spec import Distribution, InputDeclaration


@dataclass(frozen=True, slots=True)
class Counting:
    """Every integer between the bounds counts one; of a real input, every length its own."""

    integer: bool

    def mass(self, low: Fraction, high: Fraction) -> Bracket:
        """How much lies in a closed interval."""
        if self.integer:
            return Bracket.at(max(0, high.__floor__() - low.__ceil__() + 1))
        return Bracket.at(high - low) if low < high else NOTHING

    def moment(self, low: Fraction, high: Fraction) -> Bracket:
        """The integral of the value over it."""
        if self.integer:
            first, last = low.__ceil__(), high.__floor__()
            return Bracket.at(Fraction((first + last) * (last - first + 1), 2)) if first <= last else NOTHING
        return Bracket.at((high * high - low * low) / 2) if low < high else NOTHING


@dataclass(frozen=True, slots=True)
class Weights:
    """Some values, in ascending order, with what each counts; ``sums`` and ``moments`` are of those before each. Where
    all values are integers, ``whole`` has them as such, and ``shares`` the sums times ``scale``, integers too.
    """

    values: tuple[Fraction, ...]
    weights: tuple[Fraction, ...]
    sums: tuple[Fraction, ...]
    moments: tuple[Fraction, ...]
    whole: tuple[int, ...] = ()
    shares: tuple[int, ...] = ()
    scale: int = 1

    @staticmethod
    def of(pairs: Sequence[tuple[Fraction, Fraction]]) -> "Weights":
        """The weights of values in ascending order."""
        values, weights = tuple(v for v, _ in pairs), tuple(w for _, w in pairs)
        sums = tuple(accumulate(weights, initial=Fraction(0)))
        moments = tuple(accumulate((v * w for v, w in pairs), initial=Fraction(0)))
        if any(v.denominator != 1 for v in values):
            return Weights(values, weights, sums, moments)
        scale = lcm(*(w.denominator for w in weights))
        shares = tuple(int(s * scale) for s in sums)
        return Weights(values, weights, sums, moments, tuple(map(int, values)), shares, scale)

    def within(self, low: Fraction, high: Fraction) -> tuple[int, int]:
        """The places of the values in a closed interval, from the first to before the last."""
        first = bisect_left(self.values, low)
        return first, max(first, bisect_right(self.values, high))

    def mass(self, low: Fraction, high: Fraction) -> Bracket:
        """How much lies in a closed interval."""
        first, end = self.within(low, high)
        return Bracket.at(self.sums[end] - self.sums[first])

    def moment(self, low: Fraction, high: Fraction) -> Bracket:
        """The integral of the value over it."""
        first, end = self.within(low, high)
        return Bracket.at(self.moments[end] - self.moments[first])


@dataclass(frozen=True, slots=True)
class Density:
    """A curve over a real input."""

    curve: Curve

    def mass(self, low: Fraction, high: Fraction) -> Bracket:
        """How much lies in an interval."""
        return self.curve.mass(low, high)

    def moment(self, low: Fraction, high: Fraction) -> Bracket:
        """The integral of the value over it."""
        return self.curve.moment(low, high)

    def heights(self, low: Fraction, high: Fraction) -> Bracket:
        """The density on an interval: it is greatest at the mean, if that lies in it, and falls to both sides."""
        one, other = self.curve.height(low), self.curve.height(high)
        top = max(one.high, other.high)
        if self.curve.kind == "normal" and low < self.curve.mean < high:
            top = Fraction(1)
        return Bracket(min(one.low, other.low), top)


@dataclass(frozen=True, slots=True)
class Whole:
    """A curve over a real input of which each part of a map has all, from ``low`` to ``high``: that counts one."""

    curve: Curve
    low: Fraction
    high: Fraction

    def mass(self, low: Fraction, high: Fraction) -> Bracket:  # noqa: ARG002
        """How much there is."""
        return Bracket.at(1)

    def moment(self, low: Fraction, high: Fraction) -> Bracket:  # noqa: ARG002
        """The mean of the value."""
        mass, moment = self.curve.mass(self.low, self.high), self.curve.moment(self.low, self.high)
        if mass.low <= 0:
            return Bracket(self.low, self.high)
        ends = [x / m for x in (moment.low, moment.high) for m in (mass.low, mass.high)]
        return Bracket(max(self.low, min(ends)), min(self.high, max(ends)))


Measure = Counting | Weights | Density | Whole


def with_whole(measures: Sequence[Measure], regions: Sequence[Region]) -> tuple[Measure, ...]:
    """Measures by which the regions of a map weigh the same in proportion: exact ones in the place of curves over
    inputs that none of them cuts.
    """
    if not regions:
        return tuple(measures)
    start = Region.start(regions[0].kinds)
    found: list[Measure] = []
    for k, (measure, kind) in enumerate(zip(measures, start.kinds, strict=True)):
        if isinstance(measure, Density) and all(_uncut(start, region, k) for region in regions):
            found.append(Whole(measure.curve, Fraction(kind.low), Fraction(kind.high)))
        else:
            found.append(measure)
    return tuple(found)


def _uncut(start: Region, region: Region, k: int) -> bool:
    return region.factors[k].corners == start.factors[k].corners


@dataclass(frozen=True, slots=True)
class Measures:
    """Those of all inputs of a problem. ``plain``: every input has its own counting or length, as the kernel's sizes
    of a map have it; ``uniform``: no distribution is declared.
    """

    each: tuple[Measure, ...]
    plain: bool
    uniform: bool

    @property
    def curved(self) -> bool:
        """Whether an input has a curve: what that weighs is told between ends."""
        return any(isinstance(m, Density) for m in self.each)

    @property
    def dimension(self) -> int:
        """The real inputs that single values have no mass of."""
        return sum(not isinstance(m, Weights) and not (isinstance(m, Counting) and m.integer) for m in self.each)


def measures_of(compiled: CompiledClaim, problem: Problem) -> Measures:
    """The measure of each input of a claim's problem, by the input of the spec that it is of, in whichever run."""
    own = (*compiled.spec.inputs, *compiled.settings.done.values())
    declared = {name: one for one in own for name in input_names(one)}
    distributions = {one.input: one for one in compiled.claim.distribution}
    each = []
    plain = uniform = True
    for one in problem.inputs:
        name = one.name.rpartition(": ")[2]
        declaration = declared[name]
        distribution = distributions.get(declaration.name)
        measure: Measure = Weights.of([(Fraction(one.low), Fraction(1))])  # a real input with one value
        if one.integer or one.low < one.high:
            measure = _measure(declaration, distribution, integer=one.integer, low=Fraction(one.low))
            plain = plain and isinstance(measure, Counting)
        uniform = uniform and distribution is None
        each.append(measure)
    return Measures(tuple(each), plain, uniform)


def _measure(declared: InputDeclaration, given: Distribution | None, *, integer: bool, low: Fraction) -> Measure:
    if given is None or given.kind == "uniform":
        if declared.kind == "one_of" and not integer:
            return Weights.of([(v, Fraction(1)) for v in sorted(set(declared.values))])
        return Counting(integer)
    if given.kind == "weights":
        return Weights.of(given.weights)
    return Density(Curve(given.kind, given.mean, given.deviation, low))
