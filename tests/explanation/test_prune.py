"""A graph cut down to what some roots need says the same of them, and the rows of a layer go on sharing their
arguments."""

from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from random_obligations import points_of, random_obligation

from mechverify.explanation.prune import cut_down
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.evaluate import evaluate_exact
from mechverify.graph.rows import SHORTEST


@given(st.integers(0, 500), st.data())
def test_roots_have_the_values_that_they_had(seed: int, data: st.DataObject) -> None:
    obligation = random_obligation(seed, size=6)
    graph = obligation.graph
    roots = data.draw(st.lists(st.integers(0, len(graph.nodes) - 1), min_size=1, max_size=3))
    smaller, number = cut_down(graph, roots)
    assert len(smaller.nodes) == len(number)
    needed: set[int] = set()
    stack = list(roots)
    while stack:
        index = stack.pop()
        needed.add(index)
        stack += [] if graph.nodes[index].op == "input" else graph.nodes[index].args
    assert set(number) == needed
    assert sorted(number.values()) == list(range(len(number)))
    for point in points_of(obligation)[:3]:
        before = evaluate_exact(graph, point, roots)
        after = evaluate_exact(smaller, point, [number[r] for r in roots])
        assert [before[r] for r in roots] == [after[number[r]] for r in roots]


def test_rows_of_a_layer_share_their_arguments() -> None:
    b = GraphBuilder()
    b.const(Fraction(77))  # nothing needs it: the numbers of all that follows change
    args = [b.input(f"x{k}", "real", Fraction(0), Fraction(1)) for k in range(SHORTEST)]
    rows = b.affine_rows(args, np.ones((3, SHORTEST), dtype=np.float32), "float32")
    assert rows is not None
    biased = [b.affine_on(row, ((Fraction(k), b.const(1)),), Fraction(0)) for k, row in enumerate(rows)]
    smaller, number = cut_down(b.graph(), [*rows, *biased])
    for layer in (rows, biased):
        assert len({id(smaller.nodes[number[n]].args) for n in layer}) == 1
    assert all(number[n] == n - 1 for n in rows)
