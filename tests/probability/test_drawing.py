"""Draws follow the measures, exactly where these are discrete, and are the same for the same seed."""

from collections import Counter
from fractions import Fraction as F

from mechverify.probability.densities import Curve
from mechverify.probability.drawing import Drawing
from mechverify.probability.measures import Counting, Density, Weights

EACH = (
    Counting(integer=True),
    Weights.of([(F(1, 2), F(1)), (F(3), F(3, 2))]),
    Counting(integer=False),
    Density(Curve("normal", F(0), F(1), F(-1))),
    Density(Curve("exponential", F(1, 2), F(1), F(0))),
)
BOUNDS = ((-2, 3), (F(1, 2), 3), (0, 2), (-1, 2), (0, 4))


def test_what_is_drawn() -> None:
    drawing = Drawing(EACH, BOUNDS, 5)
    points = [drawing.point() for _ in range(4000)]
    assert [drawing.point() for drawing in (Drawing(EACH, BOUNDS, 5),)] == points[:1]
    columns = list(zip(*points, strict=True))
    assert set(columns[0]) == {F(v) for v in range(-2, 4)}
    counts = Counter(columns[1])
    assert set(counts) == {F(1, 2), F(3)}
    assert 0.55 < counts[F(3)] / 4000 < 0.65
    for (low, high), column in zip(BOUNDS, columns, strict=True):
        assert all(low <= x <= high for x in column)
    assert 0.95 < sum(columns[2]) / 4000 < 1.05
    assert 0.4 < sum(x > F(1, 4) for x in columns[3]) / 4000 < 0.5  # (0.9772 - 0.5987) / (0.9772 - 0.1587) = 0.462
    assert 0.36 < sum(x > F(1, 2) for x in columns[4]) / 4000 < 0.38 + 0.02  # 1 / e


def test_tails_are_drawn_where_they_have_quantiles() -> None:
    """P(X > 10.1 | X > 10) is 0.363 for a normal curve; beyond what floats tell nothing is drawn, and nothing waits."""
    above, below = (Density(Curve("normal", mean, F(1), F(0))) for mean in (F(-10), F(11)))
    drawing = Drawing([above, below], [(0, 1), (0, 1)], 1)
    points = [drawing.point() for _ in range(2000)]
    assert all(0 <= x <= 1 for point in points for x in point)
    assert 0.32 < sum(x > F(1, 10) for x, _ in points) / 2000 < 0.40
    assert 0.32 < sum(x < F(9, 10) for _, x in points) / 2000 < 0.40
    far = Density(Curve("normal", F(500), F(1, 5), F(0)))
    assert not Drawing([far], [(0, 1)], 1).possible
    flat = Density(Curve("exponential", F(10**20), F(1), F(0)))
    assert 0.45 < sum(Drawing([flat], [(0, 1)], seed).point()[0] > F(1, 2) for seed in range(500)) / 500 < 0.55
