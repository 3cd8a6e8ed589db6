"""Random small specs with distributions, and what they come to by going through every input."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from pathlib import Path

PROGRAM = """def f(x, y):
    a = max(x - y, 0)
    b = x + 2 * y if x > {c} else y - x
    return a + b - {d}
"""


@dataclass(frozen=True)
class World:
    """A spec, and each input's values with their weights."""

    text: str
    program: str
    values: Mapping[str, Mapping[Fraction, Fraction]]
    c: int
    d: int
    condition: str | None
    asserted: str
    spare: str

    def out(self, x: int, y: int) -> int:
        """What the program returns."""
        b = x + 2 * y if x > self.c else y - x
        return max(x - y, 0) + b - self.d

    def points(self) -> Iterator[tuple[dict[str, Fraction], Fraction]]:
        """Every input with its weight, the preconditions apart."""
        names = list(self.values)
        for choice in product(*(self.values[n].items() for n in names)):
            weight = Fraction(1)
            for _, w in choice:
                weight *= w
            yield {n: v for n, (v, _) in zip(names, choice, strict=True)}, weight

    def truth(self, at: Mapping[str, Fraction]) -> tuple[bool, bool, Fraction]:
        """Whether the precondition holds, whether the condition does, and what there is to spare."""
        names = {n: int(v) for n, v in at.items()}
        names["out"] = self.out(int(at["x"]), int(at["y"]))
        admitted = self.condition is None or bool(_value(self.condition, names))
        holds = bool(_value(self.asserted, names))
        spare = Fraction(_value(self.spare, names))
        return admitted, holds, spare

    def written(self, folder: Path) -> Path:
        """The files of the spec."""
        (folder / "p.py").write_text(self.program)
        path = folder / "s.yaml"
        path.write_text(self.text)
        return path


def _value(text: str, names: Mapping[str, int]) -> int:
    return int(eval(text, {"__builtins__": {}, "abs": abs}, dict(names)))  # noqa: S307 - texts of this file


def world(seed: int) -> World:
    """One of them."""
    rng = random.Random(seed)
    c, d = rng.randint(-2, 6), rng.randint(0, 5)
    values: dict[str, dict[Fraction, Fraction]] = {}
    inputs, lines = [], []
    for name in ("x", "y", "z"):
        low = rng.randint(-3, 2)
        high = low + rng.randint(2, 7)
        inputs.append(f"  {name}: {{integers: {low} .. {high}}}")
        values[name] = {Fraction(v): Fraction(1) for v in range(low, high + 1)}
        if rng.random() < 0.5:
            kept = sorted(rng.sample(range(low, high + 1), rng.randint(1, high - low + 1)))
            values[name] = {Fraction(v): Fraction(rng.randint(1, 6), rng.randint(1, 3)) for v in kept}
            pairs = ", ".join(f"{v}: {w}" for v, w in values[name].items())
            lines.append(f"  {name}: {{{pairs}}}")
    condition = rng.choice((None, "x <= y", "x + z >= 1", "x != z", "x == y"))
    bound = rng.randint(-2, 12)
    asserted = rng.choice((f"abs(out - z) <= {bound}", f"out <= z + {bound}", f"out != {bound}", f"z >= {bound - 4} or out > 2"))
    spare = rng.choice(("z - out", "abs(out - z) - 3", "2 * x + z - abs(out)"))
    parts = ["mechverify: 1", "title: t", "model: {program: 'p.py:f'}", "inputs:", *inputs]
    parts += [f"preconditions: {{p: {condition}}}"] if condition else []
    parts += ["distribution:", *lines] if lines else []
    parts += ["explanation: {variables: {out: {located_at: output}}}", "claims:"]
    network = "network.out"
    parts.append(f"  c: {{usually: '{asserted.replace('out', network)}', probability: SHARE}}")
    parts.append(f"  a: {{on_average: '{spare.replace('out', network)} >= BOUND'}}")
    return World("\n".join(parts) + "\n", PROGRAM.format(c=c, d=d), values, c, d, condition, asserted, spare)
