"""Claims with ``resample``, ``ignores``, ``interchange`` of every subset and ``faithful`` against brute force over all
runs, by an interpreter written here (SEMANTICS 21, DESIGN 6)."""

import random
import re
from collections.abc import Iterator
from fractions import Fraction
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from mechverify.deciding.options import VerifyOptions
from mechverify.deciding.portfolio import Search, decide
from mechverify.deciding.running.replay import judged_runs
from mechverify.explanation.compiled import CompiledClaim
from mechverify.graph.intervals import interval_values
from mechverify.spec.read import read_spec
from mechverify.verdict import Verdict
from mechverify.verification.loading import load_models
from mechverify.verification.plan import plan

Point = dict[str, int]
INPUTS = ("a", "b")
INNER = ("h", "g", "out")
KINDS = ("names", "rest", "ignores", "both", "faithful")
SAFE = {"__builtins__": {}, "max": max, "abs": abs}


class Case:
    """A program of three steps, an explanation of it that may be wrong, and a claim about runs with parts resampled."""

    def __init__(self, seed: int, kind: str) -> None:
        r = self.r = random.Random(f"{kind} {seed}")
        self.kind = kind
        self.steps = {"h": self.expression(INPUTS), "g": self.expression((*INPUTS, "h")), "out": self.expression("hga")}
        self.values = dict(self.steps)
        if r.random() < 0.4:
            name = r.choice(INNER)
            self.values[name] = self.expression(INPUTS if name == "h" else (*INPUTS, "h"))
        self.located = ("h", "g", "out") if kind != "faithful" and r.random() < 0.6 else r.choice((("h", "out"), ("g", "out")))
        self.precondition = r.choice(("a == a", "a == b", "a <= b", "not (a == 1 and b == 1)"))
        names = [*INPUTS, *self.located]
        read = {x for v in self.values.values() for x in self.names(v) if x in INPUTS}
        self.swapped: tuple[str, ...] = ()
        self.resampled: tuple[str, ...] = tuple(r.sample(names, r.choice((1, 1, 2))))
        self.rest = kind in ("rest", "both", "faithful")
        if kind == "rest":
            self.resampled = tuple(r.sample(names, r.choice((0, 0, 1))))
        elif kind == "both":
            self.swapped = (r.choice([n for n in names if n in self.located or n in read] or ["out"]),)
            self.resampled = ()
        elif kind == "faithful":
            self.swapped = (*(n for n in INPUTS if n in read), *self.located)
            self.resampled = ()
        self.tolerance = r.choice((0, 1))

    def expression(self, names: tuple[str, ...] | str) -> str:
        one, two = self.r.choice(names), self.r.choice(names)
        return self.r.choice(
            [f"{one} + {two}", f"{one} - 2 * {two}", f"max({one}, {two})", f"{one} * {two}", one, f"abs({one} - 1)",
             f"({one} if {two} > 0 else {self.r.randint(-1, 2)})", f"{one} % 2 + {two}"]
        )  # fmt: skip

    @staticmethod
    def names(text: str) -> set[str]:
        return set(re.findall(r"[a-z]+", text)) & {*INPUTS, *INNER}

    def claim(self) -> str:
        if self.kind == "faithful":
            return f"faithful: true, tolerance: {self.tolerance}"
        resample = ", ".join((*self.resampled, *(["rest"] if self.rest else [])))
        if self.kind == "ignores":
            return f"ignores: [out], resample: [{resample}], tolerance: {self.tolerance}"
        swap = f"interchange: [{', '.join(self.swapped)}], " if self.swapped else ""
        return f"{swap}resample: [{resample}], always: abs(network.out - out) <= {self.tolerance}"

    def write(self, folder: Path) -> Path:
        body = "".join(f"    {n} = {e}\n" for n, e in self.steps.items())
        (folder / "p.py").write_text(f"def f({', '.join(INPUTS)}):\n{body}    return out\n")
        variables = "".join(
            f"    {n}: {{value: '{e}'{f', located_at: {n}' if n in self.located else ''}}}\n"
            for n, e in self.values.items()
        )
        (folder / "s.yaml").write_text(
            "mechverify: 1\ntitle: t\nsummary: t\nmodel: {program: 'p.py:f', arithmetic: integer}\n"
            f"inputs: {{{', '.join(f'{n}: {{integers: 0 .. 1}}' for n in INPUTS)}}}\n"
            f"preconditions: {{p: '{self.precondition}'}}\nexplanation:\n  variables:\n{variables}"
            f"claims:\n  c: {{{self.claim()}}}\n"
        )
        return folder / "s.yaml"

    # --- the meaning, once more

    def run(self, steps: dict[str, str], at: Point, fixed: Point) -> Point:
        env = dict(at)
        for name in INNER:
            env[name] = fixed[name] if name in fixed else eval(steps[name], SAFE, dict(env))  # noqa: S307 - our own text
        return env

    def parents(self, name: str) -> set[str]:
        found: set[str] = set()
        for parent in self.names(self.values[name]):
            found |= {parent} if parent in INPUTS or parent in self.located else self.parents(parent)
        return found

    def site(self, name: str, runs: dict[str, Point], mixed: Point, swapped: tuple[str, ...]) -> int:
        """What the site of a variable holds with the rest resampled."""
        if name in swapped:
            return self.run(self.steps, runs[name], {})[name]
        if name in self.resampled:
            return self.run(self.steps, runs[f"resampled {name}"], {})[name]
        parents = self.parents(name)
        given = {n: mixed[n] if n in parents or n in swapped else runs[f"all else of {name}"][n] for n in INPUTS}
        at = {n: runs[f"resampled {n}"][n] if n in self.resampled else given[n] for n in INPUTS}
        wanted = {p for p in self.located if p in parents or p in swapped or p in self.resampled}
        held = {p: self.site(p, runs, mixed, swapped) for p in wanted - {name}}
        return self.run(self.steps, at, held)[name]

    def truth(self, runs: dict[str, Point], swapped: tuple[str, ...]) -> bool | None:
        """Whether the claim holds; None where a run is not admissible."""
        if not all(eval(self.precondition, SAFE, dict(at)) for at in runs.values()):  # noqa: S307 - our own text
            return None
        base = runs[""]
        mixed = {n: runs[n][n] if n in swapped else base[n] for n in INPUTS}
        causal = self.run(
            self.values, mixed, {n: self.run(self.values, runs[n], {})[n] for n in swapped if n in INNER}
        )
        wanted = self.located if self.kind == "faithful" else ("out",)
        if self.rest:
            network = {n: self.site(n, runs, mixed, swapped) for n in wanted}
        if self.kind == "faithful":
            held = {n: self.run(self.steps, runs[n], {})[n] for n in swapped if n in INNER}
            plain = self.run(self.steps, mixed, held)
            if any(abs(plain[n] - causal[n]) > self.tolerance for n in wanted):
                return False
        if not self.rest:
            source = {n: runs[f"resampled {n}"] for n in self.resampled}
            at = {n: source[n][n] if n in source else mixed[n] for n in INPUTS}
            held = {n: self.run(self.steps, s, {})[n] for n, s in source.items() if n in INNER}
            network = self.run(self.steps, at, held)
        if self.kind == "ignores":
            return abs(network["out"] - self.run(self.steps, base, {})["out"]) <= self.tolerance
        return all(abs(network[n] - causal[n]) <= self.tolerance for n in wanted)


