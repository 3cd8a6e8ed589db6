"""Errors that reach a user, each with the exit code that it ends in."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One mistake in a file: where it is, what was expected and found, and what to do.

    ``line`` and ``column`` count from 1. ``source`` is the text of that line, for the caret.
    ``refused``: no mistake, but something that is not done unless the reader allows it.
    """

    path: str
    line: int
    column: int
    message: str
    hint: str | None = None
    source: str | None = None
    refused: bool = False

    def render(self) -> str:
        """The diagnostic as printed: ``file:line:col: message``, the line with a caret, the hint."""
        lines = [f"{self.path}:{self.line}:{self.column}: {self.message}"]
        if self.source is not None:
            lines += [f"    {self.source}", "    " + " " * (self.column - 1) + "^"]
        if self.hint is not None:
            lines.append(f"    hint: {self.hint}")
        return "\n".join(lines)


class MechverifyError(Exception):
    """Anything that mechverify reports in words. ``exit_code`` is what the command line ends with."""

    exit_code = 4


class UsageError(MechverifyError):
    """A command line that cannot be carried out."""

    exit_code = 2


class SpecError(MechverifyError):
    """A spec with mistakes: all that were found."""

    exit_code = 2

    def __init__(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        super().__init__("\n".join(d.render() for d in diagnostics))
        self.diagnostics = diagnostics


class ModelError(MechverifyError):
    """A model file that cannot be read or does not fit the spec. ``hint`` says what to do."""

    exit_code = 2

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


class CodeNotAllowedError(ModelError):
    """A model would run code, and the reader has not allowed that."""


class WeightsError(ModelError):
    """A weights file that cannot be read or does not fit its module."""


class UnsupportedOperationError(ModelError):
    """A model uses an operation that mechverify does not cover: named, with its node."""


class EnclosureError(MechverifyError):
    """A runtime returned a value outside the enclosure derived for it: nothing may be claimed of this model."""

    exit_code = 4


class InternalError(MechverifyError):
    """A broken invariant of our own."""

    exit_code = 4
