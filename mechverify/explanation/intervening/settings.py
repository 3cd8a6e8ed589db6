"""What ``set``, ``add`` and ``do`` of a claim put into a model's sites, as nodes (SEMANTICS 37).

A value is an expression of the base run's inputs. For a network in float32 it is rounded once, to nearest even, as a
feed is. ``do`` has inputs of its own, which hold any value of the range; the site's value is the one that the decoding
reads as that value.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import product
from math import prod

from mechverify.explanation.causal import CausalGraph
from mechverify.explanation.feed import is_integer
from mechverify.explanation.formulas.expressions import ExpressionError
from mechverify.explanation.formulas.symbolic import Symbolic, Value, leaves, refilled, scalar, shape_of
from mechverify.explanation.sites import site_value
from mechverify.explanation.transplants import Wanted
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.evaluate import evaluate_exact
from mechverify.spec.spec import (
    InputDeclaration,
    ModelDeclaration,
    NamedCondition,
    Setting,
    Site,
    SourceExpression,
    Variable,
    site_units,
)

MOST_POINTS = 4_096
_MOST_STEPS = 4_000_000
_MOST_VALUES = 1_000
_WIDE = Fraction(2) ** 1000


# How the readings of a site follow from a value: for each, the place of a component of the value, and the weight and
# bias of the decoding: it is set to (component - bias) / weight.
Components = tuple[tuple[int, Fraction, Fraction], ...]


@dataclass(frozen=True, slots=True)
class Settings:
    """By name and model, what the readings of a claim's sites are set to. ``values`` are those that the explanation's
    variables are set to, ``done`` the inputs of ``do``, ``means`` the means, over so many ``points``. ``inverses`` say
    how a site's value follows from that of its variable, where nothing in the spec does.
    """

    wanted: Mapping[str, Mapping[str, Wanted]] = field(default_factory=dict)
    values: Mapping[str, Symbolic] = field(default_factory=dict)
    done: Mapping[str, InputDeclaration] = field(default_factory=dict)
    means: Mapping[tuple[str, str], tuple[Fraction, ...]] = field(default_factory=dict)
    points: int = 0
    inverses: Mapping[tuple[str, str], Components] = field(default_factory=dict)


def settings_of(base: CausalGraph, settings: Sequence[Setting], conditions: Sequence[NamedCondition]) -> Settings:
    """The settings of a claim in the base run's graph. ``conditions`` are those that the base run meets.

    Raises ExpressionError for a value that does not fit its site, a mean that cannot be computed, a decoding that
    cannot be turned round.
    """
    return _Maker(base, conditions).made(settings) if settings else Settings()


class _Maker:
    def __init__(self, base: CausalGraph, conditions: Sequence[NamedCondition]) -> None:
        self.base, self.b, self.conditions = base, base.builder, conditions
        self.variables = {v.name: v for v in base.spec.variables}
        self.means: dict[tuple[str, str], tuple[Fraction, ...]] = {}
        self.inverses: dict[tuple[str, str], Components] = {}
        self.given: dict[str, Value] = {}
        self.points = 0

    def made(self, settings: Sequence[Setting]) -> Settings:
        wanted: dict[str, dict[str, Wanted]] = {}
        values: dict[str, Symbolic] = {}
        done: dict[str, InputDeclaration] = {}
        for one in settings:
            variable = one.place or self.variables[one.name]
            if one.domain is not None:
                done[one.name], values[one.name] = self._any_value(one, one.domain, variable)
            wanted[one.name] = {
                model.name: Wanted(self._nodes(one, variable, model, site, done), shift=one.kind == "add")
                for model in self.base.spec.models
                if (site := one.source_in(model.name) or variable.site_in(model.name)) is not None
            }
        return Settings(wanted, values, done, self.means, self.points, self.inverses)

    def _nodes(
        self,
        one: Setting,
        variable: Variable,
        model: ModelDeclaration,
        site: Site,
        done: Mapping[str, InputDeclaration],
    ) -> tuple[int, ...]:
        """What each reading of the site is set to, in the model's own numbers."""
        read = tuple(leaves(self._held(site, model)))
        if any(self.b.node(n).is_boolean for n in read):
            raise ExpressionError(one.span, f"{one.name} holds truth values: it cannot be set to a number")
        if one.domain is not None:
            found = self._inverted(one, variable, model, site, done[one.name])
        elif one.value is None:
            found = [self.b.const(v) for v in self._mean(one, model, site)]
        else:
            found = self._compiled(one.value, len(read), one)
        if self._whole(model, site_units(site).activation):
            if not all(is_integer(self.b, n) for n in found):
                raise ExpressionError(one.span, f"{one.name} holds integers, and it would be set to what may be none")
            return tuple(found)
        if model.arithmetic == "float32" and not self.base.ideal:
            return tuple(self.b.round32(n) for n in found)
        return tuple(found)

    def _held(self, site: Site, model: ModelDeclaration) -> Value:
        return site_value(site, self.base.activations[model.name], self.b, model.kind)

    def _whole(self, model: ModelDeclaration, activation: str) -> bool:
        """Whether an activation holds integers alone."""
        held = self.base.traces[model.name].intermediates.get(activation)
        return model.kind == "program" or (held is not None and held.dtype.startswith(("int", "uint")))

    def _compiled(self, source: SourceExpression, count: int, one: Setting) -> list[int]:
        compiled = self.base.compile(source)
        if self.b.truth_value(compiled.defined) is not True:
            raise ExpressionError(source.span, "what a site is set to is defined everywhere; this may divide by zero")
        found = list(leaves(compiled.value))
        if len(found) == 1:
            found *= count
        if len(found) != count:
            words = f"{one.name} has {count} {'number' if count == 1 else 'numbers'}, and this has {len(found)}"
            raise ExpressionError(source.span, words, "one number stands for all")
        return found

    # --- the mean

    def _mean(self, one: Setting, model: ModelDeclaration, site: Site) -> tuple[Fraction, ...]:
        """The mean of each reading over the admissible inputs of a small domain, in ideal arithmetic."""
        held = [self.base.compile(c.condition) for c in self.conditions]
        roots = [*self.base.domain, *(n for h in held for n in (h.defined, scalar(h.value)))]
        read = list(leaves(self._held(site, model)))
        graph = self.b.graph()
        own = {n for value in self.base.inputs.values() for n in leaves(value)}
        places = {self.b.node(n).args[0] for n in own}
        count = prod(
            int(i.high - i.low) + 1 if i.kind == "integer" else MOST_POINTS + (i.low < i.high)
            for k, i in enumerate(graph.inputs)
            if k in places
        )
        if count > MOST_POINTS or count * len(graph.nodes) > _MOST_STEPS:
            words = f"the mean of what {one.name} holds is taken over every input, and these are too many"
            raise ExpressionError(one.span, words, "write the number itself")
        columns = [
            [i.low + k for k in range(int(i.high - i.low) + 1)] if n in places else [i.low]
            for n, i in enumerate(graph.inputs)
        ]
        sums, points = [Fraction(0)] * len(read), 0
        for point in product(*columns):
            seen = evaluate_exact(graph, point, [*roots, *read])
            if any(seen[n] is not True for n in roots):
                continue
            points += 1
            for k, node in enumerate(read):
                value = seen[node]
                if not isinstance(value, Fraction):
                    raise ExpressionError(one.span, f"{one.name} has no exact value at some input, so it has no mean")
                sums[k] += value
        if not points:
            raise ExpressionError(one.span, f"no input meets the preconditions: {one.name} has no mean")
        self.points = points
        self.means[one.name, model.name] = tuple(total / points for total in sums)
        return self.means[one.name, model.name]

    # --- any value

    def _any_value(
        self, one: Setting, domain: InputDeclaration, variable: Variable
    ) -> tuple[InputDeclaration, Symbolic]:
        """The inputs that hold any value of a range, and what the explanation's variable is set to."""
        own = self.base.value(variable.name, one.span).value
        declared = replace(domain, shape=shape_of(own))
        truths = [self.b.node(n).is_boolean for n in leaves(own)]
        if any(truths) and not set(_listed(domain) or (2,)) <= {0, 1}:
            raise ExpressionError(one.span, f"{one.name} is a truth value", f"write {one.name}: [false, true]")
        self.given[one.name] = self.base.declare(declared, declared.name, declared.shape)
        given = zip(leaves(self.given[one.name]), truths, strict=True)
        meant = [self.b.eq(n, self.b.const(1)) if truth else n for n, truth in given]
        return declared, Symbolic(refilled(own, iter(meant)), self.b.boolean(True))

    def _inverted(
        self, one: Setting, variable: Variable, model: ModelDeclaration, site: Site, declared: InputDeclaration
    ) -> list[int]:
        """What the site's readings are set to so that they are read as the value."""
        given = list(leaves(self.given[one.name]))
        shape = self._held(site, model)
        count = len(list(leaves(shape)))
        if one.stands_for:
            if len(given) != count:
                raise ExpressionError(one.span, f"{one.name} has {len(given)} values, and its site {count} numbers")
            self._check_stated(one, variable, model, shape)
            return [self._standing(one, n) for n in given]
        if variable.write_as is not None:
            return self._written(one, variable, variable.write_as, shape, declared)
        components = _components(self.base, variable, shape, len(given))
        if components is None:
            hint = "say which site value stands for which, as in do: {flag: {false: 0, true: 1}}, or give it write_as"
            raise ExpressionError(one.span, f"the decoding of {one.name} cannot be turned round", hint)
        self.inverses[one.name, model.name] = components
        return [self.b.affine(((1 / weight, given[place]),), -bias / weight) for place, weight, bias in components]

    def _standing(self, one: Setting, node: int) -> int:
        *others, (_, last) = one.stands_for
        found = self.b.const(last)
        for value, held in reversed(others):
            found = self.b.ite(self.b.eq(node, self.b.const(value)), self.b.const(held), found)
        return found

    def _check_stated(self, one: Setting, variable: Variable, model: ModelDeclaration, shape: Value) -> None:
        """Refuse a site value that is not read as what it stands for, rounded or not."""
        rounds = model.arithmetic == "float32" and not self._whole(model, site_units(_site(variable, model)).activation)
        for value, held in one.stands_for:
            decoded = [self._read(variable, shape, [self.b.const(held)])]
            if rounds and any(self.b.node(n).is_boolean for n in decoded[0]):
                decoded.append(self._read(variable, shape, [self.b.round32(self.b.const(held))]))
            for read in decoded:
                if not all(self._is(n, value) for n in read):
                    words = f"the site value {held} of {one.name} is not read as {value}"
                    raise ExpressionError(one.span, words)

    def _is(self, node: int, value: Fraction) -> bool:
        if self.b.node(node).is_boolean:
            return self.b.truth_value(node) is bool(value)
        return self.b.constant_value(node) == value

    def _read(self, variable: Variable, shape: Value, nodes: Sequence[int]) -> list[int]:
        """What the decoding makes of a site's readings; one node stands for all."""
        many = list(nodes) * (len(list(leaves(shape))) if len(nodes) == 1 else 1)
        return list(leaves(_decoded(self.base, variable, refilled(shape, iter(many)))))

    def _written(
        self, one: Setting, variable: Variable, source: SourceExpression, shape: Value, declared: InputDeclaration
    ) -> list[int]:
        always = self.b.boolean(True)
        value = self.given[one.name]
        compiled = self.base.compiler(it=Symbolic(value, always)).compile(source.expression)
        found = list(leaves(compiled.value))
        if self.b.truth_value(compiled.defined) is not True or len(found) != len(list(leaves(shape))):
            words = f"write_as of {one.name} gives the numbers of its site, and is defined everywhere"
            raise ExpressionError(source.span, words)
        if self._read(variable, shape, found) != list(leaves(value)):
            self._check_written(one, source, variable, shape, declared)
        return found

    def _check_written(
        self, one: Setting, source: SourceExpression, variable: Variable, shape: Value, declared: InputDeclaration
    ) -> None:
        """Compare what is read with what is written, value by value."""
        values = _listed(declared)
        if values is None or declared.shape:
            words = f"that write_as of {one.name} is read as the value is not seen, and the values are not listed"
            raise ExpressionError(one.span, words, "use integers or one_of, or an affine read_as without write_as")
        for value in values:
            it = Symbolic(self.b.const(value), self.b.boolean(True))
            site = list(leaves(self.base.compiler(it=it).compile(source.expression).value))
            if not all(self._is(n, value) for n in self._read(variable, shape, site)):
                raise ExpressionError(source.span, f"write_as of {one.name} is not read as {value} again")


