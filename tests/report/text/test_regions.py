"""Proved and open regions in words: rounded for people, exact in the JSON."""

from dataclasses import replace
from fractions import Fraction as F

from report_samples import PARTLY, one

from mechverify.report.json.claims import claim_data
from mechverify.report.notebook import claim_html
from mechverify.report.text.claims import render_report
from mechverify.results import Region, Regions

SOME = replace(
    PARTLY,
    regions=Regions(
        (Region({"x_1": (F(0), F(499_999))}, (500_000, 500_000), F(1, 2), of_box=False),),
        (
            Region({"x_1": (F(500_000), F(10**6)), "x_2": (F(3), F(3))}, (125, 125), F(1, 8), of_box=False),
            Region({"y": (F(1, 3), F(2, 3))}, None, F(1, 3), of_box=True),
            *(Region({"y": (F(-k), F(1))}, None, F(1, 10**6), of_box=True) for k in range(1, 6)),
        ),
    ),
)


def test_words() -> None:
    text = " ".join(render_report(one(SOME), width=200, colour=False).split())
    assert "proved x_1 from 0 to 499,999 (50% of the inputs)" in text
    assert "open x_1 from 500,000 to 1,000,000, x_2 = 3 (12.5% of the inputs)" in text
    assert "y from ≈ 0.333333 to ≈ 0.666667 (33.3% of the box of all inputs)" in text
    assert "and 3 more regions (3.0e-4% of the box of all inputs)" in text
    every = " ".join(render_report(one(SOME), width=200, colour=False, verbose=True).split())
    assert "more regions" not in every
    assert "y from -5 to 1 (1.0e-4% of the box of all inputs)" in every
    assert "x_2 = 3 (12.5% of the inputs)" in claim_html(SOME)


def test_exact_numbers_in_the_json() -> None:
    data = claim_data(SOME)["regions"]
    assert data["proved"] == [
        {"where": {"x_1": ["0", "499999"]}, "inputs": "500000", "share": "0.5", "of": "inputs"}
    ]
    assert data["open"][1] == {"where": {"y": ["1/3", "2/3"]}, "inputs": None, "share": "1/3", "of": "box"}
    assert claim_data(PARTLY)["regions"] is None
