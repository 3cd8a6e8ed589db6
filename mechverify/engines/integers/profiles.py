"""Nodes that depend on the inputs through one linear form only, as piecewise linear functions of it.

Where such a function bends, or a comparison of two of them turns, the network looks at the value of the form there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor, gcd, lcm

from mechverify.engines.integers.ideal_forms import Forms
from mechverify.graph.graph import Node, Obligation
from mechverify.graph.operations.table import turning_pair
from mechverify.kernel.search import Linear

_MOST_KNOTS = 16

Terms = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Profile:
    """A function of ``sum of c * input`` (coprime integers, the first positive): its values at ``knots``, at least
    one, and its slopes before the first and after the last.
    """

    terms: Terms
    knots: tuple[tuple[Fraction, Fraction], ...]
    before: Fraction
    after: Fraction

    def __call__(self, t: Fraction) -> Fraction:
        """The value at t."""
        (first, at_first), (last, at_last) = self.knots[0], self.knots[-1]
        if t <= first:
            return at_first + self.before * (t - first)
        if t >= last:
            return at_last + self.after * (t - last)
        for (left, a), (right, b) in pairwise(self.knots):
            if left <= t <= right:
                return a + (b - a) * (t - left) / (right - left)
        return at_last

    @property
    def constant(self) -> bool:
        """Whether the function is the same everywhere."""
        return not self.before and not self.after and len({value for _, value in self.knots}) == 1

    def zeros(self) -> list[Fraction]:
        """Where the function crosses or touches zero outside its knots."""
        (first, at_first), (last, at_last) = self.knots[0], self.knots[-1]
        found = []
        if self.before and -at_first / self.before < 0:
            found.append(first - at_first / self.before)
        if self.after and -at_last / self.after > 0:
            found.append(last - at_last / self.after)
        found += [p - a * (q - p) / (b - a) for (p, a), (q, b) in pairwise(self.knots) if a * b < 0]
        return found


def values_to_look_at(obligation: Obligation, forms: Forms) -> dict[Terms, set[int]]:
    """For each form of integer coefficients the first and the last integers at which some function of it turns a
    comparison, or that lie inside all of its bends.
    """
    profiles: list[Profile | None] = []
    found: dict[Terms, set[int]] = {}
    for index, node in enumerate(obligation.graph.nodes):
        profile = _turning(node, profiles, forms)
        if profile is not None and not profile.constant:
            at = [*profile.zeros(), *(t for t, value in profile.knots if value == 0)]
            bends = not node.operation.compares
            if at:
                ends = (floor(min(at)) + 1, ceil(max(at)) - 1) if bends else (ceil(min(at)), floor(max(at)))
                found.setdefault(profile.terms, set()).update(ends if ends[0] <= ends[1] else ())
        profiles.append(_profile(index, node, profiles, forms))
    return found


def primitive(form: Linear) -> tuple[Terms, Fraction] | None:
    """A form as constant + factor * (coprime integers * inputs, the first positive): the terms and the factor."""
    if not form.terms:
        return None
    scale = lcm(*(Fraction(c).denominator for c in form.terms.values()))
    whole = {k: int(c * scale) for k, c in sorted(form.terms.items())}
    common = gcd(*whole.values()) * (1 if next(iter(whole.values())) > 0 else -1)
    return tuple((k, c // common) for k, c in whole.items()), Fraction(common, scale)


def _linear(form: Linear) -> Profile | None:
    found = primitive(form)
    if found is None:
        return None
    terms, factor = found
    return Profile(terms, ((Fraction(0), Fraction(form.constant)),), factor, factor)


def _turning(node: Node, profiles: list[Profile | None], forms: Forms) -> Profile | None:
    """The function whose sign a kink or comparison turns on."""
    if not node.operation.turns:
        return None
    a, b = turning_pair(node.op, node.args)
    return profiles[b] if a < 0 else _sum([(Fraction(-1), a), (Fraction(1), b)], Fraction(0), profiles, forms)


def _profile(index: int, node: Node, profiles: list[Profile | None], forms: Forms) -> Profile | None:
    form = forms[index]
    if form is not None:
        return _linear(form)
    if node.op == "affine":
        return _sum(list(zip(node.numbers[1:], node.args, strict=True)), node.numbers[0], profiles, forms)
    switch = node.operation.switch
    if switch is None or len(node.args) > 1:
        return None
    inner = profiles[node.args[0]]
    return None if inner is None else _combined(inner.terms, inner.zeros(), [inner], switch.of)


def _sum(
    parts: list[tuple[Fraction, int]], constant: Fraction, profiles: list[Profile | None], forms: Forms
) -> Profile | None:
    found: list[tuple[Fraction, Profile]] = []
    for weight, a in parts:
        form, profile = forms[a], profiles[a]
        if not weight:
            continue
        if form is not None and not form.terms:
            constant += weight * form.constant
        elif profile is not None:
            found.append((weight, profile))
        else:
            return None
    if not found or any(p.terms != found[0][1].terms for _, p in found):
        return None
    weights = [w for w, _ in found]
    return _combined(
        found[0][1].terms,
        [],
        [p for _, p in found],
        lambda values: constant + sum((w * v for w, v in zip(weights, values, strict=True)), Fraction(0)),
    )


def _combined(
    terms: Terms, extra: list[Fraction], parts: list[Profile], function: Callable[[list[Fraction]], Fraction]
) -> Profile | None:
    """A function of functions that is linear between their knots and the extra ones."""
    places = sorted({*extra, *(t for p in parts for t, _ in p.knots)})
    if len(places) > _MOST_KNOTS:
        return None

    def at(t: Fraction) -> Fraction:
        return function([p(t) for p in parts])

    knots = tuple((t, at(t)) for t in places)
    before, after = knots[0][1] - at(places[0] - 1), at(places[-1] + 1) - knots[-1][1]
    return Profile(terms, knots, before, after)
