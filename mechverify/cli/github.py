"""What GitHub Actions is told of a run: annotations on standard output, and the summary of the step."""

import os
from pathlib import Path

from mechverify.cli.output import write_as_it_is
from mechverify.cli.repository import in_repository
from mechverify.errors import UsageError
from mechverify.report.ci.github import MOST_BYTES, annotations, summary
from mechverify.results import Report

_SUMMARY = "GITHUB_STEP_SUMMARY"


def tell_github(report: Report) -> None:
    """Print annotations, and add to the file of the step's summary what has room in it.

    Raises UsageError where that file cannot be written to.
    """
    placed = in_repository(report)
    write_as_it_is(annotations(placed))
    name = os.environ.get(_SUMMARY)
    if not name:
        return
    file = Path(name)
    try:
        size = file.stat().st_size if file.exists() else 0
        with file.open("ab") as stream:
            stream.write(summary(placed, MOST_BYTES - size).encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise UsageError(f"{_SUMMARY}: {file} cannot be written to: {error.strerror}") from error
