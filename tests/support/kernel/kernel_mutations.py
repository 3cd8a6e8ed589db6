"""Small random problems, and mutations of one."""

import copy
from fractions import Fraction

from kernel_tools import (
    Build,
    random_boolean,
    random_numbers,
    small_box,
)

NUMERIC = ["relu", "abs", "max", "min", "floor", "round", "mul", "affine", "affine", "ite"]


ROUNDED = [*NUMERIC, "affine32", "sum32", "mul32", "div32", "round32", "div", "exp", "sqrt", "log"]


def small_problem(rng, ops=NUMERIC, *, real=False):
    build = Build()
    pool = small_box(build, rng, "xy", reals=0.5 if real else 0.0)
    pool.append(build.const(rng.randint(-3, 3)))
    random_numbers(build, rng, pool, rng.randint(2, 6), ops)
    assumption = random_boolean(build, rng, pool) if rng.random() < 0.6 else None
    if rng.random() < 0.6:
        target = pool[-1]
        bound = build.const(Fraction(rng.randint(-12, 40), rng.choice([1, 1, 2])))
        claim = build.node("le", target, bound) if rng.random() < 0.5 else build.node("le", bound, target)
        if rng.random() < 0.4:
            claim = build.node("or", [claim, random_boolean(build, rng, pool, 1)])
    else:
        claim = random_boolean(build, rng, pool)
    return build.problem(assumption, claim)


def mutate(problem, rng):
    """A copy with one change: a number, an operation, an argument, a bound, the claim or the assumption."""
    out = copy.deepcopy(problem)
    nodes = out["nodes"]
    booleans = [v for v, node in enumerate(nodes) if node[0] in ("le", "lt", "eq", "and", "or", "not", "bool")]
    kind = rng.choice(
        ["number", "number", "number", "op", "op", "argument", "argument", "bound", "claim", "assumption"]
    )
    if kind == "claim":
        out["claim"] = rng.choice(booleans)
        return out
    if kind == "assumption":
        nodes.append(["bool", "true"])
        out["assumption"] = rng.choice([*booleans, len(nodes) - 1])
        return out
    if kind == "bound":
        one = rng.choice(out["inputs"])
        side = rng.choice([2, 3])
        one[side] = str(int(one[side]) + (-1 if side == 2 else 1))
        return out
    v = rng.randrange(len(nodes))
    node = nodes[v]
    if kind == "number":
        if node[0] == "const":
            node[1] = str(rng.randint(-6, 12))
        elif node[0] == "affine" and node[3] and rng.random() < 0.6:
            rng.choice(node[3])[0] = str(rng.randint(-4, 4))
        elif node[0] == "affine":
            node[2] = str(rng.randint(-4, 6))
    elif kind == "op":
        for group in (("relu", "abs", "floor", "round"), ("max", "min"), ("le", "lt", "eq"), ("and", "or")):
            if node[0] in group:
                node[0] = rng.choice(group)
        if node[0] == "mul":
            nodes[v] = [rng.choice(["max", "min"]), *node[2:]]
    else:
        numbers = [a for a in range(v) if a not in booleans]
        if node[0] == "affine" and node[3] and numbers:
            rng.choice(node[3])[1] = rng.choice(numbers)
        elif node[0] in ("le", "lt", "eq", "max", "min", "relu", "abs") and numbers:
            node[rng.randrange(1, len(node))] = rng.choice(numbers)
    return out
