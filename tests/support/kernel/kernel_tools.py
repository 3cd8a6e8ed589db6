
"""Shared by the kernel's tests: a problem builder, an evaluator written apart from the kernel, and a small prover."""

import base64
import random
from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import combinations, product
from typing import Any

import numpy as np

from mechverify.kernel.api import PROBLEM_FORMAT, Spelling, check_data, parse_number, table_data, words_of
from mechverify.kernel.check import Answer
from mechverify.kernel.cursor import Step
from mechverify.kernel.fault import InvalidError
from mechverify.kernel.numbers.number import format_number
from mechverify.kernel.plan import Prepared
from mechverify.kernel.reading.problem import read_problem
from mechverify.kernel.rules.enumerate import enumerate_points
from mechverify.kernel.rules.leaf import leaf
from mechverify.kernel.rules.phase import phase
from mechverify.kernel.rules.split import split
from mechverify.kernel.state import State

U = Fraction(1, 1 << 24)
TINY = Fraction(1, 1 << 126)


def num(value: Any) -> str:
    """Canonical spelling of a number."""
    if isinstance(value, str):
        return value
    exact = Fraction(value)
    return format_number(exact)


class Build:
    """Builds a problem node by node."""

    def __init__(self) -> None:
        self.inputs: list[Any] = []
        self.nodes: list[Any] = []

    def node(self, *fields: Any) -> int:
        self.nodes.append(list(fields))
        return len(self.nodes) - 1

    def integer(self, name: str, low: int, high: int) -> int:
        self.inputs.append([name, "integer", num(low), num(high)])
        return self.node("input", len(self.inputs) - 1)

    def real(self, name: str, low: Any, high: Any) -> int:
        self.inputs.append([name, "real", num(low), num(high)])
        return self.node("input", len(self.inputs) - 1)

    def const(self, value: Any) -> int:
        return self.node("const", num(value))

    def affine(self, bias: Any, *terms: tuple[Any, int], rounding: str = "exact") -> int:
        return self.node("affine", rounding, num(bias), [[num(w), a] for w, a in terms])

    def truth(self, *, value: bool = True) -> int:
        return self.node("bool", "true" if value else "false")

    def problem(self, assumption: int | None, claim: int) -> dict[str, Any]:
        nodes = list(self.nodes)
        if assumption is None:
            nodes.append(["bool", "true"])
            assumption = len(nodes) - 1
        return {
            "format": PROBLEM_FORMAT,
            "inputs": list(self.inputs),
            **spelled(nodes),
            "assumption": assumption,
            "claim": claim,
        }


def spelled(nodes: list[Any]) -> dict[str, Any]:
    """Nodes in the one spelling of a problem: those that are to stand in rows put there."""
    spelling = Spelling()
    for raw in nodes:
        if raw[0] == "table":
            spelling.table(table_data([parse_number(x) for x in raw[1]]), raw[2])
            continue
        words = words_of([parse_number(w) for w, _ in raw[3]]) if raw[0] == "affine" else None
        if words is None:
            spelling.node(raw)
        else:
            spelling.row(raw[1], [a for _, a in raw[3]], raw[2], words)
    return spelling.end()


def proof(problem: Any, steps: list[Any], inhabitant: list[Any], kind: str = "proof", precision: int = 96) -> Any:
    """A certificate file of kind proof or empty."""
    file = {
        "format": "mechverify-certificate 1",
        "kind": kind,
        "problem": problem,
        "precision": precision,
        "steps": steps,
    }
    return file | ({"inhabitant": [num(x) for x in inhabitant]} if kind == "proof" else {})


def witness(problem: Any, point: list[Any], kind: str = "witness") -> Any:
    """A certificate file of kind witness or replayed."""
    file = {"format": "mechverify-certificate 1", "kind": kind, "problem": problem, "point": [num(x) for x in point]}
    return file | ({"replay": {}} if kind == "replayed" else {})


def answer(file: Any) -> Answer:
    return check_data(file)


def accepted(file: Any) -> bool:
    return answer(file).answer == "valid"


