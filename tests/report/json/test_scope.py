"""The JSON of ``scope``."""

import json

from scope_samples import FAILED, MAPPED, UNFINISHED, sized_bracket

from mechverify.report.json.scope import scope_data, scope_json


def test_the_map_stands_under_the_claim() -> None:
    data = json.loads(scope_json(MAPPED))
    assert data["exit_code"] == 0
    (claim,) = data["specs"][0]["claims"]
    scope = claim["scope"]
    assert claim["name"] == "c"
    assert scope["inputs"] == {
        "inside": {"dimension": 0, "total": "10", "proved": "10", "refuted": "0", "open": "0", "between": None},
        "outside": {"dimension": 0, "total": "90", "proved": "45", "refuted": "45", "open": "0", "between": None},
    }
    assert scope["exact"] is True
    assert scope["parts"][0] == {
        "place": "outside", "verdict": "proved", "where": "x > y", "inputs": "45", "dimension": 0, "certificate": None,
    }  # fmt: skip
    assert [scope[k] for k in ("extents", "preconditions", "suggested", "tightest", "exceptions")] == [None] * 5


def test_brackets_have_both_ends() -> None:
    (claim,) = scope_data(sized_bracket())["specs"][0]["claims"]
    assert claim["scope"]["inputs"]["inside"]["proved"] == {"at_least": "0", "at_most": "8"}
    assert claim["scope"]["exact"] is False


def test_no_map() -> None:
    data = scope_data(FAILED)
    assert (data["exit_code"], data["problem"]) == (4, "a runtime left its enclosure")
    assert data["specs"][0]["claims"][0]["scope"] is None
    assert scope_data(UNFINISHED)["exit_code"] == 3
