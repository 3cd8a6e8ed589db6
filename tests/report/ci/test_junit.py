"""JUnit: read back by a reader of the format, and nothing in it that a stranger put there."""

import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hostile_results import hostile_report
from junitparser import JUnitXml, TestCase
from report_samples import BROKEN, EVERY_CLAIM, INTERCHANGE, REFUTED, SPEC, claim, one, report

from mechverify.report.ci.junit import report_junit
from mechverify.report.exit_codes import ExitCode, claim_exit_code
from mechverify.results import Report
from mechverify.verdict import Verdict


def cases(some: Report) -> list[TestCase]:
    return [case for suite in JUnitXml.fromstring(report_junit(some).encode()) for case in suite]


def outcomes(some: Report) -> Iterator[tuple[str | None, str | None]]:
    for case in cases(some):
        yield case.name, type(case.result[0]).__name__ if case.result else None


def test_a_case_passes_exactly_where_the_claim_is_as_expected() -> None:
    found = dict(outcomes(one(*EVERY_CLAIM)))
    for each in EVERY_CLAIM:
        assert (found[each.name] is None) == (claim_exit_code(each) == ExitCode.AS_EXPECTED), each.name
    assert found["only_when_equal"] is None  # a refutation that was wanted
    assert (found["difference_unit"], found["error_one"]) == ("Failure", "Error")


def test_the_content_and_the_message_of_a_failure_say_what_happened() -> None:
    (case,) = cases(one(INTERCHANGE))
    (result,) = case.result
    assert result.message == "difference_unit: REFUTED, expected PROVED"
    assert "breaks at" in result.text
    assert "specs/double.yaml:37" in result.text
    assert (case.classname, case._elem.get("file"), case.time) == ("specs/double", "specs/double.yaml", 0.8)


def test_mistakes_and_nothing_and_interrupts_fail() -> None:
    assert list(outcomes(report(BROKEN))) == [("(the spec)", "Error"), ("(the spec) (2)", "Error")]
    assert list(outcomes(one())) == [("(the spec)", "Error")]
    assert list(outcomes(Report("mechverify", ()))) == [("(the run)", "Error")]
    assert list(outcomes(report(replace(SPEC, claims=(claim(),)), interrupted=True))) == [
        ("doubles", None),
        ("(the run)", "Error"),
    ]


def test_the_counts_are_those_of_the_cases() -> None:
    xml = JUnitXml.fromstring(report_junit(report(SPEC, BROKEN)).encode())
    told = (xml.tests, xml.failures, xml.errors)
    xml.update_statistics()
    assert told == (xml.tests, xml.failures, xml.errors)
    assert told[0] == len(EVERY_CLAIM) + 2


@pytest.mark.parametrize("verdict", [v for v in Verdict if v is not Verdict.PROVED])
def test_nothing_less_than_a_proof_passes_where_one_is_expected(verdict: Verdict) -> None:
    assert next(outcomes(one(replace(claim(), verdict=verdict))))[1] is not None


def test_hostile_texts_change_nothing() -> None:
    some = hostile_report()
    text = report_junit(some)
    found = cases(some)
    assert len(found) == sum(len(spec.claims) or 1 for spec in some.specs)
    assert len({(case.classname, case.name) for case in found}) == len(found)
    assert sum(bool(case.result) for case in found) == sum(4 if spec.claims else 1 for spec in some.specs) - len(
        some.specs
    ) // 2
    assert not [c for c in text if c not in "\n\u200d" and unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")]


def test_names_stay_apart_also_of_specs_of_one_name() -> None:
    some = report(replace(SPEC, claims=(REFUTED,)), replace(SPEC, path=Path("specs/b/double.yaml"), claims=(REFUTED,)))
    assert len({(case.classname, case.name) for case in cases(some)}) == 2