def reject(file: Any, word: str = "", at: int | None = None) -> None:
    """Fail unless the kernel calls the file invalid, with this word in its reason."""
    found = answer(file)
    assert found.answer == "invalid", found
    assert word in (found.reason or ""), found
    if at is not None:
        assert found.at == at, found


def value_of(text: str) -> Fraction:
    if "p" in text:
        mantissa, exponent = text.split("p")
        return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)
    return Fraction(text)


def _erf(x: Decimal) -> Decimal:
    """The alternating series, with digits to spare for what cancels; 1 where nothing else is left of it."""
    if abs(x) > 15:
        return Decimal(1).copy_sign(x)
    with localcontext() as context:
        context.prec = 330
        total, term, n = x, x, 0
        while abs(term) > Decimal(10) ** -120:
            n += 1
            term *= -x * x / n
            total += term / (2 * n + 1)
        return total * 2 / _PI.sqrt()


_PI = Decimal("3.14159265358979323846264338327950288419716939937510582097494459230781640628620899862803482534211706798")


def _transcendental(op: str, x: Fraction) -> Fraction | None:
    with localcontext() as context:
        context.prec = 90
        d = Decimal(x.numerator) / Decimal(x.denominator)
        if op == "exp":
            return Fraction(d.exp()) if abs(x) < 3000 else None
        if op == "log":
            return Fraction(d.ln()) if x > 0 else None
        if op in ("sigmoid", "tanh"):
            grown = (-abs(d) * (1 if op == "sigmoid" else 2)).exp()
            share = 1 / (1 + grown) if d >= 0 else grown / (1 + grown)
            return Fraction(share if op == "sigmoid" else 2 * share - 1)
        if op == "erf":
            return Fraction(_erf(d))
        return Fraction(d.sqrt()) if x >= 0 else None


def float32_dot(rng: random.Random, bias: Fraction, terms: list[tuple[Fraction, Fraction]]) -> Fraction | None:
    """One execution of a float32 sum in numpy, in a random order, each product rounded or fused in float64."""
    parts: list[Any] = [np.float32(float(bias))]
    with np.errstate(all="ignore"):
        for w, a in terms:
            exact = Fraction(float(np.float32(float(w)))) * Fraction(float(np.float32(float(a))))
            parts.append(np.float32(float(w)) * np.float32(float(a)) if rng.random() < 0.5 else exact)
        rng.shuffle(parts)
        while len(parts) > 1:
            i = rng.randrange(len(parts) - 1)
            x, y = parts.pop(i), parts.pop(i)
            if isinstance(x, Fraction) or isinstance(y, Fraction):
                total = Fraction(float(x) if not isinstance(x, Fraction) else x) + (
                    Fraction(float(y)) if not isinstance(y, Fraction) else y
                )
                parts.insert(i, np.float32(float(total)))
            else:
                parts.insert(i, np.float32(x + y))
        last = parts[0]
        result = np.float32(float(last)) if isinstance(last, Fraction) else last
    return Fraction(float(result)) if np.isfinite(result) else None


def _terms_of(bias: Fraction, terms: list[tuple[Fraction, Fraction]]) -> tuple[list[Fraction], Fraction]:
    """The numbers of a sum, and what the absolute terms come to."""
    numbers = [bias, *(a for _, a in terms), *(w for w, _ in terms), *(w * a for w, a in terms)]
    return numbers, abs(bias) + sum((abs(w * a) for w, a in terms), Fraction(0))


def plain_error(bias: Fraction, products: list[Fraction]) -> Fraction:
    """The error of a plain sum by `docs/kernel.md`, underflow left out: what some terms sum to by trying all."""
    n = 2 * len(products)
    terms = [x for x in (bias, *products) if x]
    sums = [max(abs(sum(some)) for some in combinations(terms, k)) for k in range(1, len(terms) + 1)]
    most = [max(sums[:k]) for k in range(2, len(terms) + 1)]
    return U / (1 - n * U) * (sum(map(abs, products), Fraction(0)) + sum(most, Fraction(0)))


