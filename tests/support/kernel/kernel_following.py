"""Random paths followed with the kernel's own rules, at the counterexample of a false problem."""

import random
from fractions import Fraction
from math import gcd, lcm

from kernel_tools import Build, execute, num, random_boolean, random_number, random_numbers, small_box, unimodular

from mechverify.kernel.api import read_problem
from mechverify.kernel.search import open_path, try_step
from mechverify.kernel.state import NodeFact

EXACT = ["relu", "abs", "max", "min", "floor", "round", "mul", "affine", "affine", "ite"]


ROUNDED = [*EXACT, "affine32", "sum32", "mul32", "div32", "round32", "div", "exp", "sqrt", "log"]


def random_problem(rng, ops):
    build = Build()
    inputs = small_box(build, rng, "xyz", reals=0.3)
    pool = list(inputs)
    pool.append(build.const(rng.randint(-2, 2)))
    random_numbers(build, rng, pool, rng.randint(2, 7), ops)
    parts = []
    for _ in range(rng.randint(0, 2)):
        terms = [(random_number(rng), v) for v in inputs]
        total = build.affine(random_number(rng), *terms)
        parts.append((build.node(rng.choice(["eq", "le", "lt"]), total, build.const(random_number(rng))), total))
    if rng.random() < 0.5:
        parts.append((random_boolean(build, rng, pool), None))
    claim = random_boolean(build, rng, pool)
    return build, parts, claim


def counterexample(rng, ops):
    """A problem and the values of an execution that breaks it; the assumption is what the execution happens to meet."""
    for _ in range(1000):
        build, parts, claim = random_problem(rng, ops)
        point = []
        for _, kind, low, high in build.inputs:
            ends = [read(low), read(high)]
            share = Fraction(rng.choice([0, 1, 8, 3, 5]), 8)
            middle = ends[0] + (ends[1] - ends[0]) * share
            point.append(Fraction(middle.__floor__()) if kind == "integer" else middle)
        values = execute(build.problem(None, claim), point, rng)
        if values is None:
            continue
        true_parts = []
        for part, total in parts:
            node = build.nodes[part]
            if not values[part] and node[0] == "eq" and total is not None:
                gap = values[total] - values[node[2]]
                build.nodes[total][2] = num(read(build.nodes[total][2]) - gap)
                true_parts.append(part)
            else:
                true_parts.append(part if values[part] else build.node("not", part))
        if values[claim]:
            claim = build.node("not", claim)
        problem = build.problem(build.node("and", true_parts), claim)
        again = execute(problem, point, rng)
        if again is not None and again[problem["assumption"]] and not again[claim]:
            return problem, point, again
    raise AssertionError("no counterexample found")


def read(text):
    if "p" in text:
        top, bottom = text.split("p")
        return Fraction(int(top), 2 ** -int(bottom))
    return Fraction(text)


def random_step(rng, state, problem):
    nodes = problem["nodes"]
    kind = rng.choice(["split", "split", "phase", "case", "solve", "lattice"])
    if kind == "split":
        k = sorted(rng.sample(range(len(problem["inputs"])), rng.randint(1, len(problem["inputs"]))))
        terms = [[num(random_number(rng) if rng.random() < 0.3 else rng.choice([1, -1, 2])), i] for i in k]
        return ["split", [t for t in terms if t[0] != "0"], num(random_number(rng))]
    if kind == "phase":
        found = [v for v, node in enumerate(nodes) if node[0] in ("relu", "abs", "max", "min")]
        return ["phase", rng.choice(found)] if found else None
    if kind == "case":
        found = [v for v, node in enumerate(nodes) if node[0] in ("le", "lt", "eq", "and", "or", "not")]
        return ["case", rng.choice(found)]
    equalities = [
        i for i, fact in enumerate(state.facts) if isinstance(fact, NodeFact) and nodes[fact.node][0] in ("eq", "not")
    ]
    if not equalities:
        return None
    f = rng.choice(equalities)
    if kind == "solve":
        return ["substitute", f, "solve", rng.choice([0, *state.live])]
    form = None
    if nodes[state.facts[f].node][0] == "eq" and state.facts[f].truth:
        form = state.prepared.difference(*nodes[state.facts[f].node][1:])
    form = None if form is None else state.resolve(form)
    if form is None or not form.terms:
        return None
    scale = lcm(*(Fraction(c).denominator for c in form.terms.values()))
    row = [int(c * scale) for _, c in sorted(form.terms.items())]
    row = [c // gcd(*row) for c in row]
    return ["substitute", f, "lattice", *[[[num(x) for x in line] for line in m] for m in unimodular(row)]]


def random_leaf(rng, state, problem):
    nodes = problem["nodes"]
    slopes = [
        [v, num(Fraction(rng.randint(0, 8), 8))]
        for v, node in enumerate(nodes)
        if node[0] in ("relu", "abs", "max", "min") and rng.random() < 0.5
    ]
    comparisons = [v for v, node in enumerate(nodes) if node[0] in ("le", "lt", "eq")]
    multipliers = []
    for v in rng.sample(comparisons, min(len(comparisons), 3)):
        for side in ("low", "high"):
            rows = [
                [f, num(rng.choice([1, 1, 2, Fraction(1, 2), Fraction(1, 3), 0, -1, 100]))]
                for f in range(len(state.facts))
                if rng.random() < 0.3
            ]
            multipliers.append([v, side, rows])
    return ["leaf", slopes, multipliers]


def holds(step, child, problem, point, values):
    """Whether the execution meets the condition of this child of a step."""
    if step[0] == "split":
        total, bound = sum(read(c) * point[k] for c, k in step[1]), read(step[2])
        kinds = all(problem["inputs"][k][1] == "integer" for _, k in step[1])
        whole = kinds and all(read(x).denominator == 1 for x in [step[2], *(c for c, _ in step[1])])
        return total <= bound if child == 0 else total >= bound + whole
    if step[0] == "phase":
        node = problem["nodes"][step[1]]
        z = values[node[1]] if len(node) == 2 else values[node[2]] - values[node[1]]
        return z >= 0 if child == 0 else z <= 0
    if step[0] == "case":
        return values[step[1]] is (child == 0)
    return True


def follow(seed, rounds, ops):
    rng = random.Random(seed)
    used = dict.fromkeys(["split", "phase", "case", "substitute", "leaf"], 0)
    for _ in range(rounds):
        problem, point, values = counterexample(rng, ops)
        state = open_path(read_problem(problem), rng.choice([32, 96, 96, 200]))
        path = []
        for _ in range(rng.randint(1, 7)):
            assert not state.closed, (problem, point, path)
            assert try_step(state, ["leaf"]) is None, (problem, point, path)
            assert try_step(state, ["enumerate"]) is None, (problem, point, path)
            for _ in range(3):
                guess = random_leaf(rng, state, problem)
                assert try_step(state, guess) is None, (problem, point, path, guess)
                used["leaf"] += 1
            step = random_step(rng, state, problem)
            children = None if step is None else try_step(state, step)
            if children is None:
                continue
            taken = [i for i in range(len(children)) if holds(step, i, problem, point, values)]
            assert taken, (problem, point, path, step)
            state = children[rng.choice(taken)]
            used[step[0]] += 1
            path.append((step, taken))
        assert not state.closed, (problem, point, path)
    return used
