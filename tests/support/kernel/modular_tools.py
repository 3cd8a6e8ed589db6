"""Shared by the tests of modular proofs: a builder of structures and certificates, and a small prover of lemmas."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from kernel_tools import Build, num

from mechverify.kernel.cursor import Step
from mechverify.kernel.fault import InvalidError
from mechverify.kernel.modular import last_problem, lemma_problem, read_relations, read_structure
from mechverify.kernel.plan import Prepared
from mechverify.kernel.reading.problem import read_problem
from mechverify.kernel.rules.enumerate import enumerate_points
from mechverify.kernel.rules.leaf import leaf
from mechverify.kernel.rules.split import split
from mechverify.kernel.rules.substitute import substitute
from mechverify.kernel.state import NodeFact, State


def piece(arguments: int, make: Callable[..., Any]) -> dict[str, Any]:
    """A piece: `make(build, arguments)` returns a root or a list of roots."""
    build = Build()
    roots = make(build, [build.node("input", k) for k in range(arguments)])
    return {"nodes": build.nodes, "roots": roots if isinstance(roots, list) else [roots]}


def given(name: str, low: Any, high: Any, kind: str = "integer") -> list[Any]:
    """One input of a run."""
    return [name, kind, num(low), num(high)]


def site_data(*site: Any) -> list[Any]:
    """A site component of a relation: its bounds, a real, or its kind and its bounds."""
    kind, low, high = site if len(site) == 3 else ("real", *site)
    return [kind, num(low), num(high)]


class Model:
    """A structure and relations in the making. A variable is added with its pieces as functions of a builder."""

    def __init__(self, inputs: Sequence[list[Any]], *, swapped: Sequence[int] = (), rest: bool = False) -> None:
        n = len(inputs)
        self.structure: dict[str, Any] = {
            "format": "mechverify-structure 1",
            "inputs": list(inputs),
            "assumption": piece(n, lambda b, _: b.truth()),
            "swapped": list(swapped),
            "rest": rest,
            "variables": [],
            "claim": {"nodes": [["bool", "true"]], "roots": [0]},
        }
        self.relations: list[dict[str, Any]] = []

    def assume(self, make: Callable[..., Any]) -> "Model":
        self.structure["assumption"] = piece(len(self.structure["inputs"]), make)
        return self

    def variable(
        self,
        name: str,
        network: Callable[..., Any],
        mechanism: Callable[..., Any],
        *,
        parents: Sequence[int] = (),
        reads: Sequence[int] = (),
        sites: Sequence[tuple[Any, ...]] = ((0, 9),),
        values: Sequence[tuple[str, Any, Any]] = (("integer", 0, 9),),
        holds: Callable[..., Any] | None = None,
    ) -> "Model":
        """`mechanism` returns its value roots; a last root that is true everywhere is appended unless it is boolean.

        A site is its bounds, of a real, or its kind and its bounds. `holds` defaults to: each site component equals the
        value component of the same index.
        """
        variables = self.structure["variables"]
        net = len(self.structure["inputs"]) + sum(variables[p]["sites"] for p in parents)
        mech = len(reads) + sum(variables[p]["values"] for p in parents)
        m, n = len(sites), len(values)
        body = piece(mech, mechanism)
        if len(body["roots"]) == n:
            body["nodes"].append(["bool", "true"])
            body["roots"].append(len(body["nodes"]) - 1)
        variables.append(
            {
                "name": name,
                "parents": list(parents),
                "reads": list(reads),
                "sites": m,
                "values": n,
                "network": piece(net, network),
                "mechanism": body,
            }
        )
        self.relations.append(
            {
                "sites": [site_data(*site) for site in sites],
                "values": [[kind, num(low), num(high)] for kind, low, high in values],
                "holds": piece(
                    m + n,
                    holds or (lambda b, a: b.node("and", [b.node("eq", *p) for p in zip(a, a[m:], strict=False)])),
                ),
            }
        )
        return self

    def claim(self, make: Callable[..., Any]) -> "Model":
        """`make(build, base, mixed, sites, values)`; sites and values are lists of lists, by variable."""
        n, variables = len(self.structure["inputs"]), self.structure["variables"]

        def body(build: Build, a: list[int]) -> Any:
            rest = iter(a[2 * n :])
            sites = [[next(rest) for _ in range(v["sites"])] for v in variables]
            values = [[next(rest) for _ in range(v["values"])] for v in variables]
            return make(build, a[:n], a[n : 2 * n], sites, values)

        total = 2 * n + sum(v["sites"] + v["values"] for v in variables)
        self.structure["claim"] = piece(total, body)
        return self

    def agree(self) -> "Model":
        """The claim that the first site component of every variable equals its first value component."""
        return self.claim(
            lambda b, base, mixed, sites, values: b.node(
                "and", [b.node("eq", t[0], c[0]) for t, c in zip(sites, values, strict=True)]
            )
        )

    def problems(self) -> list[Any]:
        """The derived problems: every lemma's, then the last."""
        return problems(self.structure, self.relations)

    def certificate(self, inhabitant: Sequence[Any], **changes: Any) -> dict[str, Any]:
        """A certificate whose steps the small prover finds; `changes` replace fields."""
        steps = [prove(problem) for problem in self.problems()]
        missing = [i for i, found in enumerate(steps) if found is None]
        assert not missing, f"no proof of {missing}"
        return certificate(self.structure, self.relations, steps, inhabitant) | changes


