"""Random small structures with random relations, and mutations of them."""

import copy
import random
from fractions import Fraction
from itertools import islice, product
from typing import Any

from kernel_tools import Build, num
from modular_tools import Model, given
from modular_truth import roots_of


class Recipe:
    """One random formula that can be built over any arguments, as a mechanism and, slightly otherwise, as a network."""

    def __init__(self, rng: random.Random, arguments: int) -> None:
        self.weights = [rng.choice([-2, -1, -1, 0, 1, 1, 1, 2]) for _ in range(arguments)]
        self.bias, self.shape, self.cap = rng.randint(-2, 2), rng.randrange(7), rng.randint(0, 3)
        self.pair = (rng.randrange(arguments), rng.randrange(arguments)) if arguments else None

    def value(self, b: Build, a: list[int], *, network: bool, offset: Any = 0) -> int:
        terms = [(w, x) for w, x in zip(self.weights, a, strict=True) if w]
        z = b.affine(self.bias + offset, *terms)
        if self.shape == 0:
            return z
        if self.shape == 1:
            return b.node("relu", z) if network else b.node("max", z, b.const(0))
        if self.shape == 2:
            return b.node("abs", z) if network else b.node("max", z, b.affine(0, (-1, z)))
        if self.shape == 3:
            return b.node("min", z, b.const(self.cap))
        if self.shape == 4:
            return b.node("ite", b.node("le", z, b.const(self.cap)), z, b.const(self.cap))
        if self.shape == 5 and self.pair:
            product_of = b.node("mul", "exact", a[self.pair[0]], a[self.pair[1]])
            return b.node("max", b.node("min", product_of, b.const(self.cap)), b.const(-1))
        return b.node("floor", b.affine(0, ("1p-1", z)))


def random_model(rng: random.Random) -> Model | None:
    """A structure whose network mostly follows its explanation, with relations that mostly fit; None if it is large."""
    n = rng.choice([1, 2, 2, 3])
    widest = 2 if n == 3 else 3
    inputs = [given(name, low := rng.randint(-1, 1), low + rng.randint(1, widest)) for name in "xyz"[:n]]
    swapped = sorted(rng.sample(range(n), rng.choice([0, 0, 1, n])))
    model = Model(inputs, swapped=swapped, rest=rng.random() < 0.4)
    gap = None
    if rng.random() < 0.6:
        gap = i, j, slack = rng.randrange(n), rng.randrange(n), rng.randint(-1, 2)
        op = rng.choice(["le", "le", "lt", "eq"])
        model.assume(lambda b, a: b.node(op, a[i], b.affine(slack, (1, a[j]))))
    ranges: list[list[tuple[int, int]]] = []
    for v in range(rng.randint(1, 3)):
        parents = sorted(rng.sample(range(v), rng.randint(0, v)))
        reads = sorted(rng.sample(range(n), rng.randint(0 if parents else 1, n)))
        bounds = _add(model, rng, f"v{v}", parents, reads, ranges, gap)
        if any(high - low > 40 for low, high in bounds):
            return None
        ranges.append(bounds)
    _claim(model, rng, ranges)
    return model


def _add(
    model: Model,
    rng: random.Random,
    name: str,
    parents: list[int],
    reads: list[int],
    ranges: list[list[tuple[int, int]]],
    gap: tuple[int, int, int] | None,
) -> list[tuple[int, int]]:
    """Add a variable of one component or two, and return the bounds of its values.

    A leak of the kind `gap` is zero on every admissible run.
    """
    n, r = len(model.structure["inputs"]), len(reads)
    arguments = r + sum(len(ranges[p]) for p in parents)
    recipe = Recipe(rng, arguments)
    more = [Recipe(rng, arguments)] if rng.random() < 0.3 else []
    leak = rng.choice([None] * 7 + ["offset", "other", "difference"] + ["gap"] * 3 * (gap is not None))
    k, j = rng.randrange(n), rng.randrange(n)
    slack = rng.choice([0, 0, 0, 1])

    def network(b: Build, a: list[int]) -> list[int]:
        of = [*(a[i] for i in reads), *a[n:]]
        value = recipe.value(b, of, network=True, offset=1 if leak == "offset" else 0)
        if leak == "other":
            value = b.affine(0, (1, value), (1, a[k]))
        elif leak == "gap" and gap is not None:
            value = b.affine(0, (1, value), (1, b.node("relu", b.affine(-gap[2], (1, a[gap[0]]), (-1, a[gap[1]])))))
        elif leak == "difference":
            value = b.affine(0, (1, value), (1, a[k]), (-1, a[j]))
        return [value, *(one.value(b, of, network=True) for one in more)]

    def mechanism(b: Build, a: list[int]) -> list[int]:
        return [one.value(b, a, network=False) for one in (recipe, *more)]

    ends = [(0, 0)] * (1 + len(more))
    model.variable(
        name, network, mechanism, parents=parents, reads=reads, sites=ends, values=[("real", 0, 0)] * len(ends)
    )
    spaces = [range(int(model.structure["inputs"][i][2]), int(model.structure["inputs"][i][3]) + 1) for i in reads]
    spaces += [range(low, high + 1) for p in parents for low, high in ranges[p]]
    body = model.structure["variables"][-1]["mechanism"]
    found = [roots_of(body, [Fraction(x) for x in point])[:-1] for point in islice(product(*spaces), 5000)]
    bounds = [(int(min(column)), int(max(column))) for column in zip(*found, strict=True)]
    low, high = bounds[0]
    bounds[0] = (low + rng.choice([0, 0, 0, -1, 1] if low < high else [0, -1]), high)
    kind = rng.choice(["integer", "integer", "real"])
    model.relations[-1] = {
        "sites": [[rng.choice(["integer", "real"]), num(low - slack), num(high + slack)] for low, high in bounds],
        "values": [[kind, num(low), num(high)] for low, high in bounds],
        "holds": _holds(rng, slack, len(bounds)),
    }
    return bounds


