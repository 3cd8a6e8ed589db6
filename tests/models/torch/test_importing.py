"""What is verified is what the files of the spec's folder say now, whatever was imported under their names before."""

import os
import sys
from pathlib import Path
from types import ModuleType

import pytest

from mechverify.models.torch.importing import import_from


def written(folder: Path, **files: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        path = folder / f"{name}.py"
        path.write_text(text)
        later = path.stat().st_mtime_ns + 10_000_000_000 * len(list(folder.iterdir()))
        os.utime(path, ns=(later, later))
    return folder


MAIN = "from a_sibling import K\ndef value():\n    return K\n"


def test_each_folder_has_modules_of_its_own(tmp_path: Path) -> None:
    a = written(tmp_path / "a", a_main=MAIN, a_sibling="K = 2")
    b = written(tmp_path / "b", a_main=MAIN, a_sibling="K = 3")
    values = [import_from("a_main", folder).value() for folder in (a, b, a, b)]
    assert values == [2, 3, 2, 3]


def test_a_file_that_changed_is_read_again(tmp_path: Path) -> None:
    a = written(tmp_path / "a", a_main=MAIN, a_sibling="K = 2")
    first = import_from("a_main", a)
    assert import_from("a_main", a) is first
    written(a, a_sibling="K = 44")
    assert import_from("a_main", a).value() == 44
    assert first.value() == 2


def test_what_the_caller_imported_is_not_taken_and_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = ModuleType("a_sibling")
    mine.__file__ = str(tmp_path / "elsewhere" / "a_sibling.py")
    monkeypatch.setitem(sys.modules, "a_sibling", mine)
    assert import_from("a_main", written(tmp_path / "a", a_main=MAIN, a_sibling="K = 5")).value() == 5
    assert sys.modules["a_sibling"] is mine


def test_installed_modules_are_not_imported_anew(tmp_path: Path) -> None:
    import numpy as np

    folder = written(tmp_path / "a", numpy="raise RuntimeError", a_user="import json, numpy\nfound = numpy, json\n")
    assert import_from("a_user", folder).found == (np, sys.modules["json"])


def test_nothing_is_left_on_the_path_and_nothing_is_written(tmp_path: Path) -> None:
    before = list(sys.path)
    folder = written(tmp_path / "a", broken="import a_missing_one")
    with pytest.raises(ModuleNotFoundError, match="a_missing_one"):
        import_from("broken", folder)
    assert sys.path == before
    assert [p.name for p in folder.iterdir()] == ["broken.py"]
