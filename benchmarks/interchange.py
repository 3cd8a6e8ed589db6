"""Run the benchmarks of interchange claims and print their tables in Markdown.

    python benchmarks/interchange.py [--repeat 3] [--pairs 1000000] [--limit 60] [--longest 8] [PART ...]

Parts. ``ranges``: one network, one claim, from 10^12 to 10^24 pairs of base and source. ``sampling``: random pairs in
plain numpy beside the proof, and what they miss. ``chain``: k mechanisms one after the other, proved by a lemma for
each and directly.
"""

import argparse
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import chains
import numpy as np
import numpy.typing as npt
import ours
from dense import read_layers
from run import middle, row, seconds

SPECS = ours.ROOT / "specs"
SEED = 0

Values = npt.NDArray[np.float64]
Truth = npt.NDArray[np.bool_]


def pairs_agree(file: str, site: tuple[int, int], explained: Callable[[Values, Values], Values], size: int) -> Truth:
    """Whether output and explanation agree on ``size`` random pairs, a unit (layer, place) of each base taken from its
    source. ``explained`` gets bases and sources, each of shape (pairs, inputs).
    """
    layers = read_layers(SPECS / "models" / file)
    random = np.random.default_rng(SEED)
    base, source = (random.integers(0, 1_000_001, (size, layers[0][0].shape[0])).astype(float) for _ in range(2))
    values = [base, source]
    for k, (weights, bias) in enumerate(layers, start=1):
        values = [v @ weights + bias for v in values]
        if k < len(layers):
            values = [np.maximum(v, 0) for v in values]
        if k == site[0]:
            values[0][:, site[1]] = values[1][:, site[1]]
    return np.asarray(values[0][:, 0] == explained(base, source))


def same_pairs(x: Values, first: int) -> Truth:
    """Whether two pairs of numbers are the same."""
    return np.asarray((x[:, first : first + 2] == x[:, first + 2 : first + 4]).all(axis=1))


SAMPLED: dict[tuple[str, str], tuple[str, tuple[int, int], Callable[[Values, Values], Values]]] = {
    ("rare_bypass", "larger_moved"): (
        "rare_bypass.onnx", (2, 0), lambda b, s: np.maximum(s[:, :2].max(axis=1), b[:, 2]),
    ),
    ("equality_network", "first_moved"): (
        "equality_network.onnx", (2, 0), lambda b, s: (same_pairs(s, 0) == same_pairs(b, 4)).astype(float),
    ),
    ("wrong_order", "larger_moved"): (
        "largest_of_three.onnx", (2, 0), lambda b, s: np.maximum(b[:, 0], s[:, 1:].max(axis=1)),
    ),
    ("pattern_only", "is_used"): (
        "pattern_only.onnx", (1, 1), lambda b, s: b[:, 0] + np.maximum(s[:, 1] - s[:, 0], 0),
    ),
}  # fmt: skip
"""Claims of the gallery that are false: file, unit, and what the explanation says of the output."""


def ranges(options: argparse.Namespace) -> Iterator[str]:
    """`other_unit_is_used` of pattern_only.yaml with more and more pairs."""
    yield "\n### one claim, more and more pairs of base and source\n"
    yield row("pairs", "verdict", "search", "check", "whole command", "its processor time", "times 10^12", "steps")
    yield row(*["---"] * 8)
    text = (SPECS / "pattern_only.yaml").read_text()
    base = None
    for exponent in (3, 4, 5, 6):
        with tempfile.TemporaryDirectory() as folder:
            spec = Path(folder) / "pattern_only.yaml"
            spec.write_text(re.sub(r"integers: 0 \.\. \d+", f"integers: 0 .. {10**exponent}", text))
            models = Path(folder) / "models"
            models.mkdir()
            (models / "pattern_only.onnx").write_bytes((SPECS / "models" / "pattern_only.onnx").read_bytes())
            runs = [ours.verify_spec(spec, "other_unit_is_used", options.limit) for _ in range(options.repeat)]
        run = middle(runs)
        base = base or run.cpu
        ratio = f"{run.cpu / base:.2f}" if base else ""
        times = map(seconds, (run.search, run.check, run.wall, run.cpu))
        yield row(f"10^{4 * exponent}", run.verdict, *times, ratio, run.steps)


def sampling(options: argparse.Namespace) -> Iterator[str]:
    """False explanations, sampled and refuted."""
    yield f"\n### {options.pairs:,} random pairs, and the proof\n"
    yield row("claim", "random pairs that agree", "sampling takes", "mechverify says", "search", "whole command")
    yield row(*["---"] * 6)
    for (spec, claim), (file, site, explained) in SAMPLED.items():
        started = time.perf_counter()
        agree = pairs_agree(file, site, explained, options.pairs)
        took = time.perf_counter() - started
        runs = [ours.verify_spec(SPECS / f"{spec}.yaml", claim, options.limit) for _ in range(options.repeat)]
        run = middle(runs)
        share = "all" if agree.all() else f"{100 * agree.mean():.4g}%"
        yield row(f"{spec}#{claim}", share, seconds(took), run.verdict, seconds(run.search), seconds(run.wall))


CHAIN_CLAIMS = {
    "moved": "every x_i from a run of its own",
    "nothing_else_matters": "`faithful: true`: any of the variables and inputs moved, and the rest too",
}


def chain(options: argparse.Namespace) -> Iterator[str]:
    """Modular and direct proofs of chains of k mechanisms."""
    for claim, meaning in CHAIN_CLAIMS.items():
        for proof in ("modular", "direct"):
            yield f"\n### a chain of k mechanisms, {meaning}: {proof}\n"
            yield row("k", "verdict", "operations", "more than before", "steps", "search", "check", "whole command")
            yield row(*["---"] * 8)
            counts: list[int | None] = []
            for k in range(1, options.longest + 1):
                with tempfile.TemporaryDirectory() as folder:
                    spec = chains.write(Path(folder), k)
                    runs = [ours.verify_spec(spec, claim, options.limit, proof) for _ in range(options.repeat)]
                run = middle(runs)
                counts.append(run.operations)
                before = counts[-2] if k > 1 else None
                more = run.operations - before if run.operations and before else ""
                times = map(seconds, (run.search, run.check, run.wall))
                yield row(k, run.verdict, run.operations or "", more, run.steps or "", *times)
            yield from growth(counts)


def growth(counts: list[int | None]) -> Iterator[str]:
    """The straight line and the power of k that fit the operations best, where there are some for every k."""
    found = np.array([c for c in counts if c], dtype=float)
    if len(found) < max(len(counts), 3):
        return
    k = np.arange(1.0, len(found) + 1)
    slope, start = np.polyfit(k, found, 1)
    off = np.abs(slope * k + start - found) / found
    power = np.polyfit(np.log(k), np.log(found), 1)[0]
    yield f"\nBest line: {slope:.4g} k {start:+.4g}, off by at most {100 * off.max():.2g}%; best power: k^{power:.2f}."


def main() -> None:
    """Print the tables asked for."""
    tables = {"ranges": ranges, "sampling": sampling, "chain": chain}
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*tables, []], default=[])
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--pairs", type=int, default=1_000_000)
    parser.add_argument("--limit", type=int, default=60)
    parser.add_argument("--longest", type=int, default=8)
    options = parser.parse_args()
    for part in options.parts or tables:
        for line in tables[part](options):
            print(line, flush=True)


if __name__ == "__main__":
    main()