def _holds(rng: random.Random, slack: int, count: int) -> dict[str, Any]:
    b = Build()
    ends = [b.node("input", i) for i in range(2 * count)]
    loose = slack or rng.random() < 0.1

    def close(t: int, c: int) -> int:
        if not loose:
            return b.node("eq", t, c)
        return b.node("le", b.node("abs", b.affine(0, (1, t), (-1, c))), b.const(slack or 1))

    root = b.node("and", [close(t, c) for t, c in zip(ends[:count], ends[count:], strict=True)])
    return {"nodes": b.nodes, "roots": [root]}


def _claim(model: Model, rng: random.Random, ranges: list[list[tuple[int, int]]]) -> None:
    pick = rng.random()
    last, slack = len(ranges) - 1, rng.choice([0, 0, 1, -1])

    def body(b: Build, base: list[int], mixed: list[int], t: list[list[int]], c: list[list[int]]) -> int:
        if pick < 0.5:
            pairs = [pair for ends in zip(t, c, strict=True) for pair in zip(*ends, strict=True)]
            return b.node("and", [b.node("eq", *pair) for pair in pairs])
        close = b.node("le", b.node("abs", b.affine(0, (1, t[last][-1]), (-1, c[last][-1]))), b.const(1))
        if pick < 0.7:
            return close
        return b.node("and", [close, b.node("le", c[last][0], b.const(ranges[last][0][1] + slack))])

    model.claim(body)


def mutated(structure: Any, rng: random.Random) -> Any:
    """One thing changed: a number of a piece, a bound, what is swapped, the rest, the assumption, a comparison."""
    out = copy.deepcopy(structure)
    kind = rng.randrange(9)
    if kind == 0:
        out["inputs"][rng.randrange(len(out["inputs"]))][3] = num(int(rng.choice(out["inputs"])[3]) + 2)
        if any(int(low) > int(high) for _, _, low, high in out["inputs"]):
            return structure
    elif kind == 1:
        out["assumption"] = {"nodes": [["bool", "true"]], "roots": [0]}
    elif kind == 2:
        out["swapped"] = list(range(len(out["inputs"])))
    elif kind == 3:
        out["rest"] = True
    else:
        pieces = (
            [one[key] for one in out["variables"] for key in ("network", "mechanism")] if kind > 5 else [out["claim"]]
        )
        words = ("const", "affine", "le", "eq", "relu", "min")
        nodes = [node for body in pieces for node in body["nodes"] if node[0] in words]
        if not nodes:
            return structure
        _change(rng.choice(nodes), rng)
    return out


def _change(node: list[Any], rng: random.Random) -> None:
    step = rng.choice([-1, 1])
    if node[0] == "const":
        node[1] = num(int(node[1]) + step)
    elif node[0] == "affine" and (not node[3] or rng.random() < 0.5):
        node[2] = num(int(node[2]) + step)
    elif node[0] == "affine":
        term = rng.choice(node[3])
        term[0] = num(1 + step) if "p" in term[0] else num(int(term[0]) + step)
    elif node[0] in ("le", "eq"):
        node[0] = "lt"
    elif node[0] == "relu":
        node[0] = "abs"
    else:
        node[0] = "max"
