"""Interchange claims against brute force over all pairs of base and sources, by an interpreter written here (SEMANTICS 21)."""

import random
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from mechverify.deciding.options import VerifyOptions
from mechverify.deciding.portfolio import Search, decide
from mechverify.errors import SpecError
from mechverify.explanation.compiled import CompiledClaim
from mechverify.graph.intervals import interval_values
from mechverify.spec.read import read_spec
from mechverify.verdict import Verdict
from mechverify.verification.loading import load_models
from mechverify.verification.plan import plan

INPUTS = ("a", "b", "c")
INNER = ("h", "g", "out")


class Case:
    """A program of three steps, an explanation of it that may be wrong, and an interchange."""

    def __init__(self, seed: int) -> None:
        r = self.r = random.Random(seed)
        self.steps = {"h": self.expression(INPUTS), "g": self.expression((*INPUTS, "h")), "out": self.expression("hga")}
        self.values = dict(self.steps)
        for name in INNER:
            if r.random() < 0.25:
                self.values[name] = self.expression(INPUTS if name == "h" else (*INPUTS, "h"))
        self.precondition = r.choice(("a == a", "a == b", "a <= b", "a + b == 2", "not (a == 1 and b == 1)"))
        self.names = tuple(r.sample((*INPUTS, *INNER), r.choice((1, 1, 2))))
        self.shift = r.choice((0, 0, 1))
        self.size = 3 if len(self.names) == 1 else 2

    def expression(self, names: tuple[str, ...] | str) -> str:
        r = self.r
        one, two = r.choice(names), r.choice(names)
        return r.choice(
            [f"{one} + {two}", f"{one} - 2 * {two}", f"max({one}, {two})", f"{one} * {two}", one, f"abs({one} - 1)",
             f"({one} if {two} > 0 else {r.randint(-1, 2)})", f"{one} % 2 + {two}"]
        )  # fmt: skip

    def write(self, folder: Path) -> Path:
        body = "".join(f"    {n} = {e}\n" for n, e in self.steps.items())
        (folder / "p.py").write_text(f"def f({', '.join(INPUTS)}):\n{body}    return out\n")
        variables = "".join(
            f"    {n}: {{value: '{e}{f' + {self.shift}' if n == 'g' else ''}', located_at: {n}"
            f"{f', read_as: it + {self.shift}' if n == 'g' else ''}}}\n"
            for n, e in self.spec_values().items()
        )
        text = (
            "mechverify: 1\ntitle: t\nsummary: t\nmodel: {program: 'p.py:f', arithmetic: integer}\n"
            f"inputs: {{{', '.join(f'{n}: {{integers: 0 .. {self.size - 1}}}' for n in INPUTS)}}}\n"
            f"preconditions: {{p: '{self.precondition}'}}\nexplanation:\n  variables:\n{variables}"
            f"claims:\n  c: {{interchange: [{', '.join(self.names)}], always: network.out == out and network.g == g}}\n"
        )
        (folder / "s.yaml").write_text(text)
        return folder / "s.yaml"

    def spec_values(self) -> dict[str, str]:
        """The mechanisms as the spec has them: whoever reads g reads it decoded."""
        return {n: e if n != "out" else e.replace("g", f"(g - {self.shift})") for n, e in self.values.items()}

    def run(self, steps: dict[str, str], at: dict[str, int], fixed: dict[str, int]) -> dict[str, int]:
        env = {**at, **{n: v for n, v in fixed.items() if n in INPUTS}}
        for name in INNER:
            env[name] = fixed[name] if name in fixed else eval(steps[name], {"__builtins__": {}}, {**SAFE, **env})  # noqa: S307
        return env

    def truth(self, base: dict[str, int], sources: list[dict[str, int]]) -> bool | None:
        """Whether the claim holds; None where a run is not admissible. Undecoded values on both sides."""
        for at in (base, *sources):
            if not eval(self.precondition, {"__builtins__": {}}, dict(at)):  # noqa: S307 - our own text
                return None
        seen = [self.run(self.steps, at, {}) for at in sources]
        said = [self.run(self.values, at, {}) for at in sources]
        network = self.run(self.steps, base, {n: s[n] for n, s in zip(self.names, seen, strict=True)})
        causal = self.run(self.values, base, {n: s[n] for n, s in zip(self.names, said, strict=True)})
        return network["out"] == causal["out"] and network["g"] == causal["g"]


