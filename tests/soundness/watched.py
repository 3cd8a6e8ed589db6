"""Run the command line for many cases in one process, with an audit hook: ``python watched.py LOG < cases.json``.

Each case is {"name", "folder", "arguments", "seconds"}. The log has one line for each event of interest, in children too; standard output
one JSON line for each case.
"""

import contextlib
import io
import json
import os
import signal
import sys
import time

CANARY = "canary"


def main() -> None:
    cases = json.load(sys.stdin)
    log = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    name = ""

    def tell(kind: str, what: object) -> None:
        os.write(log, (json.dumps([name, kind, str(what)[:500]]) + "\n").encode())

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if event == "open" and not isinstance(arguments[0], int):
            path = os.fsdecode(arguments[0]) if isinstance(arguments[0], str | bytes) else str(arguments[0])
            tell("open", os.path.abspath(path))
        elif event == "exec":
            code = arguments[0]
            words = [*getattr(code, "co_names", ()), *map(str, getattr(code, "co_consts", ()))]
            if any(CANARY in w for w in words):
                tell("exec", words)
        elif event in ("pickle.find_class", "os.system", "os.exec", "os.posix_spawn", "subprocess.Popen") or event.startswith(("socket.", "urllib.", "ctypes.dlopen")):
            tell(event, arguments)

    from mechverify.__main__ import main as command_line

    # What is imported once is not imported by every child.
    for case in (cases[0], cases[-1]):
        os.chdir(case["folder"])
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            command_line(case["arguments"])
    sys.addaudithook(hook)
    for case in cases:
        name = case["name"]
        sys.stderr.flush()
        pid = os.fork()
        if pid == 0:
            os.setpgid(0, 0)
            os.chdir(case["folder"])
            out = io.StringIO()
            started = time.monotonic()
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
                code = command_line(case["arguments"])
            seconds = time.monotonic() - started
            done = {"name": name, "code": int(code), "seconds": seconds, "out": out.getvalue()}
            sys.stderr.write(json.dumps(done) + "\n")
            sys.stderr.flush()
            os._exit(0)
        if not ended(pid, case["seconds"]):
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            done = {"name": name, "code": -1, "seconds": case["seconds"], "out": "stopped: it took too long"}
            sys.stderr.write(json.dumps(done) + "\n")


def ended(pid: int, seconds: float) -> bool:
    """Whether a child ends by itself within so many seconds."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if os.waitpid(pid, os.WNOHANG)[0] == pid:
            return True
        time.sleep(0.005)
    return False


if __name__ == "__main__":
    main()
