"""mechverify on the claims of problems.py, from the command line, each run a cold process."""

import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from problems import EPS, Domain, model_file

ROOT = Path(__file__).resolve().parent.parent
COMMAND = (str(Path(sys.executable).with_name("mechverify")),)
UNCHECKED = (sys.executable, str(ROOT / "benchmarks" / "unchecked.py"))

SPEC = """\
mechverify: 1
title: {domain}, w = {width}
model:
  onnx: model.onnx
  arithmetic: {arithmetic}
  feed: {{x: [x_1 / {points}, x_2 / {points}]}}
inputs:
  x_1: {{integers: 0 .. {points}}}
  x_2: {{integers: 0 .. {points}}}
explanation:
  variables:
    answer: {{located_at: "output[0]"}}
claims:
  near:
    {also}
    always: abs(network.answer - max(x_1, x_2) / {points}) <= {eps}
"""


@dataclass(frozen=True, slots=True)
class Run:
    """What one run said and cost, in seconds: ``search`` and ``check`` as the tool reports them; ``wall`` and ``cpu``,
    that of all its processes, of the whole command. ``steps`` and ``operations`` are the kernel's."""

    verdict: str
    search: float | None
    check: float | None
    wall: float
    cpu: float
    steps: int | None
    operations: int | None = None


def timed(*arguments: str, command: tuple[str, ...] = COMMAND) -> tuple[float, float, int]:
    """Seconds, processor seconds and exit status of one cold command."""
    start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    status = subprocess.run([*command, *arguments], cwd=ROOT, capture_output=True, check=False).returncode
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, status


def decimal(value: Fraction) -> str:
    """The decimal notation of an eps."""
    return f"{float(value):.6f}"


def verify(width: int, domain: Domain, arithmetic: str, points: int = 1_000_000, timeout: int = 60) -> Run:
    """Verify one claim on 0 .. points."""
    also = "also: {same: x_1 == x_2}" if domain == "diagonal" else "# all pairs"
    text = SPEC.format(
        domain=domain,
        width=width,
        arithmetic=arithmetic,
        points=points,
        also=also,
        eps=decimal(EPS[width, domain]),
    )
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(model_file(width), Path(folder) / "model.onnx")
        spec = Path(folder) / "claim.yaml"
        spec.write_text(text)
        return verify_spec(spec, timeout=timeout)


def verify_spec(spec: Path, claim: str | None = None, timeout: int = 60, proof: str = "auto") -> Run:
    """Verify one claim of a spec, the first if none is named, on the road ``proof``."""
    chosen = (*(("--claim", claim) if claim else ()), "--proof", proof)
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        wall, cpu, _ = timed("verify", str(spec), *chosen, "--json", str(report), "--timeout", str(timeout))
        found: dict[str, Any] = json.loads(report.read_text())["specs"][0]["claims"][0]
    told = found["proof"] or {"seconds": None, "check_seconds": None, "steps": None, "operations": None}
    verdict = f"{found['verdict']} ({found['assurance'] or found['reason']})"
    return Run(verdict, told["seconds"], told["check_seconds"], wall, cpu, told["steps"], told["operations"])
