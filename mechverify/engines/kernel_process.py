"""The kernel in a process of its own: a certificate goes in, one judged answer comes out.

``python -I -S`` keeps everything but the standard library and the kernel out of that process. An answer counts only if
its line, its exit code, its kind and its problem's SHA-256 all say the same; everything else is ``failed``.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

from mechverify.engines.problem import problem_sha256

KERNEL = Path(__file__).resolve().parent.parent / "kernel" / "__main__.py"

Answer = Literal["valid", "invalid", "unconfirmed", "failed"]

_EXIT_CODE = {"valid": 0, "invalid": 1, "unconfirmed": 3}
_KEYS = {"answer", "kind", "problem_sha256", "steps", "operations", "reason", "at"}
_LONGEST_ANSWER = 100_000
_MEMORY = 8 << 30


@dataclass(frozen=True, slots=True)
class KernelAnswer:
    """What the kernel said of a certificate; ``failed`` if it said nothing that may be believed.

    ``steps`` and ``operations`` are the kernel's own counts, 0 when failed. ``seconds`` is wall-clock time.
    """

    answer: Answer
    kind: str
    problem_sha256: str
    steps: int
    operations: int
    reason: str
    at: int | None
    seconds: float


def check_certificate(data: dict[str, Any], seconds: float, kernel: Path = KERNEL) -> KernelAnswer:
    """Have the kernel check a certificate file's data within ``seconds`` of wall-clock time."""
    started = time.monotonic()
    sha = problem_sha256(data["problem"])
    kind = str(data["kind"])
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="ascii") as file:
        json.dump(data, file, separators=(",", ":"), ensure_ascii=True)
        file.flush()
        try:
            result = _start(kernel, file.name, seconds)
        except (OSError, subprocess.SubprocessError) as error:
            reason = f"no answer within {seconds:g} s" if isinstance(error, subprocess.TimeoutExpired) else str(error)
            return KernelAnswer("failed", kind, sha, 0, 0, reason, None, time.monotonic() - started)
    took = time.monotonic() - started
    try:
        return _judge(result, kind, sha, took)
    except (ValueError, RecursionError) as error:
        words = result.stderr.decode(errors="replace").strip()[-500:]
        reason = f"{error}: {words}" if words else str(error)
        return KernelAnswer("failed", kind, sha, 0, 0, reason, None, took)


def _start(kernel: Path, certificate: str, seconds: float) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-I", "-S", str(kernel), certificate]
    with subprocess.Popen(  # noqa: S603 - our own interpreter on our own file
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        try:
            if sys.platform == "linux":
                resource.prlimit(process.pid, resource.RLIMIT_AS, (_MEMORY, _MEMORY))
            output, errors = process.communicate(timeout=seconds)
        except BaseException:
            process.kill()
            raise
    return subprocess.CompletedProcess(command, process.returncode, output, errors)


def _judge(result: subprocess.CompletedProcess[bytes], kind: str, sha: str, seconds: float) -> KernelAnswer:
    """Raises ValueError for everything that is not one consistent answer."""
    if result.returncode < 0:
        raise ValueError(f"the kernel was killed by signal {-result.returncode}")
    output = result.stdout
    if len(output) > _LONGEST_ANSWER or output.count(b"\n") != 1 or not output.endswith(b"\n"):
        raise ValueError(f"the kernel did not print one answer line (exit code {result.returncode})")
    answer = json.loads(output.decode("ascii"))
    if not isinstance(answer, dict) or set(answer) != _KEYS:
        raise ValueError("the kernel's answer does not have the fields of an answer")
    word, steps, operations = answer["answer"], answer["steps"], answer["operations"]
    reason, at = answer["reason"] or "", answer["at"]
    if not isinstance(word, str) or word not in _EXIT_CODE:
        raise ValueError(f"the kernel answered {word!r} ({reason})")
    if result.returncode != _EXIT_CODE[word]:
        raise ValueError(f"the kernel answered {word} and ended with exit code {result.returncode} ({reason})")
    if answer["problem_sha256"] != sha:
        raise ValueError("the kernel answered about another problem")
    if answer["kind"] != kind or (word == "unconfirmed") is not (kind == "replayed" and word != "invalid"):
        raise ValueError(f"the kernel answered {word} for the kind {answer['kind']!r}, asked about {kind!r}")
    counts = (steps, operations, 0 if at is None else at)
    if any(type(n) is not int or n < 0 for n in counts) or not isinstance(reason, str):
        raise ValueError("the kernel's answer has a field of a wrong type")
    return KernelAnswer(cast("Answer", word), kind, sha, steps, operations, reason, at, seconds)
