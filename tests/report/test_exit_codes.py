"""Every combination of verdict, reason, expectation and ``as_expected``, against the table of DESIGN section 9."""

from itertools import permutations, product

import pytest
from report_samples import BROKEN, ERROR, HELD, LIKELY, OPEN, PARTLY, REFUTED, SPEC, VACUOUS, claim, one, report

from mechverify.report.exit_codes import ExitCode, claim_exit_code, exit_code, worst
from mechverify.verdict import Reason, Verdict

EXPECTATIONS = ("proved", "refuted", "partly", "likely", "open", "vacuous", "held")


def by_the_table(verdict: Verdict, reason: Reason | None, expect: str, as_expected: bool) -> int:
    """The table, written again: from the best outcome to the worst."""
    code = 0
    if verdict in (Verdict.OPEN, Verdict.PARTLY, Verdict.VACUOUS, Verdict.HELD, Verdict.LIKELY) and (
        not as_expected or expect in ("proved", "refuted")
    ):
        code = 3
    if verdict is Verdict.REFUTED and (expect != "refuted" or not as_expected):
        code = 1
    if verdict is Verdict.PROVED and (expect == "refuted" or not as_expected):
        code = 1
    if verdict is Verdict.ERROR:
        code = 2 if reason is Reason.UNSUPPORTED else 4
    return code


@pytest.mark.parametrize("verdict", list(Verdict))
def test_every_combination(verdict: Verdict) -> None:
    seen = set()
    for reason, expect, as_expected in product((None, *Reason), EXPECTATIONS, (True, False)):
        result = claim(verdict=verdict, reason=reason, expect=expect, as_expected=as_expected)
        wanted = by_the_table(verdict, reason, expect, as_expected)
        assert claim_exit_code(result) == wanted, (reason, expect, as_expected)
        assert exit_code(one(result)) == wanted
        seen.add(wanted)
    assert seen == {
        Verdict.PROVED: {0, 1},
        Verdict.REFUTED: {0, 1},
        Verdict.ERROR: {2, 4},
    }.get(verdict, {0, 3})


def test_an_error_is_never_as_expected() -> None:
    for expect in EXPECTATIONS:
        assert exit_code(one(claim(verdict=Verdict.ERROR, expect=expect, as_expected=True))) == 4


@pytest.mark.parametrize("result", [OPEN, LIKELY, VACUOUS], ids=lambda r: r.name)
def test_undecided(result: object) -> None:
    assert exit_code(one(result)) == 3


@pytest.mark.parametrize("result", [claim(), REFUTED, HELD, PARTLY], ids=lambda r: r.name)
def test_as_expected(result: object) -> None:
    assert exit_code(one(result)) == 0


def test_several_outcomes_take_the_first_of_the_order() -> None:
    order = [130, 4, 2, 1, 3, 5, 0]
    for codes in permutations(map(ExitCode, order), 3):
        assert worst(codes) == min(codes, key=order.index)


def test_order_in_whole_reports() -> None:
    unexpected = claim(verdict=Verdict.REFUTED, as_expected=False)
    assert exit_code(one(claim(), OPEN)) == 3
    assert exit_code(one(unexpected, OPEN)) == 1
    assert exit_code(report(one(unexpected, OPEN).specs[0], BROKEN)) == 2
    assert exit_code(report(one(ERROR, OPEN).specs[0], BROKEN)) == 4
    assert exit_code(report(one(ERROR).specs[0], BROKEN, interrupted=True)) == 130
    assert exit_code(report(SPEC)) == 4


def test_nothing_to_check() -> None:
    assert exit_code(report()) == 5
    assert exit_code(one()) == 5
    assert exit_code(report(one().specs[0], one(claim()).specs[0])) == 5
    assert exit_code(report(one().specs[0], one(OPEN).specs[0])) == 3
    assert exit_code(report(interrupted=True)) == 130
