"""Sums that are reduced once at the end are those of Fractions."""

from fractions import Fraction
from random import Random

from any_numbers import written
from hypothesis import given
from hypothesis import strategies as st

from mechverify.graph.builder import GraphBuilder
from mechverify.graph.evaluate import evaluate_exact
from mechverify.graph.exact_sums import Sums, put


@given(st.lists(st.tuples(st.integers(0, 3), written, st.integers(1, 12)), min_size=1))
def test_a_sum_is_that_of_fractions(terms: list[tuple[int, Fraction, int]]) -> None:
    sums: Sums = {}
    expected: dict[int, Fraction] = {}
    for place, value, factor in terms:
        put(sums, place, value.numerator * factor, value.denominator * factor)
        expected[place] = expected.get(place, Fraction(0)) + value
    assert {place: Fraction(*pair) for place, pair in sums.items()} == expected
    assert all(below > 0 for _, below in sums.values())


def test_denominators_do_not_grow_beyond_common_multiples() -> None:
    sums: Sums = {}
    for below in (2, 4, 8, 3, 6, 12, 2, 24):
        put(sums, 0, 1, below)
    assert sums[0][1] == 24


def some_sum(builder: GraphBuilder, rng: Random, of: list[int], bottoms: tuple[int, ...]) -> int:
    """As many terms as there are nodes, some of them of one node."""
    drawn = [(Fraction(rng.randint(-9, 9), rng.choice(bottoms)), a) for a in rng.choices(of, k=len(of))]
    return builder.affine(drawn, Fraction(rng.randint(-3, 3), 7))


def test_affine_nodes_over_affine_nodes_have_the_values_of_their_terms() -> None:
    """Merged, flattened, cancelled: whatever the denominators, long rows or short ones."""
    rng = Random(5)
    for count in (3, 40):
        builder = GraphBuilder()
        inputs = [builder.input(f"x[{k}]", "real", Fraction(-9), Fraction(9)) for k in range(count)]

        inner = [some_sum(builder, rng, inputs, bottoms) for bottoms in ((1, 2, 64), (3, 5, 64)) for _ in range(4)]
        outer = [some_sum(builder, rng, inner, (1, 3, 2**40)) for _ in range(6)]
        apart = [builder.affine(((Fraction(1), a), (Fraction(-1), a))) for a in outer]
        assert [builder.constant_value(a) for a in apart] == [0] * len(apart)
        point = [Fraction(rng.randint(-90, 90), 10) for _ in range(count)]
        graph = builder.graph()
        seen = evaluate_exact(graph, point, outer)
        for node in outer:
            numbers, args = graph.nodes[node].numbers, graph.nodes[node].args
            assert set(args) <= set(inputs)
            plain = sum((w * point[inputs.index(a)] for w, a in zip(numbers[1:], args, strict=True)), numbers[0])
            assert seen[node] == plain
