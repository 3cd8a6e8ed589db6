"""Every format in which a run's results can be written to a file: the one place to change for a new one.

What stands on the terminal is no file: it is shown spec by spec while the run goes on (``report/text/claims.py``).
"""

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mechverify.results import Report, SpecResult


@dataclass(frozen=True, slots=True)
class FileFormat:
    """A format. ``name``: the option of ``verify`` that takes the file; ``words``: what its help says. ``module`` has a
    ``function`` from the whole Report, also of a run without results, to text; it is imported where it is needed.

    ``from_repository``: its readers want paths as they are in the repository, whatever folder the run began in.
    ``parts``: the functions of a format that is written while the run goes on: of an empty Report, of each SpecResult,
    and of the Report at the end; their texts together are that of the whole.
    """

    name: str
    words: str
    module: str
    function: str
    from_repository: bool = False
    parts: tuple[str, str, str] | None = None

    @property
    def option(self) -> str:
        """The option as it is written on the command line."""
        return f"--{self.name}"

    def text(self, report: "Report") -> str:
        """The report in this format."""
        return self._written(self.function, report)

    def beginning(self, report: "Report") -> str:
        """What can be written before anything is known; nothing for a format that is written at the end."""
        return "" if self.parts is None else self._written(self.parts[0], report)

    def of_spec(self, spec: "SpecResult") -> str:
        """What can be written once a spec is finished."""
        return "" if self.parts is None else self._written(self.parts[1], spec)

    def end(self, report: "Report") -> str:
        """What is left to write at the end: the whole report, where nothing was written before."""
        return self.text(report) if self.parts is None else self._written(self.parts[2], report)

    def _written(self, function: str, results: Any) -> str:
        written = getattr(import_module(self.module), function)(results)
        if not isinstance(written, str):
            raise TypeError(f"{self.module}.{function} gives no text")
        return written


FILE_FORMATS = (
    FileFormat("json", "Write the results here too.", "mechverify.report.json.claims", "report_json"),
    FileFormat(
        "jsonl",
        "The same as lines, an object each, written as each spec is finished.",
        "mechverify.report.json.lines",
        "report_lines",
        parts=("run_line", "spec_lines", "summary_line"),
    ),
    FileFormat(
        "junit",
        "Write JUnit XML here: a test case for each claim.",
        "mechverify.report.ci.junit",
        "report_junit",
        from_repository=True,
    ),
    FileFormat(
        "sarif",
        "Write SARIF 2.1.0 here: a result for each thing to look at.",
        "mechverify.report.ci.sarif",
        "report_sarif",
        from_repository=True,
    ),
)
