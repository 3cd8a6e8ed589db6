"""A map under construction: a tree of splits with labelled leaves, and its steps as the kernel reads them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from mechverify.kernel.api import format_number
from mechverify.kernel.search import Number, Region, Tally

Place = Literal["inside", "outside", "apart", "open"]
Label = Literal["proved", "refuted", "open"]


@dataclass(frozen=True, slots=True)
class Cut:
    """sum of coefficient * input <= bound, and the rest: >= bound + 1 of integer inputs, else > bound."""

    terms: tuple[tuple[int, Number], ...]
    bound: Number

    def step(self) -> list[Any]:
        """The kernel's split."""
        return ["split", [[format_number(c), k] for k, c in self.terms], format_number(self.bound)]


@dataclass(eq=False, slots=True)
class Part:
    """A place in the tree: a leaf with its label, or a cut with the two parts that it makes. ``empty``: no point is
    left. ``shown``: held inputs and comparisons that show the label, where it is shown by sums.
    """

    region: Region
    place: Place = "open"
    label: Label = "open"
    empty: bool = False
    cut: Cut | None = None
    below: "Part | None" = None
    above: "Part | None" = None
    parent: "Part | None" = None
    shown: tuple[list[int], list[Any]] | None = None

    def step(self) -> list[Any]:
        """The kernel's step at this place."""
        if self.cut is not None:
            return self.cut.step()
        return ["empty"] if self.empty else ["part", self.place, self.label, *(self.shown or ())]

    def conditions(self) -> Iterator[tuple[Cut, bool]]:
        """The cuts on the path from here up to the whole domain, and whether this is on the side of ``<=``."""
        here = self
        while here.parent is not None and here.parent.cut is not None:
            yield here.parent.cut, here.parent.below is here
            here = here.parent


def preorder(root: Part) -> Iterator[Part]:
    """Every place of the tree, each cut before its parts, ``<=`` first."""
    stack = [root]
    while stack:
        part = stack.pop()
        yield part
        if part.below is not None and part.above is not None:
            stack += (part.above, part.below)


def leaves(root: Part) -> Iterator[Part]:
    """The parts that are not cut, without the empty ones."""
    return (part for part in preorder(root) if part.cut is None and not part.empty)


def sizes_of(root: Part) -> list[Any]:
    """The sizes of all labels, as the kernel derives them."""
    tally = Tally()
    for part in preorder(root):
        if part.cut is not None:
            tally.split(part.region)
        else:
            tally.part(part.region, None if part.empty else (part.place, part.label))
    return tally.rows()