SAFE = {"max": max, "abs": abs}


def compiled_case(case: Case, folder: Path) -> CompiledClaim:
    spec = read_spec(case.write(folder))
    (planned,) = plan(spec, load_models(spec, allow_code=False), VerifyOptions())
    assert planned.job is not None
    return planned.job.compiled


def points(size: int, copies: int) -> list[tuple[dict[str, int], ...]]:
    one = [dict(zip(INPUTS, v, strict=True)) for v in product(range(size), repeat=len(INPUTS))]
    return list(product(one, repeat=copies))


def compare(seed: int, folder: Path, *, verdict: bool) -> Verdict | None:
    """All combinations of one case; its verdict beside brute force where asked."""
    case = Case(seed)
    claim = compiled_case(case, folder)
    obligation = claim.obligation
    combos = points(case.size, 1 + len(case.names))
    names = [i.name for i in obligation.graph.inputs]
    order = [("", *(f"{n} from: " for n in case.names)).index(n[: -len(n.split(": ")[-1])]) for n in names]
    rows = [[combo[k][n.split(": ")[-1]] for n, k in zip(names, order, strict=True)] for combo in combos]
    low, high = interval_values(obligation.graph, np.array(rows))
    assumed, claimed = low[obligation.assumption], low[obligation.claim]
    np.testing.assert_array_equal(
        low[[obligation.assumption, obligation.claim]], high[[obligation.assumption, obligation.claim]]
    )
    expected = [case.truth(combo[0], list(combo[1:])) for combo in combos]
    for combo, met, holds, wanted in zip(combos, assumed, claimed, expected, strict=True):
        assert bool(met == 1.0) is (wanted is not None), (seed, combo)
        assert wanted is None or bool(holds == 1.0) is wanted, (seed, combo)
    if not verdict:
        return None
    found = decide(obligation, Search(20.0))
    if all(w is None for w in expected):
        assert found.verdict is Verdict.VACUOUS
    else:
        assert found.verdict is (Verdict.PROVED if all(w is not False for w in expected) else Verdict.REFUTED), seed
    return found.verdict


@pytest.mark.parametrize("first", range(0, 60, 20))
def test_truth_equals_brute_force(tmp_path: Path, first: int) -> None:
    for seed in range(first, first + 20):
        compare(seed, tmp_path, verdict=False)


def test_verdicts_equal_brute_force(tmp_path: Path) -> None:
    found = [compare(seed, tmp_path, verdict=True) for seed in range(100, 112)]
    assert {Verdict.PROVED, Verdict.REFUTED} <= set(found)


@pytest.mark.campaign
@pytest.mark.parametrize("first", range(1000, 1500, 50))
def test_campaign_brute_force(tmp_path: Path, first: int) -> None:
    for seed in range(first, first + 50):
        compare(seed, tmp_path, verdict=True)


def test_sites_that_overlap_cannot_be_set_together(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text("def f(a, b):\n    h = [a, b, a - b]\n    out = h[0] + h[2]\n    return out\n")
    text = (
        "mechverify: 1\ntitle: t\nsummary: t\nmodel: {program: 'p.py:f', arithmetic: integer}\n"
        "inputs: {a: {integers: 0 .. 3}, b: {integers: 0 .. 3}}\nexplanation:\n  variables:\n"
        "    u: {value: a, located_at: 'h[0]'}\n    v: {value: a + b, located_at: {direction: [1, 1], of: 'h[0:2]'}}\n"
        "    w: {value: b, located_at: 'h[1]'}\n    out: {value: 2 * u - w, located_at: out}\n"
        "claims:\n  c: {interchange: [%s], always: network.out == out}\n"
    )
    (tmp_path / "s.yaml").write_text(text % "u, v, w")
    spec = read_spec(tmp_path / "s.yaml")
    with pytest.raises(SpecError, match="overlap"):
        plan(spec, load_models(spec, allow_code=False), VerifyOptions())
    (tmp_path / "s.yaml").write_text(text % "u, w")
    spec = read_spec(tmp_path / "s.yaml")
    (planned,) = plan(spec, load_models(spec, allow_code=False), VerifyOptions())
    assert planned.job is not None
    decided = decide(planned.job.compiled.obligation, Search(10.0))
    assert decided.verdict is Verdict.REFUTED
