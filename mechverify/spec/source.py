"""The text of a spec file, and the mistakes found in it, each with its line, column and caret."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path

from mechverify.errors import Diagnostic, SpecError
from mechverify.spec.expression.syntax import Span

MAX_FILE_BYTES = 256 * 1024
MAX_DIAGNOSTICS = 100
_MAX_SOURCE_LINE = 240
_SHOWN_PLACES = 8


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A text and the name under which it is reported. ``shared`` is set for a file that came in by ``use:``."""

    path: Path
    text: str
    shared: bool
    line_starts: tuple[int, ...]

    @staticmethod
    def of(path: Path, text: str, *, shared: bool = False) -> "SourceFile":
        """The file with its lines found; a line ends at ``\\n``, ``\\r\\n`` or ``\\r``."""
        starts = [0]
        for index, character in enumerate(text):
            if character == "\n" or (character == "\r" and text[index + 1 : index + 2] != "\n"):
                starts.append(index + 1)
        return SourceFile(path, text, shared, tuple(starts))

    def span(self, index: int) -> Span:
        """Line and column, from 1, of the character at ``index``."""
        index = max(0, min(index, len(self.text)))
        line = bisect_right(self.line_starts, index)
        return Span(line, index - self.line_starts[line - 1] + 1, str(self.path) if self.shared else None)

    def line(self, number: int) -> str:
        """The text of a line, without its break."""
        end = self.line_starts[number] if number < len(self.line_starts) else len(self.text)
        return self.text[self.line_starts[number - 1] : end].rstrip("\r\n")


@dataclass(frozen=True, slots=True)
class Mark:
    """One character of a file."""

    file: SourceFile
    index: int

    @property
    def span(self) -> Span:
        """Line and column."""
        return self.file.span(self.index)


@dataclass(slots=True)
class Report:
    """Collects mistakes; ``raise_if_any`` ends the reading with all of them. ``spoiled`` are words that were reported
    to be no names: what speaks of them is no mistake of its own. ``spoken`` are the names in all expressions. ``about``
    says of some mistakes what they are about: those about one thing are one mistake. ``named`` are the paths of other
    files, in the order in which they are met.
    """

    diagnostics: list[Diagnostic] = field(default_factory=list)
    files: dict[str | None, SourceFile] = field(default_factory=dict)
    spoiled: set[str] = field(default_factory=set)
    spoken: set[str] = field(default_factory=set)
    about: dict[Diagnostic, str] = field(default_factory=dict)
    named: dict[Path, None] = field(default_factory=dict)

    def at(self, span: Span) -> Mark:
        """The place of a span, in the file that it names."""
        file = self.files[span.path]
        return Mark(file, file.line_starts[span.line - 1] + span.column - 1)

    def error(self, mark: Mark, message: str, hint: str | None = None, about: str | None = None) -> None:
        """Record one mistake. The same message at the same place is recorded once, and what is said ``about`` one thing
        at several places once with the other places.
        """
        span = mark.span
        source = mark.file.line(span.line)
        shown: str | None = "".join(c if c.isprintable() else " " for c in source[:_MAX_SOURCE_LINE])
        if span.column > _MAX_SOURCE_LINE:
            shown = None
        found = Diagnostic(str(mark.file.path), span.line, span.column, message, hint, shown)
        if found not in self.diagnostics and len(self.diagnostics) < MAX_DIAGNOSTICS:
            self.diagnostics.append(found)
            if about is not None:
                self.about[found] = about

    def raise_if_any(self) -> None:
        """Raise SpecError with every mistake, in the order of files and lines."""
        if self.diagnostics:
            first = {d.path: n for n, d in reversed(list(enumerate(self.diagnostics)))}
            raise SpecError(self._each_once(sorted(self.diagnostics, key=lambda d: (first[d.path], d.line, d.column))))

    def _each_once(self, found: Sequence[Diagnostic]) -> tuple[Diagnostic, ...]:
        groups: dict[object, list[Diagnostic]] = {}
        for one in found:
            groups.setdefault(self.about.get(one, one), []).append(one)
        return tuple(_with_places(*group) for group in groups.values())


def _with_places(first: Diagnostic, *others: Diagnostic) -> Diagnostic:
    """A mistake with the other places that it is met at."""
    if not others:
        return first
    places = [f"{'' if d.path == first.path else d.path + ':'}{d.line}:{d.column}" for d in others[:_SHOWN_PLACES]]
    more = len(others) - len(places)
    places += [f"{more} more places"] if more else []
    too = f"the same at {' and '.join([', '.join(places[:-1]), places[-1]] if len(places) > 1 else places)}"
    return replace(first, hint=too if first.hint is None else f"{first.hint}; {too}")


def nearest(word: str, known: list[str] | tuple[str, ...], cutoff: float = 0.6) -> str | None:
    """The known word that is most like this one, or None."""
    word = word[:80]
    near = [k for k in known if k.lower() == word.lower()] or get_close_matches(word, known, n=1, cutoff=cutoff)
    return near[0] if near else None


def suggestion(word: str, known: list[str] | tuple[str, ...]) -> str | None:
    """``did you mean 'preconditions'?`` for the nearest known word, or None."""
    near = nearest(word, known)
    return None if near is None else f"did you mean '{near}'?"


_NO_SPECS = (".ckpt", ".npz", ".onnx", ".pt", ".pth", ".py", ".safetensors")


def read_source(path: Path, report: Report, *, shared: bool = False, at: Mark | None = None) -> SourceFile | None:
    """The file's text: at most 256 KiB of UTF-8 without control characters, a byte order mark dropped.

    What cannot be opened is reported ``at`` the place that names it, otherwise at the start of the file.
    """
    opening = at or Mark(SourceFile.of(path, ""), 0)
    if not path.is_file():
        report.error(opening, f"no such file: {path}" if not path.exists() else f"{path} is not a file")
        return None
    if path.suffix.lower() in _NO_SPECS:
        hint = "a spec is a .yaml file that names models, weights and programs; `mechverify init new.yaml` writes one"
        report.error(opening, f"{path.name} is no spec", hint)
        return None
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        report.error(opening, f"cannot read {path}: {error.strerror}")
        return None
    empty = Mark(SourceFile.of(path, "", shared=shared), 0)
    if len(data) > MAX_FILE_BYTES:
        report.error(
            empty,
            f"the file is larger than {MAX_FILE_BYTES // 1024} KiB",
            "a spec is text; weights belong in model files",
        )
        return None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = SourceFile.of(path, data[: error.start].decode("utf-8-sig"), shared=shared)
        hint = "save the file as UTF-8"
        report.error(Mark(before, len(before.text)), f"not UTF-8 text: byte 0x{data[error.start]:02x}", hint)
        return None
    file = SourceFile.of(path, text, shared=shared)
    report.files[str(path) if shared else None] = file
    for index, character in enumerate(text):
        if not (character.isprintable() or character in "\n\r\t \u00a0"):
            report.error(Mark(file, index), f"the character U+{ord(character):04X} may not stand in a spec")
            return None
    return file
