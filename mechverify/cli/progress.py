"""What is going on, on standard error while it goes on: bars on a terminal, elsewhere a line a minute at most.

The verifier forks while the display runs. So its thread formats text and hands it to ``os.write``: it imports nothing
and takes no lock that a child could need (children have no display).
"""

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING
from unicodedata import east_asian_width

from mechverify.report.words.clean import one_line
from mechverify.report.words.numbers import seconds_text

if TYPE_CHECKING:
    from mechverify.deciding.options import ProgressEvent

_FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_SECONDS = 0.125
_MOST_LINES = 8
_BAR = 24
_MINUTE = 60.0


class Board:
    """The claims under way, in the order in which they were begun."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._active: dict[tuple[str, str], tuple[float, ProgressEvent]] = {}
        self._began = clock()
        self._spec = ""
        self._done = 0
        self._total = 0
        self._noun, self._past = "claims", "decided"

    def tell(self, event: "ProgressEvent") -> None:
        """Take in one event."""
        self._spec, self._done, self._total = str(event.spec), event.done, event.total
        self._noun, self._past = event.noun, event.past
        key = (str(event.spec), event.claim)
        active = {k: v for k, v in self._active.items() if k[1] and k != key}
        if event.stage != "done":
            began = self._active[key][0] if key in self._active else self._clock()
            active[key] = (began, event)
        self._active = active

    def lines(self) -> list[str]:
        """A line for each claim under way, the oldest first, and one for the whole."""
        now = self._clock()
        frame = _FRAMES[int(now / _SECONDS) % len(_FRAMES)]
        under_way = list(self._active.values())
        lines = []
        for began, event in under_way[:_MOST_LINES]:
            engine = f" with {one_line(event.engine)}" if event.engine else ""
            name = one_line(event.claim) or one_line(str(event.spec))
            lines.append(f"{frame} {event.stage} {name}{engine} · {seconds_text(now - began)}")
        if self._total:
            bar = _bar(self._done, self._total)
            lines.append(f"{frame} {bar} {self._whole()} · {seconds_text(now - self._began)} in all")
        return lines

    def line(self) -> str:
        """The whole in one line, for a log."""
        whole = self._whole() if self._total else f"reading {one_line(self._spec)}".rstrip()
        return f"mechverify: {whole} · {seconds_text(self._clock() - self._began)} in all\n"

    def _whole(self) -> str:
        return f"{self._done} of {self._total} {self._noun} of {one_line(self._spec)} {self._past}"


def _bar(done: int, total: int) -> str:
    full = _BAR * min(done, total) // total
    return "━" * full + "╌" * (_BAR - full)


def fitted(line: str, width: int) -> str:
    """The line cut to this many columns."""
    used = 0
    for position, character in enumerate(line):
        used += 2 if east_asian_width(character) in "WF" else 1
        if used > width:
            return line[:position]
    return line


def redrawn(lines: list[str], above: int, width: int) -> str:
    """What to write to replace ``above`` lines, the cursor at the end of the last, by these."""
    up = f"\x1b[{above - 1}A" if above > 1 else ""
    body = "\n".join(f"\x1b[2m{fitted(line, width - 1)}\x1b[22m" for line in lines)
    return f"\r{up}\x1b[J{body}"


class Display:
    """Draws a board again and again, in a thread of its own."""

    def __init__(self, board: Board, descriptor: int) -> None:
        self._board = board
        self._descriptor = descriptor
        self._stop = threading.Event()
        self._drawing = threading.Lock()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._height = 0

    def __call__(self, event: "ProgressEvent") -> None:
        """Take in one event."""
        self._board.tell(event)

    @contextmanager
    def aside(self) -> Iterator[None]:
        """The display out of the way while something else is written to the terminal."""
        with self._drawing:
            self._draw([])
            yield

    def __enter__(self) -> "Display":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self._draw([])

    def _run(self) -> None:
        while not self._stop.wait(_SECONDS):
            with self._drawing:
                self._draw(self._board.lines())

    def _draw(self, lines: list[str]) -> None:
        try:
            width = os.get_terminal_size(self._descriptor).columns or 80
            os.write(self._descriptor, redrawn(lines, self._height, width).encode("utf-8", "replace"))
        except OSError:
            # The terminal is gone. The work goes on without a display.
            self._stop.set()
        self._height = len(lines)


class Log:
    """Writes a line of a board each minute, in a thread of its own."""

    def __init__(self, board: Board, descriptor: int, seconds: float = _MINUTE) -> None:
        self._board, self._descriptor, self._seconds = board, descriptor, seconds
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __call__(self, event: "ProgressEvent") -> None:
        """Take in one event."""
        self._board.tell(event)

    def aside(self) -> AbstractContextManager[None]:
        """Nothing is in the way of what else is written."""
        return nullcontext()

    def __enter__(self) -> "Log":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(self._seconds):
            try:
                os.write(self._descriptor, self._board.line().encode("utf-8", "replace"))
            except OSError:
                return


@contextmanager
def shown_progress() -> Iterator[Display | Log | None]:
    """A listener that draws a board on a terminal, and writes into a log elsewhere; None where there is neither."""
    try:
        descriptor = sys.stderr.fileno()
    except (OSError, ValueError, AttributeError):
        yield None
        return
    watched = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
    with Display(Board(), descriptor) if watched else Log(Board(), descriptor) as display:
        yield display
