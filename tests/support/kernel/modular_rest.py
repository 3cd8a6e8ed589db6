"""A structure whose rest is resampled."""

import random
from typing import Any

from modular_tools import Model, given

Drawn = tuple[Model, list[Any]]


def swapped_where_the_rest_is_resampled(rng: random.Random, good: bool) -> Drawn:
    """Whether w is neither r nor z, where all three are equal: seen where each comes from a run of its own, r from the
    base, z swapped and w from the rest.
    """
    top = rng.randint(1, 4)
    model = Model([given(name, 0, top) for name in "rzw"], swapped=[] if good else [1], rest=True)
    model.assume(lambda b, a: b.node("and", [b.node("eq", a[0], a[1]), b.node("eq", a[1], a[2])]))

    def apart(b: Any, one: int, two: int) -> int:
        return b.node("abs", b.affine(0, (1, one), (-1, two)))

    model.variable(
        "between",
        lambda b, a: b.node("min", apart(b, a[2], a[0]), apart(b, a[2], a[1])),
        lambda b, a: b.affine(0, (0, a[0])),
        reads=[0],
        sites=[(0, top)],
        values=[("integer", 0, 0)],
    )
    return model.agree(), [0, 0, 0]
