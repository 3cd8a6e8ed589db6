"""SEMANTICS 26: side conditions are documented; a Problem made false by a mutation takes no proof of the original.

Twenty certificates for each side condition of each rule are in tests/kernel/, a file a rule, and a thousand mutations
of random Problems in tests/kernel/test_soundness.py; here the proofs are those that the portfolio finds.
"""

import copy
import random
from fractions import Fraction
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from semantics_tools import decided, obligation

from mechverify.graph.builder import GraphBuilder
from mechverify.graph.graph import Obligation
from mechverify.kernel.api import check_data, evaluate_point, parse_number, read_problem

RULES = Path(import_module("mechverify.kernel.rules").__file__ or "").parent


def test_every_rule_lists_its_side_conditions() -> None:
    names = [p.stem for p in RULES.glob("*.py") if p.stem != "__init__"]
    assert {"split", "phase", "case", "substitute", "enumerate", "leaf", "witness"} <= set(names)
    for name in names:
        words = import_module(f"mechverify.kernel.rules.{name}").__doc__ or ""
        assert len(words) > 120, name


def network(rng: random.Random) -> Obligation:
    """A true claim about a small integer network with a linear precondition: its bound is the largest value there."""
    b = GraphBuilder()
    x, y = (b.input(n, "integer", Fraction(0), Fraction(rng.randint(3, 7))) for n in "xy")

    def unit(of: list[int]) -> int:
        return b.relu(b.affine([(Fraction(rng.randint(-4, 4)), a) for a in of], rng.randint(-4, 4)))

    hidden = [unit([x, y]) for _ in range(3)]
    out = b.affine([(Fraction(rng.choice([-2, -1, 1, 2])), h) for h in hidden], rng.randint(-3, 3))
    assumption = b.le(x, y) if rng.random() < 0.5 else b.eq(x, y)
    trial = obligation(b, b.le(out, b.const(10**6)), assumption)
    largest = max(value for value in values_of(trial, out) if value is not None)
    return obligation(b, b.le(out, b.const(largest)), assumption)


def values_of(made: Obligation, node: int) -> list[Fraction | None]:
    from mechverify.graph.evaluate import evaluate_exact

    found = []
    for x in range(int(made.graph.inputs[0].high) + 1):
        for y in range(int(made.graph.inputs[1].high) + 1):
            values = evaluate_exact(made.graph, (Fraction(x), Fraction(y)), [made.assumption, node])
            value = values[node]
            found.append(value if values[made.assumption] and isinstance(value, Fraction) else None)
    return found


def is_false(problem: Any) -> bool:
    """Whether some admissible point breaks the claim, by listing."""
    read = read_problem(problem)
    for x in range(int(problem["inputs"][0][3]) + 1):
        for y in range(int(problem["inputs"][1][3]) + 1):
            truth = evaluate_point(read, [parse_number(str(x)), parse_number(str(y))])
            if truth[problem["assumption"]] is True and truth[problem["claim"]] is False:
                return True
    return False


def mutated(problem: Any, rng: random.Random) -> Any:
    """One number of a node changed, or a bound of an input widened, or the assumption dropped."""
    out = copy.deepcopy(problem)
    kind = rng.randrange(5)
    if kind == 0:
        given = rng.choice(out["inputs"])
        given[3] = str(int(given[3]) + rng.randint(1, 2))
    elif kind == 1:
        out["nodes"].append(["bool", "true"])
        out["assumption"] = len(out["nodes"]) - 1
    else:
        node = rng.choice([n for n in out["nodes"] if n[0] in ("affine", "const")])
        if node[0] == "const":
            node[1] = str(int(node[1]) + rng.choice([-1, 1]))
        elif rng.random() < 0.4 or not node[3]:
            node[2] = str(int(node[2]) + rng.choice([-1, 1]))
        else:
            term = rng.choice(node[3])
            term[0] = str(int(term[0]) + rng.choice([-1, 1]))
    return out


def campaign(seed: int, wanted: int) -> None:
    rng = random.Random(seed)
    false = 0
    while false < wanted:
        decision = decided(network(rng), 2.0)
        if decision.verdict != "PROVED" or decision.certificate is None:
            continue
        certificate = dict(decision.certificate)
        assert check_data(certificate).answer == "valid"
        for _ in range(30):
            problem = mutated(certificate["problem"], rng)
            try:
                broken = is_false(problem)
            except ValueError:
                continue
            if broken:
                false += 1
                assert check_data({**certificate, "problem": problem}).answer in ("invalid", "unreadable")


def test_false_problems_take_no_proof_of_the_original() -> None:
    campaign(1, 40)


@pytest.mark.campaign
def test_a_thousand_false_problems_take_no_proof_of_the_original() -> None:
    campaign(2, 1000)
