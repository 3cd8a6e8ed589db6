"""The lock file is read as it was written, sorted, and nothing else is taken for one."""

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from hostile_strings import HOSTILE
from report_samples import EVERY_CLAIM, OPEN, PARTLY, REALS, claim

from mechverify.errors import UsageError
from mechverify.lock.file import Locked, lock_text, locked_of, read_lock
from mechverify.verdict import Assurance, Verdict

ONE = Locked(Verdict.PROVED, Assurance.CHECKED, 10**30, "ab" * 32, "cd" * 32)


def test_what_is_locked_of_a_claim() -> None:
    assert locked_of(replace(claim(), formal="f")) == Locked(Verdict.PROVED, Assurance.CHECKED, 1_000_001, None, "f")
    assert locked_of(PARTLY).inputs == 60
    assert (locked_of(OPEN).verdict, locked_of(OPEN).assurance) == (Verdict.OPEN, None)
    assert locked_of(REALS).inputs is None


def test_it_is_read_as_it_was_written_and_sorted(tmp_path: Path) -> None:
    claims = {f"specs/{k}.yaml#{one.name}": locked_of(one) for k, one in enumerate(EVERY_CLAIM)} | {"a#b": ONE}
    file = tmp_path / "mechverify.lock"
    text = lock_text(dict(reversed(claims.items())))
    file.write_text(text, encoding="utf-8")
    assert read_lock(file) == claims
    assert text == lock_text(read_lock(file))
    keys = [key for key in tomllib.loads(text) if key != "format"]
    assert keys == sorted(keys)


def test_hostile_names_stay_names(tmp_path: Path) -> None:
    names = {f"{text}.yaml#{text}".replace("\ud800", "?"): ONE for text in HOSTILE}
    file = tmp_path / "mechverify.lock"
    file.write_text(lock_text(names), encoding="utf-8", newline="")
    assert read_lock(file) == names


@pytest.mark.parametrize(
    "text",
    [
        "", "format = 2\n", "format = 1\nx = 3\n", "format = 1\n[a]\nverdict = 'PROVEN'\n", "format = 1\n[a]\n",
        "format = 1\n[a]\nverdict = 'PROVED'\nassurance = 'sure'\n", "\x00",
        "format = 1\n[a]\nverdict = 'PROVED'\ninputs = 'many'\n", "format = 1\n[a]\nverdict = 'PROVED'\ninputs = 3\n",
        "format = 1\n[a]\nverdict = 'PROVED'\nsurely = 'yes'\n", "format = 1\n" + "[" * 100_000,
    ],
)  # fmt: skip
def test_anything_else_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "mechverify.lock"
    file.write_text(text)
    with pytest.raises(UsageError, match="no lock file"):
        read_lock(file)


def test_one_that_is_not_there_says_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="`mechverify lock` writes one"):
        read_lock(tmp_path / "mechverify.lock")
