"""What the report says of certificates that were asked for."""

from dataclasses import replace
from pathlib import Path

import pytest
from report_samples import HELD, OPEN, PARTLY, PROOF, claim, one, report

from mechverify.report.text.certificates import certificates_text
from mechverify.report.text.claims import render_report
from mechverify.report.words.wording import facts
from mechverify.results import ClaimResult
from mechverify.verdict import Assurance

FOLDER = Path("out")
RANGED = claim(name="average", assurance=Assurance.WEIGHED, proof=replace(PROOF, certificate=None, size_bytes=None))
AGREED = claim(name="agreed_one", assurance=Assurance.AGREED, proof=replace(PROOF, certificate=None))
SOLVER = claim(name="solver_one", assurance=Assurance.SOLVER, proof=None)


def lines(*claims: ClaimResult) -> list[str]:
    return certificates_text(one(*claims), FOLDER)


def test_only_agreed_claims_are_named_with_what_to_do() -> None:
    first, second = lines(claim(), AGREED, SOLVER)
    assert first == "Certificates: 1 file in out."
    assert second.startswith("No certificate for agreed_one, solver_one: solvers said so")
    assert "--require checked" in second


@pytest.mark.parametrize(
    ("result", "words"), [(HELD, "nothing was proved"), (OPEN, "not settled"), (RANGED, "is not kept")]
)
def test_claims_that_cannot_have_one(result: ClaimResult, words: str) -> None:
    first, second = lines(result)
    assert first == "Certificates: 0 files in out."
    assert second.startswith(f"No certificate for {result.name}: ")
    assert words in second
    assert "--require" not in second


def test_an_average_by_its_range_is_not_said_to_have_a_map() -> None:
    assert "by a checked range of what is averaged, no certificate" in facts(RANGED)
    assert "checked map, weighed outside of the kernel" in facts(replace(RANGED, proof=PROOF))


def test_a_part_is_not_the_whole() -> None:
    assert "Of partly_one only the largest proved part" in lines(PARTLY)[1]


def test_many_names_are_cut() -> None:
    assert "a4 and 4 more" in lines(*(replace(AGREED, name=f"a{i}") for i in range(9)))[1]


def test_where_it_is_said() -> None:
    given = one(claim(), AGREED)
    assert "No certificate for agreed_one" in render_report(given, width=200, colour=False, certificates=FOLDER)
    assert "Certificates:" not in render_report(given, width=200, colour=False)
    assert certificates_text(report(), FOLDER) == []
