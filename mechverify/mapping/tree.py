"""A map under construction: a tree of splits with labelled leaves, and its steps as the kernel reads them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from mechverify.kernel.api import format_number
from mechverify.kernel.search import Mostly, Number, Region, Tally

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


@dataclass(frozen=True, slots=True)
class Counted:
    """What shows a label at all points but ``most``: held inputs, comparisons for the place, pairs that are taken as
    shown with the shifts by which the points are counted where they fail, and comparisons for the verdict. ``cut``: the
    label is that of the points at which one of these inputs is above the bound, the rest is another part.
    """

    held: list[int]
    placing: list[Any]
    rare: list[list[int]]
    judging: list[Any]
    most: int
    cut: tuple[tuple[int, ...], int] | None

    def fields(self) -> list[Any]:
        """The fields of the kernel's step after place and verdict."""
        cut: list[Any] = [] if self.cut is None else [list(self.cut[0]), str(self.cut[1])]
        return [self.held, self.placing, self.rare, self.judging, str(self.most), cut]


@dataclass(eq=False, slots=True)
class Part:
    """A place in the tree: a leaf with its label, or a cut with the two parts that it makes. ``empty``: no point is
    left. ``shown``: held inputs and comparisons that show the label, where it is shown by sums. ``counted``: the label
    holds but at some points, and of those with one input above a bound alone, where there is a ``rest``.
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
    counted: Counted | None = None
    rest: "Part | None" = None

    def step(self) -> list[Any]:
        """The kernel's step at this place."""
        if self.cut is not None:
            return self.cut.step()
        if self.counted is not None:
            return ["mostly", self.place, self.label, *self.counted.fields()]
        return ["empty"] if self.empty else ["part", self.place, self.label, *(self.shown or ())]

    def conditions(self) -> Iterator[tuple[Cut, bool]]:
        """The cuts on the path from here up to the whole domain, and whether this is on the side of ``<=``."""
        here = self
        while here.parent is not None and here.parent.cut is not None:
            yield here.parent.cut, here.parent.below is here
            here = here.parent


def preorder(root: Part) -> Iterator[Part]:
    """Every place of the tree, each cut before its parts, ``<=`` first, and before its rest."""
    stack = [root]
    while stack:
        part = stack.pop()
        yield part
        if part.below is not None and part.above is not None:
            stack += (part.above, part.below)
        elif part.rest is not None:
            stack.append(part.rest)


def leaves(root: Part) -> Iterator[Part]:
    """The parts that are not cut, without the empty ones."""
    return (part for part in preorder(root) if part.cut is None and not part.empty)


def sizes_of(root: Part) -> list[Any]:
    """The sizes of all labels, as the kernel derives them."""
    tally = Tally()
    for part in preorder(root):
        if part.cut is not None:
            tally.split(part.region)
        elif part.counted is not None:
            tally.mostly(part.region, _mostly(part, part.counted))
        else:
            tally.part(part.region, None if part.empty else (part.place, part.label))
    return tally.rows()


def has_counted(root: Part) -> bool:
    """Whether some label of the tree holds but at points that are counted alone."""
    return any(part.counted is not None for part in preorder(root))


def _mostly(part: Part, counted: Counted) -> Mostly:
    points = int(part.region.size().high)
    rest = None if part.rest is None else part.rest.region
    points -= 0 if rest is None else int(rest.size().high)
    return Mostly((part.place, part.label), points, min(counted.most, points), rest)
