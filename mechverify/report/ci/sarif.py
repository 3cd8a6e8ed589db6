"""Findings as SARIF 2.1.0, within the limits of code scanning on GitHub: at most 25,000 results, and for each kind a
rule with help.
"""

import json
import re
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote

from mechverify.report.ci.findings import Finding, findings, numbered
from mechverify.report.ci.kinds import Kind
from mechverify.report.exit_codes import ExitCode, exit_code
from mechverify.results import Report

MOST_RESULTS = 25_000
_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_RAN = (ExitCode.AS_EXPECTED, ExitCode.DISAGREES, ExitCode.UNDECIDED)
_PLACEHOLDER = re.compile(r"\{(\d+)\}")
Json = dict[str, Any]


def report_sarif(report: Report) -> str:
    """The text of the file: one run, a result for each finding, the worst first."""
    return json.dumps(sarif_data(report), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def sarif_data(report: Report, most: int = MOST_RESULTS) -> Json:
    """The file as data, with at most ``most`` results."""
    found = findings(report)
    shown = found[:most]
    kinds = {one.kind.name: one.kind for one in found}
    order = {name: index for index, name in enumerate(kinds)}
    name, _, version = report.tool.partition(" ")
    driver: Json = {"name": name, "rules": [_rule(kind) for kind in kinds.values()]}
    if version:
        driver["version"] = version
    run = {
        "tool": {"driver": driver},
        "invocations": [_invocation(report, len(found) - len(shown))],
        "columnKind": "unicodeCodePoints",
        "results": [_result(one, order[one.kind.name], mark) for one, mark in zip(shown, _marks(shown), strict=True)],
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _invocation(report: Report, left_out: int) -> Json:
    code = exit_code(report)
    found: Json = {"executionSuccessful": code in _RAN, "exitCode": code}
    if left_out:
        words = f"{left_out} more findings are left out: a file may have {MOST_RESULTS}."
        found["toolExecutionNotifications"] = [{"level": "warning", "message": {"text": words}}]
    return found


def _rule(kind: Kind) -> Json:
    help_text = f"{kind.full}\n\n{kind.todo}"
    return {
        "id": kind.name,
        "name": "".join(part.capitalize() for part in kind.name.split("-")),
        "shortDescription": {"text": kind.short},
        "fullDescription": {"text": kind.full},
        "help": {"text": help_text, "markdown": help_text},
        "defaultConfiguration": {"level": kind.level},
        "properties": {
            "precision": "very-high",
            "problem.severity": "recommendation" if kind.level == "note" else kind.level,
            "tags": ["mechverify"],
        },
    }


def _result(one: Finding, rule: int, mark: str) -> Json:
    found: Json = {
        "ruleId": one.kind.name,
        "ruleIndex": rule,
        "level": one.kind.level,
        "message": {"text": _plain(one.text)},
        "partialFingerprints": {"primaryLocationLineHash": mark},
    }
    if one.path is not None:
        region: Json = {"startLine": max(1, one.line)}
        if one.column is not None:
            region["startColumn"] = max(1, one.column)
        found["locations"] = [
            {"physicalLocation": {"artifactLocation": {"uri": _uri(one.path)}, "region": region}}
        ]
    return found


def _plain(text: str) -> str:
    """A message that a viewer shows as it is: no link, no placeholder."""
    return _PLACEHOLDER.sub(r"{{\1}}", text.replace("](", "] ("))


def _uri(path: Path) -> str:
    quoted = quote(path.as_posix(), errors="surrogatepass")
    return f"file://{quoted}" if path.is_absolute() else quoted


def _marks(found: Sequence[Finding]) -> list[str]:
    """A fingerprint for each: of kind, file and subject, and not of the line, so that it stays where lines move."""
    digests = [sha256(_identity(one).encode("utf-8", "backslashreplace")).hexdigest()[:16] for one in found]
    return [f"{digest}:{n}" for digest, n in zip(digests, numbered(digests), strict=True)]


def _identity(one: Finding) -> str:
    return json.dumps([one.kind.name, "" if one.path is None else one.path.as_posix(), one.subject])
