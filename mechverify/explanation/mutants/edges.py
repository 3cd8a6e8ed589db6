"""Edges of an explanation cut: a variable that ignores one of its parents, whatever value that could take instead.

The parent's value comes from a second run, on any other inputs that meet the preconditions: an input ``a`` has a copy
``a elsewhere`` (no name of a spec has a blank in it), and so has each variable. Where the answer then still is what it
was, on all inputs of both runs, the edge is unnecessary. Values that have no probability are none of these inputs.
"""

from collections.abc import Iterator
from dataclasses import replace

from mechverify.explanation.mutants.mutants import Mutant
from mechverify.explanation.obligations import conditions
from mechverify.explanation.relevance import relevance
from mechverify.spec.expression import syntax as ex
from mechverify.spec.expression.rewrite import replaced, source_of
from mechverify.spec.spec import Claim, InputDeclaration, NamedCondition, SourceExpression, Spec
from mechverify.spec.text import names_in

EDGE = "edge cut"
_OTHER = " elsewhere"


def with_second_run(spec: Spec, claim: Claim) -> Spec:
    """The spec with a copy of every input and of every variable that has a value; the claim, its only one, is made
    where the copies too meet its preconditions.
    """
    runs = tuple(_probable(i, claim) for i in spec.inputs)
    copied = {i.name for i in runs} | {v.name for v in spec.variables if v.value is not None}

    inputs = tuple(replace(i, name=i.name + _OTHER) for i in runs)
    variables = tuple(
        replace(
            v,
            name=v.name + _OTHER,
            value=_moved(v.value, copied),
            located_at=None,
            elsewhere=(),
            read_as=None,
            within=None,
        )
        for v in spec.variables
        if v.value is not None
    )
    there = tuple(
        NamedCondition(c.name + _OTHER, _moved(c.condition, copied), c.span, c.suggested)
        for c in conditions(spec, claim)
    )
    return replace(
        spec,
        inputs=(*runs, *inputs),
        variables=(*spec.variables, *variables),
        claims=(replace(claim, also=(*claim.also, *there)),),
    )


def _probable(declared: InputDeclaration, claim: Claim) -> InputDeclaration:
    """The input with the values alone that a claim which holds usually gives a weight."""
    given = (d.weights for d in claim.distribution if d.input == declared.name and d.kind == "weights")
    values = tuple(value for value, _ in next(given, ()))
    if not values:
        return declared
    return replace(declared, kind="one_of", low=None, high=None, values=values, entries=())


def edge_cuts(spec: Spec, claim: Claim) -> Iterator[Mutant]:
    """For each variable that plays a part in a claim and each of its parents, the spec ``with_second_run`` in which the
    variable takes that parent's value from there. None for ``faithful``, which transplants all inputs.
    """
    if claim.kind == "faithful":
        return
    both = with_second_run(spec, claim)
    parents = (*(i.name for i in spec.inputs), *(v.name for v in spec.variables if v.value is not None))
    mechanisms = relevance(spec, claim).mechanisms
    for variable in spec.variables:
        source = variable.value
        if source is None or variable.name not in mechanisms:
            continue
        used = names_in(source.expression)
        for parent in (name for name in parents if name in used):
            changed = replace(variable, value=_moved(source, {parent}))
            variables = tuple(changed if v.name == variable.name else v for v in both.variables)
            yield Mutant(EDGE, variable.name, parent, replace(both, variables=variables))


def _moved(source: SourceExpression, names: set[str]) -> SourceExpression:
    """The expression with the copies of these names in their place."""
    return source_of(replaced(source.expression, lambda e: _elsewhere(e, names)), source)


def _elsewhere(e: ex.Expression, names: set[str]) -> ex.Expression | None:
    return ex.Name(e.name + _OTHER, e.span) if isinstance(e, ex.Name) and e.name in names else None
