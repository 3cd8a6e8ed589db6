"""What of an explanation a claim depends on."""

from collections.abc import Collection
from dataclasses import dataclass

from mechverify.explanation.interventions import interventions_of, read_by
from mechverify.spec.spec import Claim, Spec
from mechverify.spec.text import names_in


@dataclass(frozen=True, slots=True)
class Relevance:
    """Names of variables: those that the condition compares by their value, all whose mechanism plays a part in it
    (``mechanisms``), whose decoding is read (``decoded``), and whose site is read or set (``located``).
    """

    compared: tuple[str, ...]
    mechanisms: tuple[str, ...]
    decoded: tuple[str, ...]
    located: tuple[str, ...]


def relevance(spec: Spec, claim: Claim) -> Relevance:
    """What the condition and the interventions of a claim depend on, in the order of the spec. The claim must fit the
    spec: ExpressionError otherwise.
    """
    values = {v.name: v.value for v in spec.variables if v.value is not None}
    plan = interventions_of(spec, claim)
    read = read_by(spec, claim)
    spoken = compared_by(spec, claim)
    below = {*spoken, *plan.seen_apart}
    waiting = list(below)
    while waiting:
        parents = set(names_in(values[waiting.pop()].expression)) & set(values)
        waiting.extend(parents - below)
        below |= parents

    def ordered(names: Collection[str]) -> tuple[str, ...]:
        return tuple(v.name for v in spec.variables if v.name in names)

    placed = {*read, *plan.swapped, *plan.resampled, *plan.seen_apart, *plan.set_names}
    located = {v.name for v in spec.variables if v.located_at is not None}
    return Relevance(ordered(spoken), ordered(below), ordered(read), ordered(placed & located))


def compared_by(spec: Spec, claim: Claim) -> frozenset[str]:
    """The variables whose value in the explanation a claim speaks of."""
    values = frozenset(v.name for v in spec.variables if v.value is not None)
    if claim.condition is not None:
        return names_in(claim.condition.expression) & values
    return read_by(spec, claim) & values if claim.kind == "faithful" else frozenset()


def ancestors(spec: Spec, name: str) -> frozenset[str]:
    """A variable and all that its mechanism depends on, inputs included."""
    values = {v.name: v.value for v in spec.variables if v.value is not None}
    found = {name}
    waiting = [name]
    while waiting:
        value = values.get(waiting.pop())
        fresh = set() if value is None else set(names_in(value.expression)) - found
        found |= fresh
        waiting.extend(fresh)
    return frozenset(found)