def execute(problem: Any, point: list[Fraction], rng: random.Random, *, numpy_sums: bool = False) -> list[Any] | None:
    """One execution at a point, with exact fractions; rounded nodes take a random value that the contract allows.

    None where some number may have any value. Written from the table of `docs/kernel.md`; it shares nothing with
    the kernel.
    """
    values: list[Any] = []
    tables = [entries_of(raw) for raw in problem.get("tables", ())]
    for node in problem["nodes"]:
        op, rest = node[0], node[1:]
        at = [values[a] for a in rest if type(a) is int] if op not in ("input", "table") else []
        if op == "input":
            v: Any = Fraction(point[rest[0]])
        elif op == "const":
            v = value_of(rest[0])
        elif op == "bool":
            v = rest[0] == "true"
        elif op == "affine":
            bias, terms = value_of(rest[1]), [(value_of(w), values[a]) for w, a in rest[2]]
            v = bias + sum(w * a for w, a in terms)
            if rest[0] == "float32 sum":
                single = all(_nearest_float32(x) == x for x in (bias, *(x for term in terms for x in term)))
                if numpy_sums and single:
                    v = float32_dot(rng, bias, terms)
                    if v is None:
                        return None
                elif not _same_grid(*_terms_of(bias, terms)):
                    error = plain_error(bias, [w * a for w, a in terms])
                    v += error * Fraction(rng.randint(-1000, 1000), 1000)
            elif rest[0] == "float32":
                if numpy_sums:
                    v = float32_dot(rng, bias, terms)
                    if v is None:
                        return None
                else:
                    n = 2 * len(terms)
                    error = n * U / (1 - n * U) * (abs(bias) + sum(abs(w * a) for w, a in terms))
                    if not _same_grid(*_terms_of(bias, terms)):
                        v += error * Fraction(rng.randint(-1000, 1000), 1000)
        elif op == "mul":
            v = at[0] * at[1]
            if rest[0] == "float32" and not _same_grid([at[0], at[1], v], abs(v)):
                v += U * abs(v) * Fraction(rng.randint(-1000, 1000), 1000)
        elif op == "div":
            if at[1] == 0:
                return None
            v = at[0] / at[1]
            if rest[0] == "float32":
                v += 3 * U * abs(v) * Fraction(rng.randint(-1000, 1000), 1000)
        elif op == "relu":
            v = max(at[0], Fraction(0))
        elif op == "abs":
            v = abs(at[0])
        elif op in ("max", "min"):
            v = (max if op == "max" else min)(at)
        elif op in ("floor", "round"):
            v = Fraction(at[0].__floor__() if op == "floor" else round(at[0]))
        elif op in ("sqrt", "exp", "log", "tanh", "sigmoid", "erf"):
            v = _transcendental(op, at[0])
            if v is None:
                return None
        elif op == "round32":
            with np.errstate(all="ignore"):
                v = _nearest_float32(at[0])
            if v is None:
                return None
        elif op == "ite":
            v = at[1] if at[0] else at[2]
        elif op == "table":
            index = values[rest[1]]
            if index.denominator != 1 or not 0 <= index < len(tables[rest[0]]):
                return None
            v = tables[rest[0]][int(index)]
        elif op in ("le", "lt", "eq"):
            v = {"le": at[0] <= at[1], "lt": at[0] < at[1], "eq": at[0] == at[1]}[op]
        elif op == "not":
            v = not at[0]
        elif op == "and":
            v = all(values[a] for a in rest[0])
        elif op == "or":
            v = any(values[a] for a in rest[0])
        else:
            raise AssertionError(op)
        values.append(v)
    return values


def entries_of(raw: Any) -> list[Fraction]:
    """A table's entries, from its words or its numbers."""
    if isinstance(raw, list):
        return [value_of(x) for x in raw]
    return [Fraction(float(x)) for x in np.frombuffer(base64.b64decode(raw), dtype="<f4")]


def _same_grid(numbers: list[Fraction], total: Fraction) -> bool:
    bottoms = [x.denominator for x in numbers]
    if any(b & (b - 1) for b in bottoms):
        return False
    k = max(b.bit_length() - 1 for b in bottoms)
    return k <= 126 and total * 2**k <= 2**24


