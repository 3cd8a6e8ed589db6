"""Places of a running program, named alike by the reader and by the interpreter, and what is met there."""

import ast
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import lru_cache
from typing import Any

# What is met after this many places is counted, not kept.
MOST_PLACES = 20_000


class Trail:
    """Where a run is: the calls and the turns of loops and comprehensions that it is in, and the statement.

    Each name stands for one event at most. ``lazy`` is set inside a generator, of which only what is asked for is run.
    """

    def __init__(self) -> None:
        self._path = ""
        self._statement = ""
        self.lazy = False
        self.events: dict[str, Any] = {}
        self.left_out = 0

    def inside(self, *steps: str) -> AbstractContextManager[None]:
        """Calls, or turns of a loop or comprehension; what is met inside is named after them."""
        return self._named(steps)

    @contextmanager
    def _named(self, steps: tuple[str, ...]) -> Iterator[None]:
        before = self._path, self._statement
        self._path += "".join([f"{step} > " for step in steps])
        try:
            yield
        finally:
            self._path, self._statement = before

    @contextmanager
    def lazily(self) -> Iterator[None]:
        """Inside a generator."""
        before, self.lazy = self.lazy, True
        try:
            yield
        finally:
            self.lazy = before

    def at(self, statement: ast.stmt) -> None:
        """The statement that is run now."""
        self._statement = place_of(statement)

    def note(self, what: str, event: Any) -> None:
        """Keep what is met here; ``what`` is a variable, or a word for it."""
        if len(self.events) >= MOST_PLACES:
            self.left_out += 1
            return
        name = base = f"{self._path}{self._statement} {what}"
        number = 1
        while name in self.events:
            number += 1
            name = f"{base} ({number})"
        self.events[name] = event


class NoTrail(Trail):
    """Of a run that nobody follows."""

    def inside(self, *steps: str) -> AbstractContextManager[None]:  # noqa: ARG002
        """Nothing is named."""
        return _NOTHING

    def at(self, statement: ast.stmt) -> None:
        """Nothing is named."""

    def note(self, what: str, event: Any) -> None:
        """Nothing is kept."""


_NOTHING = nullcontext()


@lru_cache(maxsize=4096)
def place_of(node: ast.AST) -> str:
    """``line:column`` of a node, both from 1."""
    return f"{getattr(node, 'lineno', 0)}:{getattr(node, 'col_offset', -1) + 1}"


def turn(node: ast.AST, index: int) -> str:
    """One turn of the loop or comprehension whose target is ``node``."""
    return f"{place_of(node)}[{index}]"


def target_words(target: ast.expr) -> str:
    """What an assignment to a target is called: ``v``, ``item of v``."""
    return target.id if isinstance(target, ast.Name) else f"item of {ast.unparse(target)}"
