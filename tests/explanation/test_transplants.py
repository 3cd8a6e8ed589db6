"""Readings that are set together: each reads its target afterwards, and nothing else moves (SEMANTICS 22)."""

from fractions import Fraction as F
from random import Random

import numpy as np
import pytest

from mechverify.deciding.running.changed_units import changed
from mechverify.explanation.transplants import Reading, Transplant, _inverse, patch, transplant
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.evaluate import evaluate_exact

SIZE = 5


def random_readings(rng: Random) -> list[Reading]:
    found = []
    for _ in range(rng.randint(1, 3)):
        places = sorted(rng.sample(range(SIZE), rng.randint(1, 3)))
        alone = len(places) == 1
        found.append(
            Reading(tuple((p, F(1) if alone else F(rng.randint(1, 5), rng.choice((1, 2, 4)))) for p in places))
        )
    return found


def read(reading: Reading, values: list[F]) -> F:
    return sum((w * values[p] for p, w in reading.terms), F(0))


def through_the_graph(one: Transplant, before: list[F], sources: list[list[F]]) -> list[F]:
    b = GraphBuilder()
    runs = [
        np.array([b.input(f"{k}_{i}", "real", F(-100), F(100)) for i in range(SIZE)]) for k in range(1 + len(sources))
    ]
    after = patch(one, runs[1:], b, "exact")(runs[0])
    found = evaluate_exact(b.graph(), [v for values in (before, *sources) for v in values], [int(n) for n in after])
    return [F(found[int(n)]) for n in after]  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", range(60))
def test_each_reading_gets_its_target_and_the_rest_stays(seed: int) -> None:
    rng = Random(seed)
    wanted = random_readings(rng)
    one = transplant("h", (SIZE,), wanted)
    if one is None:
        rows = np.array([[float(dict(r.terms).get(p, 0)) for p in range(SIZE)] for r in wanted])
        assert np.linalg.matrix_rank(rows) < len(wanted)
        return
    before = [F(rng.randint(-9, 9), 2) for _ in range(SIZE)]
    sources = [[F(rng.randint(-9, 9), 2) for _ in range(SIZE)] for _ in wanted]
    after = through_the_graph(one, before, sources)
    for reading, source in zip(wanted, sources, strict=True):
        assert read(reading, after) == read(reading, source)
    moved = [a - b for a, b in zip(after, before, strict=True)]
    rows = np.array([[float(dict(r.terms).get(p, 0)) for p in range(SIZE)] for r in wanted])
    floats = np.array([float(m) for m in moved])
    inside = rows.T @ np.linalg.lstsq(rows.T, floats, rcond=None)[0]
    np.testing.assert_allclose(inside, floats, atol=1e-9)
    run = changed(one, np.array([float(v) for v in before]), [np.array([float(v) for v in s]) for s in sources])
    np.testing.assert_allclose(run, [float(v) for v in after], atol=1e-9)


def test_a_unit_alone_is_replaced_bit_for_bit() -> None:
    one = transplant("h", (SIZE,), [Reading(((2, F(1)),)), Reading(((3, F(1)),))])
    assert one is not None
    assert one.positions() == (2, 3)
    assert (one.plain(2), one.plain(3), one.plain(0)) == (0, 1, None)


def test_readings_that_depend_on_each_other_cannot_be_set() -> None:
    first, second = Reading(((0, F(1)),)), Reading(((1, F(1)),))
    both = Reading(((0, F(2)), (1, F(-1))))
    assert transplant("h", (SIZE,), [first, second, both]) is None
    assert transplant("h", (SIZE,), [first, first]) is None
    assert transplant("h", (SIZE,), [first, both]) is not None


@pytest.mark.parametrize("seed", range(40))
def test_the_inverse_without_fractions(seed: int) -> None:
    """Matrices with zeros where pivots are looked for, so that rows change places."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 6))
    matrix = [[int(v) for v in row] for row in rng.integers(-2, 3, size=(n, n))]
    found = _inverse(matrix)
    if found is None:
        assert np.linalg.matrix_rank(np.array(matrix)) < n
        return
    left, factor = found
    assert factor != 0
    product = [[sum(a * b for a, b in zip(row, column, strict=True)) for column in zip(*matrix, strict=True)] for row in left]
    assert product == [[factor * int(i == k) for k in range(n)] for i in range(n)]
