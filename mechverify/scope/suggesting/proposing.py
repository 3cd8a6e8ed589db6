"""The condition of a family that keeps most of the inputs at which a claim holds, and none at which it fails.

What one predicate has to exclude decides its number: the loosest bound, so that only its term is to be chosen. Several
together are put together one after the other, the last of them excluding what the others leave.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from types import MappingProxyType

import numpy as np

from mechverify.scope.suggesting.predicates import (
    MODULI,
    MOST_CONJUNCTS,
    Bound,
    Conjunction,
    Named,
    Predicate,
    Remainder,
    Term,
    text_of,
)
from mechverify.scope.suggesting.samples import Samples, Truths
from mechverify.spec.expression.syntax import Call

_BEAMS = (10, 5)
_EACH_MORE, _EACH_PART = 0.03, 0.0003
_TIES, _DOUBT = 0.3, 0.15
_NO_DOUBTS: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Proposer:
    """What may be proposed: bounds, equalities and remainders of ``terms``, and ``literals``."""

    terms: tuple[Term, ...]
    literals: tuple[Named, ...]

    def best(self, samples: Samples, skip: set[str], doubts: Mapping[str, int] = _NO_DOUBTS) -> Conjunction | None:
        """The best condition that excludes every sample at which the claim fails; None if there is none but those to
        ``skip``, by their text. ``doubts``: how often nothing came of a condition with a predicate of that shape.
        """
        found: list[tuple[float, Conjunction]] = []
        terms = tuple(term for term in self.terms if samples.known(term))
        every = np.full(len(samples.points), fill_value=True)
        beam: list[tuple[Conjunction, Truths]] = [((), every)]
        groups = [(~samples.bad & group) for group in (samples.uniform, ~samples.uniform)]
        for length in range(MOST_CONJUNCTS):
            for chosen, kept in beam:
                for last in self._closing(terms, samples, samples.bad & kept, kept):
                    left = kept & samples.truth(last)
                    shares = [int((left & group).sum()) / max(1, int(group.sum())) for group in groups]
                    if any(shares) and not any(_alike(last, one) for one in chosen):
                        whole = (*chosen, last)
                        doubt = _DOUBT * sum(doubts.get(shape_of(one), 0) for one in whole) if doubts else 0.0
                        score = shares[0] + _TIES * shares[1] - _EACH_MORE * len(whole) - _reading(whole) - doubt
                        found.append((score, whole))
            if length < len(_BEAMS):
                beam = self._grown(terms, samples, beam, _BEAMS[length])
        found.sort(key=lambda one: -one[0])
        return next((whole for _, whole in found if text_of(whole) not in skip), None)

    def _closing(self, terms: Sequence[Term], samples: Samples, bad: Truths, kept: Truths) -> Iterator[Predicate]:
        """Predicates that each exclude all of ``bad``, the loosest of their kind."""
        if not bad.any():
            return
        good = ~samples.bad & kept
        for term in terms:
            low, high = samples.ends(term)
            yield loosest(term, Fraction(float(high[bad].min())), "<")
            yield loosest(term, Fraction(float(low[bad].max())), ">")
            yield from _equal(term, samples, bad, good)
        for literal in self.literals:
            if not (samples.truth(literal) & bad).any():
                yield literal

    def _grown(
        self, terms: Sequence[Term], samples: Samples, beam: Sequence[tuple[Conjunction, Truths]], most: int
    ) -> list[tuple[Conjunction, Truths]]:
        """Conditions with one predicate more that exclude some of what fails and keep much of what holds."""
        found: dict[str, tuple[float, Conjunction, Truths]] = {}
        for chosen, kept in beam:
            bad = samples.bad & kept
            good = ~samples.bad & kept
            if not bad.any() or not good.any():
                continue
            for one in self._partial(terms, samples, bad, good):
                truth = samples.truth(one)
                excluded = float((bad & ~truth).sum()) / int(bad.sum())
                left = float((good & truth).sum()) / int(good.sum())
                if 0 < excluded < 1 and left > 0 and not any(_alike(one, other) for other in chosen):
                    whole = (*chosen, one)
                    found[text_of(whole)] = (excluded * (left + 0.01), whole, kept & truth)
        best = sorted(found.values(), key=lambda one: -one[0])[:most]
        return [(whole, truth) for _, whole, truth in best]

    def _partial(self, terms: Sequence[Term], samples: Samples, bad: Truths, good: Truths) -> Iterator[Predicate]:
        for term in terms:
            low, high = (np.sort(end[bad]) for end in samples.ends(term))
            for place in {0, len(high) // 2}:
                yield loosest(term, Fraction(float(high[place])), "<")
                yield loosest(term, Fraction(float(low[-1 - place])), ">")
            yield from (Bound(term, op, Fraction(0)) for op in ("<=", ">="))
            yield from _equal(term, samples, np.zeros_like(bad), good)
        yield from self.literals


def loosest(term: Term, at: Fraction, op: str) -> Bound:
    """``t < at`` or ``t > at`` by a multiple of the term's step: of reals strictly where ``at`` is such a multiple."""
    places = at / term.step
    if places.denominator == 1 and not term.integer:
        return Bound(term, op, at)
    if op == "<":
        return Bound(term, "<=", (ceil(places) - 1) * term.step)
    return Bound(term, ">=", (floor(places) + 1) * term.step)


def _equal(term: Term, samples: Samples, bad: Truths, good: Truths) -> Iterator[Predicate]:
    """Equality and remainders of a term that hold at some good sample and at none of ``bad``."""
    if not term.integer and term.sides is None:
        return
    low, high = samples.ends(term)
    if term.sides is not None:
        same = (low == 0) & (high == 0)
        if (same & good).any() and not (same & bad).any():
            yield Bound(term, "==", Fraction(0))
        return
    if isinstance(term.expression, Call):
        return
    values = samples.values(term)
    for value, _ in Counter(low[good & (low == high)].tolist()).most_common(2):
        if not ((low == value) & (high == value) & bad).any():
            yield Bound(term, "==", Fraction(value))
    for modulus in MODULI:
        rest = values % modulus
        taken = rest[:, 0] if rest.shape[1] == 1 else np.where((rest == rest[:, :1]).all(axis=1), rest[:, 0], -1)
        excluded = np.bincount(taken[bad & (taken >= 0)].astype(int), minlength=modulus)
        kept = np.where(excluded == 0, np.bincount(taken[good & (taken >= 0)].astype(int), minlength=modulus), 0)
        if kept.any():
            yield Remainder(term, modulus, int(kept.argmax()))


def _alike(one: Predicate, other: Predicate) -> bool:
    """Whether two predicates bound the same term on the same side."""
    return isinstance(one, Bound) and isinstance(other, Bound) and shape_of(one) == shape_of(other)


def shape_of(one: Predicate) -> str:
    """A predicate without its numbers."""
    match one:
        case Bound(term=term, op=op):
            return f"{op[0]} {term.text}"
        case Remainder(term=term):
            return f"% {term.text}"
    return one.text


def _reading(condition: Conjunction) -> float:
    """What a condition costs its reader."""
    return _EACH_PART * sum(len(one.text if isinstance(one, Named) else one.term.text) for one in condition)
