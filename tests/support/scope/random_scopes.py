"""Small specs over integers, and by running every input what their ranges and preconditions come to."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from random import Random

Point = tuple[int, int]
Holds = Callable[[int, int], bool]
HIGH = 12
BEYOND = 40  # what follows is as what came before: all conditions are settled long before


@dataclass(frozen=True)
class SmallSpec:
    """``claim`` and ``conditions`` as functions; ``limits`` are the numbers in the conditions that are ``x <= c``."""

    text: str
    program: str
    claim: Holds
    conditions: Mapping[str, Holds]
    loosened: Mapping[str, Callable[[int], Holds]]

    def written(self, folder: Path) -> Path:
        (folder / "p.py").write_text(self.program)
        (folder / "s.yaml").write_text(self.text)
        return folder / "s.yaml"

    def verdict(self, points: Iterator[Point], conditions: Mapping[str, Holds]) -> str:
        met = [p for p in points if all(c(*p) for c in conditions.values())]
        if not met:
            return "vacuous"
        return "proved" if all(self.claim(*p) for p in met) else "refuted"


def box(x: tuple[int, int], y: tuple[int, int]) -> Iterator[Point]:
    return product(range(x[0], x[1] + 1), range(y[0], y[1] + 1))


def small_spec(seed: int) -> SmallSpec:
    """A program that goes wrong from some number on, or on some residues, under one to three conditions."""
    random = Random(seed)
    a, b, m, k = random.randint(0, 2), random.randint(1, 3), random.randint(2, 5), random.randint(3, 40)
    bad = random.choice(
        [
            (f"{a} * x + {b} * y > {k}", lambda x, y: a * x + b * y > k),
            (f"x - y > {k % 9}", lambda x, y: x - y > k % 9),
            (f"x % {m} == {m - 1} and y > {k % 11}", lambda x, y: x % m == m - 1 and y > k % 11),
            (f"x * x > {k}", lambda x, y: x * x > k),
            (f"abs(x - y) > {k % 7}", lambda x, y: abs(x - y) > k % 7),
        ]
    )
    program = f"def f(x, y):\n    out = x\n    if {bad[0]}:\n        out = x + 1\n    return out\n"
    c, d = random.randint(2, 11), random.randint(0, 6)
    pool: dict[str, tuple[str, Holds, Callable[[int], Holds] | None]] = {
        "few": (f"x <= {c}", lambda x, y: x <= c, lambda n: lambda x, y: x <= n),
        "few_y": (f"y < {c + 1}", lambda x, y: y < c + 1, lambda n: lambda x, y: y <= n),
        "some": (f"x >= {d}", lambda x, y: x >= d, lambda n: lambda x, y: x >= n),
        "same": ("x == y", lambda x, y: x == y, lambda n: lambda x, y: abs(x - y) <= n),
        "order": ("x <= y", lambda x, y: x <= y, lambda n: lambda x, y: x - y <= n),
        "odd": ("x % 2 == 1", lambda x, y: x % 2 == 1, None),
    }
    names = random.sample(sorted(pool), random.randint(1, 3))
    text = (
        "mechverify: 1\ntitle: t\nmodel: {program: 'p.py:f'}\n"
        f"inputs: {{x: {{integers: 0 .. {HIGH}}}, y: {{integers: 0 .. {HIGH}}}}}\npreconditions:\n"
        + "".join(f"  {name}: '{pool[name][0]}'\n" for name in names)
        + "explanation: {variables: {out: {value: x, located_at: output}}}\n"
        "claims: {c: {always: network.out == out, expect: refuted}}\n"
    )
    loosened = {name: pool[name][2] for name in names}
    return SmallSpec(
        text,
        program,
        lambda x, y: not bad[1](x, y),
        {name: pool[name][1] for name in names},
        {name: function for name, function in loosened.items() if function is not None},
    )