def compiled_case(case: Case, folder: Path) -> CompiledClaim:
    spec = read_spec(case.write(folder))
    (planned,) = plan(spec, load_models(spec, allow_code=False), VerifyOptions())
    assert planned.job is not None
    return planned.job.compiled


def combinations(case: Case, claim: CompiledClaim, limit: int) -> Iterator[tuple[list[int], dict[str, Point], tuple[str, ...]]]:
    """Points of the compiled claim, all or some at random, with the runs and the swapped names that they stand for."""
    names = [i.name for i in claim.graph.inputs]
    values = list(product((0, 1), repeat=len(names))) if 2 ** len(names) <= limit else [
        tuple(case.r.randint(0, 1) for _ in names) for _ in range(limit)
    ]
    for row in values:
        runs: dict[str, Point] = {}
        swapped = () if case.kind == "faithful" else case.swapped
        for name, value in zip(names, row, strict=True):
            if name.endswith(" swapped"):
                swapped = (*swapped, *([name.removesuffix(" swapped")] if value else []))
                continue
            label, _, own = name.rpartition(" from: ")
            runs.setdefault(label, {})[own] = value
        yield list(row), runs, swapped


def compare(seed: int, kind: str, folder: Path, *, limit: int, verdict: bool) -> Verdict | None:
    case = Case(seed, kind)
    claim = compiled_case(case, folder)
    obligation = claim.obligation
    combos = list(combinations(case, claim, limit))
    low, high = interval_values(obligation.graph, np.array([row for row, _, _ in combos], dtype=float))
    ends = [obligation.assumption, obligation.claim]
    np.testing.assert_array_equal(low[ends], high[ends])
    expected = [case.truth(runs, swapped) for _, runs, swapped in combos]
    for k, wanted in enumerate(expected):
        assert bool(low[ends[0], k] == 1.0) is (wanted is not None), (kind, seed, combos[k])
        assert wanted is None or bool(low[ends[1], k] == 1.0) is wanted, (kind, seed, combos[k])
    shown = [k for k, wanted in enumerate(expected) if wanted is not None][:: max(1, len(combos) // 40)]
    points = [tuple(map(Fraction, combos[k][0])) for k in shown]
    models = load_models(claim.spec, allow_code=False)
    for k, row in zip(shown, judged_runs(claim, models, points), strict=True):
        assert {judged.claim for _, judged in row} == {expected[k]}, (kind, seed, combos[k])
    if not verdict:
        return None
    found = decide(obligation, Search(30.0)).verdict
    if all(w is None for w in expected):
        assert found is Verdict.VACUOUS
    elif False in expected:
        assert found is Verdict.REFUTED, (kind, seed)
    elif 2 ** len(claim.graph.inputs) <= limit:
        assert found is Verdict.PROVED, (kind, seed)
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_truth_equals_brute_force(tmp_path: Path, kind: str) -> None:
    for seed in range(16):
        compare(seed, kind, tmp_path, limit=1024, verdict=False)


@pytest.mark.parametrize("kind", KINDS)
def test_verdicts_equal_brute_force(tmp_path: Path, kind: str) -> None:
    found = [compare(seed, kind, tmp_path, limit=2**12, verdict=True) for seed in range(100, 104)]
    assert Verdict.ERROR not in found


@pytest.mark.campaign
@pytest.mark.parametrize("first", range(1000, 1100, 10))
@pytest.mark.parametrize("kind", KINDS)
def test_campaign_resample_brute_force(tmp_path: Path, kind: str, first: int) -> None:
    for seed in range(first, first + 10):
        compare(seed, kind, tmp_path, limit=2**16, verdict=True)
