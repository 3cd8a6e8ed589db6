"""The bisection between a proof and a witness, over claims whose truth is known."""

from collections.abc import Callable
from fractions import Fraction as F

import pytest

from mechverify.scope.bisection import Attempt, Bisection, ContradictionError, Ends


def known(least: int, limit: int) -> Callable[[F, float], Attempt]:
    """A claim that holds up to ``limit``; every witness is the smallest there is or, of large numbers, half of them."""

    def attempt(at: F, _work: float) -> Attempt:
        if at <= limit:
            return Attempt("holds", at)
        return Attempt("fails", max(F(limit + 1), F(int(at) // 2)))

    assert least <= limit
    return attempt


def run(attempt: Callable[[F, float], Attempt], start: Attempt, *, least: int = 0, work: float = 100.0) -> Ends:
    return Bisection(attempt, work, F(least), whole=True).run((start,), F(10**6))


@pytest.mark.parametrize("limit", [0, 1, 7, 99, 100, 101, 54321, 999_999])
@pytest.mark.parametrize("start", [0, 100, 10**6])
def test_both_ends_meet(limit: int, start: int) -> None:
    attempt = known(0, limit)
    ends = run(attempt, attempt(F(start), 0.0))
    assert ends.holds is not None
    assert ends.fails is not None
    assert (ends.holds.at, ends.fails.at, ends.exact, ends.limited) == (limit, limit + 1, True, False)
    assert ends.attempts < 60


def test_witnesses_that_come_only_a_little_nearer_do_not_lead_all_the_way() -> None:
    def attempt(at: F, _work: float) -> Attempt:
        return Attempt("holds", at) if at <= 400 else Attempt("fails", max(F(401), at - 1))

    ends = run(attempt, Attempt("holds", F(100)))
    assert ends.holds is not None
    assert (ends.holds.at, ends.exact) == (400, True)
    assert ends.attempts < 60


def test_what_holds_everywhere_ends_at_the_limit() -> None:
    ends = run(known(0, 10**9), Attempt("holds", F(5)))
    assert ends.limited
    assert ends.attempts == 1
    assert ends.fails is None


def test_what_fails_at_the_least_number_holds_nowhere() -> None:
    ends = run(lambda at, _: Attempt("fails", F(3)), Attempt("fails", F(50)), least=3)
    assert (ends.holds, ends.exact) == (None, True)


def test_numbers_without_inputs_are_no_ends() -> None:
    """From 4 on there is an input, and from 9 on one that fails."""

    def attempt(at: F, _work: float) -> Attempt:
        return Attempt("empty", at) if at < 4 else Attempt("holds", at) if at < 9 else Attempt("fails", F(9))

    ends = run(attempt, Attempt("fails", F(50)))
    assert ends.holds is not None
    assert (ends.holds.at, ends.exact) == (8, True)
    only = run(lambda at, _: Attempt("empty", at) if at < 9 else Attempt("fails", F(9)), Attempt("fails", F(50)))
    assert (only.holds, only.exact) == (None, True)


def test_what_stays_open_leaves_a_gap() -> None:
    def attempt(at: F, _work: float) -> Attempt:
        return Attempt("holds", at) if at <= 300 else Attempt("open", at) if at < 500 else Attempt("fails", F(500))

    ends = run(attempt, Attempt("holds", F(100)))
    assert ends.holds is not None
    assert ends.fails is not None
    assert 250 < ends.holds.at <= 300
    assert ends.fails.at == 500
    assert (ends.exact, ends.close) == (False, False)


def test_where_the_claim_cannot_be_told_it_ends() -> None:
    def attempt(at: F, _work: float) -> Attempt:
        return Attempt("holds", at) if at < 77 else Attempt("stops", at, words="too large")

    ends = run(attempt, Attempt("holds", F(5)))
    assert ends.stops is not None
    assert ends.holds is not None
    assert (ends.holds.at, ends.stops.at, ends.exact) == (76, 77, True)


def test_reals_come_close() -> None:
    def attempt(at: F, _work: float) -> Attempt:
        return Attempt("holds", at) if at * at <= 2 else Attempt("fails", at)

    ends = Bisection(attempt, 100.0, F(0), whole=False).run((Attempt("fails", F(2)),), F(1000))
    assert ends.holds is not None
    assert ends.fails is not None
    assert 0 < ends.fails.at - ends.holds.at < F(1, 400)
    assert (ends.exact, ends.close) == (False, True)


def test_little_work_is_kept_to() -> None:
    given: list[float] = []

    def attempt(at: F, work: float) -> Attempt:
        given.append(work)
        return Attempt("holds", at) if at <= 54321 else Attempt("fails", at)

    ends = run(attempt, Attempt("holds", F(0)), work=2.0)
    assert not ends.exact
    assert 0 < len(given) < 9
    assert sum(given) < 6


def test_a_witness_below_a_proof_is_a_defect() -> None:
    with pytest.raises(ContradictionError, match="proved up to 50, and a witness breaks it at 7"):
        run(lambda at, _: Attempt("fails", F(7)), Attempt("holds", F(50)))
