"""`separable`: every side condition violated alone, planted counterexamples, and false claims that stay unproved."""

import random
from fractions import Fraction

import pytest
from attention_tools import head, nodes_of, truths_at
from kernel_tools import Build, accepted, answer, box_points, execute, proof, reject, true_by_enumeration

from mechverify.kernel.api import read_problem
from mechverify.kernel.search import open_path, try_step


def split_all(k, size, leaf):
    """Steps that split an input into its values, from 0, and go on with `leaf` at each."""
    if size == 1:
        return leaf(0)
    return [["split", [["1", k]], str(size - 2)], *split_all(k, size - 1, leaf), *leaf(size - 1)]


def orders(problem, index):
    """The comparisons that say that the logit `index` is the first greatest, and then whatever else compares."""
    nodes = nodes_of(problem)
    logits = sorted({a for node in nodes if node[0] == "le" and node[1] == node[2] for a in node[1:]})
    place = {v: k for k, v in enumerate(logits)}
    true, false, last = [], [], []
    for v, node in enumerate(nodes):
        if node[0] in ("le", "lt") and node[1] != node[2] and {node[1], node[2]} <= set(logits):
            if place[node[2]] == index:
                true.append(v)
            elif place[node[1]] == index and place[node[2]] < index:
                false.append(v)
        elif node[0] == "eq":
            last.append(v)
    return [["true", true], ["false", false], ["true", last]]


def proved_classes(one):
    """(query, largest) for which the rule proves that the first greatest logit is that of the largest token; a class
    is cut out by the assumption."""
    build, top = one.build, len(one.logits) - 1
    size, found, problems = len(build.nodes), {}, {}
    for query in range(top + 1):
        for largest in range(query, top + 1):
            del build.nodes[size:]
            at_most = [build.node("le", t, build.const(largest)) for t in one.tokens]
            reached = build.node("or", [build.node("le", build.const(largest), t) for t in one.tokens])
            asked = build.node("eq", one.tokens[-1], build.const(query))
            claim = one.argmax_is_largest()
            problem = build.problem(build.node("and", [*at_most, reached, asked]), claim)
            steps = [["separable", [one.asking], orders(problem, largest), [reached]]]
            point = [largest] * one.asking + [query]
            found[query, largest], problems[query, largest] = accepted(proof(problem, steps, point)), problem
    return found, problems


@pytest.mark.parametrize("seed", range(5))
def test_exactly_the_true_classes_are_proved(seed):
    """Nothing is lost with one head and free tokens: the rule proves a class exactly if it has no counterexample."""
    rng = random.Random(seed)
    one = head(rng, 3, 3, sharp=rng.choice([1, 2]))
    found, problems = proved_classes(one)
    assert any(found.values())
    for key, problem in problems.items():
        assert found[key] is true_by_enumeration(problem)[0], key


def test_some_of_those_classes_are_false():
    found = [proved_classes(head(random.Random(seed), 3, 3, sharp=1))[0] for seed in range(2)]
    assert any(False in one.values() for one in found)


def planted(rng):
    """A head that is right everywhere, and one context, of tokens that are rare together, that flips its answer: one
    of its values is changed."""
    while True:
        one = head(rng, 3, 4, sharp=3)
        nodes = one.build.nodes
        tables = [v for v, node in enumerate(nodes) if node[0] == "table"]
        v = rng.choice(tables)
        entries = list(nodes[v][1])
        entries[rng.randrange(4)] = str(rng.choice([-9, 9, 30, -30]))
        nodes[v][1] = entries
        yield one


def check_planted(rounds, seed):
    """No false class is proved; how many were false."""
    rng = random.Random(seed)
    false = 0
    for one, _ in zip(planted(rng), range(rounds), strict=False):
        found, problems = proved_classes(one)
        for key, problem in problems.items():
            right = true_by_enumeration(problem)[0]
            assert right or not found[key], key
            false += not right
    return false


