"""The label of a part of a map, and whether truths of the problem's nodes show it."""

from collections.abc import Callable

from ..plan import Prepared
from .follow import Value

MAP_PLACES = ("inside", "outside", "apart", "open")
MAP_VERDICTS = ("proved", "refuted", "open")

MapLabel = tuple[str, str]


def shows(prepared: Prepared, truth: Callable[[int], Value], label: MapLabel) -> bool:
    """Whether truths that hold at every point of a part, in every execution, are those of a label. A verdict is told of
    points of the domain alone."""
    place, verdict = label
    problem = prepared.problem
    domain = True if problem.domain is None else truth(problem.domain)
    if place == "apart":
        return domain is False
    if domain is not True:
        return label == ("open", "open")
    placed = place == "open" or truth(problem.assumption) is (place == "inside")
    return placed and (verdict == "open" or truth(problem.claim) is (verdict == "proved"))
