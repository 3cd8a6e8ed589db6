"""An SVG document, element by element."""

from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

Point = tuple[float, float]


class Canvas:
    """Elements in the order in which they are painted."""

    def __init__(self, width: int, height: int, title: str) -> None:
        self._width, self._height, self._title = width, height, title
        self._definitions: list[str] = []
        self._elements: list[str] = []

    def define(self, text: str) -> None:
        """Something that elements refer to."""
        self._definitions.append(text)

    def add(self, tag: str, **attributes: object) -> None:
        """One element; ``_`` in the name of an attribute stands for ``-``."""
        self._elements.append(f"<{tag}{_given(attributes)}/>")

    def write(self, words: str, **attributes: object) -> None:
        """A line of text."""
        self._elements.append(f"<text{_given(attributes)}>{escape(words)}</text>")

    def polygon(self, points: Sequence[Point], **attributes: object) -> None:
        """A closed polygon."""
        self.add("polygon", points=" ".join(f"{_value(x)},{_value(y)}" for x, y in points), **attributes)

    def line(self, start: Point, end: Point, **attributes: object) -> None:
        """A straight line."""
        self.add("line", x1=start[0], y1=start[1], x2=end[0], y2=end[1], **attributes)

    def text(self) -> str:
        """The file."""
        size = f'width="{self._width}" height="{self._height}" viewBox="0 0 {self._width} {self._height}"'
        fonts = 'font-family="Helvetica, Arial, sans-serif" role="img"'
        return "\n".join(
            [
                f'<svg xmlns="http://www.w3.org/2000/svg" {size} {fonts}>',
                f"<title>{escape(self._title)}</title>",
                "<defs>",
                *self._definitions,
                "</defs>",
                f'<rect width="{self._width}" height="{self._height}" fill="white"/>',
                *self._elements,
                "</svg>\n",
            ]
        )


def _given(attributes: Mapping[str, object]) -> str:
    return "".join(f" {name.replace('_', '-')}={quoteattr(_value(value))}" for name, value in attributes.items())


def _value(value: object) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
