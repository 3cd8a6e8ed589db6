"""Writing to the terminal: its width, whether it shows colours, and what happens when nobody reads."""

import os
import shutil
import sys
from typing import TextIO

from mechverify.report.ci.commands import under_github, without_commands

_PLAIN_WIDTH = 100
_WIDEST = 140
_ASCII = str.maketrans(
    {"≈": "~", "·": "-", "–": "-", "≠": "!=", "─": "-", "≤": "<=", "≥": ">=", "×": "x", "█": "#", "▒": "+"}
)


def width_of(stream: TextIO) -> int:
    """Columns to use: the terminal's, ``COLUMNS`` if set, 100 where there is no terminal."""
    if not stream.isatty() and not os.environ.get("COLUMNS", "").isdigit():
        return _PLAIN_WIDTH
    return min(shutil.get_terminal_size((_PLAIN_WIDTH, 24)).columns, _WIDEST)


def colour_of(stream: TextIO) -> bool:
    """Whether to use colours: on a terminal, unless NO_COLOR or a dumb terminal says otherwise."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def write_out(text: str, *, github: bool = False) -> None:
    """Write to standard output. A reader who has gone away changes neither the work nor the exit code. Where GitHub
    Actions reads (``github``: as the caller knows, also from within a container), no line is a command.
    """
    write_as_it_is(without_commands(text) if github or under_github() else text)


def write_as_it_is(text: str) -> None:
    """Write to standard output what may hold workflow commands."""
    encoding = sys.stdout.encoding or "utf-8"
    if "utf" not in encoding.lower():
        text = text.translate(_ASCII)
    data = text.encode(encoding, "backslashreplace").decode(encoding)
    try:
        sys.stdout.write(data)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
