"""The integer programs of the examples. mechverify reads them; it never runs them as Python."""

from typing import Annotated


def clamp(x):
    raised = max(x, 0)
    return min(raised, 10)


def running_total(v: Annotated[list[int], 4], start):
    total = start
    sums = [0, 0, 0, 0]
    for i in range(4):
        total = total + v[i]
        sums[i] = total
    return total


def by_loop(n):
    result = 0
    for k in range(1, 9):
        result = result + (k if k <= n else 0)
    return result


def by_formula(n):
    return n * (n + 1) // 2


def around(x_1, x_2):
    kept = x_1
    passed = x_2
    return passed + (kept - x_1)


def gated(x, noise):
    doubled = 2 * x
    return doubled + (noise if noise > 90 else 0)
