"""Bisection for the least tolerance that can be proved, between proofs that the kernel checks and replayed witnesses.
"""

from collections.abc import Callable
from fractions import Fraction

from mechverify.engines.engine import ProofFound
from mechverify.engines.work.meter import work_done
from mechverify.results import Closeness
from mechverify.tighten.attempt import Attempts
from mechverify.tighten.readable import below, between, rounded
from mechverify.tighten_results import BrokenEnd, ProvedEnd, Tightened
from mechverify.verdict import Assurance, Verdict

_LOOKING, _FIRST, _EACH = 1 / 10, 1 / 3, 1 / 8
_LEAST_WORK = 1.0
_DOUBLINGS = 8
_DIGITS = 5


class Bisection:
    """The search for both ends of one tolerance with this ``work``, until they are ``within`` a share of the larger.
    What there is of them is ``told`` each time that one is nearer.
    """

    def __init__(
        self, attempts: Attempts, work: float, within: Fraction, told: Callable[[Tightened], None] = lambda _: None
    ) -> None:
        self._attempts, self._work, self._within, self._told = attempts, work, within, told
        self._before = work_done()
        self._count = 0
        self._most: Closeness | None = None
        self._failed: Fraction | None = None
        self._proved: ProvedEnd | None = None
        self._earlier: ProofFound | None = None
        self._broken: tuple[Fraction, BrokenEnd | None] | None = None

    def run(self) -> Tightened | None:
        """Both ends as far as they were found; None where no admissible input was, and so no difference."""
        allowed = self._attempts.tolerance.value
        self._most = self._attempts.largest(allowed, (), self._work * _LOOKING)
        if self._most is None:
            return None
        self._tell(self._most)
        self._look_above(allowed)
        while self._proved is not None and not self._enough() and self._left() > _LEAST_WORK:
            self._try(between(self._floor(), self._proved.value), _EACH)
        broken = self._attempts.broken(below(self._most.found, _DIGITS), self._most)
        return self._ends(self._most, broken)

    def _ends(self, most: Closeness, broken: BrokenEnd | None) -> Tightened:
        tolerance = self._attempts.tolerance
        enough = broken is not None and self._enough()
        return Tightened(
            tolerance.text, tolerance.value, most.distance, self._proved, broken, self._count, enough
        )

    def _tell(self, most: Closeness) -> None:
        """Tell both ends as they are now. A difference is confirmed once, and leaves no certificate yet."""
        if self._broken is None or self._broken[0] < most.found:
            confirmed = self._attempts.broken(below(most.found, _DIGITS), most, on_record=False)
            self._broken = most.found, confirmed
        self._told(self._ends(most, self._broken[1]))

    def _look_above(self, allowed: Fraction) -> None:
        """A first proof: for the largest difference found itself, where nothing is rounded, then for the spec's own
        tolerance, then for larger and larger ones.
        """
        most = self._most
        if most is None:
            return
        if most.runtime is None:
            self._try(most.found, _EACH)
        room = max(abs(most.found) / 64, Fraction(1, 10**6))
        value = allowed if allowed > self._floor() else rounded(self._floor() + room, 3, up=True)
        for _ in range(_DOUBLINGS):
            if self._proved is not None or self._left() <= _LEAST_WORK:
                return
            self._try(value, _FIRST)
            value = rounded(self._floor() + 2 * max(value - self._floor(), room), 3, up=True)

    def _try(self, value: Fraction, share: float) -> None:
        """One attempt at a proof, and what it teaches."""
        work = max(_LEAST_WORK, min(share * self._work, self._left() / 2))
        self._count += 1
        job, decision = self._attempts.decided(value, work, self._earlier)
        if decision.verdict is Verdict.PROVED and decision.assurance is Assurance.CHECKED:
            if self._proved is None or value < self._proved.value:
                self._proved = self._attempts.proved(job, decision, value)
                self._earlier = decision.proof
                if self._most is not None:
                    self._tell(self._most)
            return
        self._failed = value if self._failed is None else max(value, self._failed)
        near = decision.suspects[:_DIGITS] if decision.point is None else (decision.point,)
        if self._most is not None:
            near = (*near, self._most.point)
        found = self._attempts.largest(value, near, min(self._work * _LOOKING, self._left() / 8))
        if found is not None and self._most is not None and found.found > self._most.found:
            self._most = found
            self._tell(found)

    def _floor(self) -> Fraction:
        """What the least tolerance that can be proved is at least, as far as was seen."""
        most = Fraction(0) if self._most is None else self._most.found
        failed = self._failed
        above = self._proved is None or (failed is not None and failed < self._proved.value)
        return max(most, failed) if failed is not None and above else most

    def _enough(self) -> bool:
        if self._proved is None or self._most is None:
            return False
        gap = self._proved.value - self._most.found
        return gap <= self._within * abs(self._proved.value)

    def _left(self) -> float:
        return self._work - (work_done() - self._before)
