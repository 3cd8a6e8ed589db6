"""Run the benchmarks and print their tables in Markdown.

    python benchmarks/run.py [--repeat 3] [--limit 60] [squares] [ranges] [commands]

Everything runs one after the other, each in a cold process. Figures are medians of the repeats.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

import ours
from peers import PEERS
from problems import EPS, Domain

HERE = Path(__file__).resolve().parent
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
PARTS = ("squares", "ranges", "commands")


def peer(name: str, width: int, domain: Domain, limit: float) -> dict[str, Any]:
    """One run of a peer, stopped at the limit."""
    command = [sys.executable, "-W", "ignore", str(HERE / "peers.py"), name, str(width), domain]
    nothing = {"verdict": "no answer", "seconds": limit, "cpu": None, "detail": f"stopped after {limit:.0f} s"}
    try:
        done = subprocess.run(
            command, capture_output=True, timeout=limit + 5, check=False, text=True, env={**os.environ, **ONE_THREAD}
        )
    except subprocess.TimeoutExpired:
        return nothing
    if done.returncode:
        return {"verdict": "failed", "seconds": limit, "cpu": None, "detail": done.stderr.strip().splitlines()[-1][:80]}
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found if found["seconds"] <= limit else nothing


def seconds(value: float | None) -> str:
    """Three digits."""
    return "" if value is None else f"{value:.3g} s"


def row(*cells: object) -> str:
    """A line of a table."""
    return f"| {' | '.join(str(c) for c in cells)} |"


def middle(runs: list[ours.Run]) -> ours.Run:
    """The medians; the verdict is all that were given."""

    def of(name: str) -> float | None:
        values = [v for r in runs if (v := getattr(r, name)) is not None]
        return median(values) if values else None

    verdict = " / ".join(dict.fromkeys(r.verdict for r in runs))
    last = runs[-1]
    times = of("search"), of("check"), of("wall") or 0.0, of("cpu") or 0.0
    return ours.Run(verdict, *times, last.steps, last.operations)


def squares(repeat: int, limit: float) -> Iterator[str]:
    """Every width on diagonal and square, with the peers; ratios to our search plus check in real arithmetic."""
    for width, domain in EPS:
        yield f"\n### {domain}, w = {width}, eps = {float(EPS[width, domain]):.6f}\n"
        yield row("who", "verdict", "search", "check", "whole command", "its processor time", "times ours", "remarks")
        yield row(*["---"] * 8)
        base = None
        for arithmetic in ("real", "float32"):
            run = middle([ours.verify(width, domain, arithmetic, timeout=int(limit)) for _ in range(repeat)])
            cost = (run.search or 0.0) + (run.check or 0.0)
            base = base or cost
            ratio = f"{cost / base:.2g}" if cost and base else ""
            cells = (
                seconds(run.search),
                seconds(run.check),
                seconds(run.wall),
                seconds(run.cpu),
                ratio,
                f"{run.steps} steps",
            )
            yield row(f"mechverify, {arithmetic}", run.verdict, *cells)
        for name in PEERS:
            found = [peer(name, width, domain, limit)]
            if found[0]["verdict"] != "no answer":
                found += [peer(name, width, domain, limit) for _ in range(repeat - 1)]
            cost = median(f["seconds"] for f in found)
            answered = [f["cpu"] for f in found if f["cpu"] is not None]
            cpu = median(answered) if answered else None
            silent = any(f["verdict"] == "no answer" for f in found)
            ratio = f"{'> ' if silent else ''}{cost / base:.2g}" if base and name != "brute force" else ""
            verdict = " / ".join(dict.fromkeys(f["verdict"] for f in found))
            yield row(
                name, verdict, f"{'> ' * silent}{seconds(cost)}", "none", "", seconds(cpu), ratio, found[0]["detail"]
            )


def ranges(repeat: int, limit: float) -> Iterator[str]:
    """The diagonal, w = 32, with more and more points."""
    yield "\n### diagonal, w = 32: the work does not grow with the range\n"
    yield row("points", "verdict", "search", "check", "whole command", "its processor time", "times 10^3", "steps")
    yield row(*["---"] * 8)
    base = None
    for exponent in (3, 6, 9, 12):
        runs = [ours.verify(32, "diagonal", "real", 10**exponent, timeout=int(limit)) for _ in range(repeat)]
        run = middle(runs)
        cost = (run.search or 0.0) + (run.check or 0.0)
        base = base or cost
        ratio = f"{cost / base:.2f}" if cost and base else ""
        yield row(
            f"10^{exponent}", run.verdict, *map(seconds, (run.search, run.check, run.wall, run.cpu)), ratio, run.steps
        )


def commands(repeat: int, limit: float) -> Iterator[str]:
    """Cold commands."""
    del limit
    yield "\n### commands, cold\n"
    yield row("command", "seconds", "processor time", "exit")
    yield row(*["---"] * 4)
    gallery = "specs/equal_inputs.yaml"
    for arguments in (("--help",), ("lint", gallery), ("verify", gallery)):
        yield _command(f"`mechverify {' '.join(arguments)}`", [ours.timed(*arguments) for _ in range(repeat)])
    unchecked = [ours.timed("verify", gallery, command=ours.UNCHECKED) for _ in range(repeat)]
    yield _command(f"`mechverify verify {gallery}`, the check apart", unchecked)


def _command(name: str, found: list[tuple[float, float, int]]) -> str:
    return row(name, seconds(median(f[0] for f in found)), seconds(median(f[1] for f in found)), found[-1][2])


def main() -> None:
    """Print the tables asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], default=[])
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--limit", type=float, default=60.0)
    options = parser.parse_args()
    tables = {"squares": squares, "ranges": ranges, "commands": commands}
    for part in options.parts or PARTS:
        for line in tables[part](options.repeat, options.limit):
            print(line, flush=True)


if __name__ == "__main__":
    main()
