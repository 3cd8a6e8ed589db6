"""Ranges, preconditions and tolerances in the JSON of ``scope``."""

from dataclasses import replace

from scope_samples import EXTENDED, MAPPED

from mechverify.report.json.scope import scope_data
from mechverify.report.json.scope_ends import ends_data


def test_an_extent_has_its_range_and_what_ends_it() -> None:
    first, second, _ = ends_data(EXTENDED)["extents"]
    assert first["inputs"] == ["x", "y"]
    assert (first["low"], first["high"], first["refuted"], first["exact"]) == ("0", "1234", "1235", True)
    assert first["declared"] == {"low": "0", "high": "9"}
    assert first["first_failure"]["inputs"] == {"x": "1235", "y": "0"}
    assert first["failure_certificate"] == "w.json"
    assert (second["ended_by"], second["refuted"], second["first_failure"]) == ("limit", None, None)


def test_preconditions() -> None:
    data = ends_data(EXTENDED)
    same, few, _ = data["preconditions"]
    assert (same["name"], same["needed"], same["witness"]["inputs"]) == ("same", True, {"x": "0", "y": "3"})
    (loose,) = same["loosened"]
    assert (loose["form"], loose["written"], loose["proved"], loose["refuted"]) == ("abs(x - y) <= k", "0", "2", "3")
    assert loose["condition"] == "abs(x - y) <= 2"
    assert (few["needed"], few["witness"], few["certificate"], few["loosened"]) == (False, None, "p.json", [])
    assert data["spare"] == {"together": ["few"], "exclusive": True}
    assert [one["bound"] for one in data["tightest"]] == ["tol"]


def test_they_stand_beside_the_map_or_without_it() -> None:
    (claim,) = scope_data(EXTENDED)["specs"][0]["claims"]
    assert claim["scope"]["inputs"] is None
    assert len(claim["scope"]["extents"]) == 3
    both = scope_data(replace(EXTENDED, map=MAPPED.map))["specs"][0]["claims"][0]["scope"]
    assert both["exact"] is True
    assert set(both) == set(claim["scope"]) | {"exceptions"}
    assert ends_data(MAPPED) == dict.fromkeys(
        ("extents", "preconditions", "spare", "suggested", "suggesting", "length", "tightest")
    )
