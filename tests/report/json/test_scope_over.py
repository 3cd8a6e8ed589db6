"""The JSON of ``scope --over``."""

import json

from scope_samples import OVER

from mechverify.report.json.scope_over import over_json


def test_a_row_for_each_value() -> None:
    data = json.loads(over_json(OVER))
    (claim,) = data["specs"][0]["claims"]
    assert (claim["name"], claim["over"]["parameter"], data["exit_code"]) == ("c", "n", 0)
    first, second = claim["over"]["rows"]
    assert (first["value"], first["verdict"], first["checked"], first["counterexample"]) == ("1", "PROVED", True, None)
    assert (first["extent"]["high"], first["extent"]["refuted"]) == ("1234", "1235")
    assert (second["verdict"], second["counterexample"]["inputs"]) == ("REFUTED", {"x": "0", "y": "3"})
