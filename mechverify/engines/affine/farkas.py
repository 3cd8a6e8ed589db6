"""Farkas multipliers by linear programming: m >= 0 that make the least value of d - sum m_i g_i over the unit box as
large as possible, for many small problems at once.

With u_j the coefficients of sum m_i g_i - d the value is its constant less the sum of max(u_j, 0), so this is a linear
program with m >= 0 and free u, one piecewise linear cost for each u. Solved by the simplex method on a condensed
tableau, rows u = F m - d at first; a step passes the breakpoints of the cost until it falls no more ("long step"). A
small fixed perturbation of d keeps it from cycling; a few last steps, finer, are made without it. Any m is sound.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mechverify.engines.affine.layout import Floats, Rows
from mechverify.engines.work import costs
from mechverify.engines.work.meter import spend

_LEAST = 1e-9
_FINEST = 1e-14
_PERTURBATION = 1e-6
_MOST_PIVOTS = 200
_LAST_PIVOTS = 12


@dataclass(frozen=True, slots=True)
class Solution:
    """Multipliers (n, f), and directions (n, f) along which the value grows without end: zero where there is none.

    ``points`` (n, k) in the unit box are where the form is least of those that meet the facts, where no direction is
    endless.
    """

    multipliers: Floats
    rays: Floats
    points: Floats


def solve(form: Floats, facts: Floats) -> Solution:
    """The best multipliers for forms (n, k + 1) and facts (n, f, k + 1), constants last."""
    if facts.shape[2] == 1:
        found = solve(np.pad(form, ((0, 0), (1, 0))), np.pad(facts, ((0, 0), (0, 0), (1, 0))))
        return Solution(found.multipliers, found.rays, found.points[:, 1:])
    count, slots = facts.shape[:2]
    scale = _powers(np.abs(form[:, :-1]).max(axis=1, initial=0.0))
    sizes = _powers(np.abs(facts[:, :, :-1]).max(axis=2, initial=0.0))
    shaped = facts / sizes[:, :, None]
    corner = (form[:, :-1] < 0.0).astype(np.float64)
    found = Solution(np.zeros((count, slots)), np.zeros((count, slots)), corner)
    rows = np.nonzero(_violated(form, shaped))[0]
    if len(rows):
        part = _Tableau.of(form[rows, :-1] / scale[rows, None], shaped[rows])
        part.run()
        multipliers, rays, found.points[rows] = part.answer(slots)
        found.multipliers[rows] = multipliers * scale[rows, None] / sizes[rows]
        found.rays[rows] = rays / sizes[rows]
    return found


def _violated(form: Floats, facts: Floats) -> NDArray[np.bool_]:
    """Where the point of the box at which the form is least breaks a fact; elsewhere no multiplier helps."""
    corner = (form[:, :-1] < 0.0).astype(np.float64)
    slack = np.einsum("nfk,nk->nf", facts[:, :, :-1], corner) + facts[:, :, -1]
    zero = form[:, :-1] == 0.0
    slack += np.einsum("nfk,nk->nf", np.minimum(facts[:, :, :-1], 0.0), zero)
    violated: NDArray[np.bool_] = np.logical_or.reduce(slack < -_FINEST, axis=1)
    return violated


def _powers(values: Floats) -> Floats:
    """Powers of two of about these sizes; 1 for zero."""
    return np.where(values > 0.0, np.exp2(np.floor(np.log2(np.where(values > 0.0, values, 1.0)))), 1.0)


@dataclass(slots=True)
class _Tableau:
    """Basic variables are ``body`` @ nonbasic ones + ``now``, (n, k); nonbasic ones are zero.

    ``true`` is ``now`` without the perturbation, ``linear`` the cost of each nonbasic variable by way of the m alone.
    m_i is named i, u_j is named -1 - j. ``left`` counts down the steps without perturbation, -1 where there were none.
    """

    body: Floats
    now: Floats
    true: Floats
    linear: Floats
    basic: NDArray[np.int64]
    other: NDArray[np.int64]
    rows: Rows
    left: NDArray[np.int64]
    done: list[tuple[Rows, Floats, NDArray[np.int64], Floats, NDArray[np.int64], Floats, Floats]]

    @staticmethod
    def of(form: Floats, facts: Floats) -> "_Tableau":
        count, slots, width = facts.shape
        k = width - 1
        wobble = _PERTURBATION * (1.0 + np.modf(np.arange(1, k + 1) * 0.6180339887498949)[0])
        return _Tableau(
            np.ascontiguousarray(facts[:, :, :-1].transpose(0, 2, 1)),
            -form - wobble,
            -form,
            facts[:, :, -1].copy(),
            np.broadcast_to(-1 - np.arange(k), (count, k)).copy(),
            np.broadcast_to(np.arange(slots), (count, slots)).copy(),
            np.arange(count),
            np.full(count, -1),
            [],
        )

    def run(self) -> None:
        """Pivot until every problem is solved, unbounded, or has had its share of pivots."""
        for _ in range(_MOST_PIVOTS):
            if not len(self.rows):
                return
            self._step()
        self._retire(np.ones(len(self.rows), dtype=np.bool_), np.zeros_like(self.now), np.zeros(len(self.rows)))

    def answer(self, slots: int) -> tuple[Floats, Floats, Floats]:
        """Multipliers, rays and points of all problems."""
        count = sum(len(part[0]) for part in self.done)
        found, rays = np.zeros((count, slots)), np.zeros((count, slots))
        points = np.zeros((count, self.now.shape[1]))
        for rows, values, basic, grows, entering, rate, where in self.done:
            points[rows] = where
            at, column = np.nonzero(basic >= 0)
            found[rows[at], basic[at, column]] = np.maximum(values[at, column], 0.0)
            (endless,) = np.nonzero(rate)
            for i in endless.tolist():
                own = basic[i] >= 0
                rays[rows[i], basic[i][own]] = np.maximum(grows[i][own], 0.0)
                if entering[i] >= 0:
                    rays[rows[i], entering[i]] = 1.0
        return found, rays, points

    def _points(self) -> Floats:
        """Where the costs of the u are at present: one end of the unit box, or between for those that are zero."""
        uphill = ((self.basic < 0) & (self.now > 0.0)).astype(np.float64)
        slope = self.linear + np.matmul(uphill[:, None, :], self.body)[:, 0]
        found = np.zeros_like(self.now)
        for names, values in ((self.basic, uphill), (self.other, np.clip(-slope, 0.0, 1.0))):
            at, column = np.nonzero(names < 0)
            found[at, -1 - names[at, column]] = values[at, column]
        return found

    def _step(self) -> None:
        """One pivot of every problem that is not finished."""
        spend(costs.PIVOT + costs.PIVOT_CELL * self.body.size)
        rate, entering, falls = self._rates()
        settled = (self.left < 0) & (rate >= -_LEAST)
        if settled.any():
            self.now[settled], self.left[settled] = self.true[settled], _LAST_PIVOTS
            rate, entering, falls = self._rates()
        over = (rate >= -self._tolerance()) | (self.left == 0)
        self.left[self.left > 0] -= 1
        if over.any():
            self._retire(over, np.zeros_like(self.now), np.zeros(len(self.rows)))
        if not over.all():
            self._step_along(entering[~over], rate[~over], falls[~over])

    def _tolerance(self) -> Floats:
        return np.where(self.left < 0, _LEAST, _FINEST)

    def _rates(self) -> tuple[Floats, Rows, NDArray[np.bool_]]:
        """How fast the cost changes with the best nonbasic variable, which that is, and whether it should fall."""
        uphill = ((self.basic < 0) & (self.now > 0.0)).astype(np.float64)
        slope = self.linear + np.matmul(uphill[:, None, :], self.body)[:, 0]
        loose = self.other < 0
        rising = np.where(loose, slope + 1.0, slope)
        falling = np.where(loose, -slope, np.inf)
        best = np.minimum(rising, falling)
        entering = best.argmin(axis=1)
        every = np.arange(len(self.rows))
        return best[every, entering], entering, falling[every, entering] < rising[every, entering]

    def _step_along(self, entering: Rows, rate: Floats, falls: NDArray[np.bool_]) -> None:
        every = np.arange(len(self.rows))
        sign = np.where(falls, -1.0, 1.0)
        change = self.body[every, :, entering] * sign[:, None]
        free = self.basic < 0
        moving = np.abs(change) > _LEAST
        meets = moving & np.where(free, (self.now > 0.0) == (change < 0.0), change < 0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            when = np.where(meets, np.maximum(-self.now / change, 0.0), np.inf)
        order = when.argsort(axis=1, kind="stable")
        steeper = np.where(meets, np.where(free, np.abs(change), np.inf), 0.0)
        steeper = np.where(np.isposinf(when), 0.0, steeper)
        climbed = rate[:, None] + np.cumsum(np.take_along_axis(steeper, order, axis=1), axis=1)
        stops = climbed >= -self._tolerance()[:, None]
        place = stops.argmax(axis=1)
        endless = ~stops[every, place]
        if endless.any():
            names = np.where(sign > 0.0, self.other[every, entering], -1)
            self._retire(endless, change, np.where(endless, rate, 0.0), names)
            keep = ~endless
            entering, order, place = entering[keep], order[keep], place[keep]
            every = np.arange(len(self.rows))
            if not len(every):
                return
        self._pivot(order[every, place], entering)

    def _pivot(self, leaving: Rows, entering: Rows) -> None:
        every = np.arange(len(self.rows))
        body = self.body
        pivot = body[every, leaving, entering]
        row = body[every, leaving] / -pivot[:, None]
        row[every, entering] = 1.0 / pivot
        column = body[every, :, entering].copy()
        column[every, leaving] = 0.0
        now, true = self.now[every, leaving] / -pivot, self.true[every, leaving] / -pivot
        body[every, :, entering] = 0.0
        body += column[:, :, None] * row[:, None, :]
        body[every, leaving] = row
        self.now += column * now[:, None]
        self.true += column * true[:, None]
        self.now[every, leaving], self.true[every, leaving] = now, true
        cost = self.linear[every, entering].copy()
        self.linear[every, entering] = 0.0
        self.linear += cost[:, None] * row
        self.basic[every, leaving], self.other[every, entering] = (
            self.other[every, entering],
            self.basic[every, leaving],
        )

    def _retire(
        self, which: NDArray[np.bool_], grows: Floats, rate: Floats, entering: NDArray[np.int64] | None = None
    ) -> None:
        """Take finished problems out; ``rate`` below zero marks those whose value grows along ``grows`` without end."""
        names = np.full(len(which), -1) if entering is None else entering
        points = self._points()[which]
        self.done.append(
            (self.rows[which], self.true[which], self.basic[which], grows[which], names[which], rate[which], points)
        )
        keep = ~which
        self.body, self.now, self.true = self.body[keep], self.now[keep], self.true[keep]
        self.linear, self.basic, self.other = self.linear[keep], self.basic[keep], self.other[keep]
        self.rows, self.left = self.rows[keep], self.left[keep]
