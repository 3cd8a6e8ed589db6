"""What several rules are made of: forms of multiples, and the better of two bounds."""

import numpy as np

from mechverify.engines.affine.forms import Flags, Forms, constant
from mechverify.engines.affine.layout import Floats, Group

UNIT = 2.0**-24
TINY = 2.0**-124
LARGEST = 2.0**127
NEAR = 1e-9


def scaled(low: Floats, high: Floats, factor: Floats) -> Floats:
    """The lower form of factor * z."""
    f = factor[..., None]
    return np.where(f >= 0.0, f * low, f * high)


def plane(state: Forms, group: Group, of_a: Floats, of_b: Floats) -> Floats:
    """A lower form of of_a * a + of_b * b."""
    a, b = group.args
    return scaled(state.low[a], state.high[a], of_a) + scaled(state.low[b], state.high[b], of_b)


def side(
    first: Flags,
    second: Flags,
    a: tuple[Floats, Floats],
    b: tuple[Floats, Floats],
    other: tuple[Floats, Floats],
) -> tuple[Floats, Floats]:
    """The interval of the side that is taken, or the other one given."""
    least = np.where(first, a[0], np.where(second, b[0], other[0]))
    return least, np.where(first, a[1], np.where(second, b[1], other[1]))


def better(
    state: Forms, low: Floats, high: Floats, least: Floats, most: Floats, *, settled: Flags
) -> tuple[Floats, Floats]:
    """The forms, and constants where these say more in the middle of the box, or where it is ``settled``."""
    columns = low.shape[2]
    below, above = (form[..., -1] + form[..., :-1].sum(axis=2) / 2.0 for form in (low, high))
    tie = np.zeros(settled.shape, dtype=np.bool_)
    for form, middle, end in ((low, below, least), (high, above, most)):
        slanted = np.abs(form[..., :-1]).sum(axis=2)
        tie |= (slanted > 0.0) & (np.abs(middle - end) <= NEAR * (slanted + np.abs(form[..., -1])))
    state.fragile |= (tie & ~settled).any(axis=0)
    low = np.where((settled | (below < least))[..., None], constant(least, columns), low)
    high = np.where((settled | (above > most))[..., None], constant(most, columns), high)
    return low, high


def store_interval(state: Forms, group: Group, least: Floats, most: Floats, err: Floats, wide: Flags) -> None:
    columns = state.low.shape[2]
    state.store(group.out, constant(least, columns), constant(most, columns), err)
    state.steady[group.out] = False
    state.release(group.out, wide)
