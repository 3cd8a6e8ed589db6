"""The process on another machine that searches for what decides a claim.

    python -P -m mechverify.verification.elsewhere.worker

It takes units from its standard input and answers each on its standard output with what a cache would hold then:
steps, witnesses and the way. A verdict is no part of that. It ends with its input, also in the middle of a search.
"""

import gc
import json
import os
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from mechverify.cache.store import Store
from mechverify.deciding.job import Job
from mechverify.engines.processes.children import Failure, Task, memory_of_each, race
from mechverify.engines.processes.kernel_hosts import KERNEL, shared_host
from mechverify.errors import MechverifyError
from mechverify.executors.frames import Frame, read_frame, write_frame
from mechverify.explanation.causal import CausalGraph
from mechverify.models.model import Model
from mechverify.spec.read import read_spec
from mechverify.spec.spec import Spec
from mechverify.verification.claim import verify_claim
from mechverify.verification.claim_limits import MEMORY, claim_seconds
from mechverify.verification.elsewhere.unit import Unit
from mechverify.verification.loading import load_models
from mechverify.verification.plan import graph_of, plan, with_arithmetic

_OFTEN = 3600.0


@dataclass(frozen=True, slots=True)
class _Opened:
    """A spec with its models, and the folder in which its files are."""

    key: tuple[object, ...]
    folder: "tempfile.TemporaryDirectory[str]"
    spec: Spec
    models: Mapping[str, Model]
    base: CausalGraph


class Worker:
    """Works on one unit after another; the spec of the last one stays open."""

    def __init__(self, pipe: int) -> None:
        self._pipe = pipe
        self._opened: _Opened | None = None

    def found(self, unit: Unit) -> dict[str, str]:
        """What the search for one claim leaves in an empty cache. Raises MechverifyError."""
        opened = self._open(unit)
        with tempfile.TemporaryDirectory() as folder, memory_of_each(unit.options.memory):
            store = Store(Path(folder))
            options = replace(unit.options, jobs=1, cache=store.folder, iia_samples=0)
            shared_host(KERNEL)
            planned = plan(opened.spec, opened.models, options, base=opened.base)
            jobs = [one.job for one in planned if one.job is not None and one.name == unit.claim]
            tasks = [Task("a search", _Search(job), (bool,), claim_seconds(options.timeout), MEMORY) for job in jobs]
            with closing(race(tasks, 1, gate=_Alone(self._pipe))) as finished:
                for one in finished:
                    if isinstance(one.value, Failure):
                        print(f"mechverify: {one.value.detail}", file=sys.stderr)  # noqa: T201
            return store.taken_out()

    def _open(self, unit: Unit) -> _Opened:
        options = unit.options
        key = (unit.files.sha256, tuple(sorted(options.settings.items())), options.arithmetic)
        if self._opened is None or self._opened.key != key:
            self.close()
            folder = tempfile.TemporaryDirectory()
            path = unit.files.write(Path(folder.name))
            spec = with_arithmetic(read_spec(path, settings=options.settings), options.arithmetic)
            models = load_models(spec, allow_code=False)
            self._opened = _Opened(key, folder, spec, models, graph_of(spec, models))
        return self._opened

    def close(self) -> None:
        """Remove the files of the last spec."""
        if self._opened is not None:
            self._opened.folder.cleanup()
        self._opened = None


@dataclass(frozen=True, slots=True)
class _Search:
    job: Job

    def __call__(self) -> bool:
        try:
            verify_claim(self.job)
        except MechverifyError:
            return False  # where the claim is decided it is found, and told, again
        return True


class _Gone(BaseException):
    """Nobody waits for an answer any more."""


@dataclass(frozen=True, slots=True)
class _Alone:
    """The gate of a race that ends when nobody waits for it: its input, on which nothing comes before the answer."""

    pipe: int

    def fileno(self) -> int:
        return self.pipe

    def read(self) -> bool:
        raise _Gone

    def admits(self, index: int) -> bool:
        del index
        return True

    def asked_again(self) -> float:
        return time.monotonic() + _OFTEN


def serve(worker: Worker, answers: int) -> None:
    """Answer every unit until the input ends."""
    while (frame := read_frame(sys.stdin.buffer)) is not None:
        try:
            brought = json.dumps(worker.found(Unit.unpacked(frame.payload))).encode("ascii")
            write_frame(answers, Frame(b"D", payload=brought))
        except Exception as problem:
            words = f"{type(problem).__name__}: {problem}"
            write_frame(answers, Frame(b"F", payload=words.encode(errors="replace")))


def main() -> None:
    """Serve on standard input and output."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    answers = os.dup(1)
    os.dup2(2, 1)  # what is printed is no answer
    gc.freeze()
    worker = Worker(sys.stdin.fileno())
    try:
        serve(worker, answers)
    except _Gone:
        pass
    finally:
        worker.close()


if __name__ == "__main__":
    main()
