"""Bit operations on integers in two's complement of any length, as Python has it, from floors and truth values, and
powers by exponents that vary.

``|`` and ``^`` follow from it: a | b = a + b - (a & b), a ^ b = a + b - 2 (a & b), for negative numbers too.
"""

import ast
from fractions import Fraction

from mechverify.graph.builder import GraphBuilder
from mechverify.models.program.source import MAX_BITS, MAX_EXPONENT
from mechverify.models.tensors.integers import IntegerBounds

MAX_WIDTH = 64
MAX_SHIFT = 64
_ONE = Fraction(1)


class WidthError(Exception):
    """How many bits the operands or the result may have is not known, or too many."""


class Bits:
    """Bit operations on exact integer nodes."""

    def __init__(self, builder: GraphBuilder, bounds: IntegerBounds) -> None:
        self._builder = builder
        self._bounds = bounds

    def may_be_negative(self, x: int) -> bool:
        """Whether nothing says that a number is not negative."""
        bounds = self._bounds.of(x)
        return bounds is None or bounds[0] < 0

    def operation(self, operator: ast.operator, a: int, b: int) -> int:
        """``a & b``, ``a | b``, ``a ^ b``, ``a << b`` or ``a >> b``; shifts for b >= 0 only. Raises WidthError."""
        match operator:
            case ast.LShift() | ast.RShift():
                return self._shifted(a, b, left=isinstance(operator, ast.LShift))
            case ast.BitAnd():
                return self.both(a, b)
        times = Fraction(-1 if isinstance(operator, ast.BitOr) else -2)
        found = self._builder.affine(((_ONE, a), (_ONE, b), (times, self.both(a, b))))
        if not self.may_be_negative(a) and not self.may_be_negative(b):
            most = [bounds[1] for x in (a, b) if (bounds := self._bounds.of(x)) is not None]
            self._bounds.learn(found, (Fraction(0), Fraction(2 ** int(max(most)).bit_length() - 1)))
        return found

    def _shifted(self, x: int, by: int, *, left: bool) -> int:
        """x times 2^by, or divided by it and rounded down, for each distance that ``by`` may be."""
        builder, bounds = self._builder, self._bounds.of(by)
        if bounds is None or bounds[1] > MAX_SHIFT:
            raise WidthError(f"a shift by more than {MAX_SHIFT}, or by a number of unknown size")
        result = None
        for distance in range(int(bounds[1]), max(0, int(bounds[0])) - 1, -1):
            factor = Fraction(2**distance) if left else Fraction(1, 2**distance)
            scaled = builder.affine(((factor, x),))
            moved = scaled if left else builder.floor(scaled)
            result = moved if result is None else builder.ite(builder.eq(by, builder.const(distance)), moved, result)
        return builder.const(0) if result is None else result

    def power(self, x: int, by: int) -> int:
        """``x ** by`` for each exponent from 0 that ``by`` may be. Raises WidthError."""
        builder, bounds = self._builder, self._bounds.of(by)
        if bounds is None or bounds[1] > MAX_EXPONENT:
            raise WidthError(f"an exponent beyond {MAX_EXPONENT}, or of unknown size")
        base, most = builder.constant_value(x), max(0, int(bounds[1]))
        if base is not None and int(base).bit_length() * most > MAX_BITS:
            raise WidthError(f"a power of more than {MAX_BITS} bits")
        result = None
        for exponent in range(most, max(0, int(bounds[0])) - 1, -1):
            raised = builder.power(x, exponent)
            result = raised if result is None else builder.ite(builder.eq(by, builder.const(exponent)), raised, result)
        return builder.const(1) if result is None else result

    def both(self, a: int, b: int) -> int:
        """``a & b``. Raises WidthError for two numbers whose bounds are not known or beyond 2^64."""
        builder = self._builder
        for x, mask in ((a, builder.constant_value(b)), (b, builder.constant_value(a))):
            if mask is not None:
                return self._masked(x, int(mask))
        width = max(self._width(a), self._width(b))
        bits = [(self._bit(a, i), self._bit(b, i)) for i in range(width)]
        terms = [(Fraction(2**i), self._number(builder.all(pair))) for i, pair in enumerate(bits)]
        if self.may_be_negative(a) and self.may_be_negative(b):
            zero = builder.const(0)
            negative = builder.all((builder.lt(a, zero), builder.lt(b, zero)))
            terms.append((Fraction(-(2**width)), self._number(negative)))
        found = builder.affine(terms)
        low = self._bounds.of(a), self._bounds.of(b)
        if all(one is not None and one[0] >= 0 for one in low):
            most = min(one[1] for one in low if one is not None)
            self._bounds.learn(found, (Fraction(0), most))
        return found

    def _masked(self, x: int, mask: int) -> int:
        """``x & mask`` for any integer x: its remainders at the ends of each run of ones."""
        builder = self._builder
        if mask < 0:
            return builder.affine(((_ONE, x), (-_ONE, self._masked(x, ~mask))))
        if mask.bit_length() > MAX_WIDTH:
            raise WidthError(f"a mask of more than {MAX_WIDTH} bits")
        terms = []
        start = 0
        while mask >> start:
            if not (mask >> start) & 1:
                start += 1
                continue
            end = start
            while (mask >> end) & 1:
                end += 1
            terms += [(_ONE, self._rest(x, end)), (-_ONE, self._rest(x, start))]
            start = end
        found = builder.affine(terms)
        self._bounds.learn(found, (Fraction(0), Fraction(mask)))
        return found

    def _rest(self, x: int, width: int) -> int:
        """x modulo 2^width; for none 0."""
        if not width:
            return self._builder.const(0)
        rest = self._builder.mod(x, self._builder.const(2**width))
        self._bounds.learn(rest, (Fraction(0), Fraction(2**width - 1)))
        return rest

    def _bit(self, x: int, place: int) -> int:
        """The truth of bit ``place`` of x."""
        builder = self._builder
        bounds = self._bounds.of(x)
        if place == 0 and bounds is not None and bounds[0] >= 0 and bounds[1] <= 1:
            return builder.eq(x, builder.const(1))
        return builder.le(builder.const(2**place), self._rest(x, place + 1))

    def _number(self, truth: int) -> int:
        return self._builder.ite(truth, self._builder.const(1), self._builder.const(0))

    def _width(self, x: int) -> int:
        """The least w with -2^w <= x < 2^w."""
        bounds = self._bounds.of(x)
        if bounds is None:
            raise WidthError("bits of a number of unknown size")
        width = max(int(bounds[1]).bit_length(), (-int(bounds[0]) - 1).bit_length() if bounds[0] < 0 else 0)
        if width > MAX_WIDTH:
            raise WidthError(f"bits of a number that may have more than {MAX_WIDTH} of them")
        return width
