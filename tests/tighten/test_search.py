"""The bisection: what one attempt hands to the next."""

from dataclasses import dataclass, field
from fractions import Fraction as F
from typing import Any

from mechverify.deciding.decision import Decision
from mechverify.engines.engine import ProofFound
from mechverify.results import Closeness
from mechverify.spec.tolerances import Tolerance
from mechverify.tighten.search import Bisection
from mechverify.tighten_results import ProvedEnd, Tightened
from mechverify.verdict import Assurance, Verdict

POINT = (F(3),)


def proof_of(value: F) -> ProofFound:
    return ProofFound((["split", [["1", 0]], str(value)], ["leaf"], ["leaf"]), 96)


@dataclass
class Attempts:
    """A claim that can be proved from ``least`` on, with a difference of 10 at POINT; ``seen`` are the attempts."""

    least: F
    tolerance: Tolerance
    seen: list[tuple[F, ProofFound | None]] = field(default_factory=list)
    looked: list[tuple[Any, ...]] = field(default_factory=list)

    def largest(self, value: F, near: tuple[Any, ...], seconds: float) -> Closeness:
        self.looked.append(near)
        return Closeness("tol", value, F(10), True, {}, {}, "torch", POINT)

    def decided(self, value: F, seconds: float, earlier: ProofFound | None = None) -> tuple[None, Decision]:
        self.seen.append((value, earlier))
        if value < self.least:
            return None, Decision(Verdict.OPEN)
        return None, Decision(Verdict.PROVED, Assurance.CHECKED, proof=proof_of(value))

    def proved(self, job: None, decision: Decision, value: F) -> ProvedEnd:
        return ProvedEnd(value, None, None, None, "test", 0.0)

    def broken(self, value: F, most: Closeness, *, on_record: bool = True) -> None:
        """None is on record."""


def test_each_attempt_begins_with_the_proof_of_the_least_tolerance_so_far() -> None:
    attempts = Attempts(F(101, 10), Tolerance("tol", F(60), ()))
    found = Bisection(attempts, 60.0, F(1, 20)).run()  # type: ignore[arg-type]
    assert found is not None
    assert found.proved is not None
    assert found.proved.value < 11
    assert attempts.seen[0] == (F(60), None)
    least = F(60)
    for value, earlier in attempts.seen[1:]:
        assert earlier == proof_of(least)
        least = min(least, value) if value >= attempts.least else least
    assert len(attempts.seen) > 3


def test_the_search_for_a_larger_difference_goes_on_from_the_largest() -> None:
    attempts = Attempts(F(12), Tolerance("tol", F(11), ()))
    found = Bisection(attempts, 60.0, F(1, 2)).run()  # type: ignore[arg-type]
    assert found is not None
    assert found.proved is not None
    assert [attempts.seen[0], *attempts.looked[:2]] == [(F(11), None), (), (POINT,)]


def test_what_there_is_is_told_as_it_is_found() -> None:
    told: list[Tightened] = []
    attempts = Attempts(F(101, 10), Tolerance("tol", F(60), ()))
    found = Bisection(attempts, 60.0, F(1, 20), told.append).run()  # type: ignore[arg-type]
    assert found is not None
    assert told[0].proved is None
    values = [one.proved.value for one in told if one.proved is not None]
    assert values[0] == 60
    assert values == sorted(values, reverse=True)
    assert told[-1].proved == found.proved
