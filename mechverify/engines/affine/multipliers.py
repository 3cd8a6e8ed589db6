"""Farkas multipliers for comparisons: m >= 0 that make the least value of d - sum m_f g_f over the unit box as large as
possible, rounded to numbers that are short to write. Any m is sound; the kernel judges.
"""

from fractions import Fraction

import numpy as np

from mechverify.engines.affine import farkas
from mechverify.engines.affine.forms import minimum
from mechverify.engines.affine.layout import Floats

_SIMPLE = 64
_ODD = (3, 5, 7)


def best_multipliers(form: Floats, facts: Floats) -> tuple[Floats, Floats]:
    """For forms (n, k + 1) and facts (n, f, k + 1), each >= 0: the bound (n,) and the multipliers (n, f), tidied.

    Facts that exclude each other on the whole box give any bound; then it is well above zero.
    """
    bound, multipliers, _ = optimum(form, facts)
    return bound, multipliers


def optimum(form: Floats, facts: Floats) -> tuple[Floats, Floats, Floats]:
    """As `best_multipliers`, and (n, k) where in the unit box the forms are least of all points that meet the facts."""
    used = np.nonzero((facts != 0.0).any(axis=(0, 2)))[0]
    kept = [*np.nonzero((facts[:, :, :-1] != 0.0).any(axis=(0, 1)))[0].tolist(), -1]
    found = farkas.solve(form[:, kept], facts[:, used][:, :, kept])
    points = (form[:, :-1] < 0.0).astype(np.float64)
    points[:, kept[:-1]] = found.points
    multipliers = np.zeros(facts.shape[:2])
    multipliers[:, used] = tidy(found.multipliers)
    bound = _value(form, facts, multipliers)
    endless = np.nonzero(found.rays.any(axis=1))[0]
    if len(endless):
        rays = np.zeros((len(endless), facts.shape[1]))
        rays[:, used] = tidy(found.rays[endless])
        gain = _value(np.zeros_like(form[endless]), facts[endless], rays)
        with np.errstate(divide="ignore"):
            factor = np.exp2(np.ceil(np.log2(2.0 * np.abs(form[endless]).sum(axis=1) / np.maximum(gain, 1e-300) + 1.0)))
        scaled = rays * np.where((gain > 0.0) & (factor < 1e60), factor, 0.0)[:, None]
        value = _value(form[endless], facts[endless], scaled)
        better = value > bound[endless]
        bound[endless[better]], multipliers[endless[better]] = value[better], scaled[better]
    return bound, multipliers, points


def refutation(facts: Floats) -> Floats:
    """For facts (f, k + 1) multipliers (f,) of a sum that is negative on the whole box; zeros where there are none."""
    rays: Floats = tidy(farkas.solve(np.zeros((1, facts.shape[1])), facts[None]).rays[0])
    return rays


def _value(form: Floats, facts: Floats, multipliers: Floats) -> Floats:
    return minimum(form - np.einsum("nf,nfk->nk", multipliers, facts))


def tidy(values: Floats) -> Floats:
    """Fractions with a small denominator where the values are within rounding of one, otherwise 40 significant bits."""
    mantissa, exponent = np.frexp(values)
    result: Floats = np.ldexp(np.round(mantissa * 2.0**40), exponent - 40)
    for denominator in (1, 2, *_ODD, _SIMPLE):
        near = np.round(values * denominator) / denominator
        result = np.where(np.abs(near - values) <= 1e-11 * values, near, result)
    return result


def exact_multiplier(value: float) -> Fraction:
    """The number that a tidied multiplier stands for."""
    if not (value * _SIMPLE).is_integer():
        for denominator in _ODD:
            near = round(value * denominator)
            if near / denominator == value:
                return Fraction(near, denominator)
    return Fraction(value)
