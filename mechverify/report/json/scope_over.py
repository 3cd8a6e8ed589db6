"""The answer of ``scope --over`` as JSON."""

import json

from mechverify.report.json.claims import Json, counterexample_data, value_data
from mechverify.report.json.scope_ends import extent_data
from mechverify.report.text.scope_over import over_exit_code
from mechverify.scope_results import OverReport, OverRow

FORMAT = 1


def over_json(report: OverReport) -> str:
    """The text of the JSON file."""
    return json.dumps(over_data(report), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def over_data(report: OverReport) -> Json:
    """A row for each value of the parameter."""
    over = {"parameter": report.parameter, "rows": [_row(row) for row in report.rows]}
    claim = {"name": report.claim, "arithmetic": report.arithmetic, "over": over}
    return {
        "format": FORMAT,
        "tool": report.tool,
        "specs": [{"path": report.path.as_posix(), "claims": [claim]}],
        "exit_code": over_exit_code(report),
        "seconds": round(report.seconds, 6),
    }


def _row(row: OverRow) -> Json:
    found = row.witness
    return {
        "value": value_data(row.value),
        "verdict": None if row.verdict is None else row.verdict.value,
        "checked": row.checked,
        "counterexample": None if found is None else counterexample_data(found.counterexample),
        "certificate": None if row.certificate is None else row.certificate.as_posix(),
        "extent": None if row.extent is None else extent_data(row.extent),
        "problem": row.problem,
    }
