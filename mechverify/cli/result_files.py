"""The files that a run leaves: none with older results, none torn, however the run ends."""

import os
from collections.abc import Mapping
from pathlib import Path

from mechverify.cli.repository import in_repository
from mechverify.errors import UsageError
from mechverify.report.json.claims import write_atomically
from mechverify.report.registry import FileFormat
from mechverify.results import Report, SpecResult


class ResultFiles:
    """Files by their formats. A regular file is replaced as a whole each time that there is more to write; to a pipe
    only what is new is written.
    """

    def __init__(self, files: Mapping[FileFormat, Path]) -> None:
        """Raises UsageError for a folder that cannot be written to."""
        for one, file in files.items():
            check_folder(file, one.option)
        self._files = files
        self._written = dict.fromkeys(files, "")

    def begin(self, report: Report) -> None:
        """Put a report without results in the place of older ones: a run that is killed leaves this."""
        for one, file in self._files.items():
            if one.parts is not None:
                self._more(one, one.beginning(report))
            elif file.is_file() and not _flows(file):
                write_atomically(file, one.text(_told(one, report)))

    def add(self, spec: SpecResult) -> None:
        """Write what can be told once a spec is finished."""
        for one in self._files:
            if one.parts is not None:
                self._more(one, one.of_spec(spec))

    def end(self, report: Report) -> None:
        """Write what is left."""
        for one in self._files:
            self._more(one, one.end(_told(one, report)))

    def fail(self, report: Report) -> None:
        """Leave a report without results; what was written while the run went on stays as it is, without its end."""
        for one, file in self._files.items():
            if one.parts is None and not _flows(file):
                write_atomically(file, one.text(_told(one, report)))

    def _more(self, one: FileFormat, text: str) -> None:
        file = self._files[one]
        if _flows(file):
            with file.open("ab") as stream:
                stream.write(text.encode("utf-8", "backslashreplace"))
            return
        self._written[one] += text
        write_atomically(file, self._written[one])


def _flows(file: Path) -> bool:
    """Whether what is written to it is on its way to somebody: a pipe, or an open stream by its name."""
    return file.is_relative_to("/dev") or (file.exists() and not file.is_file())


def _told(one: FileFormat, report: Report) -> Report:
    return in_repository(report) if one.from_repository else report


def check_folder(file: Path | None, option: str = "--json") -> None:
    """Raise UsageError for a file to write whose folder is not there or cannot be written to."""
    if file is None:
        return
    folder = file.parent
    if not folder.is_dir():
        raise UsageError(f"{option} {file}: there is no folder {folder}")
    if not os.access(folder, os.W_OK):
        raise UsageError(f"{option} {file}: the folder {folder} cannot be written to")
