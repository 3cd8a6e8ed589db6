"""SEMANTICS 20: what splits and linear reasoning may and may not conclude."""

from typing import Any

import pytest
from semantics_tools import F, builder, decided, obligation, verdict_of

from mechverify.engines.certificates.problem import problem_data, proof_certificate
from mechverify.engines.engine import ProofFound
from mechverify.graph.graph import Obligation
from mechverify.kernel.api import check_data


def answer(made: Obligation, *steps: Any, inhabitant: tuple[int, ...] = (0, 0)) -> str:
    """The kernel's answer to these steps."""
    point = tuple(F(x) for x in inhabitant)[: len(made.graph.inputs)]
    return check_data(proof_certificate(problem_data(made), ProofFound(steps, 96), point)).answer


def line(kind: str, *, strict: bool) -> Obligation:
    """Over x in [-4, 4]: |x| >= 0, or > 0, given by the two sides of a split."""
    b = builder()
    x = b.input("x", kind, F(-4), F(4))  # type: ignore[arg-type]
    both = b.any((b.lt(x, b.const(0)), (b.lt if strict else b.le)(b.const(0), x)))
    return obligation(b, both)


def test_real_children_are_closed() -> None:
    split, leaf = ["split", [["1", 0]], "0"], ["leaf"]
    assert answer(line("real", strict=True), split, leaf, leaf) == "invalid"
    assert answer(line("integer", strict=True), split, leaf, leaf) == "invalid"
    assert answer(line("integer", strict=False), ["split", [["1", 0]], "-1"], leaf, leaf) == "valid"
    assert answer(line("real", strict=False), split, leaf, leaf) == "invalid"
    for strict, wanted in ((True, "REFUTED"), (False, "PROVED")):
        assert decided(line("real", strict=strict), 0.4).verdict == wanted


@pytest.mark.parametrize(("form", "bound"), [([["1/2", 0]], "0"), ([["1p-1", 0]], "0")])
def test_an_integer_split_is_integer_throughout(form: Any, bound: str) -> None:
    """With a fraction in it, the children overlap instead of leaving a gap, so that 2x != 1 has to be shown at the
    seam."""
    b = builder()
    x = b.input("x", "integer", F(-4), F(4))
    gap = b.any((b.le(x, b.const(0)), b.le(b.const(1), x)))
    made = obligation(b, gap)
    assert answer(made, ["split", [["1", 0]], "0"], ["leaf"], ["leaf"]) == "valid"
    assert answer(made, ["split", form, bound], ["leaf"], ["leaf"]) == "invalid"


def test_a_mixed_split_has_no_gap() -> None:
    b = builder()
    x, y = b.input("x", "integer", F(0), F(4)), b.input("y", "real", F(0), F(4))
    total = b.add(x, y)
    gap = b.any((b.le(total, b.const(3)), b.le(b.const(4), total)))
    made = obligation(b, gap)
    assert answer(made, ["split", [["1", 0], ["1", 1]], "3"], ["leaf"], ["leaf"]) == "invalid"
    assert decided(made).verdict == "REFUTED"


def test_a_split_on_a_rounded_sign_bounds_the_rounded_value() -> None:
    """h >= 0 in float32 says nothing exact of the sum behind it."""
    b = builder()
    x, y = (b.input(n, "real", F(-1), F(1)) for n in "xy")
    weights = [(F(13421773, 2**27), x), (F(-1, 3), y)]
    rounded, exact = b.affine([(F(13421773, 2**27), x), (F(-5592405, 2**24), y)], 0, "float32"), b.affine(weights)
    active = b.relu(rounded)
    claim = b.any((b.le(active, b.const(0)), b.le(b.const(0), exact)))
    assert verdict_of(b, claim, seconds=0.6) != "PROVED"
    tolerant = b.any((b.le(active, b.const(0)), b.le(b.const(F(-1, 1000)), exact)))
    assert verdict_of(b, tolerant) == "PROVED"


def test_eliminated_variables_keep_their_bounds() -> None:
    b = builder()
    x, y = b.input("x", "integer", F(0), F(10**6)), b.input("y", "integer", F(0), F(3))
    same = b.eq(x, y)
    assert verdict_of(b, b.le(x, b.const(3)), same) == "PROVED"
    decision = decided(obligation(b, b.le(x, b.const(2)), same))
    assert (decision.verdict, decision.point) == ("REFUTED", (3, 3))
    assert answer(obligation(b, b.le(x, b.const(2)), same), ["substitute", 0, "solve", 0], ["leaf"]) == "invalid"


def test_strictness_is_recorded() -> None:
    """0 >= 0 refutes only with a strict row at a positive multiplier."""
    b = builder()
    x, y = (b.input(n, "real", F(-1), F(1)) for n in "xy")
    zero = b.const(0)
    total = b.lt(zero, b.add(x, y))
    assert verdict_of(b, total, b.lt(zero, x), b.lt(zero, y), seconds=0.4) == "PROVED"
    assert verdict_of(b, total, b.lt(zero, x), b.le(zero, y), seconds=0.4) == "PROVED"
    decision = decided(obligation(b, total, b.le(zero, x), b.le(zero, y)))
    assert (decision.verdict, decision.point) == ("REFUTED", (0, 0))
    assert verdict_of(b, b.boolean(False), b.le(b.add(x, y), zero), b.le(zero, x), b.le(zero, y)) == "REFUTED"
    assert verdict_of(b, b.boolean(False), b.le(b.add(x, y), zero), b.lt(zero, x), b.le(zero, y)) == "VACUOUS"