def _site(variable: Variable, model: ModelDeclaration) -> Site:
    site = variable.site_in(model.name)
    if site is None:
        raise ExpressionError(variable.span, f"{variable.name} has no site in {model.name}")
    return site


def _listed(declared: InputDeclaration) -> tuple[Fraction, ...] | None:
    """The values of a range, where they are few."""
    if declared.values:
        return declared.values
    low, high = declared.low, declared.high
    if declared.kind != "integers" or low is None or high is None or high - low >= _MOST_VALUES:
        return None
    return tuple(low + k for k in range(int(high - low) + 1))


def _decoded(base: CausalGraph, variable: Variable, held: Value) -> Value:
    if variable.read_as is None:
        return held
    seen = Symbolic(held, base.builder.boolean(True))
    return base.compiler(it=seen).compile(variable.read_as.expression).value


def _components(
    base: CausalGraph, variable: Variable, shape: Value, count: int
) -> Components | None:
    """For each reading of a site, the component of the value that is an affine function of it alone, with weight and
    bias; None where the decoding is not of that form.
    """
    scratch = CausalGraph(base.spec, base.models, base.family, ideal=True, runs_models=False, builder=GraphBuilder())
    b = scratch.builder
    held = [b.input(f"reading {k}", "real", -_WIDE, _WIDE) for k, _ in enumerate(leaves(shape))]
    read = list(leaves(_decoded(scratch, variable, refilled(shape, iter(held)))))
    found: dict[int, tuple[int, Fraction, Fraction]] = {}
    for place, node in enumerate(read):
        parts = _affine(b, node)
        if parts is None or parts[0] not in held or parts[0] in found:
            return None
        found[parts[0]] = (place, parts[1], parts[2])
    return tuple(found[n] for n in held) if len(read) == count == len(held) else None


def _affine(b: GraphBuilder, index: int) -> tuple[int, Fraction, Fraction] | None:
    """The only argument of an exact affine function, its weight and the bias."""
    node = b.node(index)
    if node.op == "input":
        return index, Fraction(1), Fraction(0)
    if node.op != "affine" or node.rounding != "exact" or len(node.args) != 1 or not node.numbers[1]:
        return None
    return node.args[0], Fraction(node.numbers[1]), Fraction(node.numbers[0])

