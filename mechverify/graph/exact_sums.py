"""Exact sums of quotients of integers that are reduced once, at the end: a Fraction is at every step."""

from math import gcd

# By node, a numerator and a positive denominator, which may have factors in common.
Sums = dict[int, tuple[int, int]]


def put(sums: Sums, place: int, above: int, below: int) -> None:
    """Add ``above / below`` at a place; ``below`` is positive. Denominators grow to common multiples, no further."""
    found = sums.get(place)
    if found is None:
        sums[place] = above, below
    elif found[1] == below:
        sums[place] = found[0] + above, below
    else:
        shared = gcd(found[1], below)
        more = below // shared
        sums[place] = found[0] * more + above * (found[1] // shared), found[1] * more
