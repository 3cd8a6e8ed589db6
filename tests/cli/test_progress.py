"""The display of work under way."""

import os
import pty
import re
import select
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from report_samples import claim
from waiting import HANG

from mechverify.cli.progress import Board, Log, fitted, redrawn, shown_progress
from mechverify.deciding.options import ProgressEvent


def event(
    name: str, stage: str = "searching", *, engine: str | None = None, done: int = 0, total: int = 3
) -> ProgressEvent:
    return ProgressEvent(Path("s.yaml"), name, stage, engine, done, total, claim() if stage == "done" else None)


def test_what_has_not_begun_has_no_name() -> None:
    assert Board(lambda: 0.0).line() == "mechverify: reading · under 1 ms in all\n"


def test_claims_come_and_go() -> None:
    now = [100.0]
    board = Board(lambda: now[0])
    assert board.lines() == []
    board.tell(event("", "reading", total=0))
    assert [line[2:] for line in board.lines()] == ["reading s.yaml · under 1 ms"]
    board.tell(event("doubles"))
    now[0] += 2
    board.tell(event("adds", "checking", engine="smt"))
    board.tell(event("doubles", "checking", engine="branch_and_bound"))
    assert sorted(line[2:] for line in board.lines()) == [
        "checking adds with smt · under 1 ms",
        "checking doubles with branch_and_bound · 2.0 s",
        f"{'╌' * 24} 0 of 3 claims of s.yaml decided · 2.0 s in all",
    ]
    board.tell(event("doubles", "done", done=1))
    assert [line[2:] for line in board.lines()] == [
        "checking adds with smt · under 1 ms",
        f"{'━' * 8}{'╌' * 16} 1 of 3 claims of s.yaml decided · 2.0 s in all",
    ]
    assert board.line() == "mechverify: 1 of 3 claims of s.yaml decided · 2.0 s in all\n"


def test_many_claims_are_cut() -> None:
    board = Board()
    for i in range(30):
        board.tell(event(f"c{i}", total=30))
    assert len(board.lines()) == 9


def test_names_cannot_write_to_the_terminal() -> None:
    board = Board()
    board.tell(event("\x1b[2Jevil\r\n"))
    assert "\x1b" not in board.lines()[0]


def test_lines_fit() -> None:
    assert fitted("abc", 5) == "abc"
    assert fitted("abcdef", 5) == "abcde"
    assert fitted("数字数字", 5) == "数字"


def test_a_frame_erases_the_one_before() -> None:
    assert redrawn(["a", "b"], 3, 80) == "\r\x1b[2A\x1b[J\x1b[2ma\x1b[22m\n\x1b[2mb\x1b[22m"
    assert redrawn([], 1, 80) == "\r\x1b[J"


def test_a_log_gets_a_line_each_minute_and_no_more(capfd: pytest.CaptureFixture[str]) -> None:
    with shown_progress() as tell:
        assert isinstance(tell, Log)
        tell(event("doubles"))
        with tell.aside():
            pass
    assert capfd.readouterr().err == ""  # no minute has passed


def test_a_line_of_a_log_is_one_line_and_cannot_write_to_a_terminal() -> None:
    read, write = os.pipe()
    with Log(Board(), write, 1e-3) as log:
        log(replace(event("doubles"), spec=Path("\x1b[2Jevil\n.yaml")))
        with os.fdopen(read, "rb") as stream:
            lines = (line.decode() for line in stream)
            told = next(line for line in lines if not line.startswith("mechverify: reading"))
    assert told.startswith("mechverify: 0 of 3 claims of \\x1b[2Jevil .yaml decided · ")


def read_until(terminal: int, words: str) -> str:
    """What a terminal shows up to the first reading with these words."""
    shown = ""
    while words not in shown:
        assert select.select([terminal], [], [], HANG)[0], shown
        shown += os.read(terminal, 65536).decode()
    return shown


def read_all(terminal: int) -> str:
    """What has been written to a terminal, by somebody who has ended."""
    shown = ""
    while select.select([terminal], [], [], 0.0)[0]:
        shown += os.read(terminal, 65536).decode()
    return shown


def test_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    master, slave = pty.openpty()
    with os.fdopen(slave, "w") as terminal:
        monkeypatch.setattr(sys, "stderr", terminal)
        monkeypatch.setenv("TERM", "xterm")
        with shown_progress() as tell:
            assert tell is not None
            tell(event("doubles"))
            shown = read_until(master, "decided")
        shown += read_all(master)
    os.close(master)
    assert "searching doubles" in shown
    assert shown.endswith("\x1b[J")
    assert re.search(r"0 of 3 claims of s.yaml decided", shown)


def test_what_is_written_aside_stands_between_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    master, slave = pty.openpty()
    with os.fdopen(slave, "w") as terminal:
        monkeypatch.setattr(sys, "stderr", terminal)
        monkeypatch.setenv("TERM", "xterm")
        with shown_progress() as display:
            assert display is not None
            display(event("doubles"))
            shown = read_until(master, "decided")
            with display.aside():
                os.write(terminal.fileno(), b"REPORT")
                time.sleep(0.3)
                os.write(terminal.fileno(), b"ENDS")
            shown += read_until(master, "ENDS")
            shown += read_until(master, "decided")
        shown += read_all(master)
    os.close(master)
    before, _, after = shown.partition("REPORTENDS")
    assert before.endswith("\x1b[J")
    assert "searching doubles" in before
    assert "searching doubles" in after
