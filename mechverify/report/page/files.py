"""Pages as files: one with all specs, or a folder with an index, ready to be published."""

import os
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from mechverify.dossier_results import Dossiers
from mechverify.errors import UsageError
from mechverify.report.json.claims import write_atomically
from mechverify.report.page.page import index_html, page_html

INDEX = "index.html"


def is_one_file(output: Path) -> bool:
    """Whether a place is one file for all pages, and no folder."""
    return not output.is_dir() and (output.exists() or output.suffix.lower() in (".html", ".htm"))


def refuse_unwritable(output: Path) -> None:
    """Raise UsageError for a place that pages cannot be written to."""
    folder = output.parent if is_one_file(output) else output
    if not is_one_file(output) and not output.exists():
        folder = output.parent
    if not folder.is_dir():
        raise UsageError(f"-o {output}: there is no folder {folder}")
    if not os.access(folder, os.W_OK):
        raise UsageError(f"-o {output}: the folder {folder} cannot be written to")


def write_pages(found: Dossiers, output: Path) -> tuple[Path, ...]:
    """Write the pages, each whole or not at all; the files that were written, the one to open first."""
    if is_one_file(output):
        write_atomically(output, page_html(found))
        return (output,)
    names = page_names([one.result.path for one in found.specs])
    for name, one in zip(names, found.specs, strict=True):
        write_page(replace(found, specs=(one,)), output, name)
    write_atomically(output / INDEX, index_html(found, names))
    return (output / INDEX, *(output / name for name in names))


def write_page(found: Dossiers, folder: Path, name: str) -> None:
    """Write one page of a folder, which is made where it is not there: what is found is not lost with what comes
    after it.
    """
    folder.mkdir(exist_ok=True)
    write_atomically(folder / name, page_html(found))


def page_names(paths: Sequence[Path]) -> tuple[str, ...]:
    """A file name for each spec's page, unlike all others and the index."""
    taken = {INDEX}
    names = []
    for path in paths:
        stem = re.sub(r"[^A-Za-z0-9_.-]+", "_", path.stem) or "spec"
        name, k = f"{stem}.html", 2
        while name.lower() in taken:
            name, k = f"{stem}-{k}.html", k + 1
        taken.add(name.lower())
        names.append(name)
    return tuple(names)
