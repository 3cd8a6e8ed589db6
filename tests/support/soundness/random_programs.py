"""Random integer programs, the graph that is read from each, and what Python itself makes of it."""

import random
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from mechverify.errors import EnclosureError, ModelError, UnsupportedOperationError
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.evaluate import evaluate_exact
from mechverify.models.crosscheck import cross_check
from mechverify.models.program.model import OUTPUT, read_program

NUMBERS = ("x", "y", "s", "t")
LISTS = ("a", "b", "c")
LOW, HIGH = -4, 6


class Writer:
    """Writes one function f(x, y) with nested branches, loops, early returns, lists and their other names."""

    def __init__(self, seed: int) -> None:
        self.r = random.Random(seed)
        self.lines: list[str] = []

    def source(self) -> str:
        self.lines = [
            "def g(l, k):", "    if k > 2:", "        return l", "    return [k] + l[1:]",
            "def h(p, q):", "    if p < q:", "        return p * 2", "    p -= q", "    return p",
            "def f(x, y):", "    s = x", "    t = y - 1", "    a = [x, y, 3]", "    b = [0, x]", "    c = a[:]",
        ]  # fmt: skip
        for _ in range(self.r.randint(3, 8)):
            self.statement(1, 2)
        self.lines.append(f"    return {self.number(2)}")
        return "\n".join(self.lines) + "\n"

    def say(self, depth: int, text: str) -> None:
        self.lines.append("    " * depth + text)

    def number(self, size: int) -> str:
        r = self.r
        if size == 0:
            return r.choice([*NUMBERS, str(r.randint(-3, 5))])
        one, two = self.number(size - 1), self.number(size - 1)
        return r.choice(
            [
                f"({one} + {two})", f"({one} - {two})", f"({one} * {r.randint(-2, 3)})", f"(-{one})", f"abs({one})",
                f"({one} // {r.choice(('2', '-3', two))})", f"({one} % {r.choice(('3', '-2', two))})",
                f"max({one}, {two})", f"min({one}, {two}, 2)", f"({one} if {self.truth(size - 1)} else {two})",
                f"{r.choice(LISTS)}[{r.choice(('0', '1', '-1', '-2', one))}]", f"h({one}, {two})",
                f"({one} and {two})", f"({one} or {two})", f"sum({self.list(size - 1)})", f"len({self.list(0)})",
                f"({self.truth(size - 1)} + {one})", f"(not {one})", f"({one} ** 2)", f"int({self.truth(0)})",
                f"sum(v * {one} for v in {r.choice(LISTS)})", f"max({self.list(0)})",
                f"sum(i * v for i, v in enumerate({r.choice(LISTS)}))", f"min(v + {one} for v in {r.choice(LISTS)})",
                f"sum(list(u * v for u, v in zip({self.list(0)}, {self.list(0)})))", f"({one}, {two})[{r.choice('01')}]",
                f"(({one}, 2) + ({two},))[{r.choice(('0', '-1', self.number(0)))}]", f"sum(tuple({self.list(0)}))",
                f"max(tuple(v for v in {self.list(0)})[:2])",
            ]
        )  # fmt: skip

    def truth(self, size: int) -> str:
        r = self.r
        one, two = self.number(max(0, size - 1)), self.number(max(0, size - 1))
        op, other = (r.choice(("<", "<=", ">", ">=", "==", "!=")) for _ in range(2))
        return r.choice(
            [
                f"({one} {op} {two})", f"({one} {op} {two} {other} {self.number(0)})", f"({one} in {r.choice(LISTS)})",
                f"(not ({one} {op} {two}))", f"({one} {op} {two} and {self.number(0)})",
                f"any(v {op} {one} for v in {r.choice(LISTS)})", f"all([{one} {op} 1, {two} {other} 0])",
                f"(({one} {op} {two}) == ({one} {other} 0))",
            ]
        )  # fmt: skip

    def list(self, size: int) -> str:
        r = self.r
        name = r.choice(LISTS)
        if size == 0:
            return name
        return r.choice(
            [
                name, f"[{self.number(0)}, {self.number(size - 1)}]", f"{name}[:]", f"{name}[::-1]",
                f"({name} + {r.choice(LISTS)})", f"[v + {self.number(0)} for v in {name}]", f"list({name})",
                f"g({name}, {self.number(0)})", f"([{self.number(0)}] * 2)", f"({name} if {self.truth(0)} else {name})",
                f"[u - v for u, v in zip({name}, {r.choice(LISTS)})]", f"list(v for v in {name})",
                f"({self.number(0)}, {self.number(0)})", f"tuple({name})", f"(v for v in {name})",
            ]
        )  # fmt: skip

    def statement(self, depth: int, room: int) -> None:
        r = self.r
        choices = ["number", "number", "augmented", "list", "item", "append", "two"]
        if room:
            choices += ["if", "if", "for", "each", "return"]
        match r.choice(choices):
            case "number":
                self.say(depth, f"{r.choice(NUMBERS[2:])} = {self.number(2)}")
            case "augmented":
                self.say(depth, f"{r.choice(NUMBERS)} {r.choice(('+', '-', '*', '//', '%'))}= {self.number(1)}")
            case "list":
                self.say(depth, f"{r.choice(LISTS)} = {self.list(1)}")
            case "item":
                index = r.choice(("0", "-1", self.number(1)))
                self.say(depth, f"{r.choice(LISTS)}[{index}] {r.choice(('', '+', '-'))}= {self.number(1)}")
            case "append":
                self.say(depth, f"{r.choice(LISTS)}.append({self.number(1)})")
            case "two":
                self.say(depth, f"s, t = {self.number(1)}, {self.number(1)}")
            case "if":
                self.say(depth, f"if {self.truth(1)}:")
                for _ in range(r.randint(1, 2)):
                    self.statement(depth + 1, room - 1)
                if r.random() < 0.6:
                    self.say(depth, "else:")
                    self.statement(depth + 1, room - 1)
            case "for":
                self.say(depth, f"for i in range({r.randint(0, 3)}):")
                self.say(depth + 1, "s = s + i")
                self.statement(depth + 1, room - 1)
            case "each":
                self.say(depth, f"for v in {self.list(1)}:")
                self.say(depth + 1, "t = t + v")
                self.statement(depth + 1, room - 1)
            case "return":
                self.say(depth, f"if {self.truth(1)}:")
                self.say(depth + 1, f"return {self.number(1)}")


