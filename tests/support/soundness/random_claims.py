"""Random networks and programs with a claim that is true, and the same with a counterexample planted in it."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from random import Random

from mechverify.graph.builder import GraphBuilder
from mechverify.graph.graph import Kind, Obligation, Rounding

F = Fraction
Point = tuple[Fraction, ...]
SORTS = ("integer", "dyadic", "real", "float32", "program")


@dataclass(frozen=True, slots=True)
class Planted:
    """An obligation; ``spike`` is a point that breaks the claim, None where it is true by construction."""

    obligation: Obligation
    spike: Point | None
    label: str


def weight(r: Random, sort: str) -> Fraction:
    """An integer, a dyadic number of 24 bits at most (a float32), or any rational."""
    if sort in ("integer", "program"):
        return F(r.randint(-5, 5))
    if sort == "real":
        return F(r.randint(-50, 50), r.choice((7, 10, 11, 13)))
    return F(r.randint(-(2**10), 2**10), 2**8)


def layers(g: GraphBuilder, r: Random, inputs: list[int], sort: str, rounding: Rounding) -> int:
    """A ReLU network with one or two hidden layers and one output."""
    layer = inputs
    for _ in range(r.randint(1, 2)):
        layer = [
            g.relu(g.affine([(weight(r, sort), a) for a in layer], weight(r, sort), rounding)) for _ in
            range(r.randint(2, 5))
        ]
    return g.affine([(weight(r, sort), a) for a in layer], weight(r, sort), rounding)


def bounds(g: GraphBuilder, low: list[Fraction], high: list[Fraction]) -> list[tuple[Fraction, Fraction]]:
    """Interval bounds of every number node, in exact arithmetic."""
    found: list[tuple[Fraction, Fraction]] = []
    for node in g.graph().nodes:
        args = [found[a] for a in node.args] if node.op != "input" else []
        match node.op:
            case "input":
                found.append((low[node.args[0]], high[node.args[0]]))
            case "const":
                found.append((node.numbers[0], node.numbers[0]))
            case "affine":
                ends = [sorted((w * a, w * b)) for w, (a, b) in zip(node.numbers[1:], args, strict=True)]
                bias = node.numbers[0]
                found.append((bias + sum((e[0] for e in ends), F(0)), bias + sum((e[1] for e in ends), F(0))))
            case "relu":
                found.append((max(args[0][0], F(0)), max(args[0][1], F(0))))
            case _:
                found.append((F(0), F(0)))
    return found


def spike_unit(g: GraphBuilder, r: Random, inputs: list[int], at: Point, height: Fraction, rounding: Rounding, kind: Kind) -> int:
    """relu(height (1 - sum |x_i - p_i| / width)): ``height`` at one point, 0 outside a sliver around it.

    For integers the width is 1: no other point sees it.
    """
    width = F(1) if kind == "integer" else F(1, 2 ** r.randint(6, 16))
    sides = [
        g.relu(g.affine([(s, x)], -s * p, rounding)) for x, p in zip(inputs, at, strict=True) for s in (F(1), F(-1))
    ]
    inner = g.relu(g.affine([(-1 / width, side) for side in sides], F(1), rounding))
    return g.affine([(height, inner)], 0, rounding)


def make(seed: int, *, planted: bool) -> Planted:
    """A claim `output <= bound` (or >=) with a bound that interval arithmetic proves for the network; if planted, a
    spike is added that lifts the output above the bound at one point or in a sliver.
    """
    r = Random(seed)
    sort = SORTS[seed % len(SORTS)]
    rounding: Rounding = "float32" if sort == "float32" else "exact"
    kind: Kind = "integer" if sort in ("integer", "program") or r.random() < 0.5 else "real"
    g = GraphBuilder()
    size = r.choice((10, 1000, 10**6)) if sort != "float32" else r.choice((10, 100))
    count = r.randint(1, 3)
    low = [F(r.randint(-size, 0)) for _ in range(count)]
    high = [a + r.randint(1, size) for a in low]
    inputs = [g.input(f"x_{i}", kind, low[i], high[i]) for i in range(count)]
    at = tuple(F(r.randint(int(a), int(b))) for a, b in zip(low, high, strict=True))
    out = layers(g, r, inputs, sort, rounding)
    if sort == "program":
        modulus = r.randint(2, 9)
        out = g.add(out, g.mod(inputs[0], g.const(modulus)))
        limit = bounds(g, low, high)[:out]
        ends = (F(0), F(0))
        node = g.node(out)
        total = [node.numbers[0], node.numbers[0]]
        for w, a in zip(node.numbers[1:], node.args, strict=True):
            e = sorted((w * limit[a][0], w * limit[a][1])) if g.node(a).op in ("relu", "input") else None
            if e is None:
                quotient = [F((limit_end / modulus).__floor__()) for limit_end in (low[0], high[0])]
                e = sorted((w * quotient[0], w * quotient[1]))
            total = [total[0] + e[0], total[1] + e[1]]
        ends = (total[0], total[1])
    else:
        ends = bounds(g, low, high)[out]
    slack = F(1) if rounding == "exact" else 1 + (abs(ends[0]) + abs(ends[1])) / 1000
    span = ends[1] - ends[0] + 2 * slack
    if planted:
        height = F(int(2 * span) + 4)
        spike = spike_unit(g, r, inputs, at, height, rounding, kind)
        out = g.add(out, spike, rounding)
    assumption, extra = _assumption(g, r, inputs, at)
    claim = g.le(out, g.const(ends[1] + slack))
    return Planted(Obligation(g.graph(), assumption, claim), at if planted else None, f"{seed} {sort} {kind} {extra}")


def _assumption(g: GraphBuilder, r: Random, inputs: list[int], at: Point) -> tuple[int, str]:
    """A precondition that the point meets: none, a half-plane, or an equality."""
    pick = r.randrange(3)
    form = g.affine([(F(r.choice((-2, -1, 1, 2))), x) for x in inputs])
    node = g.node(form)
    value = g.node(form).numbers[0] if node.op == "affine" else F(0)
    if node.op == "affine":
        value += sum((w * at[inputs.index(a)] for w, a in zip(node.numbers[1:], node.args, strict=True)), F(0))
    else:
        value = at[inputs.index(form)]
    if pick == 1:
        return g.le(form, g.const(value)), "half-plane"
    if pick == 2 and len(inputs) > 1:
        return g.eq(form, g.const(value)), "equality"
    return g.boolean(True), "box"


def spec_text(seed: int, folder: Path, *, planted: bool) -> str:
    """A full spec with an ONNX model or an integer program, its claim true or broken at one point."""
    r = Random(10_000 + seed)
    size = r.choice((10, 1000, 100_000))
    p = [r.randint(0, size) for _ in range(2)]
    if seed % 2:
        return _program(r, size, p, folder, planted=planted)
    return _network(r, size, p, folder, planted=planted)


def _program(r: Random, size: int, p: list[int], folder: Path, *, planted: bool) -> str:
    a, b, m = r.randint(-5, 5), r.randint(-5, 5), r.randint(2, 9)
    source = f"def f(x, y):\n    out = {a} * x + {b} * y + x % {m}\n"
    if planted:
        source += f"    if x == {p[0]} and y == {p[1]}:\n        out = out + 1\n"
    source += "    return out\n"
    (folder / "program.py").write_text(source)
    return (
        "mechverify: 1\ntitle: t\nmodel: {program: 'program.py:f', arithmetic: integer}\n"
        f"inputs: {{x: {{integers: 0 .. {size}}}, y: {{integers: 0 .. {size}}}}}\n"
        "explanation: {variables: {o: {located_at: out}}}\n"
        f"claims: {{c: {{always: network.o == {a} * x + {b} * y + x % {m}}}}}\n"
    )


def _network(r: Random, size: int, p: list[int], folder: Path, *, planted: bool) -> str:
    from semantics_tools import dense

    scale = r.choice((1.0, 0.5, 0.1))
    first = [[1, 0], [-1, 0], [0, 1], [0, -1], [r.randint(-3, 3) * scale, r.randint(-3, 3) * scale]]
    second = [[-1, -1, -1, -1, 0], [0, 0, 0, 0, 1]]
    height = 8 * size if planted else 0
    dense(
        folder / "m.onnx",
        [(first, [-p[0], p[0], -p[1], p[1], 0]), (second, [1, 0]), ([[height, 1]], [0])],
    )
    return (
        "mechverify: 1\ntitle: t\nmodel: {onnx: m.onnx, feed: {x: [x, y]}}\n"
        f"inputs: {{x: {{integers: 0 .. {size}}}, y: {{integers: 0 .. {size}}}}}\n"
        "explanation: {variables: {o: {located_at: 'output[0]'}}}\n"
        f"claims: {{c: {{always: network.o <= {6 * size + size}}}}}\n"
    )
