"""The work of this process, counted where it is done.

Searches are limited by work, not by time, so that a loaded machine is slower and says the same (SEMANTICS 35). The unit
is the *step*; a million of them are about what an idle core did in a second when the costs were written down
(``costs``). That is a convention: nothing is measured while a search runs. Limits are in millions of steps.
"""

from ctypes import Array, c_double

MILLION = 1_000_000.0
WITHOUT_END = float("inf")

# Steps done, and how many may be done; a child shares both with the process that waits for it.
Page = Array[c_double]

_page: Page = (c_double * 2)(0.0, WITHOUT_END)


class OutOfWorkError(BaseException):
    """The work of a child is used up. No ``Exception``: what searches may catch does not catch it."""


def spend(steps: float) -> None:
    """Count steps, before they are done where they are many. Raises OutOfWorkError where they are more than this
    process may do."""
    _page[0] += steps
    if _page[0] > _page[1]:
        raise OutOfWorkError


def work_done() -> float:
    """The work of this process so far, and of the races that it has run, in millions of steps."""
    return _page[0] / MILLION


def count_on(page: Page) -> None:
    """Count on this page from now on: in a child, on one that its parent reads too."""
    global _page  # noqa: PLW0603 - the count is the process's
    _page = page