def test_planted_counterexamples():
    assert check_planted(1, 0) > 0


@pytest.mark.campaign
def test_many_planted_counterexamples():
    assert check_planted(300, 1) > 300


@pytest.mark.parametrize("op", ["div", "log", "sqrt", "ite"])
def test_a_maximum_with_a_number_that_may_have_no_value_is_above_nothing(op):
    """max(1, 1 / x) has any value at x = 0, so it need not be at least 0 there, though one of its arguments is."""
    build = Build()
    x, y = build.integer("x", 0, 2), build.integer("y", 0, 2)
    zero, one = build.const(0), build.const(1)
    less = build.affine(-1, (1, x))
    inside = build.node("div", "exact", one, x) if op == "div" else build.node(op, less) if op != "ite" else zero
    if op == "ite":
        inside = build.node("ite", build.node("lt", x, y), build.node("log", x), one)
    top = build.node("max", one, inside)
    for relation, a, b, truth in (
        ("le", zero, top, "true"),
        ("lt", zero, top, "true"),
        ("lt", top, zero, "false"),
        ("eq", zero, top, "false"),
    ):
        compared = build.node(relation, a, b)
        claim = compared if truth == "true" else build.node("not", compared)
        problem = build.problem(None, claim)
        assert not true_by_enumeration(problem)[0]
        reject(proof(problem, [["separable", [], [[truth, [compared]]], []]], [2, 0]), "is not shown", 0)


def simple():
    """x + 2 y + q <= 9 where one of x, y is at least 1; q is 1."""
    build = Build()
    x, y, q = build.integer("x", 0, 2), build.integer("y", 0, 2), build.integer("q", 1, 1)
    total = build.affine(0, (1, x), (2, y), (1, q))
    fact = build.node("or", [build.node("le", build.const(1), x), build.node("le", build.const(1), y)])
    less, more = build.node("le", total, build.const(9)), build.node("lt", build.const(1), total)
    claim = build.node("and", [less, more])
    return build.problem(fact, claim), fact, less, more, claim


def test_what_a_step_may_say():
    problem, fact, less, more, claim = simple()
    good = ["separable", [2], [["true", [less, more]]], [fact]]
    assert accepted(proof(problem, [good], [1, 0, 1])), answer(proof(problem, [good], [1, 0, 1]))
    fine = [
        ["separable", [], [["true", [less]], ["false", []], ["true", [more]]], [fact]],
        ["separable", [2], [["true", [more, less, less]]], [fact, fact]],
    ]
    for step in fine:
        assert accepted(proof(problem, [step], [1, 0, 1])), step
    for step, word in [
        (["separable", [0], good[2], [fact]], "input 0"),
        (["separable", [2, 2], good[2], [fact]], "input 2"),
        (["separable", [3], good[2], [fact]], "index"),
        (["separable", [-1], good[2], [fact]], "index"),
        (["separable", ["2"], good[2], [fact]], "index"),
        (["separable", [2], [["true", [less]]], [fact]], "do not show the claim"),
        (["separable", [2], [["true", [less, more]]], []], "is not shown"),
        (["separable", [2], [["false", [less]]], [fact]], "is not shown"),
        (["separable", [2], [["true", [claim]]], [fact]], "no comparison"),
        (["separable", [2], [["true", [0]]], [fact]], "no comparison"),
        (["separable", [2], [["true", [len(problem["nodes"])]]], [fact]], "index"),
        (["separable", [2], [["maybe", [less]]], [fact]], "true or false"),
        (["separable", [2], [["true"]], [fact]], ""),
        (["separable", [2], good[2], [claim]], "not known"),
        (["separable", [2], good[2], [less]], "not known"),
        (["separable", [2], good[2], [0]], "not known"),
        (["separable", [2], good[2]], "fields"),
        ([*good, []], "fields"),
        (["separable", None, good[2], [fact]], ""),
        (["separable", [2], None, [fact]], ""),
        (["separable", [2], good[2], fact], ""),
    ]:
        reject(proof(problem, [step], [1, 0, 1]), word, 0)


