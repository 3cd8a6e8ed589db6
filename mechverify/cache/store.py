"""Entries of a cache: files that are written whole, found by a key, and the oldest of which go when there are too many.

An entry is a claim of whoever could write to the folder, and nothing more: what is read from it has to be checked.
"""

import hashlib
import json
import os
import re
import stat
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_VERSION = "1"
_LARGEST = 64 << 20
_NAME = re.compile(r"[0-9a-f]{64}")
_OURS = re.compile(r"[0-9a-f]{62}\.json|\.new\..*")
MOST_BYTES = 1 << 30


@dataclass(frozen=True, slots=True)
class Store:
    """A folder of entries. It is made when the first one is written; what cannot be written is left out, and what
    cannot be read is not there: a cache never makes a run fail. ``salt`` is a part of every key.
    """

    folder: Path
    salt: str = ""

    def get(self, key: str) -> Any:
        """The data of an entry; None where there is none that can be read. It counts as used now."""
        try:
            return json.loads(_read(self._file(key)).decode("ascii"))
        except (OSError, ValueError, RecursionError, MemoryError):
            return None

    def put(self, key: str, data: Any) -> None:
        """Write an entry whole, over any that is there."""
        with suppress(ValueError, TypeError, RecursionError):
            self._write(self._file(key), json.dumps(data, separators=(",", ":")).encode("ascii"))

    def _write(self, file: Path, text: bytes) -> None:
        temporary = None
        if len(text) > _LARGEST:
            return
        try:
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=file.parent, prefix=".new.")
            with os.fdopen(handle, "wb") as stream:
                stream.write(text)
            os.replace(temporary, file)
        except OSError:
            if temporary is not None:
                with suppress(OSError):
                    os.unlink(temporary)

    def drop(self, key: str) -> None:
        """Take an entry away."""
        with suppress(OSError):
            self._file(key).unlink()

    def taken_out(self) -> dict[str, str]:
        """The text of every entry, by its name."""
        found = {}
        for _, _, file in self._entries():
            with suppress(OSError, UnicodeDecodeError):
                if not file.name.startswith("."):
                    found[file.parent.name + file.stem] = _read(file).decode("ascii")
        return found

    def put_in(self, entries: Mapping[str, str]) -> None:
        """Entries that another store gave out, over those of the same name; what is no entry is left out."""
        for name, text in entries.items():
            if _NAME.fullmatch(name):
                self._write(self._place(name), text.encode("ascii", "replace"))

    def trim(self, most_bytes: int = MOST_BYTES) -> None:
        """Take away what was not used for longest, until what is left has at most so many bytes; and what runs that
        were killed have left half written, an hour ago at least. Files of others, and what links lead to, stay.
        """
        found = sorted(self._entries(), key=lambda one: -one[0])
        used = 0
        newest = found[0][0] if found else 0.0
        for when, size, file in found:
            half_written = file.name.startswith(".")
            used += 0 if half_written else size
            if used > most_bytes or (half_written and when < newest - 3600):
                with suppress(OSError):
                    file.unlink()

    def _entries(self) -> Iterator[tuple[float, int, Path]]:
        for place in (self.folder / f"v{_VERSION}").glob("[0-9a-f][0-9a-f]"):
            with suppress(OSError):
                for entry in [] if place.is_symlink() else list(os.scandir(place)):
                    if _OURS.fullmatch(entry.name) and not entry.is_dir(follow_symlinks=False):
                        about = entry.stat(follow_symlinks=False)
                        yield about.st_mtime, about.st_size, Path(entry.path)

    def _file(self, key: str) -> Path:
        return self._place(hashlib.sha256(json.dumps([self.salt, key]).encode("ascii")).hexdigest())

    def _place(self, name: str) -> Path:
        return self.folder / f"v{_VERSION}" / name[:2] / f"{name[2:]}.json"


def _read(file: Path) -> bytes:
    """What a file holds, which counts as used now. Raises OSError for what is no file of its own (a link, a pipe, a
    device) or too large.
    """
    handle = os.open(file, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    try:
        about = os.fstat(handle)
        if not stat.S_ISREG(about.st_mode) or about.st_size > _LARGEST:
            raise OSError("no entry")
        with os.fdopen(handle, "rb", closefd=False) as stream:
            data = stream.read(_LARGEST + 1)
        os.utime(handle)
    finally:
        os.close(handle)
    return data
