"""A remembered phase leaves the state and the slots that the kernel's own rule leaves, on every path."""

from dataclasses import replace
from fractions import Fraction
from random import Random

import numpy as np
import pytest
from obligations import F
from random_obligations import network_obligation

from mechverify.engines.affine.boxes import Box, FactSlot
from mechverify.engines.certificates.preparation import prepare
from mechverify.engines.search import paths
from mechverify.engines.search.paths import Move, children, root_box
from mechverify.engines.search.phases import phases_of
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.graph import Obligation

SWITCHES = ("relu", "abs", "max", "min")


def two_inputs(seed: int) -> Obligation:
    """Switches on sums of two real inputs, on one of them, and on other switches."""
    r = Random(seed)
    g = GraphBuilder()
    x, y = (g.input(n, "real", F(-2), F(3)) for n in "xy")
    rounding = r.choice(["exact", "float32"])
    first = [g.affine([(F(r.randint(1, 9), 8), x), (F(r.randint(-9, -1), 8), y)], F(k, 8), rounding) for k in range(2)]
    inner = [g.relu(first[0]), g.abs(first[1]), g.max(x, y), g.min(y, g.const(0)), g.relu(x), g.max(g.const(0), y)]
    outer = [g.relu(g.sub(inner[0], inner[2])), g.max(inner[1], inner[3]), g.min(inner[4], inner[5])]
    claim = g.le(g.const(F(-100)), g.affine([(F(1), v) for v in outer]))
    everywhere = g.boolean(truth=True)
    return Obligation(g.graph(), everywhere, claim)


def compare(obligation: Obligation, seed: int) -> int:
    """How many of the phases of one random path were remembered ones."""
    r = Random(seed)
    box = root_box(prepare(obligation, 96))
    nodes = [v for v, node in enumerate(obligation.graph.nodes) if node.op in SWITCHES]
    remembered = 0
    for _ in range(min(6, 3 * len(nodes))):
        if box.state.closed or not nodes:
            break
        move = Move(step=["phase", r.choice(nodes)])
        remembered += phases_of(box, move.step[1]) is not None
        mine, kernels = children(box, move), asked(box, move)
        for one, other in zip(mine, kernels, strict=True):
            assert one.state == other.state
            assert one.roots == other.roots
            assert [written(s) for s in one.slots] == [written(s) for s in other.slots]
        box = r.choice(mine)
    return remembered


def asked(box: Box, move: Move) -> tuple[Box, ...]:
    """The children when nothing is remembered."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(paths, "phases_of", lambda *_: None)
        return children(box, move)


def written(slot: FactSlot) -> tuple[FactSlot, list[float] | None]:
    """A slot in a form that can be compared."""
    coefficients = None if slot.coefficients is None else np.asarray(slot.coefficients).tolist()
    return replace(slot, coefficients=None), coefficients


def test_remembered_phases_are_the_kernels() -> None:
    assert sum(compare(two_inputs(seed), seed) for seed in range(40)) > 100
    assert sum(compare(network_obligation(seed), seed) for seed in range(60)) > 20


def test_a_phase_that_bounds_a_parameter_is_the_kernels_own() -> None:
    g = GraphBuilder()
    x, y = (g.input(n, "integer", F(-10), F(10)) for n in "xy")
    one, both = g.relu(x), g.relu(g.sub(x, y))
    claim = g.le(g.const(0), g.affine([(F(1), one), (F(1), both)]))
    everywhere = g.boolean(truth=True)
    box = root_box(prepare(Obligation(g.graph(), everywhere, claim), 96))
    assert phases_of(box, one) is None
    assert phases_of(box, both) is not None
    above, below = children(box, Move(step=["phase", one]))
    assert [b.state.live[0].low for b in (above, below)] == [0, Fraction(-10)]
    assert below.state.live[0].high == 0
