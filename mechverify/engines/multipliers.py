"""Farkas multipliers: m >= 0 that make the least value of d - sum m_f g_f over the unit box as large as possible.

The function of m is concave and piecewise linear; along one coordinate its maximum is at a breakpoint, where a
coefficient of
the form vanishes. Coordinates are improved in turn, which need not reach the optimum: any m is sound.
"""

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from mechverify.engines.forms import minimum
from mechverify.engines.plan import Floats

_SWEEPS = 4
_SIMPLE = 64
_PAIRED = 8


def best_multipliers(form: Floats, facts: Floats) -> tuple[Floats, Floats]:
    """For forms (n, k + 1) and facts (n, f, k + 1), each >= 0: the bound (n,) and the multipliers (n, f), already
    tidied."""
    count, slots = facts.shape[:2]
    found = np.zeros((count, slots))
    useful = np.abs(facts).max(axis=2) > 0.0
    _start_with_best(form, facts, useful, found)
    rest = form - np.einsum("nf,nfk->nk", found, facts)
    for sweep in range(_SWEEPS):
        before = found.copy()
        for f in np.nonzero(useful.any(axis=0))[0]:
            fact = facts[:, f]
            rest += found[:, f, None] * fact
            found[:, f] = _along(rest, fact)
            rest -= found[:, f, None] * fact
        if sweep and np.array_equal(before, found):
            break
    found = tidy(found)
    bound = _value(form, facts, found)
    refuted = refutation(facts, useful)
    gain = _value(np.zeros_like(form), facts, refuted)
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.exp2(np.ceil(np.log2(2.0 * np.abs(form).sum(axis=1) / np.maximum(gain, 1e-300) + 1.0)))
    scaled = refuted * np.where((gain > 0.0) & (factor < 1e60), factor, 0.0)[:, None]
    better = _value(form, facts, scaled)
    swap = better > bound
    return np.where(swap, better, bound), np.where(swap[:, None], scaled, found)


def _start_with_best(form: Floats, facts: Floats, useful: NDArray[np.bool_], found: Floats) -> None:
    """Put the best multiplier of the one best fact into ``found``: ascent from zero can get stuck on a weaker fact."""
    best = minimum(form)
    for f in np.nonzero(useful.any(axis=0))[0]:
        alone = _along(form, facts[:, f])
        value = minimum(form - alone[:, None] * facts[:, f])
        better = value > best
        found[better] = 0.0
        found[better, f] = alone[better]
        best = np.maximum(best, value)


def _value(form: Floats, facts: Floats, multipliers: Floats) -> Floats:
    return minimum(form - np.einsum("nf,nfk->nk", multipliers, facts))


def refutation(facts: Floats, useful: NDArray[np.bool_]) -> Floats:
    """Multipliers of one or two of the latest facts whose sum is negative on the whole box; else zeros."""
    count, slots = facts.shape[:2]
    found = np.zeros((count, slots))
    best = np.zeros(count)
    present = [int(f) for f in np.nonzero(useful.any(axis=0))[0]][-_PAIRED:]
    for i in present:
        for j in present:
            factor = tidy(_along(-facts[:, i], facts[:, j])) if i != j else np.zeros(count)
            tried = np.zeros((count, slots))
            tried[:, j] += factor
            tried[:, i] += 1.0
            tried *= useful
            value = _value(np.zeros_like(facts[:, 0]), facts, tried) / (1.0 + factor)
            found[value > best] = tried[value > best]
            best = np.maximum(best, value)
    return found


def _along(form: Floats, fact: Floats) -> Floats:
    """The best multiplier of one fact for each row."""
    with np.errstate(divide="ignore", invalid="ignore"):
        candidates = form[:, :-1] / fact[:, :-1]
    candidates = np.where(np.isfinite(candidates) & (candidates > 0.0) & (candidates < 1e30), candidates, 0.0)
    candidates = np.concatenate([np.zeros((len(form), 1)), candidates], axis=1)
    values = minimum(form[:, None, :] - candidates[:, :, None] * fact[:, None, :])
    best = values.argmax(axis=1)
    chosen: Floats = np.take_along_axis(candidates, best[:, None], axis=1)[:, 0]
    return chosen


def tidy(values: Floats) -> Floats:
    """Fractions with a small denominator where the values are within rounding of one, otherwise 40 significant bits."""
    mantissa, exponent = np.frexp(values)
    result: Floats = np.ldexp(np.round(mantissa * 2.0**40), exponent - 40)
    for denominator in (1, 2, 3, 5, 7, _SIMPLE):
        near = np.round(values * denominator) / denominator
        result = np.where(np.abs(near - values) <= 1e-11 * values, near, result)
    return result


def exact_multiplier(value: float) -> Fraction:
    """The number that a tidied multiplier stands for."""
    simple = Fraction(value).limit_denominator(_SIMPLE)
    return simple if float(simple) == value else Fraction(value)
