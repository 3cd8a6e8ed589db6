"""Entries are whole or not there, whoever is killed while writing them, and nothing that stands in a folder makes a run
fail.
"""

import json
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from waiting import line_in

from mechverify.cache.store import Store

WRITER = """
import sys
from pathlib import Path
from mechverify.cache.store import Store
store = Store(Path(sys.argv[1]))
print("ready", flush=True)
for n in range(10**9):
    store.put("key", [n] * 200_000)
"""


def entry(store: Store) -> Path:
    (file,) = store.folder.rglob("*.json")
    return file


def test_what_is_put_is_found_by_its_key_and_salt(tmp_path: Path) -> None:
    store = Store(tmp_path / "cache", "salt")
    assert store.get("a") is None
    store.put("a", {"steps": [["leaf"]]})
    assert store.get("a") == {"steps": [["leaf"]]}
    assert store.get("b") is None
    assert Store(tmp_path / "cache", "other").get("a") is None
    store.drop("a")
    store.drop("a")
    assert store.get("a") is None
    assert list((tmp_path / "cache").rglob(".new.*")) == []


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[" * 100_000, b"1" * 5_000, b'"\xc3\xa9"', b"NaNs"])
def test_what_cannot_be_read_is_not_there(tmp_path: Path, content: bytes) -> None:
    store = Store(tmp_path)
    store.put("a", 1)
    entry(store).write_bytes(content)
    assert store.get("a") is None


@pytest.mark.parametrize("kind", ["pipe", "device", "link", "folder"])
def test_what_is_no_file_of_its_own_is_not_there(tmp_path: Path, kind: str) -> None:
    """A pipe would be waited for, a device read without end, and what a link leads to would be taken for used."""
    store = Store(tmp_path)
    store.put("a", 1)
    file, other = entry(store), tmp_path / "other"
    other.write_text("2")
    file.unlink()
    if kind == "pipe":
        os.mkfifo(file)
    elif kind == "folder":
        file.mkdir()
    else:
        file.symlink_to("/dev/zero" if kind == "device" else other)
    assert store.get("a") is None
    store.put("a", 3)
    assert store.get("a") == (None if kind == "folder" else 3)
    store.trim(0)
    assert other.read_text() == "2"


def test_files_of_others_are_left(tmp_path: Path) -> None:
    """A folder that has other things in it, or links to them."""
    home, store = tmp_path / "home", Store(tmp_path / "cache")
    store.put("a", 1)
    others = [home / ".profile", home / "a.json", store.folder / "v1" / ".env",
              store.folder / "v1" / "ab" / ".netrc", store.folder / "v1" / "ab" / "notes.json"]  # fmt: skip
    for file in others:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("theirs")
        os.utime(file, (1_000, 1_000))
    (store.folder / "v1" / "cd").symlink_to(home)
    store.trim(0)
    assert [file for file in others if not file.exists()] == []
    assert store.get("a") is None


def test_a_folder_that_cannot_be_written_to_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    store = Store(tmp_path / "file")
    store.put("a", 1)
    assert store.get("a") is None
    store.trim()
    here = Store(tmp_path)
    here.put("a", object())
    here.put("b", {"x": "\ud800"})
    assert (here.get("a"), here.get("b")) == (None, {"x": "\ud800"})


def test_what_was_not_used_for_longest_goes_first(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for n, key in enumerate("abc"):
        store.put(key, "x" * 1000)
        os.utime(store._file(key), (10_000 + n, 10_000 + n))
    half = store._file("a").parent / ".new.half"
    half.write_text("torn")
    os.utime(half, (1_000, 1_000))
    assert store.get("a") is not None  # which counts as a use
    store.trim(2_500)
    assert [key for key in "abc" if store.get(key) is not None] == ["a", "c"]
    assert not half.exists()


def kill_writers(folder: Path, times: int) -> None:
    """Kill processes that write one entry again and again, at random moments; what is left is always whole."""
    rng, store = random.Random(0), Store(folder / "cache")
    for n in range(times):
        ready = folder / f"ready{n}"
        with ready.open("w") as out:
            writer = subprocess.Popen([sys.executable, "-c", WRITER, str(store.folder)], stdout=out)
        line_in(ready)
        for _ in range(rng.randrange(3_000)):
            entry_is_whole(store)
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        entry_is_whole(store)


def entry_is_whole(store: Store) -> None:
    file = store._file("key")
    if file.exists() and random.random() < 0.01:
        found = json.loads(file.read_bytes())
        assert len(found) == 200_000


def test_a_writer_that_is_killed_leaves_no_torn_entry(tmp_path: Path) -> None:
    kill_writers(tmp_path, 3)


@pytest.mark.campaign
def test_two_hundred_writers_that_are_killed_leave_no_torn_entry(tmp_path: Path) -> None:
    kill_writers(tmp_path, 200)


def test_entries_that_were_taken_out_are_found_where_they_are_put_in(tmp_path: Path) -> None:
    one, other = Store(tmp_path / "one", "salt"), Store(tmp_path / "other", "salt")
    one.put("a", [1])
    one.put("b", {"c": "d"})
    (tmp_path / "one" / "v1" / "ab").mkdir(exist_ok=True)
    (tmp_path / "one" / "v1" / "ab" / ".new.half").write_text("[")
    found = one.taken_out()
    assert len(found) == 2
    other.put("a", [2])
    other.put_in(found)
    assert (other.get("a"), other.get("b")) == ([1], {"c": "d"})


def test_what_is_no_name_of_an_entry_is_not_put_in(tmp_path: Path) -> None:
    store = Store(tmp_path / "cache")
    names = ["", "x", "../" * 20 + "a" * 4, "A" * 64, "0" * 63, "0" * 65, "0" * 64 + "\n", "/" + "0" * 63]
    store.put_in(dict.fromkeys(names, "[]"))
    assert list(tmp_path.rglob("*")) == []
    store.put_in({"0" * 64: "\u00e4 no JSON", "1" * 64: "[" * 70_000_000})
    assert [path.name for path in tmp_path.rglob("*.json")] == ["0" * 62 + ".json"]
