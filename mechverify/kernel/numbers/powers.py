"""e^x for many x at once, in integers.

An integer c at `scale` stands for c 2^-scale. With y the number at 64 bits, rounded down, let n = floor(128 y) and
r = y - n / 128, 0 <= r < 2^-7. Then e^y = e^(n / 128) e^r.

- e^(n / 128) is enclosed by `exp_bounds`, once for each n: low <= 2^POWER_BITS e^(n / 128) <= high.
- e^r = 1 + r (1 + r / 2 (1 + r / 3 (..))), seven terms. The tail is below 2 r^8 / 8! < 2^-70, less than one unit of
  2^-64. Each of the seven steps rounds down twice, by less than two units, and hands on less than a hundredth of what
  was lost before: less than three units in all. So p <= 2^64 e^r < p + 4.
- With v = floor(low p 2^-64) the true power lies between v and high (p + 4) 2^-64, which is less than
  v + 1 + (high - low) (p + 4) 2^-64 + 4 low 2^-64; and (p + 4) 2^-64 < 2.
- Where x is within t <= 1 of y, e^x is within 2 t e^y of e^y, as e^t - 1 <= 2 t.
"""

from collections.abc import Sequence
from functools import lru_cache

from .enclose import EXP_LIMIT, exp_bounds

POWER_BITS = 80
_BITS = 64
_STEP = _BITS - 7
_REST = (1 << _STEP) - 1
_WHOLE = 1 << _BITS


def powers(values: Sequence[int], radius: int, scale: int) -> tuple[list[int], list[int]] | None:
    """Of all numbers within `radius` of a value: integers at POWER_BITS, and how far the power may be from each. None
    where a value is beyond 4096, or the radius beyond one."""
    if scale > _BITS:
        values, spread = [c >> scale - _BITS for c in values], -(-radius >> scale - _BITS) + 1
    else:
        values, spread = [c << _BITS - scale for c in values], radius << _BITS - scale
    if spread > _WHOLE or max(values) > EXP_LIMIT << _BITS:
        return None
    found, own = [], []
    for y in values:
        n, r = y >> _STEP, y & _REST
        low, loss = _head(n)
        p = _WHOLE + (r * _WHOLE >> _BITS) // 7
        p = _WHOLE + (r * p >> _BITS) // 6
        p = _WHOLE + (r * p >> _BITS) // 5
        p = _WHOLE + (r * p >> _BITS) // 4
        p = _WHOLE + (r * p >> _BITS) // 3
        p = _WHOLE + (r * p >> _BITS) // 2
        p = _WHOLE + (r * p >> _BITS)
        v = low * p >> _BITS
        found.append(v)
        own.append(loss + ((v + loss) * 2 * spread >> _BITS) + 1)
    return found, own


@lru_cache(maxsize=1 << 16)
def _head(n: int) -> tuple[int, int]:
    """Below e^(n / 128) at POWER_BITS, and what a power with this head may lose."""
    found = exp_bounds(n << POWER_BITS - 7, n << POWER_BITS - 7, POWER_BITS)
    if found is None:
        raise ValueError(f"no power of {n} / 128")
    low, high = found
    return low, 2 + 2 * (high - low) + (low >> _BITS - 2)
