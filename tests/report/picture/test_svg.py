"""The SVG of a map: well formed, everything inside the page, each verdict by colour and by pattern."""

import xml.etree.ElementTree as ET
from dataclasses import replace
from fractions import Fraction as F

import pytest
from scope_samples import FAILED, MAP, MAPPED, UNFINISHED, X, on_a_line, part, wide, with_few_failing

from mechverify.mapping.map import Amount, ScopeSize
from mechverify.report.picture.svg import scope_svg
from mechverify.scope_results import ScopeReport

MANY_SIZES = tuple(
    ScopeSize("inside", verdict, Amount(n, F(10**30, 7), F(10**30, 7)))
    for verdict in ("proved", "refuted", "open")
    for n in (0, 1, 2)
)
SVG = "{http://www.w3.org/2000/svg}"


def drawn(report: ScopeReport) -> ET.Element:
    text = scope_svg(report)
    assert text is not None
    return ET.fromstring(text)  # noqa: S314 - our own


CASES = {
    "cells": MAPPED,
    "polygons": wide(MAPPED, 1000),
    "open": wide(UNFINISHED, 1000),
    "line": on_a_line(),
    "long line": wide(on_a_line(), 1000),
}


@pytest.mark.parametrize("report", CASES.values(), ids=CASES)
def test_all_stands_on_the_page(report: ScopeReport) -> None:
    root = drawn(report)
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    for one in root.iter():
        for name, most in (
            ("x", width),
            ("x1", width),
            ("x2", width),
            ("cx", width),
            ("y", height),
            ("y1", height),
            ("cy", height),
        ):
            assert 0 <= float(one.attrib.get(name, 0)) <= most, one.attrib
        for point in one.attrib.get("points", "").split():
            x, y = map(float, point.split(","))
            assert 0 <= x <= width
            assert 0 <= y <= height


@pytest.mark.parametrize("report", CASES.values(), ids=CASES)
def test_counts_and_names_are_written(report: ScopeReport) -> None:
    words = [one.text for one in drawn(report).iter(f"{SVG}text")]
    assert report.map is not None
    for one in report.map.inputs:
        assert one.name in words
    assert any("holds on" in str(w) for w in words)
    assert "s.yaml#c (real)" in words
    assert any(str(w).startswith("0") for w in words)


def test_patterns_tell_verdicts_apart_without_colour() -> None:
    root = drawn(wide(MAPPED, 1000))
    patterns = {p.attrib["id"]: ET.tostring(p).decode() for p in root.iter(f"{SVG}pattern")}
    assert set(patterns) == {"proved", "refuted", "open"}
    without_colour = {
        name: {c.tag for c in p if c.tag != f"{SVG}rect"}
        for name, p in ((p.attrib["id"], p) for p in root.iter(f"{SVG}pattern"))
    }
    assert without_colour["proved"] != without_colour["refuted"]
    fills = [one.attrib["fill"] for one in root.iter(f"{SVG}polygon")]
    assert set(fills) == {"url(#proved)", "url(#refuted)"}


def test_few_points_are_drawn_one_by_one() -> None:
    squares = [
        r
        for r in drawn(MAPPED).iter(f"{SVG}rect")
        if r.attrib.get("fill", "").startswith("url") and float(r.attrib["width"]) > 30
    ]
    assert len(squares) == 100
    assert sum(r.attrib["fill"] == "url(#proved)" for r in squares) == 55
    assert sum(r.attrib["fill-opacity"] == "1" for r in squares) == 10


def test_text_of_a_spec_is_no_markup() -> None:
    text = scope_svg(replace(MAPPED, claim="<b>&", sentence="a < b & c"))
    assert text is not None
    assert "<b>" not in text
    assert "&lt;b&gt;&amp;" in text


def test_no_picture_without_a_map_or_over_more_inputs() -> None:
    assert scope_svg(FAILED) is None
    third = tuple(replace(X, name=name) for name in "xyz")
    assert scope_svg(replace(MAPPED, map=replace(MAP, inputs=third))) is None


def test_the_border_of_the_preconditions_is_drawn() -> None:
    inside = [replace(p, place="inside") if p.place == "outside" and p.verdict == "proved" else p for p in MAP.parts]
    report = wide(replace(MAPPED, map=replace(MAP, parts=tuple(inside))), 1000)
    strong = [one for one in drawn(report).iter(f"{SVG}line") if one.attrib.get("stroke-width") == "2.4"]
    assert len(strong) > 20
    assert all(abs((float(s.attrib["x1"]) - 96) + (float(s.attrib["y1"]) - 584)) < 60 for s in strong)


def test_few_points_that_fail_are_marked_last_and_proved_strips_are_not_thickened() -> None:
    for place in ("inside", "outside"):
        painted = [
            one for one in drawn(with_few_failing(place=place)).iter() if one.tag in (f"{SVG}polygon", f"{SVG}line")
        ]
        proved = [one for one in painted if one.attrib.get("stroke") == "#0072B2"]
        assert [one.attrib["stroke-width"] for one in proved] == ["0.48"]
        marks = [one for one in painted if one.tag == f"{SVG}polygon" and one.attrib["fill"] == "#E69F00"]
        assert [one.attrib["stroke-width"] for one in marks] == ["7"]
        assert all(
            "proved" not in one.attrib["fill"] for one in painted[painted.index(marks[0]) :] if "fill" in one.attrib
        )
    assert not any(one.attrib.get("fill") == "#E69F00" for one in drawn(wide(MAPPED, 1000)).iter(f"{SVG}polygon"))


def test_one_value_of_many_that_fails_is_seen_on_a_line() -> None:
    axis = replace(X, high=F(1000))
    parts = (
        part("inside", "proved", 500, (), ((0.0,), (499.0,))),
        part("inside", "refuted", 1, (), ((500.0,),)),
        part("inside", "proved", 500, (), ((501.0,), (1000.0,))),
    )
    report = replace(MAPPED, preconditions=(), map=replace(MAP, inputs=(axis,), parts=parts))
    marks = [one for one in drawn(report).iter(f"{SVG}polygon") if one.attrib["fill"] == "#E69F00"]
    assert [one.attrib["points"] for one in marks] == ["336,104 336,168"]


def test_the_line_of_an_equality_stays_wide() -> None:
    lines = [one for one in drawn(wide(MAPPED, 1000)).iter(f"{SVG}line") if one.attrib["stroke"] == "#0072B2"]
    assert [one.attrib["stroke-width"] for one in lines] == ["6"]


def test_long_texts_stay_on_the_page() -> None:
    """A letter of 13 pixels takes some 7 on average, a bold one 8."""
    long = replace(MAPPED, claim="c" * 200, sentence="word " * 200, map=replace(MAP, sizes=MANY_SIZES))
    lines = [one for one in drawn(long).iter(f"{SVG}text") if float(one.attrib["y"]) < 104]
    assert len(lines) <= 5
    for one in lines[1:]:
        letter = 8.2 if "font-weight" in one.attrib else 7.2
        assert float(one.attrib["x"]) + len(one.text or "") * letter <= 880
    assert len(lines[0].text or "") <= 90
    heights = [float(one.attrib["y"]) for one in lines]
    assert heights == sorted(set(heights))
    assert any((one.text or "").startswith("holds") for one in lines)
