"""Paths as they are in the repository, for readers that know nothing of the folder in which a run began."""

import os
from dataclasses import replace
from pathlib import Path

from mechverify.errors import Diagnostic
from mechverify.results import Report, SpecResult


def in_repository(report: Report) -> Report:
    """The report with the paths of its specs as they are in their repository."""
    return replace(report, specs=tuple(_spec(spec) for spec in report.specs))


def repository_path(path: Path) -> Path:
    """The path from the nearest folder above it that has a ``.git``, otherwise from the current folder; absolute where
    it is not below that.
    """
    whole = Path(os.path.abspath(path))
    for folder in whole.parents:
        if (folder / ".git").exists():
            return whole.relative_to(folder)
    here = Path.cwd()
    return whole.relative_to(here) if whole.is_relative_to(here) else whole


def _spec(spec: SpecResult) -> SpecResult:
    return replace(spec, path=repository_path(spec.path), errors=tuple(_diagnostic(one) for one in spec.errors))


def _diagnostic(one: Diagnostic) -> Diagnostic:
    return replace(one, path=str(repository_path(Path(one.path))))
