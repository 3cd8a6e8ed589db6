"""The built-in functions of the expression language: how many arguments each takes. One table for parser, checker and
hints."""

from dataclasses import dataclass
from typing import Literal

from mechverify.spec.source import suggestion

Shape = Literal["number", "vector", "truths", "vectors", "extremum", "position"]


@dataclass(frozen=True, slots=True)
class Function:
    """``takes`` tells what the arguments are: one number, one vector, one vector of truth values, two vectors of one
    length, one vector or several numbers, or a number and a vector. ``loop`` tells whether a bare ``... for i in
    range(n)`` may stand as the argument.
    """

    name: str
    takes: Shape
    gives: Literal["number", "truth"]
    loop: bool
    usage: str

    def arity_problem(self, count: int) -> str | None:
        """Why ``count`` arguments are refused, or None."""
        if self.takes == "extremum":
            return None if count >= 1 else f"{self.name} takes a vector or several numbers, found nothing"
        wanted = 2 if self.takes in ("vectors", "position") else 1
        if count == wanted:
            return None
        return f"{self.name} takes {'one argument' if wanted == 1 else 'two arguments'}, found {count or 'none'}"


FUNCTIONS = {
    f.name: f
    for f in (
        Function("abs", "number", "number", loop=False, usage="abs(a)"),
        Function("round", "number", "number", loop=False, usage="round(a), half to even"),
        Function("floor", "number", "number", loop=False, usage="floor(a)"),
        Function("sqrt", "number", "number", loop=False, usage="sqrt(a)"),
        Function("exp", "number", "number", loop=False, usage="exp(a)"),
        Function("log", "number", "number", loop=False, usage="log(a), to base e"),
        Function("min", "extremum", "number", loop=True, usage="min(a, b) or min(v)"),
        Function("max", "extremum", "number", loop=True, usage="max(a, b) or max(v)"),
        Function("sum", "vector", "number", loop=True, usage="sum(v)"),
        Function("mean", "vector", "number", loop=True, usage="mean(v)"),
        Function("argmax", "vector", "number", loop=True, usage="argmax(v), the first maximum's index"),
        Function("len", "vector", "number", loop=False, usage="len(v)"),
        Function("count", "truths", "number", loop=True, usage="count(v), how many are true"),
        Function("all", "truths", "truth", loop=True, usage="all(x[i] > 0 for i in range(4))"),
        Function("any", "truths", "truth", loop=True, usage="any(x[i] > 0 for i in range(4))"),
        Function("dot", "vectors", "number", loop=False, usage="dot(v, w)"),
        Function(
            "position",
            "position",
            "number",
            loop=False,
            usage="position(value, v), the first index where v equals value",
        ),
    )
}

ELSEWHERE = {
    "relu": "write max(0, a)",
    "pow": "write a ** 2",
    "prod": "write the product with *",
    "int": "write floor(a) or round(a)",
    "ceil": "write -floor(-a)",
    "float": "numbers are exact here",
    "range": "range(...) stands after 'for i in'",
    "sorted": "there is no sorting; speak of max, min and count",
    "argmin": "write argmax of the negated values",
    "sign": "write 1 if a > 0 else -1 if a < 0 else 0",
    "softmax": "write exp(v[i]) / sum(exp(v[j]) for j in range(n))",
    "sigmoid": "write 1 / (1 + exp(-a))",
    "index": "write position(value, v)",
    "maximum": "write max(a, b)",
    "minimum": "write min(a, b)",
    "amax": "write max(v)",
    "amin": "write min(v)",
    "absolute": "write abs(a)",
    "fabs": "write abs(a)",
    "power": "write a ** 2",
    "square": "write a ** 2",
    "where": "write a if condition else b",
    "clip": "write min(max(a, low), high)",
    "clamp": "write min(max(a, low), high)",
    "average": "write mean(v)",
}


def function_hint(name: str) -> str:
    """What to write for a call of that name, which stands where it cannot or is no function."""
    if name in FUNCTIONS:
        return f"write {name}(...)"
    return ELSEWHERE.get(name) or suggestion(name, list(FUNCTIONS)) or f"the functions are {', '.join(FUNCTIONS)}"
