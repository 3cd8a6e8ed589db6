"""Wrong explanations: the spec's own with one mistake in it, to see whether a claim would notice.

Mutation testing (DeMillo, Lipton and Sayward 1978) with the explanation as the program and the claim as its test.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from itertools import islice

from mechverify.explanation.formulas.references import Sort, reference_sort, references
from mechverify.explanation.mutants.encodings import re_encoded
from mechverify.explanation.mutants.expressions import Change, constants, operators, swaps
from mechverify.explanation.mutants.sites import Shapes, moved_sites, site_key
from mechverify.explanation.relevance import Relevance, ancestors, relevance
from mechverify.explanation.structures.aims import aims_of
from mechverify.spec.expression import syntax as ex
from mechverify.spec.expression.rewrite import replaced, source_of
from mechverify.spec.spec import Claim, SourceExpression, Spec, Variable
from mechverify.spec.text import expression_text, names_in

_MOST_PARENTS = 2
_MOST_MECHANISMS = 2

Changes = Callable[[ex.Expression], Iterator[Change]]

RE_ENCODED = "re-encoded"
_OTHERS = ("inputs swapped", "variable deleted", "variable moved", "constant", "operator", "mechanism", "parent")
KINDS = (*_OTHERS, RE_ENCODED)


@dataclass(frozen=True, slots=True)
class Mutant:
    """A spec whose explanation differs from the original in one place: which ``variable``, and what was changed. One
    that is ``re-encoded`` differs in the mechanisms that read the variable too.
    """

    kind: str
    variable: str
    change: str
    spec: Spec


def mutants(spec: Spec, claim: Claim, sorts: Mapping[str, Sort], shapes: Shapes) -> tuple[Mutant, ...]:
    """Every mutant of what the claim depends on, one of each kind in turn. ``sorts`` are those of inputs and variables
    with a mechanism. Some may not fit their models: compiling them says so.
    """
    tolerance = max(aims_of(spec, claim).values(), default=Fraction(0))
    found = _Mutants(spec, relevance(spec, claim), sorts, shapes, tolerance)
    return tuple(_in_turn([list(_distinct(kind)) for kind in found.by_kind()]))


def _distinct(found: Iterator[Mutant]) -> Iterator[Mutant]:
    seen = set()
    for one in found:
        key = (one.variable, _text(one.spec, one.variable))
        if key not in seen:
            seen.add(key)
            yield one


def _text(spec: Spec, name: str) -> tuple[object, ...]:
    (variable,) = (v for v in spec.variables if v.name == name)
    parts = tuple(None if e is None else e.text for e in (variable.value, variable.read_as))
    sites = () if variable.located_at is None else (variable.located_at, *variable.elsewhere)
    return (*parts, *map(site_key, sites))


def _in_turn(groups: Sequence[list[Mutant]]) -> Iterator[Mutant]:
    """The first of each group, then the second of each."""
    for k in range(max(map(len, groups), default=0)):
        yield from (group[k] for group in groups if k < len(group))


class _Mutants:
    def __init__(
        self, spec: Spec, relevant: Relevance, sorts: Mapping[str, Sort], shapes: Shapes, tolerance: Fraction
    ) -> None:
        self._spec = spec
        self._relevant = relevant
        self._sorts = sorts
        self._shapes = shapes
        self._tolerance = tolerance
        self._variables = {v.name: v for v in spec.variables}

    def by_kind(self) -> tuple[Iterator[Mutant], ...]:
        """A stream of mutants for each of ``KINDS``."""
        return (
            self._rewritten("inputs swapped", lambda e: swaps(e, self._sort_of)),
            self._deleted(),
            self._moved(),
            self._rewritten("constant", lambda e: constants(e, self._tolerance)),
            self._rewritten("operator", operators),
            self._other_mechanisms(),
            self._other_parents(),
            self._re_encoded(),
        )

    def _sort_of(self, name: str) -> Sort | None:
        return Sort(None) if name == "it" else self._sorts.get(name)

    def _with(self, kind: str, variable: Variable, change: str) -> Mutant:
        variables = tuple(variable if v.name == variable.name else v for v in self._spec.variables)
        return Mutant(kind, variable.name, change, replace(self._spec, variables=variables))

    def _mechanisms(self) -> Iterator[tuple[Variable, SourceExpression]]:
        for name in self._relevant.mechanisms:
            variable = self._variables[name]
            if variable.value is not None:
                yield variable, variable.value

    def _rewritten(self, kind: str, changes: Changes) -> Iterator[Mutant]:
        """Mechanisms and decodings changed from within."""
        for variable, value in self._mechanisms():
            for e, change in changes(value.expression):
                yield self._with(kind, replace(variable, value=source_of(e, value)), change)
        for name in self._relevant.decoded:
            variable = self._variables[name]
            if variable.read_as is not None:
                for e, change in changes(variable.read_as.expression):
                    changed = replace(variable, read_as=source_of(e, variable.read_as))
                    yield self._with(kind, changed, f"in read_as, {change}")

    def _re_encoded(self) -> Iterator[Mutant]:
        for name, spec, change in re_encoded(self._spec, self._relevant, self._sorts):
            yield Mutant(RE_ENCODED, name, change, spec)

    def _deleted(self) -> Iterator[Mutant]:
        for variable, value in self._mechanisms():
            nothing = constant_of(self._sorts[variable.name], Fraction(0), value.expression.span)
            if expression_text(nothing) != value.text:
                change = f"{value.text} -> {expression_text(nothing)}"
                yield self._with("variable deleted", replace(variable, value=source_of(nothing, value)), change)

    def _moved(self) -> Iterator[Mutant]:
        for name in self._relevant.located:
            for variable, change in moved_sites(self._spec, self._variables[name], self._shapes):
                yield self._with("variable moved", variable, change)

    def _other_mechanisms(self) -> Iterator[Mutant]:
        for variable, value in self._mechanisms():
            others = (
                other.value
                for other in self._spec.variables
                if other.value is not None
                and self._sorts.get(other.name) == self._sorts[variable.name]
                and variable.name not in ancestors(self._spec, other.name)
                and other.value.text != value.text
            )
            for other in islice(others, _MOST_MECHANISMS):
                change = f"{value.text} -> {other.text}"
                yield self._with("mechanism", replace(variable, value=source_of(other.expression, value)), change)

    def _other_parents(self) -> Iterator[Mutant]:
        for variable, value in self._mechanisms():
            for text, part in references(value.expression, self._sorts.get).items():
                sort = reference_sort(part, self._sorts.get)
                used = names_in(value.expression)
                free = (
                    name
                    for name, other in self._sorts.items()
                    if other == sort and name not in used and variable.name not in ancestors(self._spec, name)
                )
                for name in islice(free, _MOST_PARENTS):
                    new = ex.Name(name, part.span)
                    e = replaced(value.expression, partial(_put, text, new))
                    change = f"{text} -> {name}"
                    yield self._with("parent", replace(variable, value=source_of(e, value)), change)


def _put(text: str, new: ex.Expression, part: ex.Expression) -> ex.Expression | None:
    return new if isinstance(part, ex.Name | ex.Index) and expression_text(part) == text else None


def constant_of(sort: Sort, value: Fraction, span: ex.Span) -> ex.Expression:
    """The constant of a sort: a number, true where it is not zero, and in every place of a vector."""
    if sort.shape:
        inner = constant_of(Sort(sort.shape[1:], sort.truth), value, span)
        return ex.ListDisplay((inner,) * sort.shape[0], span)
    return ex.Truth(value != 0, span) if sort.truth else ex.Number(value, span)
