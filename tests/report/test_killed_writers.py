"""The lock file, pages and reports are whole, whoever is killed while writing them: the old text, or the new one.

A run writes all of them with ``write_atomically``; here processes that write one again and again are killed.
"""

import json
import os
import random
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from waiting import wait_for

from mechverify.lock.file import Locked, lock_text, read_lock
from mechverify.report.json.claims import write_atomically
from mechverify.verdict import Assurance, Verdict

_SIZE = 20_000


def lock(number: int) -> str:
    one = Locked(Verdict.PROVED, Assurance.CHECKED, number, "0" * 64, "1" * 64)
    return lock_text({f"spec.yaml#claim_{k}": one for k in range(_SIZE // 100)})


def lock_is_whole(file: Path) -> None:
    assert len({one.inputs for one in read_lock(file).values()}) == 1


def report(number: int) -> str:
    return json.dumps({"claims": [number] * _SIZE})


def report_is_whole(file: Path) -> None:
    claims = json.loads(file.read_text())["claims"]
    assert (len(set(claims)), len(claims)) == (1, _SIZE)


def page(number: int) -> str:
    return f"<!doctype html>{f'<p>{number}</p>' * _SIZE}</html>"


def page_is_whole(file: Path) -> None:
    text = file.read_text()
    assert text.endswith("</html>")
    assert len(set(text.removeprefix("<!doctype html>").removesuffix("</html>").split("</p>"))) == 2


KINDS = {"lock": (lock, lock_is_whole), "report": (report, report_is_whole), "page": (page, page_is_whole)}


def kill_writers(folder: Path, text: Callable[[int], str], whole: Callable[[Path], None], times: int) -> None:
    """After each kill the file is whole; a reader beside the writers never sees it otherwise."""
    rng, file = random.Random(times), folder / "file"
    write_atomically(file, text(0))
    texts = [text(n) for n in range(1, 4)]
    for _ in range(times):
        before = file.stat().st_ino
        writer = os.fork()
        if writer == 0:
            try:
                while True:
                    for one in texts:
                        write_atomically(file, one)
            finally:
                os._exit(1)
        wait_for(lambda before=before: file.stat().st_ino != before, "a text")
        for _ in range(rng.randrange(3)):
            whole(file)
        os.kill(writer, signal.SIGKILL)
        assert os.waitstatus_to_exitcode(os.waitpid(writer, 0)[1]) == -signal.SIGKILL
        whole(file)
    for half_written in folder.glob(".file.*.tmp"):
        half_written.unlink()  # what the killed have left, under names of their own
    assert [one.name for one in folder.iterdir()] == ["file"]


@pytest.mark.parametrize("kind", KINDS)
def test_writers_that_are_killed_leave_the_file_whole(tmp_path: Path, kind: str) -> None:
    kill_writers(tmp_path, *KINDS[kind], 5)


@pytest.mark.campaign
@pytest.mark.parametrize("kind", KINDS)
def test_two_hundred_writers_that_are_killed_leave_the_file_whole(tmp_path: Path, kind: str) -> None:
    kill_writers(tmp_path, *KINDS[kind], 200)
