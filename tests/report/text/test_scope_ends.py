"""Ranges, preconditions and tolerances as ``scope`` prints them."""

from dataclasses import replace
from fractions import Fraction as F
from typing import Any

import pytest
from scope_samples import EXTENDED, MAPPED, broken, extent, reach

from mechverify.report.text.scope import scope_exit_code, scope_text
from mechverify.scope_results import NeededReport, ScopeReport
from mechverify.verdict import Verdict


def shown(report: ScopeReport) -> str:
    return scope_text(report, width=100, colour=False)


def only(*extents: Any) -> str:
    return shown(replace(EXTENDED, extents=extents, needed=None, tightest=None))


def test_all_of_it() -> None:
    text = shown(EXTENDED)
    assert "extends to   x, y from 0 to 1,234 (1,235 fails: x = 1235, y = 0)\n" in text
    assert "             x or y alone from 0 to 5,000, the most that is tried\n" in text
    assert "needs        same (without it: x = 0, y = 3)\n" in text
    assert "             abs(x - y) <= k: holds up to k = 2, fails at 3 (x = 0, y = 3)\n" in text
    assert "no need of   few and some: it is proved without each of them; not without all of them\n" in text
    assert "tightest     tol = 4 (the difference is 3.5 at x = 1); in the spec 9\n" in text


@pytest.mark.parametrize(
    ("ends", "text"),
    [
        (reach(4, 5, broken(x=5)), "holds for    x from 0 to 4 (5 fails: x = 5)"),
        (reach(40, 50, broken(x=50), exact=False), "to 40 (50 fails: x = 50); open between them"),
        (reach(40, 41, broken(x=41), ended_by="rounding"), "to 40 (41 fails by rounding: x = 41)"),
        (reach(40, 41, broken(x=41), ended_by="undefined", detail="d"), "to 40 (41 has no value: x = 41)"),
        (reach(7, None, None, ended_by="precondition", names=("p", "q")), "extends to   x from 0 to 7: p and q let in no more"),
        (reach(40, None, None, ended_by="arithmetic", detail="int64"), "to 40; no further, since there int64"),
        (reach(40, None, None, ended_by="work"), "to 40; no more could be proved, and nothing that breaks it was found"),
        (reach(None, 0, broken(x=0)), "fails        even with the highest value of x alone moved in as far as it goes"),
        (reach(None, None, None, ended_by="work"), "open         even with the highest value of x alone moved in as far as it goes"),
    ],
)  # fmt: skip
def test_what_ends_a_range(ends: Any, text: str) -> None:
    assert text in only(extent("x", ends))


def test_the_lower_bound_and_both() -> None:
    assert "from 3 to 9 (2 fails" in only(extent("x", reach(3, 2, broken(x=2)), "low"))
    assert "from -3 to 3 (4 fails" in only(extent("x", reach(3, 4, broken(x=4)), "both"))


def test_single_inputs_that_go_as_far_as_all_together_are_left_out() -> None:
    far = reach(5000, None, None, exact=False, ended_by="limit")
    text = only(extent("x y", far), extent("x", far), extent("y", far))
    assert "x, y from 0 to 5,000" in text
    assert "alone" not in text


def needs(report: NeededReport, names: tuple[str, ...] = ("same",)) -> str:
    return shown(replace(EXTENDED, preconditions=names, needed=report, extents=None, tightest=None))


def test_where_preconditions_are_not_asked_it_is_said() -> None:
    assert "needs        not asked: with all its preconditions it is REFUTED" in needs(NeededReport(Verdict.REFUTED))
    assert "needs        nothing: it has no preconditions" in needs(NeededReport(Verdict.PROVED), ())


def test_what_is_not_known_is_said() -> None:
    assert EXTENDED.needed is not None
    first, *others = EXTENDED.needed.each
    (loose,) = first.loosened
    unknown = replace(first, needed=None, witness=None, loosened=())
    text = needs(NeededReport(Verdict.PROVED, (unknown,)))
    assert "needs        perhaps same: neither proved nor refuted without it" in text
    down = replace(loose, form="x >= k", written=F(5), reach=reach(4, 3, broken(x=3), exact=False))
    text = needs(NeededReport(Verdict.PROVED, (replace(first, loosened=(down,)),)))
    assert "x >= k: holds down to k = 4, fails at 3 (x = 3); open between them" in text
    one, two = others
    assert "no need of   few: it is proved without it" in needs(NeededReport(Verdict.PROVED, (one,), ("few",)))
    all_go = needs(NeededReport(Verdict.PROVED, (one, two), ("few", "some")))
    assert "no need of   few and some: it is proved without all of them" in all_go


def test_exit_codes() -> None:
    assert scope_exit_code(EXTENDED) == 0
    unsettled = extent("x", reach(4, 9, broken(x=9), exact=False, settled=False))
    assert scope_exit_code(replace(EXTENDED, extents=(unsettled,))) == 3
    assert EXTENDED.needed is not None
    unknown = replace(EXTENDED.needed, each=(replace(EXTENDED.needed.each[0], needed=None),))
    assert scope_exit_code(replace(EXTENDED, needed=unknown)) == 3
    apart = tuple(replace(one, enough=False) for one in EXTENDED.tightest or ())
    assert scope_exit_code(replace(EXTENDED, tightest=apart)) == 3
    assert scope_exit_code(MAPPED) == 0
