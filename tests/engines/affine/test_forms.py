"""The batched forms are those of the kernel, node for node, on boxes of random obligations."""

from fractions import Fraction
from itertools import pairwise
from random import Random

import numpy as np
from obligations import F
from random_obligations import LOOKING_UP, network_obligation, random_obligation

from mechverify.engines.affine.bounding import bound_boxes
from mechverify.engines.affine.boxes import Box
from mechverify.engines.affine.forms import BIG
from mechverify.engines.affine.layout import make_plan
from mechverify.engines.certificates.preparation import prepare
from mechverify.engines.search.paths import Move, children, root_box
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.graph import Obligation
from mechverify.graph.operations.s_shaped import ERF, SIGMOID, TANH
from mechverify.graph.operations.smooth import EXP, LOG, SQRT
from mechverify.kernel.search import ClosedError, Forms, evaluate_forms


def every_operation(seed: int) -> Obligation:
    """Two real inputs through every operation of the table, in either arithmetic."""
    r = Random(seed)
    g = GraphBuilder()
    low = F(r.randint(-40, 20), 8)
    x = g.input("x", "real", low, low + F(r.randint(1, 40), 8))
    y = g.input("y", "real", F(-2), F(3))
    rounding = r.choice(["exact", "float32"])
    fed = [g.round32(x), g.round32(y)] if rounding == "float32" else [x, y]
    a = g.affine([(F(r.randint(-9, 9), 7), fed[0]), (F(r.randint(-9, 9), 8), fed[1])], F(1, 3), rounding)
    b = g.affine([(F(r.randint(-9, 9), 8), fed[0]), (F(r.randint(-9, 9), 8), fed[1])], F(r.randint(-3, 3)), rounding)
    pieces = [
        g.relu(a),
        g.abs(b),
        g.max(a, b),
        g.min(a, b),
        g.mul(a, b, rounding),
        g.mul(a, a),
        g.floor(a),
        g.round(b),
        g.div(a, g.add(g.abs(b), g.const(F(1, 2))), rounding),
        g.apply(SQRT, g.add(g.abs(a), g.const(1))),
        g.apply(EXP, b),
        g.apply(LOG, g.add(g.abs(b), g.const(F(1, 4)))),
        g.ite(g.le(a, b), a, b),
        g.div(a, b),
        g.apply(SQRT, a),
        g.ite(g.lt(x, y), g.relu(x), g.const(2)),
        g.apply(TANH, a),
        g.apply(SIGMOID, b),
        g.apply(ERF, a),
        softmax(g, [a, b, x]),
        g.div(g.apply(EXP, a), g.add(g.mul(b, b), g.const(F(1, 4)))),
    ]
    r.shuffle(pieces)
    total = g.affine([(F(r.randint(-4, 4), 4), p) for p in pieces[:5]])
    claim = g.all([g.le(p, g.add(total, q)) for p, q in pairwise(pieces)])
    assumption = g.any([g.le(x, y), g.lt(y, g.const(1))])
    return Obligation(g.graph(), assumption, claim)


def softmax(g: GraphBuilder, scores: list[int]) -> int:
    """The first weight, of scores that may be small."""
    powers = [g.apply(EXP, g.affine([(F(6), s)], F(-8))) for s in scores]
    return g.div(powers[0], g.affine((F(1), p) for p in powers))


def compare(obligation: Obligation, seed: int) -> int:
    """Bound a box both ways: never tighter than the kernel; how many nodes have the same bounds."""
    r = Random(seed)
    box = root_box(prepare(obligation, 96))
    for _ in range(r.randint(0, 4)):
        position = r.randrange(len(box.chart.live))
        one = box.state.live[box.chart.live[position]]
        if one.high - one.low < 1:
            continue
        middle = Fraction((one.low + one.high) // 2) if one.integer else Fraction(one.low + one.high) / 2
        box = r.choice(children(box, Move(position, middle)))
    if box.state.closed:
        return 0
    return _compared(obligation, box)


def _compared(obligation: Obligation, box: Box) -> int:
    targets = obligation.assumption, obligation.claim
    plan = make_plan(obligation.graph, {*targets, *box.roots})
    bounds = bound_boxes(plan, box.chart, [box], targets, empty=False, margin=4.0)
    kernel = Forms(box.state, {}, {})
    scale = 2.0**96
    same = 0
    try:
        evaluate_forms(kernel)
    except ClosedError:
        return 0
    if bounds.forms.slopes or bounds.forms.multipliers or bounds.forms.fragile.any():
        return 0
    for node, row in plan.number_row.items():
        top = bool(bounds.forms.tops[row, 0])
        assert top == (node in kernel.tops), obligation.graph.nodes[node]
        if top:
            assert bounds.forms.most[row, 0] == BIG
            same += 1
            continue
        size = 1.0 + abs(kernel.lo[node] / scale) + abs(kernel.hi[node] / scale)
        tolerance = 1e-9 * size
        low, high = (
            bounds.forms.least[row, 0] - kernel.lo[node] / scale,
            bounds.forms.most[row, 0] - kernel.hi[node] / scale,
        )
        assert low <= tolerance, obligation.graph.nodes[node]
        assert high >= -tolerance, obligation.graph.nodes[node]
        same += abs(low) <= tolerance and abs(high) <= tolerance
    for node, row in plan.truth_row.items():
        mine = {1: True, -1: False, 0: None}[int(bounds.forms.truth[row, 0])]
        assert mine is None or mine == kernel.truth[node], obligation.graph.nodes[node]
    return same


def test_the_forms_are_the_kernels_on_every_operation() -> None:
    assert sum(compare(every_operation(seed), seed) for seed in range(60)) > 700


def test_the_forms_are_the_kernels_on_networks() -> None:
    assert sum(compare(network_obligation(seed), seed) for seed in range(40)) > 400


def test_bounds_of_what_is_looked_up() -> None:
    assert (
        sum(
            compare(random_obligation(seed, LOOKING_UP), seed)
            for seed in range(60)
        )
        > 200
    )


def test_exact_cancellation_survives() -> None:
    g = GraphBuilder()
    x, y = (g.input(n, "integer", F(0), F(10**9)) for n in "xy")
    left = g.affine([(F(3), g.max(x, y)), (F(1, 1024), x)])
    right = g.affine([(F(1, 1024), x), (F(3), g.max(x, y))])
    claim = g.all([g.le(left, right), g.eq(g.sub(left, right), g.const(0))])
    obligation = Obligation(g.graph(), g.boolean(True), claim)
    plan = make_plan(obligation.graph, {obligation.assumption, obligation.claim})
    box = root_box(prepare(obligation, 96))
    bounds = bound_boxes(plan, box.chart, [box], (obligation.assumption, claim), empty=False, margin=4.0)
    assert np.all(bounds.closed)
