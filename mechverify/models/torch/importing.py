"""Python modules of a spec's folder, imported anew where they changed: what is verified is what the files say now.

Python keeps every module it has imported under its name alone. Two specs in two folders may each have a ``net.py``, and
a file may be changed between two calls in one process. So what a folder's modules are is kept here by folder, with what
their files said; nothing that was imported otherwise is taken for one of them.
"""

import hashlib
import importlib
import sys
import sysconfig
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

_Folders = tuple[Path, ...]
_Kept = Mapping[str, tuple[ModuleType, str]]
_kept: dict[_Folders, _Kept] = {}
# Parts of the paths of installed modules.
_INSTALLED = ("site-packages", "dist-packages", sysconfig.get_path("stdlib"))


def import_from(name: str, *folders: Path) -> ModuleType:
    """Import a module by name, from the folders in turn, then from what is installed.

    Raises what the module raises, ModuleNotFoundError where there is none.
    """
    places = tuple(f.resolve() for f in folders)
    with _set_aside(places), _first_on_path(places):
        importlib.invalidate_caches()
        sys.modules.update({n: module for n, (module, _) in _unchanged(places).items()})
        try:
            return importlib.import_module(name)
        finally:
            _kept[places] = {n: (m, _content(m)) for n, m in _of_folders(places).items()}


def _unchanged(places: _Folders) -> _Kept:
    """The folders' modules of the last time if no file of them is another one now, else none."""
    kept = _kept.get(places, {})
    return kept if all(_content(module) == said for module, said in kept.values()) else {}


def _content(module: ModuleType) -> str:
    file = _file(module)
    try:
        return "" if file is None else hashlib.sha256(Path(file).read_bytes()).hexdigest()
    except OSError:
        return "gone"


@contextmanager
def _first_on_path(places: _Folders) -> Iterator[None]:
    wrote = sys.dont_write_bytecode
    sys.path[:0] = [str(f) for f in places]
    sys.dont_write_bytecode = True
    try:
        yield
    finally:
        sys.dont_write_bytecode = wrote
        for folder in places:
            sys.path.remove(str(folder))


@contextmanager
def _set_aside(places: _Folders) -> Iterator[None]:
    """Without modules that could be mistaken for the folders' own; those of the caller are put back afterwards."""
    for kept in _kept.values():
        for name, (module, _) in kept.items():
            if sys.modules.get(name) is module:
                del sys.modules[name]
    aside = _of_folders(places)
    for name in aside:
        del sys.modules[name]
    try:
        yield
    finally:
        sys.modules.update(aside)


def _of_folders(places: _Folders) -> dict[str, ModuleType]:
    """The imported modules that are the folders' by their name or their file, and none that is installed."""
    tops = {p.stem for f in places if f.is_dir() for p in f.iterdir() if p.suffix == ".py" or p.is_dir()}
    return {n: m for n, m in list(sys.modules.items()) if _belongs(n, m, places, tops)}


def _belongs(name: str, module: ModuleType, places: _Folders, tops: set[str]) -> bool:
    top = name.partition(".")[0]
    if top in ("__main__", "mechverify") or top in sys.builtin_module_names:
        return False
    file = _file(module)
    if file is None:
        return top in tops
    if any(part in file for part in _INSTALLED):
        return False
    return top in tops or any(Path(file).resolve().is_relative_to(f) for f in places)


def _file(module: ModuleType) -> str | None:
    """Where a module comes from; asking a lazy one for an attribute would import more."""
    return getattr(module, "__dict__", {}).get("__file__")
