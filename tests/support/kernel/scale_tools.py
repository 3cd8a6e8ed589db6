"""Problems in which a factor cancels: vectors over their own lengths, and logits behind a norm."""

import random
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from kernel_tools import Build


@dataclass
class Head:
    """Two runs of a vector that reads a token beside other features, over its own length, and what is asked of them.

    Each number is changed by one test: `leak` is what is read of the others, `shift` stands beside what is divided,
    `epsilon` below the root; `below` is what stands beside the squares in what is divided by.
    """

    rng: random.Random
    leak: int = 0
    shift: int = 0
    epsilon: Any = 0
    below: Any = 1
    weights: tuple[Any, ...] = (1, 1)
    rounded: frozenset[str] = frozenset()
    codes: tuple[tuple[int, int], ...] = ((1, 0), (2, 3), (-1, 2))
    second: Any = None
    build: Build = field(default_factory=Build)

    def rounding(self, word: str) -> str:
        return "float32" if word in self.rounded else "exact"

    def run(self, token: int, name: str) -> tuple[list[int], list[int], int]:
        """The quotients, the numbers that are divided, and what they are divided by."""
        b = self.build
        other = b.real(f"{name}_1", -3, 3), b.real(f"{name}_2", -3, 3)
        entries = [b.node("table", [str(row[i]) for row in self.codes], token) for i in (0, 1)]
        stream = [
            b.affine(0, (1, entries[0]), (2, other[0]), (self.leak, other[1])),
            b.affine(0, (1, entries[1]), (-3, other[1])),
            b.affine(0, (1, other[0])),
            b.affine(0, (1, other[1])),
        ]
        squares = [b.node("mul", "exact", x, x) for x in stream]
        size = b.node("sqrt", b.affine(self.below, *((Fraction(1, 4), x) for x in squares)))
        normed = [b.node("div", self.rounding("norm"), x, size) for x in stream]
        if self.second:
            normed[3] = b.node("div", "exact", stream[3], b.const(self.second))
        read = [
            b.affine(self.shift, (1, normed[0]), (-2, normed[2]), rounding=self.rounding("read")),
            b.affine(0, (1, normed[1]), (3, normed[3])),
        ]
        squared = [b.node("mul", self.rounding("square"), x, x) for x in read]
        total = b.affine(self.epsilon, *zip(self.weights, squared, strict=True), rounding=self.rounding("total"))
        length = b.node("sqrt", total)
        return [b.node("div", self.rounding("quotient"), x, length) for x in read], read, size

    def equal(self) -> tuple[dict[str, Any], list[int]]:
        """The claim that both runs have the same quotients, and their nodes."""
        b = self.build
        token = b.integer("t", 0, len(self.codes) - 1)
        (one, _, _), (two, _, _) = self.run(token, "s"), self.run(token, "r")
        zero = b.const(0)
        same = [b.node("eq", x, y) for x, y in zip(one, two, strict=True)]
        valued = [b.node("le", x, x) for x in (*one, *two)]
        far = [b.node("abs", b.affine(0, (1, x), (-1, y))) for x, y in zip(one, two, strict=True)]
        claim = b.node("and", [*valued, *same, *(b.node("le", d, zero) for d in far)])
        return b.problem(None, claim), [*one, *two]


def inhabitant(problem: Any) -> list[int]:
    return [max(0, int(low)) if kind == "integer" else 1 for _, kind, low, _ in problem["inputs"]]


def ranked(rng, *, bias=0, divisor="norm", rounded="exact", strict=True):
    """Two logits behind a final norm, the difference of which is a sum of an input and something positive."""
    b = Build()
    x, y = b.real("x", 0, 4), b.real("y", -5, 5)
    size = b.node("sqrt", b.affine(1, (1, b.node("mul", "exact", y, y))))
    if divisor != "norm":
        size = {"root": b.node("sqrt", b.node("mul", "exact", y, y)), "signed": y}[divisor]
    up, down = b.affine(rng.randint(1, 3), (rng.randint(1, 3), x), (2, y)), b.affine(0, (2, y))
    sides = [b.node("div", rounded, down, size), b.node("div", rounded, up, size)]
    logits = [sides[0], b.affine(bias, (1, sides[1]))]
    compared = b.node("lt" if strict else "le", *logits)
    return b, compared, logits
