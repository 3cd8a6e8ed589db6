"""Packed sums against the plain ones."""

import random

import pytest

from mechverify.kernel.points import packing
from mechverify.kernel.points.columns import Rows
from mechverify.kernel.points.packing import packed_rows, plain_rows


def _most(weights: list[int], columns: list[Rows], bias: int) -> int:
    return abs(bias) + sum(abs(w) * one.size for w, one in zip(weights, columns, strict=True))


@pytest.mark.parametrize("seed", range(20))
def test_packed_sums_are_the_plain_ones(seed: int) -> None:
    """Of any signs and lengths, the columns used again with others, cut to where they fit, and not cut."""
    rng = random.Random(seed)
    rows, count = rng.randint(7, 20), rng.randint(7, 12)

    def number(lengths: list[int]) -> int:
        return rng.choice([-1, 1]) * rng.choice([0, 1, (1 << (n := rng.choice(lengths))) - 1, rng.getrandbits(n)])

    columns = [Rows([number([1, 30, 61, 62]) for _ in range(rows)]) for _ in range(count)]
    for _ in range(5):
        weights = [number([1, 24, 60, 64, 120, 200]) for _ in columns]
        bias = number([1, 64, 250])
        most = _most(weights, columns, bias)
        for cut in (0, max(0, most.bit_length() - 62), max(0, most.bit_length() - 56), most.bit_length()):
            assert list(packed_rows(weights, columns, bias, most, cut)) == plain_rows(weights, columns, bias, cut)


def test_the_greatest_sums_fit_their_fields(monkeypatch: pytest.MonkeyPatch) -> None:
    used: list[int] = []
    ones = packing._ones
    monkeypatch.setattr(packing, "_ones", lambda rows, words: (used.append(words), ones(rows, words))[1])
    for bits in (1, 61, 62):
        for sign in (1, -1):
            for length in (2, 60, 61, 62, 63, 124, 125, 126, 127, 128):
                most = (1 << bits) - 1
                columns = [Rows([most, -most] * 8) for _ in range(8)]
                weights = [sign * ((1 << length) - 1)] * 8
                total = _most(weights, columns, 0)
                cut = max(0, total.bit_length() - 62)
                assert list(packed_rows(weights, columns, 0, total, cut)) == plain_rows(weights, columns, 0, cut)
    assert len(set(used)) >= 3


def test_values_that_do_not_fit_a_word_are_summed_one_by_one() -> None:
    columns = [Rows([1 << 63, -(1 << 63)] * 8) for _ in range(8)]
    weights = list(range(8))
    most = _most(weights, columns, 5)
    assert list(packed_rows(weights, columns, 5, most, 0)) == plain_rows(weights, columns, 5, 0)
