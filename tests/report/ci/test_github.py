"""GitHub: no annotation is lost without a word, no summary is too large, and no spec gives commands."""

import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
from hostile_results import hostile_report
from hostile_strings import HOSTILE
from report_samples import BROKEN, EVERY_CLAIM, INTERCHANGE, OPEN, SPEC, claim, one, report

from mechverify.report.ci.github import annotations, summary
from mechverify.results import Report
from mechverify.verdict import Verdict

WRONG = claim(verdict=Verdict.REFUTED, as_expected=False)
COMMAND = re.compile(r"::(error|warning|notice) ([^:]*)::(.*)")


def lines(some: Report) -> list[tuple[str, str, str]]:
    text = annotations(some)
    assert text.endswith("\n") or not text
    found = [COMMAND.fullmatch(line) for line in text.split("\n")[:-1]]
    assert all(found)
    return [(m[1], m[2], m[3]) for m in found if m is not None]


def many(count: int) -> Report:
    return one(*(replace(WRONG, name=f"c{k}", line=k + 1) for k in range(count)))


def test_an_annotation_has_a_place_and_a_level() -> None:
    some = report(replace(SPEC, claims=(INTERCHANGE, OPEN), warnings=()), BROKEN)
    levels = [level for level, _, _ in lines(some)]
    assert levels == ["error"] * 3 + ["warning", "notice"]
    assert lines(some)[0][1] == "file=specs/double.yaml,line=37,title=mechverify%3A refuted"
    assert lines(some)[1][1] == "file=specs/broken.yaml,line=4,col=3,title=mechverify%3A mistake"
    assert "%0Abreaks at: " in lines(some)[0][2]


@pytest.mark.parametrize(("count", "shown"), [(9, 9), (10, 10), (11, 10), (500, 10)])
def test_of_each_level_ten_at_most(count: int, shown: int) -> None:
    found = [one for one in lines(many(count)) if one[0] == "error"]
    assert len(found) == shown
    more = re.search(r"and (\d+) errors? more", found[-1][2])
    assert (0 if more is None else int(more[1])) == count - (shown if more is None else 9)


def test_nothing_to_say_is_nothing() -> None:
    assert annotations(report(replace(SPEC, claims=(claim(),), warnings=()))) == ""


def test_a_summary_has_a_row_for_everything_the_worst_first() -> None:
    text = unescape(summary(report(SPEC, BROKEN)))
    assert text.startswith("### ❌ mechverify\n")
    assert text.index("unknown key") < text.index("slow: OPEN (time)") < text.index("as expected | specs/double.yaml:31")
    assert unescape(summary(one(claim()))).startswith("### ✅ mechverify\n")


@pytest.mark.parametrize("most", [0, 10, 300, 2_000, 10_000])
def test_a_summary_keeps_to_its_bytes_and_counts_what_is_left_out(most: int) -> None:
    text = summary(many(100), most)
    assert len(text.encode()) <= most
    rows = text.count("\n| &#") + text.count("\n| error ")
    if "\n|---" in text:
        more = re.search(r"and (\d+) more rows", text)
        assert more is not None
        assert rows + int(more[1]) == 101


def test_a_summary_of_many_claims_is_smaller_than_a_step_allows() -> None:
    assert len(summary(many(4_000)).encode()) <= 1 << 20


def test_hostile_texts_give_no_command_and_no_markup() -> None:
    for hostile in hostile_report().specs:
        some = Report("mechverify", (hostile,))
        for _, properties, data in lines(some):
            assert "\r" not in properties + data
            assert [p.partition("=")[0] for p in properties.split(",")] in (
                ["file", "line", "title"],
                ["file", "line", "col", "title"],
            )
        text = summary(some)
        body = text.split("\n")[2:]
        assert not re.search(r"[<>\[\]`*_!\\$@{}~]", "\n".join(body))
        assert all(re.fullmatch(r"(\|[^|]*){4}\|", row) for row in body if row.startswith("|"))
    assert len(HOSTILE) == 60


def test_a_path_with_signs_stays_one_property() -> None:
    some = report(replace(SPEC, path=Path("a,b:c%d.yaml"), claims=EVERY_CLAIM[2:3], warnings=()))
    assert lines(some)[0][1].startswith("file=a%2Cb%3Ac%25d.yaml,line=37,")
