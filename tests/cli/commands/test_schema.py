"""``schema.json`` at the repository's root is what ``mechverify schema`` prints."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

COMMITTED = Path(__file__).parents[3] / "schema.json"


def test_the_committed_schema_is_current(run: Callable[..., Any]) -> None:
    done = run("schema")
    assert done.code == 0
    assert json.loads(done.out)["type"] == "object"
    assert done.out == COMMITTED.read_text("utf-8"), "run `mechverify schema > schema.json`"
