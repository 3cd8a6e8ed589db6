"""YAML 1.2 text to a tree of scalars, sequences and mappings that remember where every character stood.

The events of ruamel.yaml's parser are taken as they come, so that nothing is constructed, resolved or expanded: a
scalar is its text. Aliases, tags, directives, further documents, duplicate keys and deep nesting are refused where
they stand.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mechverify.spec.source import Mark, Report, SourceFile
from mechverify.spec.yaml.words import plain_words

MAX_DEPTH = 24
MAX_NODES = 50_000


@dataclass(frozen=True, slots=True)
class Scalar:
    """A text. ``style`` is None for plain, otherwise one of ``' " | >``; ``flow`` tells that it stands inside ``[ ]``
    or ``{ }``."""

    value: str
    style: str | None
    flow: bool
    mark: Mark
    end: int


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list; ``flow`` for ``[a, b]``."""

    items: tuple["Node", ...]
    flow: bool
    mark: Mark
    end: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One key and its value."""

    key: Scalar
    value: "Node"


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys, each once, in the order of the text."""

    entries: tuple[Entry, ...]
    mark: Mark

    def get(self, key: str) -> "Node | None":
        """The value of a key, or None."""
        return next((e.value for e in self.entries if e.key.value == key), None)


Node = Scalar | Sequence | Mapping


class _Refused(Exception):  # noqa: N818
    """The tree cannot be built any further; the mistake is in the report."""


def read_tree(file: SourceFile, report: Report) -> Mapping | None:
    """The file's one document, or None with the mistake reported."""
    try:
        root = _document(_Events(file, report))
    except _Refused:
        return None
    if not isinstance(root, Mapping):
        mark = root.mark if root is not None else Mark(file, 0)
        report.error(mark, "a spec is a mapping of keys such as 'title:' and 'claims:'", "start with 'mechverify: 1'")
        return None
    return root


class _Events:
    """The parser's events one after the other, every failure of the parser turned into a mistake in the report."""

    def __init__(self, file: SourceFile, report: Report) -> None:
        self.file = file
        self.report = report
        self.count = 0
        self._last = 0
        self._stream = self._open()
        self._flow = 0

    def _open(self) -> Iterator[Any]:
        from ruamel.yaml import YAML  # noqa: PLC0415

        return iter(YAML(typ="safe", pure=True).parse(self.file.text))

    def refuse(self, index: int, message: str, hint: str | None = None) -> _Refused:
        self.report.error(Mark(self.file, index), message, hint)
        return _Refused()

    def next(self) -> Any:
        from ruamel.yaml.error import MarkedYAMLError  # noqa: PLC0415

        try:
            event = next(self._stream)
        except MarkedYAMLError as error:
            open_quote = "unexpected end of stream" in str(error.problem)
            mark = (open_quote and error.context_mark) or error.problem_mark or error.context_mark
            index = self._last if mark is None else mark.index
            problem = " ".join(str(error.problem or error.context or "unreadable").split())
            words, hint = plain_words(problem, self.file.text, index)
            raise self.refuse(index, f"not readable as YAML: {words}", hint) from error
        except Exception as error:  # ruamel.yaml meets some malformed texts with IndexError, ValueError and the like
            raise self.refuse(self._last, f"not readable as YAML near here ({type(error).__name__})") from error
        self._last = event.start_mark.index
        self.count += 1
        if self.count > MAX_NODES:
            raise self.refuse(self._last, f"more than {MAX_NODES} items in one file")
        return event


def _document(events: _Events) -> Node | None:
    events.next()
    event = events.next()
    if type(event).__name__ == "StreamEndEvent":
        return None
    if event.version is not None or event.tags:
        raise events.refuse(
            event.start_mark.index, "YAML directives (%) are not read", "remove the line that starts with '%'"
        )
    root = _node(events, events.next(), 0, flow=False)
    events.next()
    event = events.next()
    if type(event).__name__ != "StreamEndEvent":
        raise events.refuse(event.start_mark.index, "a spec is one YAML document, and here starts another")
    return root


def _node(events: _Events, event: Any, depth: int, *, flow: bool) -> Node:
    start: int = event.start_mark.index
    kind = type(event).__name__
    if kind == "AliasEvent":
        raise events.refuse(
            start, f"YAML aliases (*{event.anchor}) are not read", "write the value out, or make it a parameter"
        )
    if event.anchor is not None:
        raise events.refuse(
            start, f"YAML anchors (&{event.anchor}) are not read", "write the value out, or make it a parameter"
        )
    if event.ctag is not None:
        raise events.refuse(start, "YAML tags (!) are not read", "remove the word that starts with '!'")
    mark = Mark(events.file, start)
    if kind == "ScalarEvent":
        return Scalar(event.value, event.style, flow, mark, event.end_mark.index)
    if depth >= MAX_DEPTH:
        raise events.refuse(start, f"nested more than {MAX_DEPTH} levels deep")
    flow = flow or bool(event.flow_style)
    if kind == "SequenceStartEvent":
        items: list[Node] = []
        while type(inner := events.next()).__name__ != "SequenceEndEvent":
            items.append(_node(events, inner, depth + 1, flow=flow))
        return Sequence(tuple(items), flow, mark, inner.end_mark.index)
    entries: dict[str, Entry] = {}
    while type(inner := events.next()).__name__ != "MappingEndEvent":
        key = _node(events, inner, depth + 1, flow=flow)
        value = _node(events, events.next(), depth + 1, flow=flow)
        if not isinstance(key, Scalar):
            events.report.error(key.mark, "a key is a word, not a list or mapping", _inline_hint(flow=flow))
        elif key.value in entries:
            first = entries[key.value].key.mark.span.line
            events.report.error(key.mark, f"the key '{_short(key.value)}' stands here twice (first in line {first})")
        else:
            if isinstance(value, Scalar) and not value.value and value.style is None:
                value = Scalar("", None, flow, Mark(events.file, key.end), key.end)
            entries[key.value] = Entry(key, value)
    return Mapping(tuple(entries.values()), mark)


def _inline_hint(*, flow: bool) -> str | None:
    return "put quotes around an expression that has brackets or commas inside { }" if flow else None


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."
