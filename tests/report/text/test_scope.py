"""What ``scope`` prints, and its exit code."""

import pytest
from scope_samples import FAILED, MAPPED, UNFINISHED

from mechverify.report.text.scope import scope_exit_code, scope_text
from mechverify.scope_results import ScopeReport


def shown(report: ScopeReport) -> str:
    return scope_text(report, width=100, colour=False)


def test_inside_and_outside_the_preconditions() -> None:
    text = shown(MAPPED)
    assert "inside       holds on all 10 inputs that meet the preconditions (same)" in text
    assert "outside      holds on 45 of 90 inputs (50%), fails on the rest" in text
    assert (
        "proved       10 where x == y\noutside      where the preconditions do not hold:\nproved       45 where x > y"
        in text
    )
    assert "checked      by the kernel: 5 parts, 77 operations; exact" in text
    assert "█ holds, ▒ holds outside the preconditions, · fails outside them" in text


def test_what_is_open_says_what_to_do() -> None:
    text = shown(UNFINISHED)
    assert "map          holds on 70 of 100 inputs" in text
    assert "not all is decided" in text
    assert "Give more with --parts." in text


def test_a_failure_is_no_map() -> None:
    assert "ERROR: a runtime left its enclosure" in shown(FAILED)
    assert "checked" not in shown(FAILED)


@pytest.mark.parametrize(("report", "code"), [(MAPPED, 0), (UNFINISHED, 3), (FAILED, 4)])
def test_exit_codes(report: ScopeReport, code: int) -> None:
    assert scope_exit_code(report) == code
