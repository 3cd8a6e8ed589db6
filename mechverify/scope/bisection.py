"""How far a number of a claim can be raised before it fails: between a checked proof and a replayed witness."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import isqrt
from typing import Literal

from mechverify.engines.work.meter import work_done
from mechverify.scope.variants import Tried
from mechverify.spec.text import number_text
from mechverify.tighten.readable import between

Outcome = Literal["holds", "fails", "empty", "open", "stops"]
_LEAST_WORK, _OVERHEAD = 0.5, 0.2
_FIRST, _EACH = 1 / 3, 1 / 6
_CLOSE = Fraction(1, 1000)
_MOST = 200
_MOST_OPEN = 6


@dataclass(frozen=True, slots=True)
class Attempt:
    """What is known ``at`` a number. ``fails``: it is the least at which this very witness breaks the claim. ``empty``:
    no input is left there. ``stops``: the claim cannot be told there, for the reason in ``words``.
    """

    outcome: Outcome
    at: Fraction
    tried: Tried | None = None
    words: str | None = None


Try = Callable[[Fraction, float], Attempt]


@dataclass(frozen=True, slots=True)
class Ends:
    """``holds`` at the largest number known, ``fails`` at the least, ``stops`` the least at which the claim cannot be
    told where that is less. ``exact``: nothing lies between; ``close``: little does; ``limited``: it holds at the
    limit. ``attempts`` were made.
    """

    holds: Attempt | None
    fails: Attempt | None
    stops: Attempt | None
    exact: bool
    close: bool
    limited: bool
    attempts: int


class ContradictionError(Exception):
    """The claim is proved at a number, and a witness breaks it at a smaller one."""


class Bisection:
    """The search for both ends with so much ``work``, given a function that tries a number with some of it. What holds
    at a number holds at every smaller one; below ``least`` there is nothing to ask.
    """

    def __init__(self, attempt: Try, work: float, least: Fraction, *, whole: bool) -> None:
        self._attempt, self._work, self._least, self._whole = attempt, work, least, whole
        self._before = work_done()
        self._count = 0
        self._scale = Fraction(0)
        self._jumped = self._just_below = False
        self._open: list[Fraction] = []
        self._known: dict[Outcome, Attempt] = {}

    def run(self, known: tuple[Attempt, ...], limit: Fraction, hint: Fraction | None = None) -> Ends:
        """Both ends, as far as the work goes, from what is ``known``; nothing above the limit is tried. ``hint``: where
        it may hold.

        Raises ContradictionError.
        """
        for one in known:
            self._learn(one)
        self._scale = max((one.at for one in known), default=limit) - self._least
        if hint is not None:
            self._try(hint, _FIRST)
        if "fails" not in self._known and "holds" in self._known:
            self._look_up(limit)
        elif "holds" not in self._known:
            self._try(self._least, _EACH)
        below = self._nothing_below()
        while self._goes_on():
            value = self._next(below)
            if value is None:
                break
            self._try(value, _EACH if self._count else _FIRST)
        holds, fails, stops = (self._known.get(k) for k in ("holds", "fails", "stops"))
        if stops is not None and fails is not None and fails.at <= stops.at:
            stops = None
        ended = min((x.at for x in (fails, stops) if x is not None), default=None)
        exact = self._whole and ended is not None and ended - 1 == self._bottom(below)
        close = ended is not None and self._close(self._bottom(below), ended)
        limited = holds is not None and holds.at == limit
        return Ends(holds, fails if stops is None else None, stops, exact, close, limited, self._count)

    def _look_up(self, limit: Fraction) -> None:
        """Something that fails or cannot be told, at the limit or where doubling comes to it."""
        if self._known["holds"].at < limit:
            self._try(limit, _FIRST)
        room = Fraction(1)
        while self._goes_on() and not {"fails", "stops"} & set(self._known) and self._known["holds"].at < limit:
            at = self._known["holds"].at
            room = max(2 * room, at - self._least)
            if len(self._open) > 1 and min(self._open) <= at + room:
                return
            self._try(min(limit, at + room), _EACH)

    def _next(self, below: Fraction) -> Fraction | None:
        """A number between the ends to try next; None where they are close enough, or nothing more is to be had.

        A witness that was made simpler may be the first that there is: then what is just below it holds. If not, the
        next number lies between.
        """
        holds, top = self._bottom(below), self._top()
        if top is None:
            return None
        if self._close(holds, top):
            return None
        opens = [x for x in self._open if holds < x < top]
        if len(opens) >= _MOST_OPEN:
            return None
        if opens:
            sides = [(holds, min(opens)), (max(opens), top)]
            lower, upper = sides[len(opens) % 2]
            if self._close(lower, upper):
                lower, upper = sides[1 - len(opens) % 2]
            return None if self._close(lower, upper) else self._middle(lower, upper)
        if self._jumped and self._whole:
            self._just_below = True
            return top - 1
        self._just_below = False
        return self._middle(holds, top)

    def _close(self, lower: Fraction, upper: Fraction) -> bool:
        return upper - lower <= (1 if self._whole else _CLOSE * max(upper - self._least, _CLOSE * self._scale))

    def _middle(self, lower: Fraction, upper: Fraction) -> Fraction:
        """Half-way, or by size where the upper number is many times the lower one."""
        if not self._whole:
            return between(lower, upper)
        first, second = int(lower - self._least) + 1, int(upper - self._least) + 1
        if second > 4 * first > 0:
            found = self._least + isqrt(first * second) - 1
            if lower < found < upper:
                return found
        return Fraction((int(lower) + int(upper)) // 2) if upper - lower > 1 else lower

    def _bottom(self, below: Fraction) -> Fraction:
        """The largest number that nothing above the ends is to be tried at or below."""
        ends = [self._known[k].at for k in ("holds", "empty") if k in self._known]
        return max([below, *ends])

    def _top(self) -> Fraction | None:
        ends = [self._known[k].at for k in ("fails", "stops") if k in self._known]
        return min(ends or self._open, default=None)

    def _nothing_below(self) -> Fraction:
        return self._least - 1 if self._whole else self._least

    def _try(self, value: Fraction, share: float) -> None:
        self._count += 1
        found = self._attempt(value, max(_LEAST_WORK, min(share * self._work, self._left() / 2)))
        self._jumped = found.outcome == "fails" and found.at < value and not self._just_below
        self._learn(found)

    def _learn(self, one: Attempt) -> None:
        if one.outcome == "open":
            self._open.append(one.at)
            return
        before = self._known.get(one.outcome)
        better = max if one.outcome in ("holds", "empty") else min
        if before is None or better(before.at, one.at) != before.at:
            self._known[one.outcome] = one
        holds, fails = self._known.get("holds"), self._known.get("fails")
        if holds is not None and fails is not None and fails.at <= holds.at:
            words = f"proved up to {number_text(holds.at)}, and a witness breaks it at {number_text(fails.at)}"
            raise ContradictionError(f"The claim is {words}: this is a defect of mechverify.")

    def _goes_on(self) -> bool:
        return self._count < _MOST and self._left() > _LEAST_WORK

    def _left(self) -> float:
        return self._work - (work_done() - self._before) - _OVERHEAD * self._count
