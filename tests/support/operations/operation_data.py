"""Random numbers of every character that float32 has: grids, cancellations, subnormals, near overflow, zeros."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from mechverify.graph.float32 import round_to_float32

CANCELLING = np.array([2**24 - 1, -(2**24 - 1), 2, 1, 2**23, -(2**23), 0.5, 3], dtype=np.float32)
KINDS = (
    "normal", "integers", "wide", "very wide", "subnormal", "underflowing", "huge", "nearly overflowing",
    "cancelling", "zeros", "quarters", "powers",
)  # fmt: skip


def drawn(rng: np.random.Generator, shape: tuple[int, ...], kind: str) -> np.ndarray:
    """Float64 numbers of one character; those of float32 range."""
    sign = rng.choice([-1.0, 1.0], size=shape)
    match kind:
        case "integers":
            found = rng.integers(-9, 10, size=shape).astype(np.float64)
        case "wide":
            found = rng.normal(size=shape) * 10.0 ** rng.uniform(-5, 5, size=shape)
        case "very wide":
            found = sign * 2.0 ** rng.uniform(-120, 100, size=shape)
        case "subnormal":
            found = sign * 2.0**-149 * np.floor(2.0 ** rng.uniform(0, 24, size=shape))
        case "underflowing":
            found = sign * 2.0 ** rng.uniform(-80, -60, size=shape)
        case "huge":
            found = sign * 2.0 ** rng.uniform(50, 63, size=shape)
        case "nearly overflowing":
            found = sign * 2.0 ** rng.uniform(118, 126.9, size=shape)
        case "cancelling":
            found = rng.choice(CANCELLING, size=shape).astype(np.float64)
        case "zeros":
            found = rng.choice([0.0, -0.0, 1.0, -1.0, 2.0**-149, 1e-3], size=shape)
        case "quarters":
            found = rng.integers(-40, 41, size=shape) / 4
        case "powers":
            found = sign * 2.0 ** rng.integers(-12, 13, size=shape)
        case _:
            found = rng.normal(size=shape)
    return np.asarray(found)


@dataclass(frozen=True)
class Draw:
    """Draws the numbers of one model. On a ``grid`` everything is a small integer times a power of two."""

    rng: np.random.Generator
    grid: bool

    def weights(self, *shape: int, moderate: bool = False) -> np.ndarray:
        """Float32 weights; ``moderate`` ones stay between 2^-40 and 2^40 in magnitude."""
        if self.grid:
            units = self.rng.choice([1.0, 0.5, 0.25, 4.0])
            return (self.rng.integers(-6, 7, size=shape) * units).astype(np.float32)
        kinds = ("normal", "integers", "wide", "quarters", "powers", "cancelling", "zeros")
        kind = str(self.rng.choice(kinds if moderate else (*kinds, "normal", *KINDS)))
        found = drawn(self.rng, shape, kind).astype(np.float32)
        return np.where(np.abs(found) < 2.0**-40, np.float32(0), found) if moderate else found

    def positive(self, *shape: int) -> np.ndarray:
        """Variances: exact powers of four on a grid and sometimes elsewhere."""
        if self.grid or self.rng.integers(4) == 0:
            return (4.0 ** self.rng.integers(-2, 3, size=shape)).astype(np.float32)
        return (10.0 ** self.rng.uniform(-3, 3, size=shape)).astype(np.float32)


def centres(rng: np.random.Generator, cases: int, size: int) -> np.ndarray:
    """Float64 points, most of them no float32 numbers; each case has one character or a mixture."""
    found = np.empty((cases, size))
    for i in range(cases):
        kind = str(rng.choice(KINDS))
        found[i] = drawn(rng, (size,), kind)
        if rng.integers(4) == 0:
            other = drawn(rng, (size,), str(rng.choice(KINDS)))
            found[i] = np.where(rng.integers(2, size=size) == 0, found[i], other)
        if rng.integers(3) > 0:
            found[i] = found[i].astype(np.float32)
    return found


def fed(point: np.ndarray) -> np.ndarray:
    """Float64 points rounded once to float32; numpy's rounding is checked against exact rounding on a few."""
    rounded = point.astype(np.float32)
    flat, exact = rounded.ravel(), point.ravel()
    for i in range(0, flat.size, max(1, flat.size // 16)):
        expected = round_to_float32(Fraction(float(exact[i])))
        assert expected is not None
        assert expected == Fraction(float(flat[i]))
    return rounded
