"""A run of ``verify`` between its arguments and its report."""

import gc
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from mechverify import __version__
from mechverify.cli.progress import shown_progress
from mechverify.cli.result_files import ResultFiles
from mechverify.cli.spec_paths import find_specs
from mechverify.deciding.options import VerifyOptions
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
    written = ResultFiles(files)
    report = Report(f"mechverify {__version__}", ())
    written.begin(report)
    found = find_specs(paths)
    shown: list[SpecResult] = []

    def tell(spec: SpecResult) -> None:
        shown.append(spec)
        show(spec)
        written.add(spec)

    try:
        if found.specs:
            from mechverify import api

            if not gc.get_freeze_count():
                gc.freeze()  # what is imported by now stays, here and in whatever is forked

            with shown_progress() as display:

                def finished(spec: SpecResult) -> None:
                    if _counts(spec, options):
                        with nullcontext() if display is None else display.aside():
                            tell(spec)

                def heard(event: "ProgressEvent") -> None:
                    if event.stage == "searching":
                        import_renderer()  # while other processes work
                    if display is not None:
                        display(event)

                report = api.verify_paths(found.specs, options, heard, finished)
        report = _completed(report, found.barren, options)
        for spec in report.specs:
            if not any(spec is one for one in shown):
                tell(spec)
    except BaseException:
        written.fail(report)
        raise
    written.end(report)
    return report


def _completed(report: Report, barren: Sequence[Path], options: VerifyOptions) -> Report:
    """Specs without a claim of the names asked for left out; folders without specs put in."""
    specs = [spec for spec in report.specs if _counts(spec, options)]
    specs += [SpecResult(folder, None, None, (), ()) for folder in barren]
    return replace(report, specs=tuple(specs))


def _counts(spec: SpecResult, options: VerifyOptions) -> bool:
    return bool(spec.claims or spec.errors or not options.claims)
