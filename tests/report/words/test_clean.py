"""Nothing that a stranger's spec says can move the cursor, hide text or reverse a line."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_samples import INTERCHANGE, SPEC, claim, one, report

from mechverify.report.notebook import claim_html, report_html
from mechverify.report.text.claims import render_report
from mechverify.report.words.clean import clean, one_line

NASTY = "\x1b[2J\x1b]0;owned\x07 \u202eevil\u202c \r\x08 [bold red]markup[/] <script>alert(1)</script> \x9b31m"


@given(st.text())
def test_cleaned_text_has_no_control_characters(text: str) -> None:
    cleaned = clean(text)
    assert not any((ord(c) < 32 and c != "\n") or 127 <= ord(c) < 160 for c in cleaned)
    assert not set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b\u2028\ufeff") & set(cleaned)


def test_plain_text_is_left_alone() -> None:
    assert clean("x ≤ y, 数, é\n") == "x ≤ y, 数, é\n"
    assert one_line("a\tb\n\n  c ") == "a b c"


@pytest.mark.parametrize("verbose", [True, False])
def test_a_report_shows_it_as_it_is_spelled(verbose: bool) -> None:
    nasty = claim(name=NASTY, says=NASTY, sentence=NASTY, detail=NASTY, notes=(NASTY,), assumptions=(NASTY,))
    spec = replace(SPEC, title=NASTY, summary=NASTY, claims=(nasty,), trusted=(NASTY,))
    text = render_report(report(spec), width=80, colour=False, verbose=verbose)
    assert not {"\x1b", "\x07", "\r", "\x08", "\u202e", "\x9b"} & set(text)
    assert "[bold red]markup[/]" in text.replace("\n", "")


def test_html_escapes_everything() -> None:
    nasty = replace(INTERCHANGE, name=NASTY, says=NASTY, sentence=NASTY, notes=(NASTY,))
    for html in (
        claim_html(nasty),
        report_html(report(replace(SPEC, title=NASTY, claims=(nasty,)))),
        report_html(one(nasty)),
    ):
        assert "<script" not in html
        assert "&lt;script&gt;" in html
        assert "\x1b" not in html
