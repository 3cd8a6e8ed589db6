"""What is going on, on standard error while it goes on; nothing where that is no terminal."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from mechverify.report.numbers import seconds_text
from mechverify.report.text import one_line

if TYPE_CHECKING:
    from rich.text import Text

    from mechverify.pipeline.options import ProgressEvent


class Board:
    """The claims under way, in the order in which they were begun."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._active: dict[tuple[str, str], tuple[float, ProgressEvent]] = {}
        self._done = 0
        self._total = 0

    def tell(self, event: "ProgressEvent") -> None:
        """Take in one event."""
        self._done, self._total = max(self._done, event.done), max(self._total, event.total)
        key = (str(event.spec), event.claim)
        if event.stage == "done":
            self._active.pop(key, None)
        else:
            began = self._active[key][0] if key in self._active else self._clock()
            self._active[key] = (began, event)

    def lines(self) -> list[str]:
        """One line for each claim under way, and one for the whole."""
        now = self._clock()
        lines = []
        for began, event in self._active.values():
            engine = f" with {one_line(event.engine)}" if event.engine else ""
            name = one_line(event.claim) or one_line(str(event.spec))
            lines.append(f"{event.stage} {name}{engine} · {seconds_text(now - began)}")
        if self._total:
            lines.append(f"{self._done} of {self._total} claims decided")
        return lines

    def __rich__(self) -> "Text":
        from rich.text import Text

        frame = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"[int(self._clock() * 10) % 10]
        return Text(
            "\n".join(f"{frame} {line}" for line in self.lines()), style="dim", overflow="ellipsis", no_wrap=True
        )


@contextmanager
def shown_progress() -> Iterator[Callable[["ProgressEvent"], None] | None]:
    """A listener that draws a board, or None where nobody is watching."""
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield None
        return
    from rich.console import Console
    from rich.live import Live

    board = Board()
    console = Console(stderr=True, markup=False, highlight=False, emoji=False)
    with Live(board, console=console, transient=True, refresh_per_second=8, redirect_stdout=False):
        yield board.tell
