"""The page of a spec: one file, nothing from elsewhere, nothing that a text in it could do."""

import base64
import gzip
import hashlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from any_results import reports
from dossier_samples import CLEAN, HOSTILE, dossiers, spec_dossier
from hypothesis import HealthCheck, given, settings
from report_samples import BROKEN, EVERY_CLAIM, claim

from mechverify.dossier_results import ClaimDossier, Dossiers, InputCard, SpecDossier, VariableCard
from mechverify.report.page.page import index_html, page_html
from mechverify.results import InputCounts, Report
from mechverify.verdict import Verdict

VOID = ("meta", "br", "img", "input")


class Tags(HTMLParser):
    """The elements of a page with the names of their attributes, and its text by element."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.texts: dict[str, str] = {}
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(name for name, _ in attrs)))
        self.ids += [value or "" for name, value in attrs if name == "id"]
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        place = self.open[-1] if self.open else ""
        self.texts[place] = self.texts.get(place, "") + data


@pytest.fixture(scope="module")
def page() -> str:
    return page_html(dossiers())


def test_the_page_is_whole_and_small(page: str) -> None:
    tags = Tags(page)
    assert tags.open == []
    assert len(tags.ids) == len(set(tags.ids))
    assert page_html(dossiers()) == page
    assert len(page_html(dossiers(spec_dossier(CLEAN, EVERY_CLAIM))).encode()) < 300_000


def test_it_refers_to_nothing_but_itself(page: str) -> None:
    tags = Tags(page)
    assert all(link.startswith(("#", "data:")) for link in tags.links)
    assert {link[1:] for link in tags.links if link.startswith("#")} <= set(tags.ids)
    without = re.sub(r'="data:[^"]*"', "", page)
    assert re.findall(r"\w+://[^\s\"<]*", without) == []


def test_only_its_own_script_and_style_may_run(page: str) -> None:
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    assert policy is not None
    assert "default-src 'none'" in policy[1].replace("&#39;", "'")
    for tag, rule in (("style", "style-src"), ("script", "script-src")):
        text = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        (only,) = text
        digest = base64.b64encode(hashlib.sha256(only.encode()).digest()).decode()
        assert f"{rule} 'sha256-{digest}'" in policy[1].replace("&#39;", "'").replace("&#43;", "+")
    assert not any(name.startswith("on") or name == "style" for _, names in Tags(page).tags for name in names)


def test_what_was_asked_stands_in_its_order(page: str) -> None:
    headings = (
        "The verdict", "What is claimed, and what is not", "Claim by claim", "How easy was it to pass?",
        "Would a wrong explanation be caught?", "The explanation, and why the verdicts are what they are",
        "How sure is this, and what was not checked?", "Check it yourself", "The full spec", "The words used here",
    )  # fmt: skip
    assert re.findall(r"<h2>(.*?)</h2>", page) == list(headings)
    claim = page[page.index('id="s1-c2"') : page.index('id="s1-c3"')]
    words = "in the author's words", "what was judged", "kind", "condition"
    parts = (*words, "A map of the inputs", "The simplest counterexample", "Worked examples")
    places = [claim.index(part) for part in parts]
    assert places == sorted(places)


def test_the_checker_and_the_certificates_are_in_it(page: str) -> None:
    packed = re.search(r'href="data:application/gzip;base64,([^"]*)" download="mechverify_check.py.gz"', page)
    assert packed is not None
    assert gzip.decompress(base64.b64decode(packed[1])) == b"print('checker')\n"
    assert hashlib.sha256(b"print('checker')\n").hexdigest() in page
    assert f'data:application/json;base64,{base64.b64encode(b"{}").decode()}" download="{CLEAN}.json"' in page
    assert f"python3 -I -S mechverify_check.py {CLEAN}.json" in page
    assert hashlib.sha256(b"{}").hexdigest() in page


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_text_changes_nothing_but_text(page: str, text: str) -> None:
    found = page_html(dossiers(spec_dossier(text)))
    assert Tags(found).tags == Tags(page).tags
    assert not any(ord(c) < 32 and c != "\n" for c in found)
    assert not set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b\u200e\u200f\u061c\u2028\ufeff\x7f\x85\x9b") & set(found)
    data = re.search(r'<script type="text/plain" id="data">(.*?)</script>', found, re.DOTALL)
    assert data is not None
    assert len(json.loads(gzip.decompress(base64.b64decode(data[1])))["plays"]) == 2
    assert re.findall(r"<script>(.*?)</script>", found, re.DOTALL) == re.findall(r"<script>(.*?)</script>", page, re.DOTALL)


def test_sixty_texts_are_tried() -> None:
    assert len(set(HOSTILE)) >= 60


def test_a_text_is_read_as_it_was_written() -> None:
    text = "{{ 7 * 7 }} <b> & 'x' \"y\""
    assert text in Tags(page_html(dossiers(spec_dossier(text)))).texts["title"]


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(reports)
def test_every_result_has_a_page(report: Report) -> None:
    specs = tuple(SpecDossier(report.tool, s, claims=tuple(map(ClaimDossier, s.claims))) for s in report.specs)
    found = page_html(Dossiers(report.tool, specs, report.interrupted))
    assert Tags(found).open == []
    index_html(Dossiers(report.tool, specs), [f"{k}.html" for k in range(len(specs))])


def test_mistakes_are_all_that_a_page_of_a_broken_spec_has() -> None:
    found = page_html(dossiers(SpecDossier("mechverify", BROKEN)))
    assert "This spec has mistakes, so nothing was judged" in found
    assert "Claim by claim" not in found


def test_titles_are_told_to_be_the_authors_and_every_check_has_its_verdict(page: str) -> None:
    assert "The title is the author's own words: only what is marked with a verdict was judged." in page.replace("&#39;", "'")
    assert "Titles are the authors" in page_html(dossiers(spec_dossier(), spec_dossier("another")))
    looked = VariableCard("gap", None, "a - b", ("h[0]",), None, (), False, ("reads",), ("moves",))
    claims = (ClaimDossier(claim(name="reads")), ClaimDossier(claim(name="moves", verdict=Verdict.REFUTED)))
    found = page_html(dossiers(replace(spec_dossier(), variables=(looked,), claims=claims)))
    assert "compared by reads (PROVED); replaced by moves (REFUTED)" in found


def test_inputs_of_one_range_stand_together_and_powers_are_raised() -> None:
    cards = (InputCard("a", "all integers a from 0 to 9"), InputCard("b", "all integers b from 0 to 9"), InputCard("c", "all real numbers c"))
    one = ClaimDossier(claim(counts=InputCounts((10**24, 10**24))))
    found = page_html(dossiers(replace(spec_dossier(), inputs=cards, claims=(one,))))
    assert "all integers a, b from 0 to 9; all real numbers c" in found
    assert "Proved for all 10<sup>24</sup> inputs, without exception." in found


def test_several_specs_have_a_heading_each_under_that_of_the_page() -> None:
    found = page_html(dossiers(spec_dossier(), spec_dossier("another")))
    assert re.findall(r"<h1>(.*?)</h1>", found) == ["2 explanations of networks, judged"]
    assert re.findall(r"<h2>(.*?)</h2>", found) == [CLEAN, "another", "The words used here"]
    assert '<a href="#s2">another</a>' in found
    ids = Tags(found).ids
    assert len(ids) == len(set(ids))
    assert "This run was interrupted." in page_html(replace(dossiers(), interrupted=True))


def test_the_index_links_every_page() -> None:
    found = index_html(dossiers(spec_dossier(), spec_dossier("<another>")), ["a.html", "b.html"])
    assert Tags(found).links == ["a.html", "b.html"]
    assert '<a href="b.html">&lt;another&gt;</a>' in found
    assert "the words beside each verdict, are the authors' own" in found
