"""Chances from a map: how probable it is that the claim holds, that the preconditions do, and what one says of the
other."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from mechverify.kernel.api import parse_number
from mechverify.kernel.search import Problem, Region
from mechverify.mapping.tree import Part, leaves
from mechverify.probability.bracket import NOTHING, Bracket, quotient, share_of
from mechverify.probability.measures import Measures, with_whole
from mechverify.probability.weighing import Scales

Label = tuple[str, str]
Masses = Mapping[Label, Bracket]
Event = Callable[[bool, bool], bool]  # of whether the preconditions hold, and whether the claim does


@dataclass(frozen=True, slots=True)
class Leaf:
    """A part of a map with its label."""

    region: Region
    place: str
    verdict: str


@dataclass(frozen=True, slots=True)
class Chances:
    """P(holds), P(preconditions), each given the other, and the lift P(both) / (P(one) P(other)), which is the same in
    both directions. None where it has no value, or none that is known.
    """

    holds: Bracket | None
    admitted: Bracket | None
    holds_if_admitted: Bracket | None
    admitted_if_holds: Bracket | None
    lift: Bracket | None


def leaves_found(root: Part) -> Iterator[Leaf]:
    """The parts of a tree."""
    return (Leaf(part.region, part.place, part.label) for part in leaves(root))


def leaves_of(problem: Problem, steps: Sequence[Any], *, counted: bool = True) -> Iterator[Leaf]:
    """The parts of a map that the kernel accepted, from its steps. A part that has its label but at some points, which
    are counted alone, is open; one without its rest is told in boxes. Without ``counted`` those are left out.
    """
    stack = [Region.start(problem.inputs)]
    for step in steps:
        region = stack.pop()
        if step[0] == "split":
            terms = {k: parse_number(c) for c, k in step[1]}
            stack.extend(reversed(region.split(terms, parse_number(step[2]))))
        elif step[0] == "mostly":
            boxes, rest = _boxes(region, step[8])
            stack += rest
            if counted:
                verdict = step[2] if step[7] == "0" else "open"
                yield from (Leaf(box, step[1], verdict) for box in boxes)
        elif step[0] == "part":
            yield Leaf(region, step[1], step[2])


def _boxes(region: Region, cut: Sequence[Any]) -> tuple[list[Region], list[Region]]:
    """The points of a box at which one of some inputs is above a bound, in boxes: by the first of them that is. And the
    rest."""
    if not cut:
        return [region], []
    above = []
    for k in cut[0]:
        region, more = region.split({k: 1}, parse_number(cut[1]))
        if more.size().high:
            above.append(more)
    return above, [region]


def masses_of_sizes(sizes: Iterable[Sequence[Any]], dimension: int) -> Masses:
    """The kernel's own sizes, of what has so many real coordinates: what has fewer has no mass."""
    found: dict[Label, Bracket] = {}
    for place, verdict, extends, low, high in sizes:
        if extends == dimension:
            found[place, verdict] = Bracket(Fraction(parse_number(low)), Fraction(parse_number(high)))
    return found


def masses_of_leaves(parts: Sequence[Leaf], measures: Measures, boxes: int | None = None) -> Masses:
    """What the parts weigh, by their labels. Curves that are tied are cut into at most about so many ``boxes``."""
    each = with_whole(measures.each, [one.region for one in parts])
    scales = Scales(each, boxes=boxes, regions=len(parts))
    found: dict[Label, Bracket] = {}
    for one in parts:
        label = one.place, one.verdict
        found[label] = found.get(label, NOTHING) + scales.mass(one.region)
    return found


def chances_of(masses: Masses, whole: Fraction | None = None) -> Chances:
    """What the masses of a map's labels say; ``whole``: what all of them have together, where that is known."""
    given = _chance(masses, _holds, _admitted, whole)
    holds = _chance(masses, _holds, _any, whole)
    return Chances(
        holds,
        _chance(masses, _admitted, _any, whole),
        given,
        _chance(masses, _admitted, _holds, whole),
        None if given is None or holds is None else quotient(given, holds),
    )


def mass_of(masses: Masses, event: Event, whole: Fraction | None = None) -> Bracket:
    """How much has an event: at least what surely has it, at most what may; of a known ``whole``, at least what is left
    by all that may have it not, at most by what surely has not.
    """
    found = _told(masses, event)
    if whole is None:
        return found
    rest = _told(masses, lambda admitted, holds: not event(admitted, holds))
    return Bracket(max(found.low, whole - rest.high), min(found.high, whole - rest.low))


def _told(masses: Masses, event: Event) -> Bracket:
    total = NOTHING
    for (place, verdict), mass in masses.items():
        truths = [event(a, h) for a in _PLACES.get(place, ()) for h in _VERDICTS[verdict]]
        if any(truths):
            total += Bracket(mass.low if all(truths) else Fraction(0), mass.high)
    return total


def admitted_mass(masses: Masses, whole: Fraction | None = None) -> Bracket:
    """How much meets the preconditions."""
    return mass_of(masses, _admitted, whole)


_PLACES = {"inside": (True,), "outside": (False,), "open": (True, False)}
_VERDICTS = {"proved": (True,), "refuted": (False,), "open": (True, False)}


def _chance(masses: Masses, event: Event, given: Event, whole: Fraction | None) -> Bracket | None:
    part = mass_of(masses, lambda a, h: event(a, h) and given(a, h), whole)
    rest = mass_of(masses, lambda a, h: given(a, h) and not event(a, h), whole)
    found = share_of(part, rest)
    if found is None and mass_of(masses, given, whole).low > 0:
        return Bracket(Fraction(0), Fraction(1))
    return found


def _any(admitted: bool, holds: bool) -> bool:  # noqa: ARG001, FBT001
    return True


def _admitted(admitted: bool, holds: bool) -> bool:  # noqa: ARG001, FBT001
    return admitted


def _holds(admitted: bool, holds: bool) -> bool:  # noqa: ARG001, FBT001
    return holds
