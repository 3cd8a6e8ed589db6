
"""Executions with a number that has no value (a NaN), followed down random proof trees.

Stronger than "any value means every real number": what is computed of a NaN is a NaN, and each comparison of one may be
true or false, `v <= v` included. No step may close the path of such an execution that breaks the claim, which is why
a claim that says `v <= v` is proved only where v has a value.
"""


import kernel_following as following
import pytest
from kernel_tools import Build, execute, num

from mechverify.kernel.api import evaluate_point, read_problem
from mechverify.kernel.search import leaf_status

NAN = object()
PARTIAL = ["div", "div", "div32", "sqrt", "log", "round32", "affine", "affine32", "mul", "max", "min", "abs", "relu", "ite"]


def execute_with_nan(problem, point, rng):
    """The values of an execution; NAN for what has no value and for all that is computed of it."""
    values = []
    for node in problem["nodes"]:
        op, rest = node[0], node[1:]
        if op == "affine":
            args = [a for _, a in rest[2]]
        elif op in ("and", "or"):
            args = rest[0]
        else:
            args = [a for a in rest if type(a) is int] if op != "input" else []
        if op == "ite":
            values.append(values[args[1] if values[args[0]] else args[2]])
        elif any(values[a] is NAN for a in args):
            values.append(rng.random() < 0.5 if op in ("le", "lt", "eq") else NAN)
        elif op in ("and", "or", "not"):
            found = [values[a] for a in args]
            values.append(not found[0] if op == "not" else all(found) if op == "and" else any(found))
        else:
            known = sorted(set(args))
            at = {a: i for i, a in enumerate(known)}
            if op == "input":
                small, own = [], node
            else:
                small = [["const", num(values[a])] for a in known]
                own = [op, *(([[w, at[a]] for w, a in part] if type(part) is list else at[part] if type(part) is int else part)
                             for part in rest)]  # fmt: skip
            done = execute({"nodes": [*small, own]}, point, rng)
            values.append(NAN if done is None else done[-1])
    return values


def choose(step, child, problem, point, values):
    if step[0] == "phase":
        node = problem["nodes"][step[1]]
        if NAN in (values[a] for a in node[1:]):
            return True
    return following_holds(step, child, problem, point, values)


following_holds = following.holds


@pytest.fixture
def with_nan(monkeypatch):
    monkeypatch.setattr(following, "execute", execute_with_nan)
    monkeypatch.setattr(following, "holds", choose)


@pytest.mark.parametrize("seed", range(3))
def test_no_step_closes_the_path_of_a_nan(with_nan, seed):
    assert following.follow(seed, 60, PARTIAL)["leaf"] > 50


@pytest.mark.campaign
@pytest.mark.parametrize("seed", range(100, 110))
def test_nan_campaign(with_nan, seed):
    following.follow(seed, 2000, PARTIAL)


def test_less_or_equal_to_itself_says_that_it_has_a_value():
    build = Build()
    x = build.integer("x", 0, 3)
    v = build.node("div", "exact", x, x)
    for op in ("le", "eq"):
        problem = read_problem(build.problem(None, build.node(op, v, v)))
        assert evaluate_point(problem, [0])[problem.claim] is None
        assert evaluate_point(problem, [2])[problem.claim] is True
        assert not leaf_status(problem)
