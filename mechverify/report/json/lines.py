"""The JSON report as a stream of lines: an object each, which can be read while the run goes on."""

import json
from typing import Any

from mechverify.report.json.claims import FORMAT, claim_data, report_data, spec_data
from mechverify.results import Report, SpecResult


def report_lines(report: Report) -> str:
    """The whole stream: the line of the run, those of each spec, and the summary. A stream without its summary is one
    of a run that has not ended.
    """
    return "".join([run_line(report), *(spec_lines(spec) for spec in report.specs), summary_line(report)])


def run_line(report: Report) -> str:
    """The first line."""
    return _line("run", {"format": FORMAT, "tool": report.tool})


def spec_lines(spec: SpecResult) -> str:
    """A line for each claim of a spec, and one for the spec."""
    whole = spec_data(spec)
    claims = [_line("claim", {"spec": whole["path"], **claim_data(claim)}) for claim in spec.claims]
    del whole["claims"]
    return "".join([*claims, _line("spec", whole)])


def summary_line(report: Report) -> str:
    """The last line."""
    return _line("summary", report_data(report)["summary"])


def _line(kind: str, data: dict[str, Any]) -> str:
    # ASCII: no character that some readers take for the end of a line
    return json.dumps({"kind": kind, **data}, allow_nan=False) + "\n"
