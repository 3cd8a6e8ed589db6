"""Programs run by the page's own script, under node."""

import json
import shutil
import subprocess
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import mechverify.report.page
from mechverify.dossier_results import Program

PARTS = Path(mechverify.report.page.__file__).parent / "parts"
_DRIVER = """
const Compute = require(process.argv[2]);
const asked = JSON.parse(require("fs").readFileSync(0, "utf8"));
const told = (v) => v === null || typeof v === "boolean" ? v : typeof v === "number" ? String(v)
  : v.x !== undefined ? "≈" + v.x : `${v.n}/${v.d}`;
const out = asked.map(({ problem, points }) => {
  const blocks = (problem.blocks || []).map(([, text]) => Compute.floats(text));
  const kept = { ...problem, blocks: (problem.blocks || []).map(([columns], k) => [columns, k]) };
  const program = Compute.prepare(kept, blocks);
  return points.map((point) => Compute.run(program, point.map(Compute.typed)).map(told));
});
process.stdout.write(JSON.stringify(out));
"""


def need_node() -> str:
    """The path of node; skips the test where there is none."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed, and the page's script runs under it here")
    return node


def played(asked: Sequence[tuple[Program, Sequence[Sequence[Fraction]]]]) -> list[list[list[Any]]]:
    """For each program, for each of its points, the value of every node: None, a truth, a Fraction for an exact number,
    a float for a rounded one.
    """
    data = [{"problem": dict(p.problem), "points": [[str(x) for x in point] for point in points]} for p, points in asked]
    command = [need_node(), "-e", _DRIVER.replace("process.argv[2]", json.dumps(str(PARTS / "compute.js")))]
    done = subprocess.run(command, input=json.dumps(data), capture_output=True, text=True, check=True)
    return [[[_value(v) for v in values] for values in points] for points in json.loads(done.stdout)]


def _value(told: Any) -> Any:
    if told is None or isinstance(told, bool):
        return told
    if told.startswith("≈"):
        return float(told[1:])
    return Fraction(told) if "/" in told else float(told)
