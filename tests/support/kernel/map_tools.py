"""Certificates of kind map: the file around steps and sizes, and the sizes that listing every point gives."""

import random
from collections import Counter
from fractions import Fraction
from typing import Any

from kernel_tools import Build, box_points, execute, num


def map_file(problem: Any, steps: list[Any], sizes: list[Any]) -> Any:
    """A certificate file of kind map; a size is (place, verdict, dimension, low, high)."""
    rows = [[*row[:3], num(row[3]), num(row[4])] for row in sizes]
    return {"format": "mechverify-certificate 1", "kind": "map", "problem": problem, "steps": steps, "sizes": rows}


def listed_sizes(problem: Any) -> list[Any]:
    """The sizes of an exact problem over integers, by its value at every point."""
    found: Counter[tuple[str, str]] = Counter()
    for point in box_points(problem):
        values = execute(problem, [Fraction(x) for x in point], random.Random(0))
        assert values is not None
        place = "inside" if values[problem["assumption"]] else "outside"
        if "domain" in problem and not values[problem["domain"]]:
            found["apart", "open"] += 1
        else:
            found[place, "proved" if values[problem["claim"]] else "refuted"] += 1
    return [[*key, 0, n, n] for key, n in sorted(found.items())]


def difference_problem(high: int = 9, kind: str = "integer") -> Any:
    """relu(x - y) <= 2 over a square, under the assumption x >= 3."""
    build = Build()
    input_of = build.integer if kind == "integer" else build.real
    x, y = input_of("x", 0, high), input_of("y", 0, high)
    ahead = build.node("relu", build.affine(0, (1, x), (-1, y)))
    claim = build.node("le", ahead, build.const(2))
    return build.problem(build.node("le", build.const(3), x), claim)


DIFFERENCE = [["1", 0], ["-1", 1]]
DIFFERENCE_STEPS = [
    ["split", [["1", 0]], "2"],
    ["split", DIFFERENCE, "0"],
    ["part", "outside", "proved"],
    ["part", "outside", "proved"],
    ["split", DIFFERENCE, "0"],
    ["part", "inside", "proved"],
    ["split", DIFFERENCE, "2"],
    ["part", "inside", "proved"],
    ["part", "inside", "refuted"],
]