def test_a_held_input_has_one_value_on_the_path():
    problem, fact, less, more, _ = simple()
    leaf = ["separable", [0, 2], [["true", [less, more]]], [fact]]
    steps = split_all(0, 3, lambda _: [leaf])
    assert accepted(proof(problem, steps, [1, 0, 1]))
    reject(proof(problem, [["split", [["1", 0]], "0"], leaf, leaf], [1, 0, 1]), "input 0", 2)


def test_not_below_a_step_that_forgets():
    problem, fact, less, more, _ = simple()
    leaf = ["separable", [2], [["true", [less, more]]], [fact]]
    total = nodes_of(problem)[less][1]
    steps = [["forget", [[total, "-99", "99"]], [], []], ["leaf"], leaf]
    reject(proof(problem, steps, [1, 0, 1]), "forgets", 2)


def test_a_fact_that_holds_nowhere_closes_the_branch():
    build = Build()
    x, y = build.integer("x", 0, 2), build.integer("y", 0, 2)
    fact = build.node("or", [build.node("le", build.const(1), x), build.node("le", build.const(1), y)])
    none = build.node("and", [build.node("lt", x, build.const(1)), build.node("lt", y, build.const(1))])
    problem = build.problem(build.node("and", [fact, none]), build.node("lt", x, y))
    file = proof(problem, [["separable", [], [], [fact]]], [], "empty")
    assert accepted(file)
    reject(proof(problem, [["separable", [], [], []]], [], "empty"), "do not show")


def test_an_assumption_that_is_false_settles_a_branch():
    build = Build()
    x, y = build.integer("x", 0, 2), build.integer("y", 0, 2)
    high = build.node("le", build.const(5), build.affine(0, (1, x), (1, y)))
    problem = build.problem(high, build.node("lt", x, y))
    assert accepted(proof(problem, [["separable", [], [["false", [high]]], []]], [], "empty"))


@pytest.mark.parametrize("seed", range(20))
def test_no_step_settles_a_false_problem(seed):
    """At a path that a counterexample agrees with, no choice of comparisons and facts is accepted."""
    rng = random.Random(seed)
    for _ in range(5):
        one = head(rng, rng.randint(2, 3), 3, sharp=rng.choice([1, 2]))
        build = one.build
        facts = [build.node("le", build.const(rng.randrange(3)), t) for t in one.tokens]
        either = build.node("or", facts)
        a, b = rng.sample([*one.logits, *one.weights, one.largest, build.const(Fraction(1, 2))], 2)
        claims = [build.node(op, a, b) for op in ("lt", "le", "eq")] + [one.argmax_is_largest()]
        problem = build.problem(either, build.node("or", [rng.choice(claims), build.truth(value=False)]))
        for point in box_points(problem):
            values = execute(problem, [Fraction(x) for x in point], rng)
            if values is None or not values[problem["assumption"]] or values[problem["claim"]]:
                continue
            state = open_path(read_problem(problem))
            for k, x in enumerate(point):
                if k == one.asking or rng.random() < 0.3:
                    for bound, side in ((x - 1, 1), (x, 0)):
                        state = try_step(state, ["split", [["1", k]], str(bound)])[side]
            groups = truths_at(problem, values)
            for _ in range(4):
                told = [[word, rng.sample(nodes, min(len(nodes), rng.randint(1, 6)))] for word, nodes in groups]
                wrong = rng.choice(["true", "false"])
                told.insert(rng.randrange(3), [wrong, rng.sample(rng.choice(groups)[1] or [either], 1)])
                step = ["separable", [one.asking] if rng.random() < 0.8 else [], told, [either] * rng.randrange(2)]
                assert try_step(state, step) is None, (point, step)
            break
