"""A claim with interventions as a structure (``docs/modular.md``): the network cut at every aligned site beside the
causal model, one piece for each variable, and what is claimed of the two."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from mechverify.explanation.asserted import asserted
from mechverify.explanation.causal import CausalGraph
from mechverify.explanation.formulas.symbolic import Symbolic, leaves, refilled, scalar, shape_of
from mechverify.explanation.interventions import Parents, in_order, interventions_of, parents_of
from mechverify.explanation.obligations import conditions
from mechverify.explanation.runs import Runs
from mechverify.explanation.structures.pieces import NotAnArgumentError, Piece, cut_out
from mechverify.explanation.structures.rewrites import rounded_operations
from mechverify.explanation.transplants import readings
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.graph import Input
from mechverify.models.model import Model, NodeArray, Patch
from mechverify.spec.expression.shapes import input_names
from mechverify.spec.spec import Claim, SiteUnits, Spec, Variable, site_units

_WIDE = Fraction(2) ** 1000


class NotModularError(Exception):
    """Why there is no modular proof of a claim; ``variable`` is the one at fault, where one is."""

    def __init__(self, message: str, variable: str | None = None) -> None:
        super().__init__(message)
        self.variable = variable


@dataclass(frozen=True, slots=True)
class CutVariable:
    """An aligned variable: its pieces in the structure, and what its site says through ``read_as``.

    ``truths`` says of each value component whether it is a truth value, held as 0 or 1. ``reading`` takes the site
    components and gives what ``read_as`` says, truth values as 0 or 1; it is None where that cannot be compared with
    the value component by component.
    """

    name: str
    parents: tuple[int, ...]
    reads: tuple[int, ...]
    sites: int
    truths: tuple[bool, ...]
    network: Piece
    mechanism: Piece
    reading: Piece | None


@dataclass(frozen=True, slots=True)
class ClaimStructure:
    """The structure of a claim, as ``docs/modular.md`` has it; ``inputs`` are those of one run."""

    inputs: tuple[Input, ...]
    assumption: Piece
    swapped: tuple[int, ...]
    rest: bool
    variables: tuple[CutVariable, ...]
    claim: Piece


def structure_of(
    spec: Spec, models: Mapping[str, Model], claim: Claim, family: Mapping[str, int], *, ideal: bool = False
) -> ClaimStructure:
    """The structure of one member of a claim.

    Raises NotModularError where there is none, ExpressionError and ShapeMismatchError as compiling the claim does.
    """
    return _Cut(spec, models, claim, family, ideal=ideal).structure()


@dataclass(slots=True)
class _Aligned:
    """An aligned variable while the model is cut: the nodes that stand for its site and its value."""

    variable: Variable
    parents: Parents
    activation: str
    positions: tuple[int, ...]
    sites: tuple[int, ...]
    given: Symbolic
    values: tuple[int, ...]
    truths: tuple[bool, ...]
    before: dict[int, int]


class _Cut:
    def __init__(
        self, spec: Spec, models: Mapping[str, Model], claim: Claim, family: Mapping[str, int], *, ideal: bool
    ) -> None:
        if len(spec.models) != 1:
            raise NotModularError("modular proofs are about one model")
        self.spec, self.models, self.claim, self.family, self.ideal = spec, models, claim, family, ideal
        self.owner = spec.models[0].name
        self.plan = interventions_of(spec, claim)
        if claim.kind == "ignores" or self.plan.resampled or self.plan.each or self.plan.settings or not self.plan:
            raise NotModularError("modular proofs are for interchange, resample: [rest] and faithful")
        self.b = GraphBuilder()
        self.run = self._explanation("")
        self.base = self._explanation("base: ")
        self.aligned = self._aligned()
        self.cut = self._cut()
        if spec.models[0].kind == "program":
            self._refuse_errors()
        if spec.models[0].arithmetic == "float32" and not ideal:
            self._refuse_rewrites_across()

    def _explanation(self, prefix: str) -> CausalGraph:
        return CausalGraph(
            self.spec, self.models, self.family, ideal=self.ideal, prefix=prefix, runs_models=False, builder=self.b
        )

    # --- cutting

    def _aligned(self) -> list[_Aligned]:
        """The aligned variables, parents first, with fresh inputs for their sites and values."""
        shapes, aliases = self.models[self.owner].activations, self.models[self.owner].aliases
        found: list[_Aligned] = []
        taken: dict[tuple[str, int], str] = {}
        for variable in in_order(self.spec):
            site = variable.site_in(self.owner)
            if site is None:
                continue
            if not isinstance(site, SiteUnits):
                raise NotModularError("modular proofs are for sites that are units", variable.name)
            nodes = np.zeros(shapes.get(site.activation, ()), dtype=np.int64)
            activation, read = readings(site, nodes)
            positions = tuple(one.terms[0][0] for one in read)
            for position in positions:
                place = aliases.get(activation, activation)
                other = taken.setdefault((place, position), variable.name)
                if other != variable.name:
                    raise NotModularError(f"the sites of {other} and {variable.name} overlap", variable.name)
            found.append(self._fresh(variable, activation, positions))
        if not found:
            raise NotModularError("no variable has both a value and a site")
        return found

    def _fresh(self, variable: Variable, activation: str, positions: tuple[int, ...]) -> _Aligned:
        own = self.run.value(variable.name, variable.span).value
        truths = tuple(self.b.node(n).is_boolean for n in leaves(own))
        sites = tuple(self._input(f"site {variable.name}[{k}]") for k in range(len(positions)))
        values = tuple(self._input(f"value {variable.name}[{k}]") for k in range(len(truths)))
        one = self.b.const(1)
        meant = iter(self.b.eq(v, one) if truth else v for v, truth in zip(values, truths, strict=True))
        given = Symbolic(refilled(own, meant), self.b.boolean(True))
        parents = parents_of(self.spec, variable.name, self.owner)
        return _Aligned(variable, parents, activation, positions, sites, given, values, truths, {})

    def _input(self, name: str) -> int:
        return self.b.input(name, "real", -_WIDE, _WIDE)

    def _cut(self) -> CausalGraph:
        """The network on the mixed inputs with every aligned site replaced, and the causal model on the values."""
        always = self.b.boolean(True)
        patches: dict[str, Patch] = {}
        for activation in dict.fromkeys(one.activation for one in self.aligned):
            patches[activation] = self._replacing([one for one in self.aligned if one.activation == activation])
        return CausalGraph(
            self.spec,
            self.models,
            self.family,
            ideal=self.ideal,
            given=dict(self.run.inputs),
            set_to={one.variable.name: (always, one.given) for one in self.aligned},
            patches={self.owner: patches},
            builder=self.b,
            inputs=dict(self.base.inputs),
        )

    def _refuse_errors(self) -> None:
        """Refuse a program that may raise an error in a run in which sites are set. The kernel would not see it."""
        may_raise_with = getattr(self.models[self.owner], "may_raise_with", None)
        set_in_some_run = {one.activation for one in self.aligned}
        if may_raise_with is None or may_raise_with(()) or may_raise_with(set_in_some_run):
            raise NotModularError("the program may raise an error, which leaves no site a value, those before it too")

    def _refuse_rewrites_across(self) -> None:
        """Refuse a cut where the whole network covers executions, such as a folded scale, that its pieces do not."""
        whole = CausalGraph(self.spec, self.models, self.family, ideal=self.ideal)
        flat = {name: nodes.reshape(-1) for name, nodes in whole.activations[self.owner].items()}
        cut = {name: nodes.reshape(-1) for name, nodes in self.cut.activations[self.owner].items()}
        sites = {one.variable.name: [int(flat[one.activation][p]) for p in one.positions] for one in self.aligned}
        fresh = [node for one in self.aligned for node in one.sites]
        named = [v.site_in(self.owner) for v in self.spec.variables]
        read = dict.fromkeys(site_units(site).activation for site in named if site is not None)
        everywhere = [(name, flat[name].tolist(), cut[name].tolist()) for name in read if name in flat]
        for one in self.aligned:
            others = [n for name, nodes in sites.items() if name != one.variable.name for n in nodes]
            before = [one.before[p] for p in one.positions]
            mine = sites[one.variable.name]
            if rounded_operations(whole.builder, mine, others) != rounded_operations(self.b, before, fresh):
                words = "a runtime may compute it by a rewrite, such as a folded scale, that goes round a site"
                raise NotModularError(words, one.variable.name)
        known = [n for nodes in sites.values() for n in nodes]
        for name, uncut, pieces in everywhere:
            if rounded_operations(whole.builder, uncut, known) != rounded_operations(self.b, pieces, fresh):
                raise NotModularError(f"a runtime may compute {name} by a rewrite that goes round a site")

    def _replacing(self, here: Sequence[_Aligned]) -> Patch:
        def apply(before: NodeArray) -> NodeArray:
            flat = before.reshape(-1)
            after = flat.copy()
            for one in here:
                for position, node in zip(one.positions, one.sites, strict=True):
                    one.before[position] = int(flat[position])
                    after[position] = node
            return after.reshape(before.shape)

        return apply

    # --- pieces

    def structure(self) -> ClaimStructure:
        """The pieces, cut out of the graph."""
        own = [n for declared in self.spec.inputs for n in leaves(self.run.inputs[declared.name])]
        base = [n for declared in self.spec.inputs for n in leaves(self.base.inputs[declared.name])]
        held, defined = self._conditions(self.run)
        undefined = self.b.negate(defined)
        admissible = self.b.all([*self.run.domain, *(self.b.any((undefined, h)) for h in held)])
        wanted = asserted(Runs(self.plan, self.cut, {}, self.cut, {}), self.claim)
        claim = self.b.all((self._conditions(self.base)[1], wanted.defined, scalar(wanted.value)))
        everything = [*(n for one in self.aligned for n in one.sites), *(n for one in self.aligned for n in one.values)]
        return ClaimStructure(
            tuple(self.b.input_at(self.b.node(n).args[0]) for n in own),
            self._piece([admissible], own, "the preconditions"),
            tuple(sorted(k for name in self.plan.swapped for k in self._places(name))),
            bool(self.plan.seen_apart),
            tuple(self._variable(one, own) for one in self.aligned),
            self._piece([claim], [*base, *own, *everything], "the claim"),
        )

    def _places(self, name: str) -> range:
        """Where the components of an input stand among all inputs; nothing for a variable."""
        start = 0
        for declared in self.spec.inputs:
            size = len(input_names(declared))
            if declared.name == name:
                return range(start, start + size)
            start += size
        return range(0)

    def _conditions(self, run: CausalGraph) -> tuple[list[int], int]:
        found = [run.compile(condition.condition) for condition in conditions(self.spec, self.claim)]
        return [scalar(each.value) for each in found], self.b.all([each.defined for each in found])

    def _variable(self, one: _Aligned, own: Sequence[int]) -> CutVariable:
        names = [other.variable.name for other in self.aligned]
        parents = tuple(sorted(names.index(p) for p in one.parents.located))
        reads = tuple(sorted(k for name in one.parents.inputs for k in self._places(name)))
        sites = [n for p in parents for n in self.aligned[p].sites]
        values = [n for p in parents for n in self.aligned[p].values]
        source = one.variable.value
        if source is None:
            raise NotModularError(f"{one.variable.name} has no value", one.variable.name)
        mechanism = self.cut.compiler(given=self.cut.given).compile(source.expression)
        roots = [self._number(n) for n in leaves(mechanism.value)]
        before = [one.before[position] for position in one.positions]
        name = one.variable.name
        earlier = [n for other in self.aligned[: names.index(name)] for n in other.sites]
        return CutVariable(
            name,
            parents,
            reads,
            len(one.sites),
            one.truths,
            self._piece(before, [*own, *sites], f"the site of {name}", name, earlier),
            self._piece([*roots, mechanism.defined], [*(own[k] for k in reads), *values], f"the value of {name}", name),
            self._reading(one),
        )

    def _reading(self, one: _Aligned) -> Piece | None:
        seen = self.cut.network(self.owner, one.variable.name, one.variable.span)
        if shape_of(seen.value) != shape_of(one.given.value):
            return None
        truths = tuple(self.b.node(n).is_boolean for n in leaves(seen.value))
        if truths != one.truths:
            return None
        return self._piece([self._number(n) for n in leaves(seen.value)], one.sites, f"read_as of {one.variable.name}")

    def _number(self, node: int) -> int:
        if not self.b.node(node).is_boolean:
            return node
        return self.b.ite(node, self.b.const(1), self.b.const(0))

    def _piece(
        self,
        roots: Sequence[int],
        arguments: Sequence[int],
        what: str,
        name: str | None = None,
        numbers: Sequence[int] = (),
    ) -> Piece:
        try:
            return cut_out(self.b, roots, arguments, numbers)
        except NotAnArgumentError as problem:
            raise NotModularError(f"{what} depends on {problem}, which is no declared parent", name) from None