def _nearest_float32(x: Fraction) -> Fraction | None:
    """By bisection over neighbouring floats, from numpy's own conversion of a double."""
    start = np.float32(float(x))
    if not np.isfinite(start):
        return None
    near = [start, np.nextafter(start, np.float32(-np.inf)), np.nextafter(start, np.float32(np.inf))]
    finite = [y for y in near if np.isfinite(y)]
    best = min(abs(Fraction(float(y)) - x) for y in finite)
    ties = [y for y in finite if abs(Fraction(float(y)) - x) == best]
    even = [y for y in ties if int(y.view(np.uint32)) % 2 == 0]
    return Fraction(float((even or ties)[0]))


def box_points(problem: Any) -> list[tuple[int, ...]]:
    return list(product(*[range(int(low), int(high) + 1) for _, _, low, high in problem["inputs"]]))


def true_by_enumeration(problem: Any) -> tuple[bool, list[tuple[int, ...]]]:
    """Whether the claim holds at every point that meets the assumption, and those points; exact integer problems."""
    rng = random.Random(0)
    good, inhabited = True, []
    for point in box_points(problem):
        values = execute(problem, [Fraction(x) for x in point], rng)
        if values is None:
            return False, []
        if values[problem["assumption"]]:
            inhabited.append(point)
            good = good and values[problem["claim"]]
    return good, inhabited


def prove(problem: Any, rng: random.Random, *, small: int = 4, depth: int = 8, kind: str = "proof") -> list[Any] | None:
    """A proof tree by leaf, phase, bisection and, on boxes of at most `small` points, enumeration; None if it fails."""
    prepared = Prepared(read_problem(problem), 96, empty=kind == "empty")
    steps: list[Any] = []
    stack = [(State.start(prepared), 0)]
    phases = [v for v, node in enumerate(prepared.problem.nodes) if node.op in ("relu", "abs", "max", "min")]
    while stack:
        state, level = stack.pop()
        if state.closed or _holds(leaf, state, ["leaf"]):
            steps.append(["leaf"])
            continue
        sizes = {p: one.high - one.low for p, one in state.live.items()}
        count = 1
        for size in sizes.values():
            count *= size + 1
        if count <= small and all(one.integer for one in state.live.values()):
            if not _holds(enumerate_points, state, ["enumerate"]):
                return None
            steps.append(["enumerate"])
            continue
        if level >= depth:
            return None
        if phases and rng.random() < 0.3:
            step: list[Any] = ["phase", rng.choice(phases)]
            children = phase(state, Step(step, lambda _: None))
        else:
            widest = max(sizes, key=lambda p: sizes[p])
            one = state.live[widest]
            if sizes[widest] == 0:
                return None
            middle = (one.low + one.high) // 2 if one.integer else Fraction(one.low + one.high) / 2
            step = ["split", [["1", widest]], num(middle)]
            children = split(state, Step(step, lambda _: None))
        steps.append(step)
        stack.extend((child, level + 1) for child in reversed(children))
    return steps


def _holds(rule: Any, state: State, step: list[Any]) -> bool:
    try:
        rule(state, Step(step, lambda _: None))
    except InvalidError:
        return False
    return True


def random_number(rng: random.Random, *, thirds: bool = True) -> Fraction:
    pick = rng.random()
    if pick < 0.6:
        return Fraction(rng.randint(-3, 3))
    if pick < 0.85 or not thirds:
        return Fraction(rng.randint(-15, 15), 2 ** rng.randint(0, 3))
    return Fraction(rng.randint(-5, 5), 3)


def small_box(build: Build, rng: random.Random, names: str, *, reals: float) -> list[int]:
    """Some of these inputs: integers of up to six values, or, so often, reals of none, a narrow or a wide range."""
    nodes = []
    for name in names[: rng.randint(1, len(names))]:
        low = rng.randint(-4, 2)
        if reals and rng.random() < reals:
            start = Fraction(low, 2)
            nodes.append(build.real(name, start, start + rng.choice([0, Fraction(1, 10**7), 2])))
        else:
            nodes.append(build.integer(name, low, low + rng.randint(0, 5)))
    return nodes


