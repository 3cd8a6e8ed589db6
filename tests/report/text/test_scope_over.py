"""The table of ``scope --over``."""

from dataclasses import replace

import pytest
from scope_samples import OVER

from mechverify.report.text.scope_over import over_exit_code, over_text
from mechverify.scope_results import OverReport
from mechverify.verdict import Verdict


def shown(report: OverReport) -> str:
    return over_text(report, width=100, colour=False)


def test_a_row_for_each_value() -> None:
    text = shown(OVER)
    assert "c (real), over n" in text
    assert "n   verdict   holds for" in text
    assert "1   PROVED    x, y from 0 to 1,234 (1,235 fails: x = 1235, y = 0)" in text
    assert "2   REFUTED   nothing was proved for x: x = 0 breaks it" in text


def test_without_ends_there_is_the_counterexample() -> None:
    text = shown(replace(OVER, extents=False))
    assert "n   verdict   breaks at" in text
    assert "2   REFUTED   x = 0, y = 3" in text


def test_what_went_wrong_is_in_its_row() -> None:
    first, second = OVER.rows
    failed = replace(OVER, rows=(first, replace(second, verdict=None, problem="no such site", failed=True)))
    assert "2   ERROR     no such site" in shown(failed)
    assert over_exit_code(failed) == 4


@pytest.mark.parametrize(("verdict", "code"), [(Verdict.REFUTED, 0), (Verdict.VACUOUS, 0), (Verdict.OPEN, 3), (None, 3)])
def test_exit_codes(verdict: Verdict | None, code: int) -> None:
    first, second = OVER.rows
    assert over_exit_code(replace(OVER, rows=(first, replace(second, verdict=verdict)))) == code


def test_an_end_that_is_not_settled_is_open() -> None:
    first, second = OVER.rows
    assert first.extent is not None
    loose = replace(first.extent, reach=replace(first.extent.reach, settled=False))
    assert over_exit_code(replace(OVER, rows=(replace(first, extent=loose), second))) == 3
