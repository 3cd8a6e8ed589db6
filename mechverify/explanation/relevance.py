"""What of an explanation a claim depends on."""

from collections.abc import Collection
from dataclasses import dataclass

from mechverify.spec.spec import Claim, Spec
from mechverify.spec.text import attributes_in, names_in


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
    """What the condition and the intervention of a claim depend on, in the order of the spec."""
    values = {v.name: v.value for v in spec.variables if v.value is not None}
    spoken: set[str] = set()
    read: set[str] = set()
    if claim.condition is not None:
        spoken = set(names_in(claim.condition.expression)) & set(values)
        read = {name for _, name in attributes_in(claim.condition.expression)}
    below = set(spoken)
    waiting = list(spoken)
    while waiting:
        parents = set(names_in(values[waiting.pop()].expression)) & set(values)
        waiting.extend(parents - below)
        below |= parents
    moved = {name for part in claim.parts for name in part.names}

    def ordered(names: Collection[str]) -> tuple[str, ...]:
        return tuple(v.name for v in spec.variables if v.name in names)

    located = {v.name for v in spec.variables if v.located_at is not None}
    return Relevance(ordered(spoken), ordered(below), ordered(read), ordered((read | moved) & located))


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