def python_function(source: str) -> Callable[..., Any]:
    """The function as Python has it."""
    space: dict[str, Any] = {}
    exec(compile(source, "random program", "exec"), space)  # noqa: S102 - our own text, in a test
    found: Callable[..., Any] = space["f"]
    return found


def disagreement(seed: int, folder: Path, points: int = 25) -> str | None:
    """None where the graph has Python's value at sampled points (or any value, where Python raises an error), else
    what differs; "refused" for a program that is not modelled.
    """
    source = Writer(seed).source()
    path = folder / "program.py"
    path.write_text(source, encoding="utf-8")
    builder = GraphBuilder()
    try:
        model = read_program(path, "f")
        inputs = {n: np.array(builder.input(n, "integer", Fraction(LOW), Fraction(HIGH))) for n in ("x", "y")}
        output = int(model.build(builder, inputs, "exact")[OUTPUT])
    except (UnsupportedOperationError, ModelError):
        return "refused"
    rng = np.random.default_rng(seed)
    try:
        cross_check(model, {n: rng.integers(LOW, HIGH + 1, points) for n in ("x", "y")})
    except EnclosureError as problem:
        return f"{source}\n{problem}"
    run = python_function(source)
    r = random.Random(seed)
    for _ in range(points):
        at = (r.randint(LOW, HIGH), r.randint(LOW, HIGH))
        (value,) = evaluate_exact(builder.graph(), [Fraction(v) for v in at], (output,)).values()
        try:
            wanted = int(run(*at))
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
            if value is not None:
                return f"{source}\nat {at}: Python raises an error, the graph says {value}"
            continue
        if value != wanted and value is not None:
            return f"{source}\nat {at}: Python says {wanted}, the graph {value}"
        if value is None and "any(" not in source and "all(" not in source:
            return f"{source}\nat {at}: Python says {wanted}, the graph nothing"
    return None
