"""How an obligation is cut: which input is held, which maximum makes classes."""

import random
from itertools import product

import pytest
from attention_tools import head
from kernel_tools import Build

from mechverify.engines.attention.classes import Cell, cells_of, definitions, shape_of
from mechverify.engines.certificates.reread import obligation_of
from mechverify.kernel.api import read_problem
from mechverify.kernel.plan import Prepared


def obligation(build, claim):
    return obligation_of(Prepared(read_problem(build.problem(None, claim))))


def test_the_token_that_asks_is_held_and_the_maximum_found():
    one = head(random.Random(0), 3, 4)
    own = obligation(one.build, one.argmax_is_largest())
    shape = shape_of(own, dict.fromkeys(range(3), (0, 3)))
    assert shape.held == 2
    assert shape.greatest == (0, 1, 2)
    made, reached = definitions(own.graph, dict.fromkeys(range(3), (0, 3)), shape)
    assert list(reached) == [1, 2, 3]
    assert [node[0] for node in made] == ["const", "le", "le", "le", "or"] * 3
    for m, v in reached.items():
        at = v - len(own.graph.nodes)
        assert made[at][0] == "or"
        assert made[at - 4] == ["const", str(m)]


def test_what_has_no_such_shape():
    build = Build()
    x, y, z = build.integer("x", 0, 9), build.integer("y", 0, 9), build.integer("z", 0, 9)
    tied = build.node("mul", "exact", build.node("mul", "exact", x, y), z)
    live = dict.fromkeys(range(3), (0, 9))
    assert shape_of(obligation(build, build.node("lt", tied, build.const(1000))), live) is None
    linear = build.affine(0, (1, x), (1, y), (1, z))
    assert shape_of(obligation(build, build.node("lt", linear, build.const(1000))), live) is None
    one = head(random.Random(0), 3, 4)
    own = obligation(one.build, one.argmax_is_largest())
    assert shape_of(own, {0: (0, 3), 1: (0, 3)}) is None
    assert shape_of(own, dict.fromkeys(range(3), (0, 1 << 20))) is None


@pytest.mark.parametrize("seed", range(10))
def test_classes_are_a_partition_by_the_greatest(seed):
    rng = random.Random(seed)
    ends = [sorted((rng.randrange(5), rng.randrange(5))) for _ in range(3)]
    reach = {k: (low, high) for k, (low, high) in enumerate(ends)}
    greatest = rng.choice([(0, 1, 2), (0, 2)])
    cells = list(cells_of(reach, greatest))
    assert [cell.least is None for cell in cells] == [False] * (len(cells) - 1) + [True]

    def inside(cell: Cell, point):
        within = all(low <= point[k] <= high for k, (low, high) in cell.reach.items())
        return within and (cell.least is None or any(point[k] >= cell.least for k in greatest))

    for point in product(*(range(low, high + 1) for low, high in reach.values())):
        assert sum(inside(cell, point) for cell in cells) == 1