def problems(structure: Any, relations: Any) -> list[Any]:
    read = read_structure(structure)
    related = read_relations(relations, read)
    count = len(read.variables)
    return [*(lemma_problem(read, related, v) for v in range(count)), last_problem(read, related)]


def certificate(structure: Any, relations: Any, steps: Sequence[Any], inhabitant: Sequence[Any]) -> dict[str, Any]:
    """A modular certificate file; the last of `steps` is for the last lemma."""
    return {
        "format": "mechverify-certificate 1",
        "kind": "modular",
        "structure": structure,
        "precision": 96,
        "relations": relations,
        "lemmas": list(steps[:-1]),
        "last": steps[-1],
        "inhabitant": [num(x) for x in inhabitant],
    }


def prove(problem: Any, *, points: int = 60, budget: int = 1500) -> list[Any] | None:
    """Steps for a problem: equalities that fix a real input first, then leaves, bisection, and small enumerations.

    Inputs that the claim depends on are split before the others. None after `budget` steps.
    """
    prepared = Prepared(read_problem(problem), 96)
    steps: list[Any] = []
    state = State.start(prepared)
    for index, fact in enumerate(state.facts):
        p = None if state.closed else _real_parameter(state, fact)
        if p is not None:
            steps.append(["substitute", index, "solve", p])
            (state,) = substitute(state, Step(steps[-1], lambda _: None))
    nodes = prepared.problem.nodes
    used = {nodes[v].index for v in prepared.problem.cone((prepared.problem.claim,)) if nodes[v].op == "input"}
    first = {p for i in used for p in state.values[i].terms}
    stack = [state]
    while stack:
        state = stack.pop()
        if state.closed or _holds(leaf, state, ["leaf"]):
            steps.append(["leaf"])
            continue
        wide = {p: one.high - one.low for p, one in state.live.items() if one.low < one.high}
        count = 1
        for p, one in state.live.items():
            count = count * (wide.get(p, 0) + 1) if one.integer else points + 1
        if count <= points:
            if not _holds(enumerate_points, state, ["enumerate"]):
                return None
            steps.append(["enumerate"])
            continue
        if not wide or len(steps) > budget:
            return None
        p = max(wide, key=lambda k: (k in first, wide[k]))
        one = state.live[p]
        middle = (one.low + one.high) // 2 if one.integer else Fraction(one.low + one.high) / 2
        steps.append(["split", [["1", p]], num(middle)])
        stack.extend(reversed(split(state, Step(steps[-1], lambda _: None))))
    return steps


def _real_parameter(state: State, fact: Any) -> int | None:
    """A live real parameter that this fact fixes, if it is a linear equality."""
    node = state.prepared.problem.nodes[fact.node] if isinstance(fact, NodeFact) and fact.truth else None
    if node is None or node.op != "eq":
        return None
    form = state.prepared.difference(*node.args)
    if form is None:
        return None
    real = [p for p in state.resolve(form).terms if not state.live[p].integer]
    return real[-1] if real else None


def _holds(rule: Any, state: State, step: list[Any]) -> bool:
    try:
        rule(state, Step(step, lambda _: None))
    except InvalidError:
        return False
    return True
