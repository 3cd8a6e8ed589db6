"""Random small programs that read integers one after the other, against another way of saying the same, or nearly."""

from fractions import Fraction
from itertools import product
from random import Random

from mechverify.graph.builder import GraphBuilder
from mechverify.graph.evaluate import evaluate_exact
from mechverify.graph.graph import Obligation

F = Fraction
WAYS = ("remainder", "branch", "count", "largest", "seen", "automaton", "any")


def random_steps(seed: int, *, planted: bool) -> Obligation:
    """Two programs over 3 to 5 small inputs that do the same in different ways; ``planted`` changes one number of
    the second, which may leave the claim true."""
    r = Random(seed)
    g = GraphBuilder()
    count, most, modulus, way = r.randint(3, 5), r.randint(1, 2), r.randint(2, 4), r.choice(WAYS)
    xs = [g.input(f"x{k}", "integer", F(0), F(most)) for k in range(count)]
    start = r.randint(0, modulus - 1)
    wrong = r.randrange(count) if planted else count
    off = [r.choice([-1, 1]) if k == wrong else 0 for k in range(count + 1)]
    first, second = _pair(g, r, xs, way, (modulus, start), off)
    everywhere = g.boolean(truth=True)
    claim = g.eq(first, second) if r.random() < 0.7 else g.le(first, second)
    if r.random() < 0.2:
        everywhere = g.le(xs[0], xs[1])
    return Obligation(g.graph(), everywhere, claim)


def _pair(
    g: GraphBuilder, r: Random, xs: list[int], way: str, numbers: tuple[int, int], off: list[int]
) -> tuple[int, int]:
    modulus, start = numbers
    one, zero = g.const(1), g.const(0)
    last = g.const(modulus)
    a = b = g.const(start)
    total = g.affine([(F(1), x) for x in xs], start + sum(off))
    if way in ("remainder", "branch"):
        for x in xs:
            raised = g.add(a, x)
            a = g.mod(raised, last) if way == "remainder" else _lowered(g, raised, modulus, 2)
        return a, g.mod(total, last)
    if way == "count":
        limit = r.randint(0, 2)
        for x, d in zip(xs, off, strict=False):
            a = g.ite(g.le(g.const(limit), x), g.add(a, one), a)
            b = g.add(b, g.ite(g.lt(x, g.const(limit + d)), zero, one))
        return (a, b) if r.random() < 0.5 else (g.mod(a, last), _lowered(g, b, modulus, len(xs)))
    if way == "largest":
        a = b = xs[0]
        for x, d in zip(xs[1:], off[1:], strict=False):
            a = g.ite(g.lt(a, x), x, a)
            b = g.max(b, g.affine([(F(1), x)], d))
        return a, b
    if way == "any":
        limit = g.const(r.randint(0, 2))
        seen = zero
        for x in xs:
            seen = g.ite(g.le(limit, x), one, seen)
        found = [g.le(limit, g.affine([(F(1), x)], d)) for x, d in zip(xs, off, strict=False)]
        return seen, g.ite(g.any(found), one, zero)
    if way == "seen":
        truth, number = g.boolean(truth=False), zero
        for x, d in zip(xs, off, strict=False):
            truth = g.iff(truth, g.eq(x, zero))
            number = g.ite(g.eq(x, zero), number, g.affine([(F(-1), number)], 1 + d))
        return g.ite(truth, one, zero), number
    table = [[r.randrange(3) for _ in range(3)] for _ in range(3)]
    a, b = zero, g.const(off[0])
    for x, d in zip(xs, off, strict=False):
        a, b = _looked_up(g, table, a, x, 0, 0), _looked_up(g, table, g.affine([(F(1), b)], 0), x, 1, d)
    return a, b


def _lowered(g: GraphBuilder, x: int, modulus: int, times: int) -> int:
    for _ in range(times):
        x = g.ite(g.lt(x, g.const(modulus)), x, g.affine([(F(1), x)], -modulus))
    return x


def _looked_up(g: GraphBuilder, table: list[list[int]], state: int, x: int, order: int, off: int) -> int:
    """table[state][x], by equalities in one of two orders; the first entry is off by ``off``."""
    places = [(i, j) for i in range(3) for j in range(3)]
    found = g.const(table[0][0] + off)
    for i, j in places[1:] if not order else places[:0:-1]:
        here = g.all((g.eq(state, g.const(i)), g.eq(x, g.const(j))))
        found = g.ite(here, g.const(table[i][j]), found)
    return found


def true_everywhere(obligation: Obligation) -> bool:
    """Whether the claim holds at each input that meets the assumption, by listing all of them."""
    ranges = [range(int(i.low), int(i.high) + 1) for i in obligation.graph.inputs]
    wanted = [obligation.assumption, obligation.claim]
    for point in product(*ranges):
        found = evaluate_exact(obligation.graph, tuple(map(F, point)), wanted)
        if found[obligation.assumption] and not found[obligation.claim]:
            return False
    return True
