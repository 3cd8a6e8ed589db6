"""Which files of the given paths are specs to verify."""

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from mechverify.errors import UsageError

_SPEC = re.compile(r"^(?:---[ \t]+)?(?:\{[ \t]*)?[\"']?mechverify[\"']?[ \t]*:", re.MULTILINE)
_CLAIMS = re.compile(r"^[\"']?claims[\"']?[ \t]*:", re.MULTILINE)
_USE = re.compile(r"^[\"']?use[\"']?[ \t]*:(.*(?:\n(?:[ \t]+|-[ \t]).*)*)", re.MULTILINE)
_SEPARATORS = re.compile(r"[\[\],\"'#\n]")
_MAX_BYTES = 256 * 1024
_SKIPPED_FOLDERS = frozenset(("models", "node_modules", "__pycache__"))


@dataclass(frozen=True, slots=True)
class Found:
    """Specs in order, each once, and the given folders that hold none."""

    specs: tuple[Path, ...]
    barren: tuple[Path, ...]


def find_specs(paths: Sequence[Path]) -> Found:
    """Files are taken as they are. Of a folder: every YAML file with the key ``mechverify``, in order of path; devices
    and pipes are none.

    Skipped in folders: hidden folders and ``models``, and files without claims that another spec of the run names under
    ``use``. Raises UsageError for a file that cannot be read.
    """
    specs: dict[Path, Path] = {}
    texts: dict[Path, str] = {}
    barren = []
    for path in paths:
        if not path.is_dir():
            specs.setdefault(path.resolve(), path)
            continue
        found = {file: text for file in _yaml_files(path) if _SPEC.search(text := _read(file))}
        if not found:
            barren.append(path)
        for file, text in found.items():
            texts[file.resolve()] = text
            specs.setdefault(file.resolve(), file)
    shared = set(_used(texts.items()))
    named = {path.resolve() for path in paths}
    kept = [
        shown
        for file, shown in specs.items()
        if file in named or file not in shared or _CLAIMS.search(texts.get(file, ""))
    ]
    return Found(tuple(kept), tuple(barren))


def _yaml_files(folder: Path) -> Iterator[Path]:
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(f for f in folders if not f.startswith(".") and f not in _SKIPPED_FOLDERS)
        for name in sorted(files):
            file = Path(place) / name
            if name.endswith((".yaml", ".yml")) and not name.startswith(".") and file.is_file():
                yield file


def _read(file: Path) -> str:
    """The start of a file, as much as a spec may have."""
    try:
        with file.open("rb") as stream:
            return stream.read(_MAX_BYTES).decode("utf-8-sig", "replace").replace("\r\n", "\n")
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}") from error


def _used(texts: Iterable[tuple[Path, str]]) -> Iterator[Path]:
    for file, text in texts:
        for block in _USE.findall(text):
            for part in _SEPARATORS.split(block):
                name = part.strip().removeprefix("- ").strip()
                if name.endswith((".yaml", ".yml")) and "\0" not in name:
                    yield (file.parent / name).resolve()
