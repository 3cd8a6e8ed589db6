"""The reader's own settings: which folders they trust, in a file of their configuration folder.

Leave to run the Python of a model comes from the reader alone. Nothing in the tree that is verified can give it: no
file there is looked at for settings, and a configuration file that lies in that tree gives none.
"""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mechverify.errors import UsageError

_KEY = "trusted-folders"
_MAX_BYTES = 2**20
_REPOSITORIES = (".git", ".hg", ".svn", ".jj")


@dataclass(frozen=True, slots=True)
class TrustedFolders:
    """The folders whose Python may run, links followed, as ``file`` names them. ``named`` are the folders that the
    reader has asked about; all that lies in them is under examination.
    """

    file: Path | None = None
    folders: tuple[Path, ...] = ()
    named: tuple[Path, ...] = ()

    def hold(self, folder: Path) -> bool:
        """Whether the Python in a folder may run, by its real path."""
        real = folder.resolve()
        return any(real.is_relative_to(f) for f in self.folders) and not self._inside(real)

    def hint(self, folder: Path) -> str:
        """What to do for the Python of a folder that does not hold leave."""
        if self.file is not None and self._inside(folder.resolve()):
            return f"pass --allow-code; {self.file} gives no leave, because it lies in the tree that is verified"
        return f"pass --allow-code, or name the folder under `{_KEY}` in {_shown()}; a pyproject.toml gives no leave"

    def _inside(self, folder: Path) -> bool:
        """Whether the settings lie in the tree of a folder: in it, in its repository, or in a folder asked about."""
        if self.file is None:
            return False
        places = (Path(os.path.abspath(self.file)), self.file.resolve())
        trees = [*(n.resolve() for n in self.named), _tree(folder)]
        return any(place.is_relative_to(tree) for place in places for tree in trees)


def _shown() -> str:
    try:
        file, home = configuration_file(), Path.home()
    except RuntimeError:
        return "your settings"
    return f"~/{file.relative_to(home)}" if file.is_relative_to(home) else str(file)


NONE_TRUSTED = TrustedFolders()


def _tree(folder: Path) -> Path:
    """The outermost repository that a folder lies in, or the folder itself."""
    roots = [p for p in (folder, *folder.parents) if any((p / mark).exists() for mark in _REPOSITORIES)]
    return roots[-1] if roots else folder


def configuration_file() -> Path:
    """Where the reader's settings are: ``mechverify/config.toml`` in XDG_CONFIG_HOME (default ``~/.config``), on macOS
    in ``~/Library/Application Support``. A relative XDG_CONFIG_HOME does not count.
    """
    given = os.environ.get("XDG_CONFIG_HOME", "")
    if os.path.isabs(given):
        folder = Path(given)
    else:
        folder = Path.home() / ("Library/Application Support" if sys.platform == "darwin" else ".config")
    return folder / "mechverify" / "config.toml"


def trusted_folders(paths: Sequence[Path] = ()) -> TrustedFolders:
    """The folders that the reader's settings name, for a run over these specs and folders.

    Raises UsageError for a file or a setting that cannot be read.
    """
    try:
        file = configuration_file()
        if not file.is_file():
            return NONE_TRUSTED
    except (RuntimeError, OSError):  # no home folder
        return NONE_TRUSTED
    named = tuple(p if p.is_dir() else p.parent for p in paths)
    return TrustedFolders(file, tuple(_folder(file, entry) for entry in _entries(file)), named)


def _entries(file: Path) -> list[Any]:
    import tomllib  # noqa: PLC0415

    try:
        with file.open("rb") as stream:
            text = stream.read(_MAX_BYTES + 1)
        if len(text) > _MAX_BYTES:
            raise UsageError(f"{file} cannot be read: more than {_MAX_BYTES:,} bytes")
        data = tomllib.loads(text.decode("utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{file} cannot be read: {error}") from error
    unknown = sorted(set(data) - {_KEY})
    if unknown:
        raise UsageError(f"{file}: there is no setting {unknown[0]!r}; the one there is: {_KEY}")
    entries = data.get(_KEY, [])
    if not isinstance(entries, list):
        raise UsageError(f'{file}: {_KEY} is a list of folders, as in ["~/specs"]')
    return entries


def _folder(file: Path, entry: object) -> Path:
    written = Path(entry).expanduser() if isinstance(entry, str) and entry.startswith("~/") else entry
    folder = Path(written) if isinstance(written, str | Path) else Path()
    if not folder.is_absolute():
        raise UsageError(f"{file}: {_KEY} names {entry!r}; a folder starts at / or ~/, as in /home/ada/specs")
    return folder.resolve()
