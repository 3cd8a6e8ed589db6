"""The pages of the gallery: small, the same every time, and on those of wrong explanations the flaw shows."""

import re
from pathlib import Path

import pytest
from doc_blocks import ROOT

from mechverify.deciding.options import VerifyOptions
from mechverify.dossier.collect import Asked, collected
from mechverify.report.page.page import page_html

SPECS = sorted((ROOT / "specs").glob("*.yaml"))
FLAW = (
    "The explanation fits the network&#39;s answers, but a part of what it says about the inside of the network is wrong.",
    "for by_unused, the network says 0 and the explanation 1.",
)


def page_of(path: Path) -> str:
    return page_html(collected([path], VerifyOptions(timeout=20.0, iia_samples=1000), Asked(mutants=0)))


def test_the_flaw_of_an_explanation_that_can_be_read_off_stands_at_the_top_of_its_page() -> None:
    page = page_of(ROOT / "specs" / "pattern_only.yaml")
    top = page[page.index("The verdict") : page.index("What is claimed, and what is not")]
    assert all(words in top for words in FLAW)


@pytest.mark.campaign
@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_a_page_is_small_and_the_same_every_time(path: Path) -> None:
    page = page_of(path)
    certificates = sum(map(len, re.findall(r"data:application/json;base64,[^\"]*", page)))
    assert len(page.encode()) - certificates < 300_000
    assert page_of(path) == page
