"""What this version was to reach on large models, beside an older one, in one table: each row with its goal.

    python benchmarks/goals.py [--against 9ceebf8] [--repeat 3] [--certificates FOLDER]

The figures are those of ``scale.py`` (processor seconds, memory, sizes) and of ``kernel_checks.py``; both versions take
turns in this one run. The last row makes both versions verify the gallery first, unless FOLDER has its certificates.
"""

import argparse
import tempfile
from dataclasses import dataclass
from pathlib import Path

from kernel_checks import GOAL, checks
from scale import TITLES, compared
from versions import unpacked


@dataclass(frozen=True, slots=True)
class Row:
    """A figure of one network, in ``unit``; the goal in the same unit."""

    network: str
    key: str
    words: str
    unit: str
    goal: float

    def line(self, other: float, ours: float) -> str:
        """The row in Markdown."""
        goal = f"{self.goal:,.4g} {self.unit}"
        reached = "yes" if ours <= self.goal else "no"
        what = f"{self.network} {TITLES[self.network]}: {self.words}"
        return (
            f"| {what} | {other:,.4g} {self.unit} | {ours:,.4g} {self.unit} | {other / ours:.3g} | {goal} | {reached} |"
        )


MEGA = 1_000_000
ROWS = (
    Row("wide", "first engine", "load to first engine", "s", 1.2),
    Row("wide", "megabytes", "memory there", "MB", 60),
    Row("wide", "bytes", "its problem as text", "bytes", 1.5 * MEGA),
    Row("wide", "leaf", "kernel a leaf", "s", 0.05),
    Row("image", "leaf", "kernel a leaf", "s", 2.0),
    Row("embedding", "nodes", "nodes", "", 10_000),
    Row("embedding", "first leaf", "to the first leaf", "s", 1.0),
)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--against", default="9ceebf8")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--timeout", type=float, default=60.0, help="for each claim of the gallery")
    parser.add_argument("--certificates", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tree = unpacked(asked.against, folder / "other", "mechverify")
        print(f"| | {asked.against} | this version | ratio | goal | reached |\n| --- | --- | --- | --- | --- | --- |")
        for network in TITLES:
            other, ours = compared(network, tree, folder / network, asked.repeat)
            for row in ROWS:
                if row.network == network:
                    print(row.line(other[row.key], ours[row.key]), flush=True)
        found = checks(tree, (asked.certificates or folder).resolve(), asked.timeout, 2)
        old = found.total(0)
        for words, new in (("cold", found.total(1)), ("as `verify` has them checked, by one host", found.hosted)):
            reached = "yes" if new <= GOAL * old else "no"
            what = f"kernel check of {len(found.seconds)} certificates of the gallery, {words}"
            print(
                f"| {what} | {old:.3g} s | {new:.3g} s | {old / new:.3g} | {GOAL * old:.3g} s | {reached} |"
            )


if __name__ == "__main__":
    main()
