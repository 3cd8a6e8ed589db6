"""Side conditions of the composition rule that a lemma checks: for each, certificates that violate only it.

A case draws a structure twice: once as it should be, once with the condition violated. The first is accepted. Of the
second every other lemma is proved, and the lemma at fault is rejected with the old steps and with others.
"""

import random
from collections.abc import Callable
from typing import Any

import pytest
from kernel_tools import accepted, answer
from modular_rest import Drawn, swapped_where_the_rest_is_resampled
from modular_tools import Model, certificate, given, prove

SEEDS = range(20)


def _identity(b: Any, a: list[int]) -> int:
    return a[0]


def _sum(b: Any, a: list[int]) -> int:
    return b.affine(0, *((1, x) for x in a))


def _true(b: Any, _: list[int]) -> int:
    return b.truth()


def _equal(b: Any, a: list[int]) -> int:
    return b.node("eq", *a)


class Chain:
    """t0 = c0 = x + shift and t1 = c1 = t0 + y, exactly; each part can be replaced."""

    def __init__(self, rng: random.Random) -> None:
        self.x, self.y, self.shift = rng.randint(1, 5), rng.randint(1, 5), rng.randint(-3, 3)
        self.at = rng.randrange(2)
        self.low = [self.shift, self.shift]
        self.high = [self.x + self.shift, self.x + self.shift + self.y]
        self.sites = [[low, high] for low, high in zip(self.low, self.high, strict=True)]
        self.values = [[low, high] for low, high in zip(self.low, self.high, strict=True)]
        self.offset = [0, 0]
        self.defined = list(self.high)
        self.holds: list[Callable[..., Any]] = [_equal, _equal]
        self.claimed = self.high[1]

    def model(self) -> Drawn:
        model = Model([given("x", 0, self.x), given("y", 0, self.y)])
        for v in (0, 1):
            bias = self.shift if v == 0 else 0
            last = self.defined[v]

            def network(b: Any, a: list[int], v: int = v, bias: int = bias) -> int:
                return b.affine(bias + self.offset[v], *((1, x) for x in (a[:1] if v == 0 else [a[2], a[1]])))

            def mechanism(b: Any, a: list[int], bias: int = bias, last: int = last) -> list[int]:
                value = b.affine(bias, *((1, x) for x in a))
                return [value, b.node("le", value, b.const(last))]

            model.variable(
                f"v{v}",
                network,
                mechanism,
                parents=[0] if v else [],
                reads=[v],
                sites=[tuple(self.sites[v])],
                values=[("integer", *self.values[v])],
                holds=self.holds[v],
            )
        model.claim(lambda b, base, mixed, t, c: b.node("le", t[1][0], b.const(self.claimed)))
        return model, [0, 0]


def definedness(rng: random.Random, good: bool) -> Drawn:
    chain = Chain(rng)
    chain.defined[chain.at] -= 0 if good else 1
    return chain.model()


def site_low(rng: random.Random, good: bool) -> Drawn:
    chain = Chain(rng)
    chain.sites[chain.at][0] += 0 if good else 1
    return chain.model()


def site_high(rng: random.Random, good: bool) -> Drawn:
    chain = Chain(rng)
    chain.sites[chain.at][1] -= 0 if good else 1
    return chain.model()


def value_low(rng: random.Random, good: bool) -> Drawn:
    chain = Chain(rng)
    chain.values[chain.at][0] += 0 if good else 1
    return chain.model()


def value_high(rng: random.Random, good: bool) -> Drawn:
    chain = Chain(rng)
    chain.values[chain.at][1] -= 0 if good else 1
    return chain.model()


def related(rng: random.Random, good: bool) -> Drawn:
    """The bounds hold, the relation does not."""
    chain = Chain(rng)
    at = chain.at
    chain.offset[at] = 0 if good else rng.choice([-1, 1])
    chain.sites[at] = [chain.low[at] - 1, chain.high[at] + 1]
    return chain.model()


def claim(rng: random.Random, good: bool) -> Drawn:
    chain = Chain(rng)
    chain.claimed -= 0 if good else 1
    return chain.model()


def parents_known_by_their_relation_alone(rng: random.Random, good: bool) -> Drawn:
    chain = Chain(rng)
    chain.holds[0] = _equal if good else _true
    return chain.model()


def root_inputs(rng: random.Random) -> tuple[int, int]:
    return rng.randint(1, 5), rng.randint(1, 5)


