"""The race for an obligation: who enters, in which order, for how long, and who waits."""

from fractions import Fraction

import pytest

from mechverify.deciding.entrants import entrants, inhabiting, mending
from mechverify.engines.engine import ProofFound
from mechverify.engines.registry import ENGINES, Role
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.graph import Obligation


def sum_of_switches(length: int) -> Obligation:
    """That relu(..relu(x_1 + 0) .. + x_n) is at most n, over numbers in [-1, 1]: lemmas suit long ones."""
    g = GraphBuilder()
    inputs = [g.input(f"x[{k}]", "real", Fraction(-1), Fraction(1)) for k in range(length)]
    total = g.const(0)
    for x in inputs:
        total = g.relu(g.add(total, x))
    everywhere, claim = g.boolean(truth=True), g.le(total, g.const(length))
    return Obligation(g.graph(), everywhere, claim)


def waits(length: int, limit: float) -> dict[tuple[str, float], float]:
    return {(one.engine.name, one.work): one.after for one in entrants(sum_of_switches(length), limit)}


@pytest.mark.parametrize("limit", [0.1, 1.0, 60.0])
def test_only_what_suits_enters_in_the_order_of_the_table(limit: float) -> None:
    obligation = sum_of_switches(3)
    field = entrants(obligation, limit)
    suited = [record.name for record in ENGINES if record.make().suits(obligation)]
    assert [one.engine.name for one in field] == [*suited, "sampling"]
    assert all(one.work <= limit for one in field)
    assert {(one.engine.name, one.role) for one in field} <= {(record.name, record.role) for record in ENGINES}


def test_sampling_has_a_moment_and_then_a_second_turn() -> None:
    found = waits(3, 60.0)
    assert (found["sampling", 0.15], found["sampling", 3.0]) == (0.0, 1.0)


def test_what_splits_on_everything_waits_beside_lemmas_alone() -> None:
    for length, search, solvers in ((2, 0.0, 1.0), (8, 15.0, 30.0)):
        found = waits(length, 60.0)
        assert ("lemmas" in {name for name, _ in found}) is (length == 8)
        assert (found["branch and bound", 60.0], found["smt", 60.0]) == (search, solvers)


@pytest.mark.parametrize(("length", "after"), [(2, (1.0, 0.0)), (8, (6.0, 6.0))])
def test_cases_and_the_second_turn_of_sampling_wait_beside_lemmas(length: int, after: tuple[float, float]) -> None:
    found = waits(length, 60.0)
    assert found["sampling", 0.15] == 0.0
    assert (found["sampling", 3.0], found["cases", 30.0]) == after


def test_who_looks_for_an_admissible_input() -> None:
    field = inhabiting(sum_of_switches(2), 7.0)
    assert [(one.engine.name, one.work, one.after) for one in field] == [
        (name, 7.0, 0.0) for name in ("sampling", "branch and bound", "smt")
    ]


def test_what_mends_bears_the_name_of_the_engine_that_it_mends() -> None:
    one = mending(ProofFound((["leaf"],), 96), 0, "exhaustive", 2.0)
    assert (one.engine.name, one.role, one.work) == ("exhaustive", Role.MENDS, 2.0)
