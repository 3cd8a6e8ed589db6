"""What an interchange may take from other runs, and the claim for each subset of it that ``interchange: all`` means."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

from mechverify.spec.spec import Claim, ClaimPart, Setting, Variable
from mechverify.spec.text import names_in

# What the claim about the empty subset is named by.
NOTHING = "nothing"


def swappable(
    inputs: tuple[str, ...], variables: tuple[Variable, ...], settings: tuple[Setting, ...] = ()
) -> tuple[str, ...]:
    """The inputs that the explanation reads, then the variables that have a value and a site, in the spec's order, but
    for what a claim sets.
    """
    fixed = {one.name for one in settings}
    read = {name for v in variables if v.value is not None for name in names_in(v.value.expression)}
    located = [v.name for v in variables if v.value is not None and v.located_at is not None and v.name not in fixed]
    return (*(name for name in inputs if name in read), *located)


def each_subset(claim: Claim, names: tuple[str, ...]) -> Iterator[Claim]:
    """The claims that ``interchange: all`` stands for: one for every subset of the names, the smallest first.

    Their names are ``swap[nothing]``, ``swap[x_1]``, ``swap[x_1, sum]``; ``group`` is the name in the text.
    """
    for size in range(len(names) + 1):
        for chosen in combinations(names, size):
            parts = tuple(_of(part, chosen) for part in claim.parts)
            shown = ", ".join(chosen) or NOTHING
            kept = tuple(part for part in parts if part.names or part.key != "interchange")
            yield replace(claim, name=f"{claim.name}[{shown}]", group=claim.name, parts=kept)


def _of(part: ClaimPart, chosen: tuple[str, ...]) -> ClaimPart:
    return replace(part, names=chosen) if part.key == "interchange" else part
