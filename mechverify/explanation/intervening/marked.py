"""A model in a graph of its own with marks at some units, to see what depends on what."""

from collections.abc import Collection
from dataclasses import replace
from fractions import Fraction

from mechverify.explanation.causal import CausalGraph
from mechverify.explanation.feed import is_integer
from mechverify.explanation.formulas.symbolic import leaves
from mechverify.graph.builder import GraphBuilder
from mechverify.models.model import NodeArray, Patch
from mechverify.models.tensors.integers import IntegerBounds

Places = dict[str, set[int]]
_WIDE = Fraction(2) ** 1000


class Marked:
    """A model in a graph of its own, with fresh inputs at some units: those that are ``held``, and what is ``free``.
    ``through`` are units that are set now and then, or in a direction alone: what they are computed from matters too.
    """

    def __init__(self, base: CausalGraph, owner: str, held: Places, free: Places, through: Places) -> None:
        self.b = GraphBuilder()
        self.held: dict[tuple[str, int], int] = {}
        self.free: dict[tuple[str, int], int] = {}
        self._owner, self._through, self._before = owner, through, dict[str, NodeArray]()
        declared = next(m for m in base.spec.models if m.name == owner)
        names = {name for name in (*held, *free) if held.get(name) or free.get(name)}
        self.run = CausalGraph(
            replace(base.spec, models=(declared,)),
            base.models,
            base.family,
            ideal=base.ideal,
            patches={owner: {name: self._marking(name, held, free) for name in names}},
            builder=self.b,
        )

    def at(self, places: Places) -> list[int]:
        """The marks at some units that are held."""
        return [self.held[name, place] for name, here in places.items() for place in here]

    def inputs(self, names: Collection[str] | None = None) -> list[int]:
        """The nodes of some inputs, or of all."""
        return [n for name, value in self.run.inputs.items() if names is None or name in names for n in leaves(value)]

    def computed(self, activation: str) -> list[int]:
        """The nodes of an activation before anything is set in it."""
        return self._before.get(activation, self.run.activations[self._owner][activation]).reshape(-1).tolist()

    def _marking(self, name: str, held: Places, free: Places) -> Patch:
        def apply(before: NodeArray) -> NodeArray:
            self._before[name] = before
            after = before.reshape(-1).copy()
            for marks, places in ((self.free, free), (self.held, held)):
                for place in sorted(places.get(name, ())):
                    like = int(before.reshape(-1)[place])
                    mark, node = self._mark(f"{len(self.held)} {len(self.free)}", like)
                    both = place in self._through.get(name, set())
                    marks[name, place] = mark
                    after[place] = self._with(int(after[place]), node) if both else node
            return after.reshape(before.shape)

        return apply

    def _with(self, like: int, node: int) -> int:
        """Something that depends on both."""
        return self.b.any((like, node)) if self.b.node(like).is_boolean else self.b.add(like, node)

    def _mark(self, name: str, like: int) -> tuple[int, int]:
        """A fresh input, and what stands for a node of its kind: a truth value for one."""
        if self.b.node(like).is_boolean:
            mark = self.b.input(f"mark {name}", "integer", Fraction(0), Fraction(1))
            return mark, self.b.eq(mark, self.b.const(1))
        whole = is_integer(self.b, like)
        low, high = (IntegerBounds(self.b).of(like) if whole else None) or (-_WIDE, _WIDE)
        mark = self.b.input(f"mark {name}", "integer" if whole else "real", low, high)
        return mark, mark
