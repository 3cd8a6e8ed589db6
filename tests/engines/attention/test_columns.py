"""Columns in float64 against the kernel's own."""

import random

import numpy as np
import pytest
from attention_tools import head
from kernel_tools import Build, random_numbers

from mechverify.engines.attention.columns import CONSTANT, Columns
from mechverify.engines.certificates.reread import obligation_of
from mechverify.kernel.api import read_problem
from mechverify.kernel.plan import Prepared
from mechverify.kernel.separable.values import Tabulation

OPS = ["relu", "abs", "max", "min", "floor", "round", "mul", "affine", "affine", "ite", "div", "exp", "sqrt", "log"]
OPS += ["table"]


def compare(build, held, values):
    """Both have the same nodes as sums, and the same columns; how many."""
    prepared = Prepared(read_problem(build.problem(None, build.truth())))
    graph = obligation_of(prepared).graph
    columns = Columns(graph, held)
    columns.ask(range(len(graph.nodes)))
    plain, seen = Tabulation(prepared, {}), 0
    for row, value in enumerate(values):
        exact = Tabulation(prepared, {} if held is None else {held: value}, plain)
        for v, node in enumerate(graph.nodes):
            one, other = columns.found[v], exact.of(v).number
            if node.is_boolean or one is None or other is None:
                continue
            assert set(one.over) == set(other.over)
            for mine, theirs in [(one.plain, other.plain), *((one.over[s], other.over[s]) for s in one.over)]:
                for k in {*mine, *theirs} - {CONSTANT}:
                    if k not in theirs or k not in mine:
                        continue
                    here = mine[k][row if len(mine[k]) > 1 else 0]
                    low, high = (
                        np.array([float(x) for x in ends]) / 2.0**96 for ends in (theirs[k].low, theirs[k].high)
                    )
                    if CONSTANT in mine or CONSTANT in theirs:
                        here, low, high = here - here[0], low - low[0], high - high[0]
                    assert np.allclose(here, (low + high) / 2, rtol=1e-9, atol=1e-9)
                    seen += 1
    return seen


@pytest.mark.parametrize("seed", range(8))
def test_random_nodes(seed):
    rng = random.Random(seed)
    build = Build()
    pool = [build.integer(name, low, low + 2) for name, low in zip("xyz", (-1, 0, 2), strict=True)]
    random_numbers(build, rng, pool, 12, OPS)
    compare(build, None, [0])
    compare(build, 1, [0, 1, 2])


def test_a_head():
    one = head(random.Random(3), 3, 3)
    assert compare(one.build, one.asking, [0, 1, 2]) > 50