def parents_vary_apart(rng: random.Random, good: bool) -> Drawn:
    """In clean runs both parents are x; the bad one needs that in intervened runs too."""
    x, bias = rng.randint(1, 6), rng.randint(-3, 3)
    model = Model([given("x", 0, x)])
    for name in ("left", "right"):
        model.variable(name, _identity, _identity, reads=[0], sites=[(0, x)], values=[("integer", 0, x)])
    other = 0 if good else 1
    return (
        model.variable(
            "gap",
            lambda b, a: b.affine(bias, (1, a[1]), (-1, a[1 + other])),
            lambda b, a: b.affine(bias, (1, a[0]), (-1, a[other])),
            parents=[0, 1],
            sites=[(bias, bias)],
            values=[("integer", bias, bias)],
        ).agree(),
        [x],
    )


def own_runs_of_swapped_inputs(rng: random.Random, good: bool) -> Drawn:
    """The sum stays small where x <= y in one run; not where y comes from another."""
    top = rng.randint(1, 5)
    model = Model([given("x", 0, top), given("y", 0, top)], swapped=[] if good else [rng.randrange(2)])
    model.assume(lambda b, a: b.node("le", b.affine(0, (1, a[0]), (1, a[1])), b.const(top)))
    model.variable("sum", _sum, _sum, reads=[0, 1], sites=[(0, top)], values=[("integer", 0, top)])
    return model.agree(), [0, top]


def runs_are_admissible(rng: random.Random, good: bool) -> Drawn:
    """The swapped x is bounded by what admissible runs supply."""
    top, cut = rng.randint(3, 8), rng.randint(0, 2)
    model = Model([given("x", 0, top), given("y", 0, 3)], swapped=[0])
    model.assume((lambda b, a: b.node("le", a[0], b.const(cut))) if good else _true)
    model.variable("copy", _identity, _identity, reads=[0], sites=[(0, cut)], values=[("integer", 0, cut)])
    return model.agree(), [0, 0]


def claim_of_swapped_inputs(rng: random.Random, good: bool) -> Drawn:
    x, y = root_inputs(rng)
    model = Model([given("x", 0, x), given("y", 0, y)], swapped=[] if good else [0])
    model.variable("copy", _identity, _identity, reads=[0], sites=[(0, x)], values=[("integer", 0, x)])
    return model.claim(lambda b, base, mixed, t, c: b.node("eq", base[0], mixed[0])), [0, 0]


def _scrubbed(rng: random.Random, *, rest: bool, reads: list[int]) -> Drawn:
    """t = min(x, 2 x - y + slack) is x where y <= x + slack in the same run."""
    top, slack = rng.randint(2, 5), rng.randint(0, 1)
    model = Model([given("x", 0, top), given("y", 0, top)], rest=rest)
    model.assume(lambda b, a: b.node("le", a[1], b.affine(slack, (1, a[0]))))
    model.variable(
        "copy",
        lambda b, a: b.node("min", a[0], b.affine(slack, (2, a[0]), (-1, a[1]))),
        _identity,
        reads=reads,
        sites=[(-2 * top, top)],
        values=[("integer", 0, top)],
    )
    return model.agree(), [1, 1]


def the_rest_from_another_run(rng: random.Random, good: bool) -> Drawn:
    return _scrubbed(rng, rest=not good, reads=[0])


def what_a_mechanism_reads_is_no_rest(rng: random.Random, good: bool) -> Drawn:
    return _scrubbed(rng, rest=True, reads=[0, 1] if good else [0])


def read_plainly_too(rng: random.Random, good: bool) -> Drawn:
    """The rest comes from one admissible run, where x + y <= top; what is read plainly mixes two of them."""
    top = rng.randint(1, 5)
    swapped = [] if good else [rng.randrange(2)]
    model = Model([given("x", 0, top), given("y", 0, top)], swapped=swapped, rest=True)
    model.assume(lambda b, a: b.node("le", _sum(b, a), b.const(top)))
    model.variable(
        "excess",
        lambda b, a: b.node("relu", b.affine(-top, (1, a[0]), (1, a[1]))),
        lambda b, a: b.const(0),
        sites=[(0, top)],
        values=[("integer", 0, 0)],
    )
    return model.agree(), [0, top]


