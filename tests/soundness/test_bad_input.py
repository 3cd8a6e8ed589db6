"""Bad input through the command line: exit code, a place, no traceback, bounded time; nothing run, nothing else opened."""

import json
import os
import socket
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import Any

import pytest
from bad_inputs import CASES, Bad

import mechverify

HERE = Path(__file__).parent
NAMES = [case.name for case in CASES]
MOST_SECONDS = 100.0  # ten times what the slowest takes: that none goes on without end is what is tested


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Every case run in one watched process: what each ended with, and the events."""
    home = tmp_path_factory.mktemp("bad")
    outside = home / "outside"
    outside.mkdir()
    (outside / "secret.bin").write_bytes(b"\0\0\x80\x3f")
    (outside / "common.yaml").write_text("inputs: {x: {integers: 0 .. 1}}\n")
    os.utime(outside / "secret.bin", (1000, 2000))
    cases = []
    for k, case in enumerate(CASES):
        folder = home / f"case_{k}"
        folder.mkdir()
        case.write(folder)
        cases.append({"name": case.name, "folder": str(folder), "arguments": ["verify", "s.yaml", "--timeout", "1"], "seconds": MOST_SECONDS})
    log = home / "log"
    process = subprocess.run(
        [sys.executable, str(HERE / "watched.py"), str(log)],
        input=json.dumps(cases), capture_output=True, text=True, timeout=5000, check=False,
    )  # fmt: skip
    done = [json.loads(line) for line in process.stderr.splitlines() if line.startswith("{")]
    assert len(done) == len(CASES), process.stderr[-2000:]
    events = [json.loads(line) for line in log.read_text().splitlines()]
    return {"home": home, "done": {d["name"]: d for d in done}, "events": events, "folders": {c["name"]: c["folder"] for c in cases}}


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_a_bad_input(case: Bad, ran: dict[str, Any]) -> None:
    done = ran["done"][case.name]
    assert done["code"] in case.codes, done["out"]
    assert "Traceback" not in done["out"]
    assert "This is a mistake in mechverify" not in done["out"]
    assert case.words in done["out"]
    if case.place and done["code"] == 2:
        assert "s.yaml:" in done["out"], done["out"]
        assert any(part.split(":")[0].isdigit() for part in done["out"].split("s.yaml:")[1:])
    folder = Path(ran["folders"][case.name])
    assert not list(folder.glob("canary*"))


def allowed(folder: str) -> tuple[str, ...]:
    roots = [
        folder, sys.prefix, sys.base_prefix, str(Path(mechverify.__file__).parent), str(HERE), "/proc", "/dev", "/sys",
        *sysconfig.get_paths().values(), *(p for p in sys.path if p.endswith("site-packages")),
    ]  # fmt: skip
    return tuple(dict.fromkeys(os.path.abspath(r) for r in roots))


def test_no_other_file_is_opened(ran: dict[str, Any]) -> None:
    opened = [(name, what) for name, kind, what in ran["events"] if kind == "open"]
    assert opened
    temporary = os.path.abspath(tempfile.gettempdir())
    home = str(ran["home"])
    wrong = []
    for name, path in opened:
        inside = any(path == r or path.startswith(r + os.sep) for r in allowed(ran["folders"][name]))
        passing = f"{path}{os.sep}".startswith(temporary + os.sep) and not path.startswith(home)
        compiled = sys.pycache_prefix is not None and path.startswith(sys.pycache_prefix + os.sep)
        if not inside and not passing and not compiled:
            wrong.append((name, path))
    assert wrong == []


def test_the_secret_was_not_read_behind_pythons_back(ran: dict[str, Any]) -> None:
    secret = ran["home"] / "outside" / "secret.bin"
    assert secret.stat().st_atime == 1000
    secret.read_bytes()
    if secret.stat().st_atime == 1000:
        pytest.skip("this file system keeps no access times")


def test_nothing_was_run(ran: dict[str, Any]) -> None:
    kinds = {kind for _, kind, _ in ran["events"]} - {"open", "ctypes.dlopen"}
    assert kinds <= {"subprocess.Popen", "socket.__new__", "socket.sendmsg"}
    for name, kind, what in ran["events"]:
        if kind == "socket.__new__":  # what the kernel's host is asked through: a pair, of which nobody else knows
            assert f">, {int(socket.AF_UNIX)}, " in what, (name, what)
        if kind == "socket.sendmsg":
            assert what.endswith(", None)"), (name, what)
        if kind == "subprocess.Popen":
            assert "'-I', '-S'" in what, name
            assert "kernel" in what


def test_the_hook_sees(tmp_path: Path) -> None:
    """The same watch notices a model outside, and code that runs."""
    outside = tmp_path / "outside.py"
    outside.write_text("canary = 1\n")
    text = (
        "import json, os, sys\nsys.path.insert(0, HERE)\nimport watched\nimport mechverify.__main__ as m\n"
        f"m.main = lambda a: (open({str(outside)!r}).close(), exec('canary = 2'), 0)[2]\nwatched.main()\n"
    ).replace("HERE", repr(str(HERE)))
    cases = [{"name": "n", "folder": str(tmp_path), "arguments": [], "seconds": 60}]
    subprocess.run([sys.executable, "-c", text, str(tmp_path / "log")], input=json.dumps(cases), text=True, check=True)
    kinds = [json.loads(line)[1] for line in (tmp_path / "log").read_text().splitlines()]
    assert "open" in kinds
    assert "exec" in kinds


@pytest.mark.parametrize("name", ["a model cut in half", "an exponent bomb"])
def test_as_a_command(name: str, tmp_path: Path) -> None:
    """Two of them as a user would run them, in a process of their own with little memory."""
    (tmp_path / "outside").mkdir()
    folder = tmp_path / "case"
    folder.mkdir()
    case = CASES[NAMES.index(name)]
    case.write(folder)
    command = f"ulimit -v 4000000; exec {sys.executable} -m mechverify verify s.yaml"
    done = subprocess.run(["/bin/sh", "-c", command], cwd=folder, capture_output=True, text=True, check=False, timeout=1200)
    assert done.returncode in case.codes, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert "s.yaml:" in done.stdout + done.stderr
