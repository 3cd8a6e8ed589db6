"""How a machine may carry out an operation: exactly, or in float32 in some order, fused or not, flushed or not.

A reference is written once over an execution. Values are arrays with one element for each feed: Fractions in the
exact execution, float32 in the others.
"""

from collections.abc import Sequence
from fractions import Fraction
from math import ceil, floor, isqrt
from typing import Any, Protocol

import numpy as np

Values = Any
Pair = tuple[Values, Values]

LEAST_NORMAL = 2.0**-126


class Execution(Protocol):
    """The arithmetic that a reference uses."""

    def lift(self, array: np.ndarray) -> np.ndarray:
        """Float32 numbers as values of this execution."""

    def choose(self, count: int) -> int:
        """Which of several listed ways to take; 0 in the exact execution."""

    def add(self, a: Values, b: Values) -> Values: ...

    def sub(self, a: Values, b: Values) -> Values: ...

    def mul(self, a: Values, b: Values) -> Values: ...

    def div(self, a: Values, b: Values) -> Values: ...

    def sqrt(self, a: Values) -> Values: ...

    def dot(self, pairs: Sequence[Pair], constants: Sequence[Values] = ()) -> Values:
        """The sum of products and constants, in any order."""

    def total(self, items: Sequence[Values]) -> Values: ...

    def power(self, a: Values, exponent: int) -> Values: ...

    def whole(self, kind: str, a: Values) -> Values:
        """floor, ceil or round (half to even)."""


def exact_sqrt(value: Fraction) -> Fraction:
    """The root, exact for squares, otherwise to 300 bits."""
    top, bottom = isqrt(value.numerator), isqrt(value.denominator)
    if top * top == value.numerator and bottom * bottom == value.denominator:
        return Fraction(top, bottom)
    return Fraction(isqrt((value.numerator << 800) // value.denominator), 1 << 400)


class Exact:
    """Ideal arithmetic on Fractions."""

    def lift(self, array: np.ndarray) -> np.ndarray:
        flat = np.empty(array.size, dtype=object)
        flat[:] = [Fraction(float(v)) for v in array.ravel()]
        return flat.reshape(array.shape)

    def choose(self, count: int) -> int:
        return 0

    def add(self, a: Values, b: Values) -> Values:
        return a + b

    def sub(self, a: Values, b: Values) -> Values:
        return a - b

    def mul(self, a: Values, b: Values) -> Values:
        return a * b

    def div(self, a: Values, b: Values) -> Values:
        return np.frompyfunc(lambda x, y: Fraction(x) / y if y else float("nan"), 2, 1)(a, b)

    def sqrt(self, a: Values) -> Values:
        return np.frompyfunc(exact_sqrt, 1, 1)(a)

    def dot(self, pairs: Sequence[Pair], constants: Sequence[Values] = ()) -> Values:
        return self.total([*(w * x for w, x in pairs), *constants])

    def total(self, items: Sequence[Values]) -> Values:
        result = items[0]
        for item in items[1:]:
            result = result + item
        return result

    def power(self, a: Values, exponent: int) -> Values:
        return a**exponent

    def whole(self, kind: str, a: Values) -> Values:
        return np.frompyfunc({"floor": floor, "ceil": ceil, "round": round}[kind], 1, 1)(a)


def fused(a: Values, b: Values, c: Values) -> np.ndarray:
    """``a b + c`` of float32 numbers, rounded once.

    The product is exact in float64; the sum is rounded to odd there, so that rounding it again to float32 is one
    rounding (Boldo and Melquiond, 2008).
    """
    product, addend = np.float64(a) * np.float64(b), np.broadcast_to(np.float64(c), np.broadcast(a, b, c).shape)
    total = np.array(product + addend, dtype=np.float64)
    back = total - product
    lost = (product - (total - back)) + (addend - back)
    even = (total.view(np.int64) & 1) == 0
    odd = np.where(np.isfinite(total) & (lost != 0) & even, np.nextafter(total, np.copysign(np.inf, lost)), total)
    return odd.astype(np.float32)


class Float32:
    """One float32 machine: a random order of summation, fused or not, with subnormals kept or flushed."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.fusing = float(rng.choice([0.0, 0.5, 1.0]))
        self.flushing = bool(rng.integers(3) == 0)
        self.sequential = bool(rng.integers(2))

    def _flush(self, a: Values) -> np.ndarray:
        a = np.asarray(a, dtype=np.float32)
        return np.where(np.abs(a) < np.float32(LEAST_NORMAL), np.float32(0), a) if self.flushing else a

    def lift(self, array: np.ndarray) -> np.ndarray:
        return np.asarray(array, dtype=np.float32)

    def choose(self, count: int) -> int:
        return int(self.rng.integers(count))

    def add(self, a: Values, b: Values) -> Values:
        return self._flush(self._flush(a) + self._flush(b))

    def sub(self, a: Values, b: Values) -> Values:
        return self._flush(self._flush(a) - self._flush(b))

    def mul(self, a: Values, b: Values) -> Values:
        return self._flush(self._flush(a) * self._flush(b))

    def div(self, a: Values, b: Values) -> Values:
        if self.choose(2):
            return self.mul(a, self._flush(np.float32(1) / self._flush(b)))
        return self._flush(self._flush(a) / self._flush(b))

    def sqrt(self, a: Values) -> Values:
        return self._flush(np.sqrt(self._flush(a)))

    def dot(self, pairs: Sequence[Pair], constants: Sequence[Values] = ()) -> Values:
        items: list[Any] = [*pairs, *(np.asarray(c, dtype=np.float32) for c in constants)]
        if self.sequential:
            order = self.rng.permutation(len(items)).tolist()
            result = items[order[0]]
            for i in order[1:]:
                result = self._joined(items[i], result)
            return self._value(result)
        while len(items) > 1:
            first = items.pop(int(self.rng.integers(len(items))))
            second = items.pop(int(self.rng.integers(len(items))))
            items.append(self._joined(first, second))
        return self._value(items[0])

    def _value(self, item: Any) -> Values:
        return self.mul(*item) if isinstance(item, tuple) else item

    def _joined(self, a: Any, b: Any) -> Values:
        if isinstance(b, tuple) and not isinstance(a, tuple):
            a, b = b, a
        if isinstance(a, tuple) and self.rng.random() < self.fusing:
            w, x = a
            return self._flush(fused(self._flush(w), self._flush(x), self._flush(self._value(b))))
        return self.add(self._value(a), self._value(b))

    def total(self, items: Sequence[Values]) -> Values:
        return self.dot((), items)

    def power(self, a: Values, exponent: int) -> Values:
        if exponent == 0:
            return np.ones_like(a)
        result = a
        if exponent >= 2 and self.choose(2):
            half = self.power(a, exponent // 2)
            result = self.mul(half, half)
            return self.mul(result, a) if exponent % 2 else result
        for _ in range(exponent - 1):
            result = self.mul(result, a)
        return result

    def whole(self, kind: str, a: Values) -> Values:
        return {"floor": np.floor, "ceil": np.ceil, "round": np.round}[kind](a)