def rounding(rng: random.Random, good: bool) -> Drawn:
    """x times an odd number of 24 bits is exact in ideal arithmetic only."""
    odd, top = 2 * rng.randint(2**22, 2**23 - 1) + 1, rng.randint(3, 6)
    model = Model([given("x", 0, top)])
    model.variable(
        "scaled",
        lambda b, a: b.affine(0, (odd, a[0]), rounding="exact" if good else "float32"),
        lambda b, a: b.affine(0, (odd, a[0])),
        reads=[0],
        sites=[(-odd, top * odd + odd)],
        values=[("integer", 0, top * odd)],
    )
    return model.agree(), [1]


def _quotient(b: Any, a: list[int], times: int) -> int:
    return b.node("div", "exact", b.affine(0, (times, a[0])), a[0])


def a_site_has_a_value(rng: random.Random, good: bool) -> Drawn:
    times, top = rng.randint(-4, 4), rng.randint(2, 5)
    model = Model([given("x", 1 if good else 0, top)])
    model.variable(
        "ratio", lambda b, a: _quotient(b, a, times), lambda b, a: b.const(times),
        reads=[0], sites=[(times, times)], values=[("integer", times, times)], holds=_true,
    )  # fmt: skip
    return model, [top]


def a_value_has_a_value(rng: random.Random, good: bool) -> Drawn:
    times, top = rng.randint(-4, 4), rng.randint(2, 5)
    model = Model([given("x", 1 if good else 0, top)])
    model.variable(
        "ratio", lambda b, a: b.const(times), lambda b, a: _quotient(b, a, times),
        reads=[0], sites=[(times, times)], values=[("real", times, times)], holds=_true,
    )  # fmt: skip
    return model, [top]


def every_component(rng: random.Random, good: bool) -> Drawn:
    """Three components a variable; the bound of one of them is too small."""
    at, side, x = rng.randrange(3), rng.choice(["sites", "values"]), rng.randint(1, 5)

    def three(b: Any, a: list[int]) -> list[int]:
        return [a[0], b.affine(0, (2, a[0])), b.affine(0, (-1, a[0]))]

    ends = [[0, x], [0, 2 * x], [-x, 0]]
    tight = [list(one) for one in ends]
    end = 0 if at == 2 else 1
    tight[at][end] += 0 if good else (1 if end == 0 else -1)
    sites, values = (tight, ends) if side == "sites" else (ends, tight)
    model = Model([given("x", 0, x)]).variable(
        "three", three, three, reads=[0],
        sites=[tuple(one) for one in sites], values=[("integer", *one) for one in values],
    )  # fmt: skip
    return model.agree(), [0]


CASES: dict[Callable[[random.Random, bool], Drawn], str] = {
    definedness: "lemma of variable",
    site_low: "lemma of variable",
    site_high: "lemma of variable",
    value_low: "lemma of variable",
    value_high: "lemma of variable",
    related: "lemma of variable",
    claim: "last lemma",
    parents_known_by_their_relation_alone: "lemma of variable 1, 'v1'",
    parents_vary_apart: "lemma of variable 2, 'gap'",
    own_runs_of_swapped_inputs: "lemma of variable 0, 'sum'",
    runs_are_admissible: "lemma of variable 0, 'copy'",
    claim_of_swapped_inputs: "last lemma",
    the_rest_from_another_run: "lemma of variable 0, 'copy'",
    what_a_mechanism_reads_is_no_rest: "lemma of variable 0, 'copy'",
    read_plainly_too: "lemma of variable 0, 'excess'",
    swapped_where_the_rest_is_resampled: "lemma of variable 0, 'between'",
    rounding: "lemma of variable 0, 'scaled'",
    a_site_has_a_value: "lemma of variable 0, 'ratio'",
    a_value_has_a_value: "lemma of variable 0, 'ratio'",
    every_component: "lemma of variable 0, 'three'",
}


@pytest.mark.parametrize("case", CASES, ids=lambda one: one.__name__)
def test_rejected(case: Callable[[random.Random, bool], Drawn]) -> None:
    for seed in SEEDS:
        model, inhabitant = case(random.Random(seed), True)
        good = model.certificate(inhabitant)
        assert accepted(good), answer(good)
        bad, _ = case(random.Random(seed), False)
        steps = [prove(problem, budget=100) for problem in bad.problems()]
        (fault,) = [i for i, found in enumerate(steps) if found is None]
        for tried in ([*good["lemmas"], good["last"]][fault], [["leaf"]], [["enumerate"]], []):
            offered = [tried if found is None else found for found in steps]
            found = answer(certificate(bad.structure, bad.relations, offered, inhabitant))
            assert found.answer == "invalid", (seed, found)
            assert CASES[case] in (found.reason or ""), (seed, found)
            assert found.at is not None
