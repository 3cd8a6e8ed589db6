"""The meaning of a structure by brute force: all runs, all subsets, all sources, on small integer domains.

Written from the statement in `docs/modular.md`, on the JSON value, with an evaluator of its own; it shares nothing with
the kernel, and derives no lemmas. Networks must be exact. A value is a Fraction or a truth; None stands for any value.
"""

from collections.abc import Iterator
from fractions import Fraction
from itertools import product
from typing import Any

Value = Fraction | bool | None
MOST_STATES = 20_000


class TooLargeError(Exception):
    """The structure has too many intervened runs to list."""


def exact_number(text: str) -> Fraction:
    if "p" in text:
        mantissa, exponent = text.split("p")
        return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)
    return Fraction(text)


def roots_of(body: Any, arguments: list[Value]) -> list[Value]:
    """The roots of a piece at these arguments."""
    found: list[Value] = []
    for node in body["nodes"]:
        found.append(_value(node, arguments, found))
    return [found[root] for root in body["roots"]]


def _value(node: Any, arguments: list[Value], done: list[Value]) -> Value:
    op = node[0]
    if op == "input":
        return arguments[node[1]]
    if op == "const":
        return exact_number(node[1])
    if op == "bool":
        return bool(node[1] == "true")
    if op in ("and", "or"):
        parts = [done[a] for a in node[1]]
        decisive = op == "or"
        return decisive if decisive in parts else None if None in parts else not decisive
    if op == "ite":
        condition, a, b = (done[i] for i in node[1:])
        return None if condition is None else a if condition else b
    if op == "affine":
        total: Fraction | None = exact_number(node[2])
        assert node[1] == "exact"
        for weight, a in node[3]:
            total = None if total is None or done[a] is None else total + exact_number(weight) * done[a]
        return total
    at = [done[i] for i in node[1:] if type(i) is int]
    if None in at or (op == "div" and at[1] == 0):
        return None
    x, y = at[0], at[-1]
    return {
        "mul": lambda: x * y, "div": lambda: x / y, "relu": lambda: max(x, Fraction(0)), "abs": lambda: abs(x),
        "max": lambda: max(x, y), "min": lambda: min(x, y), "floor": lambda: Fraction(x.__floor__()),
        "round": lambda: Fraction(round(x)), "le": lambda: x <= y, "lt": lambda: x < y, "eq": lambda: x == y,
        "not": lambda: not x,
    }[op]()  # fmt: skip


def _read_by(body: Any) -> list[int]:
    """The arguments that the roots of a piece depend on."""
    wanted, nodes = set(body["roots"]), body["nodes"]
    for v in range(len(nodes) - 1, -1, -1):
        if v in wanted and nodes[v][0] == "affine":
            wanted |= {a for _, a in nodes[v][3]}
        elif v in wanted and nodes[v][0] in ("and", "or"):
            wanted |= set(nodes[v][1])
        elif v in wanted and nodes[v][0] != "input":
            wanted |= {a for a in nodes[v][1:] if type(a) is int}
    return [node[1] for v, node in enumerate(nodes) if v in wanted and node[0] == "input"]


Pair = tuple[tuple[Value, ...], tuple[Value, ...]]
Run = tuple[Fraction, ...]


class Meaning:
    """What a structure says; `is_true` and `inhabitants` are the answers."""

    def __init__(self, structure: Any) -> None:
        self.structure = structure
        self.variables = structure["variables"]
        ranges = [range(int(low), int(high) + 1) for _, kind, low, high in structure["inputs"]]
        assert all(kind == "integer" for _, kind, _, _ in structure["inputs"])
        points = [tuple(map(Fraction, point)) for point in product(*ranges)]
        self.inhabitants: list[Run] = [x for x in points if roots_of(structure["assumption"], list(x)) == [True]]
        self.faults: list[str] = []
        self.work = 0
        self._used: dict[int, list[int]] = {}
        self._known: dict[tuple[Any, ...], list[Value]] = {}

    def is_true(self) -> bool:
        """Whether the statement holds; what breaks it first is in `faults`. Raises `TooLargeError`."""
        clean = [self._clean(x) for x in self.inhabitants]
        sources = [sorted({run[v] for run in clean}, key=repr) for v in range(len(self.variables))]
        for base in self.inhabitants:
            for mixed in self._mixtures(base):
                for state in self._states(mixed, sources, []):
                    self.work += 1
                    if self.work > MOST_STATES:
                        raise TooLargeError
                    arguments = [*base, *mixed, *(x for t, _ in state for x in t), *(x for _, c in state for x in c)]
                    if self._roots(self.structure["claim"], arguments) != [True]:
                        self.faults.append(f"the claim at {base} {mixed} {state}")
                    if self.faults:
                        return False
        return not self.faults

    def _roots(self, body: Any, arguments: list[Value]) -> list[Value]:
        """As `roots_of`, remembered by the arguments that the piece reads."""
        used = self._used.get(id(body)) or self._used.setdefault(id(body), _read_by(body))
        key = (id(body), *(arguments[k] for k in used))
        if key not in self._known:
            self._known[key] = roots_of(body, arguments)
        return self._known[key]

    def _clean(self, x: Run) -> list[Pair]:
        state: list[Pair] = []
        for one in self.variables:
            state.append(self._compute(one, x, x, state))
        return state

    def _mixtures(self, base: Run) -> Iterator[Run]:
        """The base with each swapped input taken from some admissible run."""
        swapped = self.structure["swapped"]
        for given in product(*({run[k] for run in self.inhabitants} for k in swapped)):
            found = list(base)
            for k, value in zip(swapped, given, strict=True):
                found[k] = value
            yield tuple(found)

    def _states(self, mixed: Run, sources: list[list[Pair]], state: list[Pair]) -> Iterator[list[Pair]]:
        """Every intervened run: each variable set to a clean pair, or computed plainly, or with each run that may
        supply the rest."""
        if len(state) == len(self.variables) or self.faults:
            yield state
            return
        one = self.variables[len(state)]
        options = set(sources[len(state)])
        choices = [[mixed[k]] if k in one["reads"] else [None] for k in range(len(mixed))]
        for k in self.structure["swapped"]:
            choices[k] = [*choices[k], mixed[k]]
        for other in [mixed, *(self.inhabitants if self.structure["rest"] else [])]:
            for held in product(*choices):
                supplied = tuple(o if h is None else h for h, o in zip(held, other, strict=True))
                options.add(self._compute(one, mixed, supplied, state))
        for pair in options:
            yield from self._states(mixed, sources, [*state, pair])

    def _compute(self, one: Any, mixed: Run, supplied: Run, state: list[Pair]) -> Pair:
        known = [mixed[k] for k in one["reads"]] + [x for p in one["parents"] for x in state[p][1]]
        *values, defined = self._roots(one["mechanism"], known)
        sites = self._roots(one["network"], [*supplied, *(x for p in one["parents"] for x in state[p][0])])
        if defined is not True or None in values:
            self.faults.append(f"{one['name']} undefined at {known}")
        if None in sites:
            self.faults.append(f"{one['name']} without a value at {supplied}")
        return tuple(sites), tuple(values)
