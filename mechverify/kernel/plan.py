"""What is computed once for a problem and used at every leaf and point: integer weights, linear forms, cones."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import lcm
from operator import itemgetter
from typing import Any

from .fault import InvalidError
from .numbers.number import MAX_BITS, Number, bounded, grid_of, normal, over_common
from .reading.node import Node, Problem
from .work import Work

TINIEST = 126  # a weight below 2^-126 may be flushed to zero

Gather = Callable[[Sequence[Any]], Sequence[Any]]


def gather(indices: Sequence[int]) -> Gather:
    """A function that picks these entries of a sequence, in order."""
    if len(indices) > 1:
        return itemgetter(*indices)
    if indices:
        only = indices[0]
        return lambda column: (column[only],)
    return lambda _column: ()


@dataclass(frozen=True, slots=True)
class Linear:
    """constant + sum of coefficient * parameter; no coefficient is zero."""

    constant: Number
    terms: dict[int, Number]

    def plus(self, other: "Linear", factor: Number = 1) -> "Linear":
        """self + factor * other."""
        terms = dict(self.terms)
        for p, c in other.terms.items():
            total = normal(terms.get(p, 0) + factor * c)
            if total:
                terms[p] = total
            else:
                terms.pop(p, None)
        return Linear(normal(self.constant + factor * other.constant), terms)

    def checked(self) -> "Linear":
        """The form itself, or `InvalidError` where one of its numbers has grown too long."""
        for number in (self.constant, *self.terms.values()):
            bounded(number)
        return self

    def scaled(self, factor: Number) -> "Linear":
        """factor * self, factor not zero."""
        return Linear(normal(self.constant * factor), {p: normal(c * factor) for p, c in self.terms.items()})


ZERO = Linear(0, {})


@dataclass(frozen=True, slots=True)
class AffinePlan:
    """An affine node times the common denominator of its numbers: integers only.

    `bits` is the length of the sum of the weights' sizes. `low` and `high` gather from a list with two entries a node
    (2 i for its lower form, 2 i + 1 for the upper) what the lower and the upper form of the sum need. `shift` is log2
    of the denominator, None if that is no power of two.
    """

    args: frozenset[int]
    weights: tuple[int, ...]
    sizes: tuple[int, ...]
    bits: int
    bias: int
    denominator: int
    shift: int | None
    plain: Gather
    low: Gather
    high: Gather
    grids: tuple[int, ...] | None
    bias_grid: int
    roundings: int
    losses: Number
    tiny: tuple[int, ...]


# What the rows of one block share: the set of their arguments, and what picks their values.
Arguments = tuple[frozenset[int], Gather]


def plan_affine(node: Node, known: dict[tuple[int, ...], Arguments] | None = None) -> AffinePlan:
    """Prepare one affine node. Repeated arguments of an exact node are merged; a rounded node keeps each term.

    `known` has what was made for the same arguments before.
    """
    args, numerators, shift = node.args, node.numerators, node.shift
    if not node.rounded and len(set(args)) < len(args):
        merged: dict[int, Number] = {}
        for a, w in zip(args, node.weights, strict=True):
            merged[a] = normal(merged.get(a, 0) + w)
        args, numerators, shift = tuple(merged), tuple(merged.values()), 0
    whole, bottom = over_common(numerators)
    bottom <<= shift
    denominator = lcm(bottom, node.constant.denominator)
    if denominator.bit_length() > MAX_BITS:
        raise InvalidError("the weights of an affine node have no common denominator of reasonable size")
    factor = denominator // bottom
    weights = tuple([w * factor for w in whole])
    sizes, signs, evens = tuple(map(abs, weights)), [w < 0 for w in weights], [2 * a for a in args]
    power = grid_of(Fraction(1, denominator))
    trailing = [(w & -w).bit_length() - 1 for w in weights]
    known = {} if known is None else known
    if args not in known:
        known[args] = frozenset(args), gather(args)
    return AffinePlan(
        args=known[args][0],
        weights=weights,
        sizes=sizes,
        bits=sum(sizes).bit_length(),
        bias=(node.constant * denominator).numerator,
        denominator=denominator,
        shift=power,
        plain=known[args][1],
        low=gather([a + negative for a, negative in zip(evens, signs, strict=True)]),
        high=gather([a + (not negative) for a, negative in zip(evens, signs, strict=True)]),
        grids=None if power is None else tuple([max(0, power - k) if k >= 0 else 0 for k in trailing]),
        bias_grid=grid_of(node.constant) or 0,
        roundings=2 * len(args),
        losses=normal(2 * len(args) + 1 + Fraction(sum(sizes), denominator)),
        tiny=tuple([a for a, w in zip(args, sizes, strict=True) if 0 < w << TINIEST < denominator]),
    )


@dataclass(slots=True)
class Prepared:
    """A problem with its memo tables. `precision` is the scale of the forms; `loosened`: nodes were forgotten; `kept`:
    what a rule computes once for the nodes."""

    problem: Problem
    precision: int = 96
    empty: bool = False
    loosened: bool = False
    work: Work = field(default_factory=Work)
    plans: dict[int, AffinePlan] = field(default_factory=dict)
    arguments: dict[tuple[int, ...], Arguments] = field(default_factory=dict)
    linears: dict[int, Linear | None] = field(default_factory=dict)
    orders: dict[frozenset[int], list[int]] = field(default_factory=dict)
    kept: dict[str, Any] = field(default_factory=dict)

    def plan(self, v: int) -> AffinePlan:
        """The prepared form of an affine node."""
        found = self.plans.get(v)
        if found is None:
            found = self.plans[v] = plan_affine(self.problem.nodes[v], self.arguments)
        return found

    def order(self, first: frozenset[int]) -> list[int]:
        """Nodes to evaluate: those that the facts need, then those that the assumption and the claim need."""
        found = self.orders.get(first)
        if found is None:
            problem = self.problem
            roots = (problem.assumption,) if self.empty else (problem.assumption, problem.claim)
            head = problem.cone(first)
            seen = set(head)
            found = head + [v for v in problem.cone(roots) if v not in seen]
            if len(self.orders) < 64:
                self.orders[first] = found
        return found

    def linear(self, node: int) -> Linear | None:
        """The node as an exact linear form of the inputs, through exact affine nodes, inputs and constants only."""
        if node not in self.linears:
            for v in self.problem.cone((node,)):
                if v not in self.linears:
                    self.linears[v] = self._linear(v)
        return self.linears[node]

    def _linear(self, v: int) -> Linear | None:
        node = self.problem.nodes[v]
        if node.op == "input":
            return Linear(0, {node.index: 1})
        if node.op == "const":
            return Linear(node.constant, {})
        if node.op != "affine" or node.rounded:
            return None
        total = Linear(node.constant, {})
        for a, w in zip(node.args, node.weights, strict=True):
            part = self.linears[a]
            if part is None:
                return None
            total = total.plus(part, w)
        return total.checked()

    def difference(self, a: int, b: int) -> Linear | None:
        """b - a as an exact linear form of the inputs; a = -1 stands for zero."""
        right = self.linear(b)
        if a < 0 or right is None:
            return right
        left = self.linear(a)
        return None if left is None else right.plus(left, -1)
