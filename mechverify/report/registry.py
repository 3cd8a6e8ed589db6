"""Every format in which a run's results can be written to a file: the one place to change for a new one.

What stands on the terminal is no file: it is shown spec by spec while the run goes on (``report/text/claims.py``).
"""

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mechverify.results import Report


@dataclass(frozen=True, slots=True)
class FileFormat:
    """A format. ``name``: the option of ``verify`` that takes the file; ``words``: what its help says. ``module`` has a
    ``function`` from the whole Report, also of a run without results, to text; it is imported where it is needed.
    """

    name: str
    words: str
    module: str
    function: str

    @property
    def option(self) -> str:
        """The option as it is written on the command line."""
        return f"--{self.name}"

    def text(self, report: "Report") -> str:
        """The report in this format."""
        written = getattr(import_module(self.module), self.function)(report)
        if not isinstance(written, str):
            raise TypeError(f"{self.module}.{self.function} gives no text")
        return written


FILE_FORMATS = (FileFormat("json", "Write the results here too.", "mechverify.report.json.claims", "report_json"),)
