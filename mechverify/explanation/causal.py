"""The causal model and the network in one graph: names of a spec resolved to nodes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import prod

import numpy as np

from mechverify.errors import ModelError
from mechverify.explanation.feed import feed_nodes
from mechverify.explanation.formulas.expressions import ExpressionCompiler, ExpressionError, WrongShapeError
from mechverify.explanation.formulas.symbolic import Symbolic, Value, choose, leaves, scalar
from mechverify.explanation.sites import site_value, units
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.graph import Kind, Rounding
from mechverify.models.model import Model, NodeArray, Patch
from mechverify.models.traced import Trace
from mechverify.spec.expression.syntax import Attribute, Span
from mechverify.spec.spec import InputDeclaration, Site, SiteUnits, SourceExpression, Spec, Variable
from mechverify.spec.text import walk

# The patches of a run of a model, made from those that it has beside what its activations hold on the feed.
Rewiring = Callable[
    [Model, GraphBuilder, Mapping[str, NodeArray], Rounding, Mapping[str, Patch]], Mapping[str, Patch]
]


@dataclass(slots=True)
class CausalGraph:
    """One run of every model on the spec's inputs, with the explanation beside it, in one growing graph.

    ``family`` gives the values of a claim's ``for:`` indices. ``ideal`` replaces float32 by real arithmetic.
    ``prefix`` stands before the names of this run's own inputs. ``given`` are inputs that come from other runs instead:
    mechanisms and models see them, plain names in conditions and claims still mean this run's own; ``fed_instead`` are
    inputs that a model alone sees. ``set_to`` are values that the explanation's variables are set to, each where its
    truth node says so, ``patches`` what is done to the models' activations, ``rewired`` what more is
    done to them, given the feed. With ``runs_models=False`` there is the
    explanation alone. ``traces`` are the runs of the models with all their intermediates. ``seen_apart`` are the
    activations that a site is read from, where they are another run's.
    """

    spec: Spec
    models: Mapping[str, Model]
    family: Mapping[str, int]
    ideal: bool = False
    prefix: str = ""
    given: Mapping[str, Value] = field(default_factory=dict)
    fed_instead: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    set_to: Mapping[str, tuple[int, Symbolic]] = field(default_factory=dict)
    patches: Mapping[str, Mapping[str, Patch]] = field(default_factory=dict)
    seen_apart: Mapping[tuple[str, str], Mapping[str, NodeArray]] = field(default_factory=dict)
    rewired: Mapping[str, Rewiring] = field(default_factory=dict)
    runs_models: bool = True
    builder: GraphBuilder = field(default_factory=GraphBuilder)
    inputs: dict[str, Value] = field(default_factory=dict)
    domain: list[int] = field(default_factory=list)
    activations: dict[str, Mapping[str, NodeArray]] = field(default_factory=dict)
    traces: dict[str, Trace] = field(default_factory=dict)
    fed: dict[str, Mapping[str, NodeArray]] = field(default_factory=dict)
    _values: dict[str, Symbolic] = field(default_factory=dict)
    _network: dict[tuple[str, str], Symbolic] = field(default_factory=dict)
    _variables: dict[str, Variable] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self._variables:
            return
        fresh = {one.name for one in self.spec.inputs} - set(self.inputs)
        for declaration in self.spec.inputs:
            if declaration.name in fresh:
                name = self.prefix + declaration.name
                self.inputs[declaration.name] = self.declare(declaration, name, declaration.shape)
        for vector in self.spec.vectors:
            if vector.condition is not None and fresh.issuperset(vector.inputs):
                self.domain.append(scalar(self.compiler().compile(vector.condition).value))
        self._variables = {v.name: v for v in self.spec.variables}
        for network in self.spec.models if self.runs_models else ():
            model = self.models[network.name]
            rounding: Rounding = "float32" if network.arithmetic == "float32" and not self.ideal else "exact"
            seen = {**self.given, **self.fed_instead.get(network.name, {})}
            compiler = self.compiler(given=seen)

            def value(source: SourceExpression, compiler: ExpressionCompiler = compiler) -> Value:
                return self._feed_value(source, compiler)

            vectors = {v.name: compiler.compile(v.value).value for v in self.spec.vectors}
            fed = feed_nodes(network, model, {**self.inputs, **seen, **vectors}, value, self.builder, rounding)
            self.fed[network.name] = fed
            try:
                patches = self.patches.get(network.name)
                if network.name in self.rewired:
                    patches = self.rewired[network.name](model, self.builder, fed, rounding, patches or {})
                self.traces[network.name] = model.trace(self.builder, fed, rounding, patches)
                self.activations[network.name] = self.traces[network.name].activations
            except ModelError as problem:
                hint = f" ({problem.hint})" if problem.hint else ""
                raise ExpressionError(network.span, f"{problem}{hint}") from None
            self.builder.run += 1

    def for_family(self, family: Mapping[str, int]) -> "CausalGraph":
        """The same runs of the models in a graph of its own, to compile one member of a claim's family into."""
        return replace(
            self,
            family=family,
            builder=self.builder.copy(),
            domain=list(self.domain),
            _values=dict(self._values),
            _network=dict(self._network),
        )

    def declare(self, declaration: InputDeclaration, name: str, shape: tuple[int, ...], place: int = 0) -> Value:
        """New inputs: the node of an input or of its element at a flat ``place``, or those of a part of ``shape`` from
        there on.
        """
        if shape:
            size = prod(shape[1:])
            parts = ((f"{name}[{k}]", place + k * size) for k in range(shape[0]))
            return tuple(self.declare(declaration, part, shape[1:], at) for part, at in parts)
        if declaration.kind != "one_of":
            bounds = declaration.bounds(place)
            if bounds is None:
                raise ExpressionError(declaration.span, f"the input {name} has no bounds")
            kind: Kind = "integer" if declaration.kind == "integers" else "real"
            return self.builder.input(name, kind, *bounds)
        values = sorted(set(declaration.values))
        kind = "integer" if all(v.denominator == 1 for v in values) else "real"
        node = self.builder.input(name, kind, values[0], values[-1])
        if kind == "real" or len(values) <= values[-1] - values[0]:
            self.domain.append(self.builder.any([self.builder.eq(node, self.builder.const(v)) for v in values]))
        return node

    def compiler(
        self, it: Symbolic | None = None, *, given: Mapping[str, Value] | None = None
    ) -> ExpressionCompiler:
        """A compiler for expressions over the spec's names; ``it`` is a site's value inside ``read_as``. Inputs that
        are ``given`` take the place of this run's own.
        """

        vectors = {v.name: v.value for v in self.spec.vectors}
        made: dict[str, Symbolic] = {}

        def lookup(name: str, span: Span) -> Symbolic:
            if it is not None and name == "it":
                return it
            if given is not None and name in given and name not in self.family:
                return Symbolic(given[name], self.builder.boolean(True))
            if name in vectors and name not in self.family:
                if name not in made:
                    made[name] = compiler.compile(vectors[name])
                return made[name]
            return self.value(name, span)

        compiler = ExpressionCompiler(self.builder, lookup, self.network)
        return compiler

    def compile(self, source: SourceExpression) -> Symbolic:
        """The value of an expression over inputs, parameters, family indices and variables."""
        try:
            return self.compiler().compile(source.expression)
        except WrongShapeError as problem:
            read = (n for n in walk(source.expression) if isinstance(n, Attribute))
            hints = (self._one_unit(n.owner, self._variables.get(n.name), f"{n.owner}.{n.name}") for n in read)
            hint = next((h for h in hints if h is not None), problem.hint)
            raise ExpressionError(problem.span, problem.message, hint) from None

    def _one_unit(self, owner: str, variable: Variable | None, read: str) -> str | None:
        """What to do where ``read``, the value of a whole activation, is to be one number; None where it is one."""
        site = None if variable is None else variable.site_in(owner)
        if not isinstance(site, SiteUnits) or owner not in self.activations:
            return None
        shape = np.shape(units(site, self.activations[owner]))
        if not shape:
            return None
        first = f"{site.activation}[{', '.join('0' for _ in shape)}]"
        many = f"of shape {list(shape)}"
        if len(site.indices) or site.text != site.activation:
            return f"{read} is {site.text}, {many}: locate it at one unit"
        return f"{read} is the whole of {site.text}, {many}: for one number write located_at: {first}"

    def _feed_value(self, source: SourceExpression, compiler: ExpressionCompiler) -> Value:
        compiled = compiler.compile(source.expression)
        if self.builder.truth_value(compiled.defined) is not True:
            raise ExpressionError(source.span, "a feed must be defined everywhere; this one may divide by zero")
        return compiled.value

    def value(self, name: str, span: Span) -> Symbolic:
        """What a plain name means: family index, parameter, input, or the explanation's value of a variable."""
        always = self.builder.boolean(True)
        if name in self.family:
            return Symbolic(self.builder.const(self.family[name]), always)
        for parameter, number in self.spec.parameters:
            if parameter == name:
                return Symbolic(self.builder.const(Fraction(number)), always)
        if name in self.inputs:
            return Symbolic(self.inputs[name], always)
        if name not in self._values:
            variable = self._variables.get(name)
            if variable is None or variable.value is None:
                raise ExpressionError(span, f"{name!r} has no value in the explanation")
            self._values[name] = self._mechanism(name, variable.value)
        return self._values[name]

    def _mechanism(self, name: str, value: SourceExpression) -> Symbolic:
        always = self.builder.boolean(True)
        condition, setting = self.set_to.get(name, (self.builder.boolean(False), Symbolic(always, always)))
        if self.builder.truth_value(condition) is True:
            return setting
        own = self.compiler(given=self.given).compile(value.expression)
        if name not in self.set_to:
            return own
        b = self.builder
        defined = b.all((b.any((b.negate(condition), setting.defined)), b.any((condition, own.defined))))
        return Symbolic(choose(b, condition, setting.value, own.value), defined)

    def network(self, owner: str, name: str, span: Span) -> Symbolic:
        """What the site of a variable says in the model ``owner``, through its ``read_as``.

        Defined where every unit of the site has a value: a claim says nothing of a NaN (SEMANTICS 2 and 7).
        """
        key = (owner, name)
        if key not in self._network:
            variable = self._variables.get(name)
            site = None if variable is None else variable.site_in(owner)
            activations = self.seen_apart.get(key, self.activations.get(owner))
            if variable is None or site is None or activations is None:
                raise ExpressionError(span, f"{owner}.{name} has no site")
            kind = next((m.kind for m in self.spec.models if m.name == owner), "")
            raw = site_value(site, activations, self.builder, kind)
            value = self._as_numbers(raw)
            seen = Symbolic(value, self.builder.all([self.builder.has_value(n) for n in leaves(value)]))
            decoding = variable.read_as
            self._network[key] = seen if decoding is None else self._decode(owner, variable, decoding, seen)
        return self._network[key]

    def _as_numbers(self, value: Value) -> Value:
        if isinstance(value, tuple):
            return tuple(self._as_numbers(v) for v in value)
        if self.builder.node(value).is_boolean:
            return self.builder.ite(value, self.builder.const(1), self.builder.const(0))
        return value

    def _decode(self, owner: str, variable: Variable, read_as: SourceExpression, seen: Symbolic) -> Symbolic:
        try:
            return self.compiler(it=seen).compile(read_as.expression)
        except WrongShapeError as problem:
            hint = self._one_unit(owner, variable, "it") or problem.hint
            raise ExpressionError(problem.span, problem.message, hint) from None

    def site_nodes(self, site: Site, owner: str) -> tuple[int, ...]:
        """The nodes of a site's value, in order."""
        return tuple(leaves(site_value(site, self.activations[owner], self.builder)))
