"""Operations of a few pieces: one of them where signs settle it, else a chord and a line."""

import numpy as np

from mechverify.engines.affine.forms import Flags, Forms, maximum, minimum
from mechverify.engines.affine.layout import Floats, Group
from mechverify.engines.affine.numbers.shared import NEAR, side

_SLOPE = 65536.0
_SLOPE_BITS = 16


def relu(state: Forms, group: Group) -> None:
    """Forms of z, zero, or the chord above and a line through the origin below."""
    z, out = group.args[0], group.out
    bottom, top, known = state.least[z], state.most[z], state.signs[out]
    positive = (bottom >= 0.0) | (known > 0)
    negative = ~positive & ((top <= 0.0) | (known < 0))
    relaxed = ~positive & ~negative
    state.loose |= relaxed.any(axis=0)
    s, m = _slopes(state, group, bottom, top, relaxed)
    over = np.where(relaxed, s, positive.astype(np.float64))
    under = np.where(relaxed, m, positive.astype(np.float64))
    high = state.high[z] * over[..., None]
    high[..., -1] += np.where(relaxed, np.maximum(-s * bottom, (1.0 - s) * top), 0.0)
    low = state.low[z] * under[..., None]
    state.refine(out, np.where(negative, 0, state.fine[z] + _SLOPE_BITS * relaxed))
    err = np.where(negative, 0.0, np.where(relaxed, 3.0, 1.0) * state.err[z])
    err += np.where(relaxed, state.rounding(out, top - bottom, 4.0), 0.0)
    state.store(out, low, high, err)
    state.least[out] = np.maximum(state.least[out], 0.0)
    state.most[out] = np.minimum(np.maximum(state.most[out], 0.0), np.maximum(top, 0.0))
    state.steady[out] = state.steady[z]


def absolute(state: Forms, group: Group) -> None:
    """Forms of z or -z, or the chord above and zero below."""
    z, out = group.args[0], group.out
    bottom, top, known = state.least[z], state.most[z], state.signs[out]
    positive = (bottom >= 0.0) | (known > 0)
    negative = ~positive & ((top <= 0.0) | (known < 0))
    relaxed = ~positive & ~negative
    state.loose |= relaxed.any(axis=0)
    width = np.where(relaxed, top - bottom, 1.0)
    s = np.clip(np.floor((top + bottom) / width * _SLOPE) / _SLOPE, -1.0, 1.0)
    lift = np.where(relaxed, np.maximum(-bottom - s * bottom, top - s * top), 0.0)
    over = np.where(relaxed, s, np.where(positive, 1.0, -1.0))[..., None]
    low_z, high_z = state.low[z], state.high[z]
    high = np.where(over >= 0.0, over * high_z, over * low_z)
    high[..., -1] += lift
    low = np.where(relaxed[..., None], 0.0, np.where(positive[..., None], low_z, -high_z))
    state.refine(out, state.fine[z] + _SLOPE_BITS * relaxed)
    err = np.where(relaxed, 3.0, 1.0) * state.err[z] + np.where(relaxed, state.rounding(out, top - bottom, 4.0), 0.0)
    state.store(out, low, high, err)
    state.least[out] = np.maximum(state.least[out], 0.0)
    state.most[out] = np.minimum(state.most[out], np.maximum(np.maximum(-bottom, top), 0.0))
    state.steady[out] = state.steady[z]


def extremum(state: Forms, group: Group) -> None:
    """max(a, b) on z = b - a; min(a, b) as -max(-a, -b)."""
    a, b = group.args
    out = group.out
    low_a, high_a, low_b, high_b = state.low[a], state.high[a], state.low[b], state.high[b]
    flip = group.operation.switch is not None and group.operation.switch.rise < 0
    ends = state.least[a], state.most[a], state.least[b], state.most[b]
    least_a, most_a, least_b, most_b = ends
    if flip:
        low_a, high_a, low_b, high_b = -high_a, -low_a, -high_b, -low_b
        least_a, most_a, least_b, most_b = -most_a, -least_a, -most_b, -least_b
    bottom = np.maximum(minimum(low_b - high_a), least_b - most_a)
    top = np.minimum(maximum(high_b - low_a), most_b - least_a)
    known = -state.signs[out] if flip else state.signs[out]
    second, first = (bottom >= 0.0) | (known > 0), (top <= 0.0) | (known < 0)
    second, first = (second & ~first, first) if flip else (second, first & ~second)
    relaxed = ~second & ~first
    state.loose |= relaxed.any(axis=0)
    s, m = _slopes(state, group, bottom, top, relaxed)
    s = np.where(relaxed, s, second.astype(np.float64))[..., None]
    m = np.where(relaxed, m, second.astype(np.float64))[..., None]
    high = (1.0 - s) * high_a + s * high_b
    high[..., -1] += np.where(relaxed, np.maximum(-s[..., 0] * bottom, (1.0 - s[..., 0]) * top), 0.0)
    low = (1.0 - m) * low_a + m * low_b
    size = state.magnitude(a) + state.magnitude(b)
    both = state.err[a] + state.err[b]
    fine = np.maximum(state.fine[a], state.fine[b]) + _SLOPE_BITS
    state.refine(out, np.where(relaxed, fine, np.where(second, state.fine[b], state.fine[a])))
    err = np.where(relaxed, 3.0 * both, np.where(second, state.err[b], state.err[a]))
    err = err + np.where(relaxed, state.rounding(out, size, 6.0), 0.0)
    if flip:
        low, high = -high, -low
    state.store(out, low, high, err)
    pick = np.minimum if flip else np.maximum
    least, most = pick(ends[0], ends[2]), pick(ends[1], ends[3])
    least, most = side(first, second, ends[:2], ends[2:], (least, most))
    state.least[out] = np.maximum(state.least[out], least)
    state.most[out] = np.minimum(state.most[out], most)
    state.steady[out] = state.steady[a] & state.steady[b]


def _slopes(state: Forms, group: Group, bottom: Floats, top: Floats, relaxed: Flags) -> tuple[Floats, Floats]:
    """The chord's slope rounded up to 16 bits, and the default lower slope, named where it hangs on the last bits."""
    width = np.where(relaxed, top - bottom, 1.0)
    s = np.minimum(np.ceil(np.where(relaxed, top, 0.0) / width * _SLOPE) / _SLOPE, 1.0)
    m = (top > -bottom).astype(np.float64)
    close = relaxed & (np.abs(top + bottom) <= NEAR * width)
    if state.flat and len(group.args) == 1:
        close |= relaxed & (m > 0.0)
        m = np.zeros_like(m)
    if close.any():
        rows, boxes = np.nonzero(close)
        state.slopes.extend((int(group.out[r]), int(b), float(m[r, b])) for r, b in zip(rows, boxes, strict=True))
    return s, m
