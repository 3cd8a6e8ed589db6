"""The same specs on an idle machine, beside busy loops, and with other numbers of workers: what differs (SEMANTICS 35).

    python benchmarks/loads.py SPEC... [--timeout 20] [--busy 4]

Verdicts, assurance, reasons, counts, counterexamples, certificates (byte for byte), and the steps of work are compared,
claim by claim; seconds are not. A claim that a ceiling of seconds cut short is named, and is no difference.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

_TIMES = ("seconds", "check_seconds", "certificate")
_LOOP = "while True: pass"

Claims = Mapping[str, Mapping[str, Any]]


def main() -> int:
    """Print what differs; the exit code is 1 where anything does."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("specs", nargs="+", type=Path)
    parser.add_argument("--timeout", default="20")
    parser.add_argument("--busy", type=int, default=4)
    args = parser.parse_args()
    settings = {"idle, 2 workers": (0, 2), "idle, 1 worker": (0, 1)}
    settings[f"{args.busy} busy loops, 2 workers"] = args.busy, 2
    found: dict[str, Claims] = {}
    for name, (busy, jobs) in settings.items():
        began = time.monotonic()
        found[name] = verified(args.specs, args.timeout, busy, jobs)
        print(f"{name}: {len(found[name])} claims, {time.monotonic() - began:.0f} s", flush=True)
    first, *others = found
    differences = [line for other in others for line in compared(found[first], found[other], other)]
    print("\n".join(differences) or "nothing differs")
    return 1 if differences else 0


def verified(specs: list[Path], timeout: str, busy: int, jobs: int) -> Claims:
    """What comes of the specs beside so many busy loops: by spec and claim."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        for _ in range(busy):
            loop = subprocess.Popen([sys.executable, "-c", _LOOP])
            stack.callback(loop.wait)
            stack.callback(loop.kill)
        out = Path(folder)
        command = [sys.executable, "-m", "mechverify", "verify", *map(str, specs), "--timeout", timeout]
        command += ["--jobs", str(jobs), "--json", str(out / "results.json"), "--certificates", str(out / "proofs")]
        environment = {**os.environ, "MECHVERIFY_NO_CACHE": "1"}
        subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        results = json.loads((out / "results.json").read_text())
        return {
            f"{spec['path']}#{claim['name']}": {**claim, "certificate_bytes": _digest(claim)}
            for spec in results["specs"]
            for claim in spec["claims"]
        }


def _digest(claim: Mapping[str, Any]) -> str | None:
    name = (claim["proof"] or {}).get("certificate")
    return None if name is None else hashlib.sha256(Path(name).read_bytes()).hexdigest()


def compared(first: Claims, other: Claims, name: str) -> list[str]:
    """A line for each claim that is not the same."""
    lines = []
    for claim in sorted({*first, *other}):
        a, b = first.get(claim), other.get(claim)
        if a is None or b is None:
            lines.append(f"{name}: {claim} is there in one run alone")
        elif a["cut_short"] or b["cut_short"]:
            print(f"{name}: {claim} was cut short by a ceiling of seconds")
        else:
            lines += [f"{name}: {claim}: {key}: {x} and {y}" for key, x, y in _apart(a, b)]
    return lines


def _apart(a: Any, b: Any, key: str = "") -> list[tuple[str, str, str]]:
    """The leaves of two JSON values that differ, but for times and names of files."""
    if isinstance(a, dict) and isinstance(b, dict):
        keys = [k for k in {**a, **b} if k not in _TIMES]
        return [one for k in keys for one in _apart(a.get(k), b.get(k), f"{key}.{k}" if key else k)]
    return [] if a == b else [(key, str(a)[:80], str(b)[:80])]


if __name__ == "__main__":
    raise SystemExit(main())
