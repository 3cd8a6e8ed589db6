"""A run of ``verify`` between its arguments and its report."""

import gc
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from mechverify import __version__
from mechverify.cli.progress import shown_progress
from mechverify.cli.spec_paths import find_specs
from mechverify.deciding.options import VerifyOptions
from mechverify.errors import UsageError
from mechverify.report.json.claims import write_atomically
from mechverify.report.registry import FileFormat
from mechverify.report.text.claims import import_renderer
from mechverify.results import Report, SpecResult

if TYPE_CHECKING:
    from mechverify.deciding.options import ProgressEvent


def run_verification(
    paths: Sequence[Path],
    options: VerifyOptions,
    files: Mapping[FileFormat, Path],
    show: Callable[[SpecResult], None],
) -> Report:
    """Verify, show each spec's result as soon as it is there, and write the files. A run that fails leaves files
    without results, never older ones.

    Raises UsageError for places that cannot be written to, and what ``api.verify_paths`` raises.
    """
    for one, file in files.items():
        check_folder(file, one.option)
    report = Report(f"mechverify {__version__}", ())
    for one, file in files.items():
        if file.is_file():
            write_atomically(file, one.text(report))  # a run that is killed leaves this, and no older results
    found = find_specs(paths)
    shown: list[SpecResult] = []
    try:
        if found.specs:
            from mechverify import api

            if not gc.get_freeze_count():
                gc.freeze()  # what is imported by now stays, here and in whatever is forked

            with shown_progress() as display:

                def finished(spec: SpecResult) -> None:
                    if _counts(spec, options):
                        shown.append(spec)
                        with nullcontext() if display is None else display.aside():
                            show(spec)

                def heard(event: "ProgressEvent") -> None:
                    if event.stage == "searching":
                        import_renderer()  # while other processes work
                    if display is not None:
                        display(event)

                report = api.verify_paths(found.specs, options, heard, finished)
        report = _completed(report, found.barren, options)
        for spec in report.specs:
            if not any(spec is one for one in shown):
                show(spec)
    finally:
        for one, file in files.items():
            write_atomically(file, one.text(report))
    return report


def _completed(report: Report, barren: Sequence[Path], options: VerifyOptions) -> Report:
    """Specs without a claim of the names asked for left out; folders without specs put in."""
    specs = [spec for spec in report.specs if _counts(spec, options)]
    specs += [SpecResult(folder, None, None, (), ()) for folder in barren]
    return replace(report, specs=tuple(specs))


def _counts(spec: SpecResult, options: VerifyOptions) -> bool:
    return bool(spec.claims or spec.errors or not options.claims)


def check_folder(file: Path | None, option: str = "--json") -> None:
    """Raise UsageError for a file to write whose folder is not there or cannot be written to."""
    if file is None:
        return
    folder = file.parent
    if not folder.is_dir():
        raise UsageError(f"{option} {file}: there is no folder {folder}")
    if not os.access(folder, os.W_OK):
        raise UsageError(f"{option} {file}: the folder {folder} cannot be written to")
