"""Which nodes are scaled ones, and by what: a runtime may scale a sum of products of what they were before.

Scalings are noted tensor by tensor, because a runtime moves the scalar of a whole tensor: elements that were scaled
together have equal ``Unscaled.steps``.
"""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import product

from mechverify.graph.builder import GraphBuilder
from mechverify.models.tensors.linear_forms import Term, in_range
from mechverify.models.tensors.scaled_operands import Unscaled, common_scales, joined, scale_cover

# Stands between the scalings of the left and those of the right factor of a product.
_SIDES = -1
_ONE = Fraction(1)


class Scales:
    """The scalings of one run of a model in float32."""

    def __init__(self, builder: GraphBuilder) -> None:
        self._builder = builder
        self._ways: dict[int, tuple[Unscaled, ...]] = {}
        self._factors: dict[int, tuple[Fraction | None, ...]] = {}

    def note(self, nodes: Iterable[int], sources: Iterable[int], step: int, factor: Fraction | None) -> None:
        """Each node is the scalar ``factor`` (None: constant, of a value that is not known here) times its source.

        ``step``, not negative, or below -1 for a division, names this scaling.
        """
        for node, source in zip(nodes, sources, strict=True):
            before = self._ways.get(source, ())
            further = (Unscaled((step, *u.steps), joined(factor, u.factor), u.source) for u in before)
            self._ways[node] = (*self._ways.get(node, ()), Unscaled((step,), factor, source), *further)

    def note_product(self, node: int, a: int, b: int) -> int:
        """The node is a * b; either factor may be scaled. Returns how many products were added for that."""
        left, right = self._ways.get(a, ()), self._ways.get(b, ())
        if not left and not right:
            return 0
        pairs = list(product((Unscaled((), _ONE, a), *left), (Unscaled((), _ONE, b), *right)))[1:]
        self._ways[node] = tuple(
            Unscaled(
                (*u.steps, _SIDES, *v.steps),
                joined(u.factor, v.factor),
                self._builder.mul(u.source, v.source, "float32"),
            )
            for u, v in pairs
        )
        return len(pairs)

    def common(self, arguments: Iterable[int]) -> list[tuple[Unscaled, ...]]:
        """For each scaling that all arguments went through together, the ways to see them as scaled by it."""
        return common_scales([self._ways.get(a, ()) for a in arguments])

    def cover(self, weights: Sequence[Fraction], common: Sequence[tuple[Unscaled, ...]]) -> tuple[Term, ...]:
        """Terms of no value that cover a weighted sum whose common scalings are applied to it afterwards."""
        return tuple(term for ways in common for term in scale_cover(self._builder, weights, ways))

    def remember(self, node: int, factors: Sequence[Fraction | None]) -> None:
        """A runtime may apply any of the factors to a sum of products that makes the node."""
        if factors:
            self._factors[node] = tuple(factors)

    def joined(self, node: int, factor: Fraction) -> tuple[Fraction | None, ...] | None:
        """The factors that a runtime may make of this one and those before it. None where one is out of range."""
        factors = (factor, *(joined(before, factor) for before in self._factors.get(node, ())))
        return factors if all(one is not None and in_range(one) for one in factors) else None