def random_numbers(build: Build, rng: random.Random, pool: list[int], size: int, ops: list[str]) -> None:
    """Append random number nodes to the pool."""
    for _ in range(size):
        op = rng.choice(ops)
        a, b = rng.choice(pool), rng.choice(pool)
        if op in ("affine", "affine32", "sum32"):
            dyadic = op != "affine"
            terms = [(random_number(rng, thirds=not dyadic), rng.choice(pool)) for _ in range(rng.randint(1, 3))]
            bias = random_number(rng, thirds=not dyadic)
            rounding = {"affine": "exact", "affine32": "float32", "sum32": "float32 sum"}[op]
            pool.append(build.affine(bias, *terms, rounding=rounding))
        elif op in ("mul", "mul32", "div", "div32"):
            pool.append(build.node(op[:3], "float32" if op.endswith("32") else "exact", a, b))
        elif op in ("max", "min"):
            pool.append(build.node(op, a, b))
        elif op == "ite":
            c = build.node(rng.choice(["le", "lt", "eq"]), rng.choice(pool), rng.choice(pool))
            pool.append(build.node("ite", c, a, b))
        elif op == "table":
            entries = [num(random_number(rng)) for _ in range(rng.randint(2, 6))]
            first, last = build.const(0), build.const(len(entries) - 1)
            inside = build.node("min", build.node("max", build.node("floor", a), first), last)
            pool.append(build.node("table", entries, inside if rng.random() < 0.8 else a))
        else:
            pool.append(build.node(op, a))


def random_boolean(build: Build, rng: random.Random, pool: list[int], depth: int = 2) -> int:
    pick = rng.random()
    if depth == 0 or pick < 0.5:
        return build.node(rng.choice(["le", "lt", "le", "eq"]), rng.choice(pool), rng.choice(pool))
    if pick < 0.6:
        return build.node("not", random_boolean(build, rng, pool, depth - 1))
    parts = [random_boolean(build, rng, pool, depth - 1) for _ in range(rng.randint(1, 3))]
    return build.node(rng.choice(["and", "or"]), parts)


def unimodular(a: list[int]) -> tuple[list[list[int]], list[list[int]]]:
    """(U, V) with U V = I and a U = (1, 0, ...), by integer column operations on coprime a."""
    m = len(a)
    u = [[int(i == j) for j in range(m)] for i in range(m)]
    v = [[int(i == j) for j in range(m)] for i in range(m)]
    row = list(a)
    while sum(x != 0 for x in row) > 1 or row[0] != 1:
        nonzero = [j for j in range(m) if row[j]]
        if len(nonzero) == 1:
            j = nonzero[0]
            if j == 0:
                for r in u:
                    r[0] = -r[0]
                v[0] = [-x for x in v[0]]
                row[0] = -row[0]
            else:
                for r in u:
                    r[0] += r[j]
                v[j] = [x - y for x, y in zip(v[j], v[0], strict=True)]
                row[0] += row[j]
            continue
        j = min(nonzero, key=lambda n: (abs(row[n]), n))
        for k in nonzero:
            if k != j:
                q = row[k] // row[j]
                for r in u:
                    r[k] -= q * r[j]
                v[j] = [x + q * y for x, y in zip(v[j], v[k], strict=True)]
                row[k] -= q * row[j]
    return u, v


def box(rng, *, real=False):
    """Inputs a, b, c (integers; c real on demand) with a plainly true claim, and some nodes of each kind."""
    build = Build()
    a, b = build.integer("a", 0, rng.randint(2, 9)), build.integer("b", -rng.randint(1, 5), 9)
    c = build.real("c", 0, rng.randint(1, 5)) if real else build.integer("c", 0, rng.randint(1, 5))
    return build, (a, b, c), build.truth()


def twin(good, bad, word, at=None):
    """The good certificate is accepted and the bad one rejected for this reason."""
    assert accepted(good), answer(good)
    reject(bad, word, at)
