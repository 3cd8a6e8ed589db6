"""Where each character of a YAML scalar's value stood in the file, for every style of scalar."""

from dataclasses import dataclass

from mechverify.spec.source import Mark, SourceFile
from mechverify.spec.yaml.tree import Scalar

_ESCAPE_DIGITS = {"x": 2, "u": 4, "U": 8}


@dataclass(frozen=True, slots=True)
class Located:
    """A text whose i-th character stood at ``places[i]`` of the file; one further place tells where it ended."""

    text: str
    file: SourceFile
    places: tuple[int, ...]
    flow: bool = False

    def mark(self, index: int) -> Mark:
        """The place of a character; past the end, the end."""
        return Mark(self.file, self.places[max(0, min(index, len(self.text)))])

    def slice(self, start: int, stop: int) -> "Located":
        """A part of the text."""
        return Located(self.text[start:stop], self.file, self.places[start : stop + 1], self.flow)

    def strip(self) -> "Located":
        """Without blanks at either end."""
        left = len(self.text) - len(self.text.lstrip())
        return self.slice(left, max(left, len(self.text.rstrip())))


def locate(scalar: Scalar) -> Located:
    """The scalar's value with the place of every character.

    Every character that is not blank is found again in the source. Folding only changes blanks, so a blank's place is
    that of the source text where it is met. If the two texts do not match, every place is the scalar's start.
    """
    file, value, start = scalar.mark.file, scalar.value, scalar.mark.index
    source = file.text
    at, end = start, scalar.end
    if scalar.style in ("|", ">"):
        at = source.find("\n", start, end) + 1 or end
    elif scalar.style is not None:
        at, end = start + 1, end - 1
    places: list[int] = []
    for character in value:
        if not character.isspace():
            while at < end and source[at].isspace():
                at += 1
        place, at, matches = _match(source, at, end, character, scalar.style)
        if not matches:
            return Located(value, file, (start,) * (len(value) + 1), scalar.flow)
        places.append(place)
    return Located(value, file, (*places, min(at, end)), scalar.flow)


def _match(source: str, at: int, end: int, character: str, style: str | None) -> tuple[int, int, bool]:
    """(place of the character, where to go on, whether it was found)."""
    if at >= end:
        return end, end, character.isspace()
    found = source[at]
    if style == '"' and found == "\\":
        if source[at + 1 : at + 2] in ("\n", "\r") and not character.isspace():
            after = at + 1
            while after < end and source[after].isspace():
                after += 1
            return _match(source, after, end, character, style)
        return at, at + 2 + _ESCAPE_DIGITS.get(source[at + 1 : at + 2], 0), True
    if style == "'" and found == "'":
        return at, at + 2, character == "'"
    if character.isspace():
        return at, at + 1 if found.isspace() else at, True
    return at, at + 1, found == character
