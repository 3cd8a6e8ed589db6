"""Compensated mistakes: a variable said to hold its value in another encoding, undone wherever the value is used."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction

from mechverify.explanation.formulas.references import Sort
from mechverify.explanation.relevance import Relevance
from mechverify.spec.expression import syntax as ex
from mechverify.spec.expression.rewrite import replaced, source_of
from mechverify.spec.spec import Spec, Variable
from mechverify.spec.text import names_in

_MOST_COMPONENTS = 8

Encoding = Callable[[ex.Expression], ex.Expression]


def re_encoded(spec: Spec, relevant: Relevance, sorts: Mapping[str, Sort]) -> Iterator[tuple[str, Spec, str]]:
    """For each variable with a site that others are computed from, the spec with its value in another encoding, which
    every mechanism that reads it undoes: v + 1, -v and 1 - v of numbers, the negation of a truth value. What follows
    from the variable keeps its value; what is said of its site is wrong.
    """
    variables = {v.name: v for v in spec.variables}
    read = {n for m in relevant.mechanisms for n in _names(variables[m])}
    for name in relevant.mechanisms:
        variable, sort = variables[name], sorts.get(name)
        if name not in read or variable.located_at is None or sort is None or not _small(sort):
            continue
        for put, undone, words in _encodings(sort):
            yield name, _with(spec, variable, sort, put, undone), words.format(v=name)


def _encodings(sort: Sort) -> Iterator[tuple[Encoding, Encoding, str]]:
    """What takes the place of the value, what of each reference to it, and the mistake in words."""
    if sort.truth:
        yield _not, _not, "{v} is the negation of what it was, and each use of it negates it back"
        return
    one = Fraction(1)
    yield _shifted(one), _shifted(-one), "{v} is one more than it was, and each use of it takes one away"
    yield _negated, _negated, "{v} has the other sign, and each use of it turns it back"
    yield _from_one, _from_one, "{v} is 1 less what it was, and each use of it turns it back"


def _small(sort: Sort) -> bool:
    return sort.shape is not None and len(sort.shape) <= 1 and all(0 < n <= _MOST_COMPONENTS for n in sort.shape)


def _names(variable: Variable) -> frozenset[str]:
    return frozenset() if variable.value is None else names_in(variable.value.expression)


def _with(spec: Spec, variable: Variable, sort: Sort, put: Encoding, undone: Encoding) -> Spec:
    back = _each(ex.Name(variable.name, variable.span), sort, undone)

    def undo(part: ex.Expression) -> ex.Expression | None:
        return back if isinstance(part, ex.Name) and part.name == variable.name else None

    def changed(v: Variable) -> Variable:
        if v.value is None:
            return v
        e = v.value.expression
        if v.name == variable.name:
            return replace(v, value=source_of(_each(e, sort, put), v.value))
        return replace(v, value=source_of(replaced(e, undo), v.value)) if variable.name in names_in(e) else v

    return replace(spec, variables=tuple(map(changed, spec.variables)))


def _each(e: ex.Expression, sort: Sort, encoding: Encoding) -> ex.Expression:
    """The encoding of a number or truth value, or of each component of a vector."""
    if not sort.shape:
        return encoding(e)
    parts = (ex.Index(e, ex.Number(Fraction(k), e.span), e.span) for k in range(sort.shape[0]))
    return ex.ListDisplay(tuple(map(encoding, parts)), e.span)


def _not(e: ex.Expression) -> ex.Expression:
    return ex.Unary("not", e, e.span)


def _negated(e: ex.Expression) -> ex.Expression:
    return ex.Unary("-", e, e.span)


def _from_one(e: ex.Expression) -> ex.Expression:
    return ex.Binary("-", ex.Number(Fraction(1), e.span), e, e.span)


def _shifted(by: Fraction) -> Encoding:
    def shifted(e: ex.Expression) -> ex.Expression:
        return ex.Binary("+" if by > 0 else "-", e, ex.Number(abs(by), e.span), e.span)

    return shifted
