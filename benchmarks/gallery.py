"""Where the time of ``verify`` goes: processor and wall-clock seconds of each stage, over all processes of a run.

    python benchmarks/gallery.py [specs/ | SPEC ...] [--claim CLAIM ...]

Functions are timed where they are called, each without those that it calls; a process forked meanwhile counts for
itself. What a child used that was waited for is shown apart. A stage that runs in several processes at once has more
wall-clock seconds than the run.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command line does, before numpy is imported
if "MECHVERIFY_CACHE" not in os.environ:
    os.environ["MECHVERIFY_NO_CACHE"] = "1"  # a cache is measured where it is asked for

import argparse
import json
import resource
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
_FIGURES = 3

# A stage's name, and the places from which it is called.
STAGES = {
    "reading specs": ("verification.run:read_spec",),
    "reading models": ("verification.run:load_models",),
    "graphs of models": ("verification.run:graph_of", "verification.plan:graph_of"),
    "compiling claims": ("verification.plan:compile_claim",),
    "checking fits": ("verification.plan:refuse_unfitted", "verification.plan:site_problems"),
    "cautions of claims": ("verification.plan:_cautions",),
    "cautions of specs": ("verification.run:spec_cautions", "verification.run:alignment_of"),
    "comparing models": ("verification.run:check_readings",),
    "comparing interventions": (
        "verification.claim:cross_check_interventions",
        "verification.claim:check_transplants",
    ),
    "undefined preconditions": ("verification.claim:refuse_partial_preconditions",),
    "writing problems": (
        "deciding.portfolio:remembered_data",
        "deciding.portfolio:problem_data",
        "deciding.portfolio:problem_sha256",
        "deciding.twin:remembered_data",
    ),
    "inhabitants": ("deciding.portfolio:find_inhabitant",),
    "choosing engines": ("deciding.portfolio:entrants",),
    "kernel, asked and waited for": (
        "deciding.portfolio:check_certificate",
        "deciding.portfolio:_Portfolio._check",
        "deciding.modular.proof:check_certificate",
    ),
    "portfolio, waiting for engines": ("deciding.roads:decide", "deciding.roads:decide_like"),
    "modular proofs": ("deciding.roads:modular_proof",),
    "runtimes in the first look": ("deciding.roads:shown_to_fail",),
    "vacuity": ("verification.claim:vacuous_where_nothing_moves",),
    "runs after the verdict": ("verification.claim:with_runs",),
    "closeness": ("verification.claim:closeness_of",),
    "map beside the verdict": ("verification.claim:short_map",),
    "usually and on average, the rest": ("verification.claim:verify_chance",),
    "maps of these": ("verification.chance:decided_exactly",),
    "exceptions of these": ("verification.chance:exceptions_of",),
    "advice": ("verification.claim:advice",),
    "counting": ("verification.claim:count_inputs",),
    "regions": ("verification.claim:regions_of",),
    "interchange accuracy": ("verification.claim:sampled_agreement",),
    "certificates' bytes": ("verification.claim:store_certificate",),
    "result of a claim": ("verification.claim:claim_result",),
    "a claim, the rest": ("verification.run:verify_claim",),
    "engines": ("deciding.portfolio:_Solve.__call__",),
    "writing and reading values": (
        "engines.processes.children:pack",
        "engines.processes.children:unpack",
    ),
    "forking": ("engines.processes.children:start_child", "engines.processes.contest:start_child"),
}

_stack: list[list[float]] = []
_log = -1


def _now() -> list[float]:
    """Wall-clock, this process's and its ended children's seconds."""
    own, ended = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return [time.monotonic(), own.ru_utime + own.ru_stime, ended.ru_utime + ended.ru_stime]


def timed(stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, writing down what each call takes beside the stages that it calls."""

    def call(*arguments: Any, **named: Any) -> Any:
        name = stage
        if stage == "engines":
            name = f"engine: {arguments[0].engine.name}"
        began, process = _now(), os.getpid()
        _stack.append([0.0] * _FIGURES)
        try:
            return function(*arguments, **named)
        finally:
            whole = [b - a for a, b in zip(began, _now(), strict=True)]
            inner = _stack.pop() if _stack else [0.0] * _FIGURES
            if os.getpid() == process:
                if _stack:
                    _stack[-1] = [a + b for a, b in zip(_stack[-1], whole, strict=True)]
                line = json.dumps([name, *(a - b for a, b in zip(whole, inner, strict=True))])
                os.write(_log, line.encode() + b"\n")

    return call


def watch(places: dict[str, tuple[str, ...]]) -> None:
    """Put the timed functions in the place of the plain ones."""
    os.register_at_fork(after_in_child=_stack.clear)
    for stage, named in places.items():
        for place in named:
            module, path = place.split(":")
            owner: Any = import_module(f"mechverify.{module}")
            *outer, last = path.split(".")
            for attribute in outer:
                owner = getattr(owner, attribute)
            setattr(owner, last, timed(stage, getattr(owner, last)))


def main() -> None:
    """Run and print the table."""
    global _log  # noqa: PLW0603 - inherited by every process of the run
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paths", nargs="*", type=Path, default=[ROOT / "specs"])
    parser.add_argument("--claim", action="append", default=[])
    asked = parser.parse_args()
    started = time.monotonic()
    from mechverify.__main__ import main as command  # noqa: PLC0415

    with tempfile.TemporaryFile() as log:
        _log = os.dup(log.fileno())
        before = _now()
        watch(STAGES)
        imports = _now()[1] - before[1]
        sys.stdout.flush()
        command(["verify", *map(str, asked.paths), *(f for c in asked.claim for f in ("--claim", c))])
        _, own, ended = _now()
        log.seek(0)
        table: dict[str, list[float]] = defaultdict(lambda: [0.0] * (_FIGURES + 1))
        for line in log.read().decode().splitlines():
            name, *figures = json.loads(line)
            table[name] = [a + b for a, b in zip(table[name], [1, *figures], strict=True)]
    print("\n| stage | calls | wall | processor | children |\n| --- | --- | --- | --- | --- |")
    print(f"| imports of everything | 1 | | {imports:.2f} s | |")
    for name, (calls, wall, processor, children) in sorted(table.items(), key=lambda item: -item[1][1]):
        print(f"| {name} | {calls:.0f} | {wall:.2f} s | {processor:.2f} s | {children:.2f} s |")
    print(f"| whole run | | {time.monotonic() - started:.2f} s | {own:.2f} s | {ended:.2f} s |")


if __name__ == "__main__":
    main()
