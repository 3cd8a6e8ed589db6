"""What conditions may speak of: terms over the inputs, and what the spec itself compares or has a name for."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import reduce
from itertools import combinations
from string import ascii_lowercase

from mechverify.scope.suggesting import formulas
from mechverify.scope.suggesting.predicates import Literal, Named, Term
from mechverify.spec.expression import syntax as ex
from mechverify.spec.expression.rewrite import replaced
from mechverify.spec.expression.shapes import input_names
from mechverify.spec.spec import Claim, InputDeclaration, Spec
from mechverify.spec.text import expression_size, expression_text, names_in, walk

_MOST_SINGLE, _MOST_PAIRED, _MOST_APART = 400, 12, 8
_MOST_SIZE = 60
_PARTIAL = ("sqrt", "log", "exp", "position", "argmax")
_DEPTH = 8


def terms_of(spec: Spec, claim: Claim, family: Mapping[str, int]) -> tuple[Term, ...]:
    """Single inputs, their differences, largest, least, sum and how many are positive; the explanation's variables, and
    what it, the preconditions and the claim compare. Each once, the simplest first.
    """
    found: dict[str, Term] = {}
    for term in (*_of_inputs(spec), *_of_spec(spec, claim, family)):
        found.setdefault(term.text, term)
    return tuple(found.values())


def literals_of(spec: Spec, truths: Sequence[str], family: Mapping[str, int]) -> tuple[Named, ...]:
    """The variables of the explanation that are true or false (``truths``), and their negations; where there are none,
    the conditions on which its mechanisms choose.
    """
    inline = _Inlining(spec, family)
    mechanisms = [(v.name, v.value.expression) for v in spec.variables if v.value is not None]
    found = [(name, inline.of(e)) for name, e in mechanisms if name in truths]
    if not found:
        chosen = [p.condition for _, e in mechanisms for p in walk(e) if isinstance(p, ex.Conditional)]
        found = [(expression_text(e), inline.of(e)) for e in chosen if names_in(e) <= _names(spec)]
    kept = {name: e for name, e in found if _usable(e)}
    every = tuple(Literal(name, e, positive) for name, e in kept.items() for positive in (True, False))
    return tuple(Named((one,), every) for one in every)


def _names(spec: Spec) -> set[str]:
    """All names of a spec; what else an expression speaks of is the index of a loop around it."""
    return {i.name for i in spec.inputs} | {v.name for v in spec.variables} | {n for n, _ in spec.parameters}


def _of_inputs(spec: Spec) -> Iterator[Term]:
    scalars = [term for declared in spec.inputs for term in _elements(declared)]
    yield from scalars[:_MOST_SINGLE]
    if len(scalars) <= _MOST_PAIRED:
        for a, b in combinations(scalars, 2):
            difference = _difference(a, b)
            yield difference
            distance = difference.distance
            if distance is not None and len(scalars) <= _MOST_APART:
                yield distance
    for declared in spec.inputs:
        if len(declared.shape) == 1 and declared.shape[0] > 1:
            yield from _of_vector(declared, spec)
    plain = [term for declared in spec.inputs if not declared.shape for term in _elements(declared)]
    if len(plain) > 1:
        yield from _together(plain)


def _elements(declared: InputDeclaration) -> Iterator[Term]:
    integer, step = _grain(declared)
    for name in input_names(declared):
        base, *indices = name.replace("]", "").split("[")
        e = reduce(lambda v, k: formulas.element(v, int(k)), indices, formulas.name(base))
        yield Term.of(e, integer, step)


def _grain(declared: InputDeclaration) -> tuple[bool, Fraction]:
    """Whether an input is integer, and the step of its bounds: of reals a power of ten, of which its range has between
    a hundred and a thousand.
    """
    if declared.kind == "integers" or (declared.values and all(v.denominator == 1 for v in declared.values)):
        return True, Fraction(1)
    ends = declared.bounds()
    low, high = ends if ends is not None else (min(declared.values), max(declared.values))
    step = Fraction(1)
    while step * 100 > high - low > 0:
        step /= 10
    while step * 1000 <= high - low:
        step *= 10
    return False, step


def _difference(a: Term, b: Term) -> Term:
    e = formulas.binary(a.expression, "-", b.expression)
    return Term.of(e, a.integer and b.integer, max(a.step, b.step), sides=(a.expression, b.expression))


def _of_vector(declared: InputDeclaration, spec: Spec) -> Iterator[Term]:
    integer, step = _grain(declared)
    vector = formulas.name(declared.name)
    for function in ("max", "min", "sum"):
        yield Term.of(formulas.called(function, vector), integer, step)
    index = next(c for c in ("i", "j", "k", *ascii_lowercase, "index_of_it") if c not in _names(spec))
    counts = [formulas.count_of(vector, declared.shape[0], op, index) for op in (">", ">=")]
    loose = Term.of(counts[1], True, Fraction(1))
    yield from (Term.of(counts[0], True, Fraction(1), looser=loose), loose)


def _together(terms: Sequence[Term]) -> Iterator[Term]:
    integer, step = all(t.integer for t in terms), max(t.step for t in terms)
    each = tuple(t.expression for t in terms)
    for function in ("max", "min"):
        yield Term.of(formulas.called(function, *each), integer, step)
    yield Term.of(reduce(lambda a, b: formulas.binary(a, "+", b), each), integer, step)
    counts = [
        formulas.called("count", formulas.listed(tuple(formulas.compared(e, op, formulas.number(0)) for e in each)))
        for op in (">", ">=")
    ]
    loose = Term.of(counts[1], True, Fraction(1))
    yield from (Term.of(counts[0], True, Fraction(1), looser=loose), loose)


def _of_spec(spec: Spec, claim: Claim, family: Mapping[str, int]) -> Iterator[Term]:
    inline = _Inlining(spec, family)
    sources = [v.value for v in spec.variables] + [p.condition for p in (*spec.preconditions, *claim.also)]
    sources.append(claim.condition)
    grains = {i.name: _grain(i) for i in spec.inputs}
    known = _names(spec) | set(family)
    for variable in spec.variables:
        if variable.value is not None:
            term = _compared(inline.of(variable.value.expression), formulas.number(0), grains)
            if term is not None:
                yield term
    for source in sources:
        for part in walk(source.expression) if source is not None else ():
            if not isinstance(part, ex.Compare):
                continue
            for a, b in zip(part.operands, part.operands[1:], strict=False):
                if names_in(a) | names_in(b) <= known:
                    term = _compared(inline.of(a), inline.of(b), grains)
                    if term is not None:
                        yield term


def _compared(a: ex.Expression, b: ex.Expression, grains: Mapping[str, tuple[bool, Fraction]]) -> Term | None:
    """The term of a comparison of two numbers; None where it is none that a precondition may have."""
    if isinstance(a, ex.Number) or isinstance(b, ex.Number):
        e, sides = (b if isinstance(a, ex.Number) else a), None
    else:
        e, sides = formulas.binary(a, "-", b), (a, b)
    used = names_in(e) & set(grains)
    if not used or not _usable(e) or _is_truth(a) or _is_truth(b):
        return None
    counts = isinstance(e, ex.Call) and e.function in ("count", "len")
    fractions = any(isinstance(p, ex.Number) and p.value.denominator != 1 for p in walk(e))
    divides = any(isinstance(p, ex.Binary) and p.op == "/" for p in walk(e)) or "mean" in expression_text(e)
    integer = counts or (all(grains[n][0] for n in used) and not fractions and not divides)
    step = Fraction(1) if integer else max(grains[n][1] for n in used)
    term = Term.of(e, integer, step, sides=sides)
    if isinstance(e, ex.Call) and e.function == "abs" and isinstance(e.arguments[0], ex.Binary):
        inner = e.arguments[0]
        if inner.op == "-":
            return replace(term, difference=Term.of(inner, integer, step, sides=(inner.left, inner.right)))
    return term


def _is_truth(e: ex.Expression) -> bool:
    return (
        isinstance(e, ex.Compare | ex.Boolean | ex.Truth)
        or (isinstance(e, ex.Call) and e.function in ("all", "any"))
        or (isinstance(e, ex.Unary) and e.op == "not")
    )


def _usable(e: ex.Expression) -> bool:
    """Whether a precondition may speak of it wherever the inputs lie: nothing of a model, nothing undefined."""
    if expression_size(e) > _MOST_SIZE:
        return False
    loops = {part.variable for part in walk(e) if isinstance(part, ex.Comprehension)}
    for part in walk(e):
        if isinstance(part, ex.Index) and not names_in(part.index) <= loops:
            return False
        if isinstance(part, ex.Attribute | ex.Slice) or (isinstance(part, ex.Name) and part.name == "it"):
            return False
        if isinstance(part, ex.Call) and part.function in _PARTIAL:
            return False
        if isinstance(part, ex.Binary) and part.op in ("/", "//", "%") and not _is_nonzero(part.right):
            return False
    return True


def _is_nonzero(e: ex.Expression) -> bool:
    return isinstance(e, ex.Number) and e.value != 0


class _Inlining:
    """Mechanisms in the place of the variables that they define, and numbers in that of a family's indices."""

    def __init__(self, spec: Spec, family: Mapping[str, int]) -> None:
        self._values = {v.name: v.value.expression for v in spec.variables if v.value is not None}
        self._family = family

    def of(self, e: ex.Expression, depth: int = 0) -> ex.Expression:
        """The expression over inputs, parameters and its own loops."""

        def change(part: ex.Expression) -> ex.Expression | None:
            if isinstance(part, ex.Name) and part.name in self._family:
                return formulas.number(self._family[part.name])
            if isinstance(part, ex.Name) and part.name in self._values and depth < _DEPTH:
                return self.of(self._values[part.name], depth + 1)
            return None

        grown = replaced(e, change)
        return grown if expression_size(grown) <= 10 * _MOST_SIZE else e
