"""A claim as a program that a page can run: the claim's own graph as a kernel problem, cut down to what is shown."""

from collections.abc import Iterator, Mapping
from typing import Any

from mechverify.deciding.running.sampled import listed_values
from mechverify.dossier_results import Program, Shown
from mechverify.engines.certificates.problem import problem_data
from mechverify.explanation.compiled import CompiledClaim
from mechverify.explanation.formulas.symbolic import leaves
from mechverify.explanation.interventions import selector, source_prefix
from mechverify.explanation.prune import cut_down
from mechverify.graph.graph import Obligation
from mechverify.models.model import Model

MOST_WEIGHTS = 100_000
_MOST_NODES = 400_000
_MOST_OUTPUTS = 64

# The operations that the page's script has: a graph with another one is not computed there.
PLAYED = frozenset(
    (
        "input", "const", "bool", "affine", "mul", "div", "relu", "abs", "max", "min", "floor", "round", "ite",
        "table", "sqrt", "exp", "log", "tanh", "sigmoid", "erf", "round32", "le", "lt", "eq", "and", "or", "not",
    )
)  # fmt: skip


def program_of(compiled: CompiledClaim, models: Mapping[str, Model]) -> Program | str:
    """The program of a claim, or why a page cannot have it."""
    weights = sum(model.parameter_count for model in models.values())
    if weights > MOST_WEIGHTS:
        return f"the models have {weights:,} weights, and a page computes with at most {MOST_WEIGHTS:,}"
    graph = compiled.graph
    seen = {**compiled.network, **compiled.beside}
    outputs = dict(_outputs(compiled, models))
    roots = [compiled.assumption, compiled.claim_defined, compiled.claim_node]
    for value in (*seen.values(), *compiled.explanation.values()):
        roots += leaves(value)
    for nodes in outputs.values():
        roots += nodes
    smaller, number = cut_down(graph, roots)
    if len(smaller.nodes) > _MOST_NODES:
        return f"the claim is {len(smaller.nodes):,} operations, and a page computes at most {_MOST_NODES:,}"
    missing = sorted({node.op for node in smaller.nodes} - PLAYED)
    if missing:
        return f"a page cannot compute {', '.join(missing)}"
    assumption, holds = number[compiled.assumption], number[compiled.claim_node]
    problem = problem_data(Obligation(smaller, assumption, holds))

    def told(value: Any) -> tuple[int, ...]:
        return tuple(number[n] for n in leaves(value))

    shown = []
    for variable in compiled.spec.variables:
        owners = tuple((owner, told(value)) for (owner, name), value in seen.items() if name == variable.name)
        explained = compiled.explanation.get(variable.name)
        shown.append(Shown(variable.name, owners, None if explained is None else told(explained)))
    places = {one.name: k for k, one in enumerate(smaller.inputs)}
    listed = {places[name]: values for name, values in listed_values(compiled).items() if name in places}
    return Program(
        problem,
        {label: tuple(_inputs(label, places, compiled)) for label in ("", *compiled.sources)},
        tuple((name, places[selector(name)]) for name in compiled.sources if selector(name) in places),
        listed,
        tuple(shown),
        tuple((name, tuple(number[n] for n in nodes)) for name, nodes in outputs.items()),
        assumption,
        number[compiled.claim_defined],
        holds,
    )


def _outputs(compiled: CompiledClaim, models: Mapping[str, Model]) -> Iterator[tuple[str, tuple[int, ...]]]:
    """What the models answer in the base run, where that is little enough to be shown."""
    for owner, trace in compiled.traces.items():
        for name in models[owner].outputs:
            nodes = trace.activations.get(name)
            if nodes is not None and nodes.size <= _MOST_OUTPUTS:
                yield f"{owner}.{name}", tuple(int(n) for n in nodes.reshape(-1))


def _inputs(label: str, places: Mapping[str, int], compiled: CompiledClaim) -> Iterator[tuple[str, int]]:
    """The inputs of one run."""
    others = tuple(source_prefix(name) for name in compiled.sources)
    chosen = {selector(name) for name in compiled.sources}
    prefix = source_prefix(label) if label else ""
    for name, place in places.items():
        if label and name.startswith(prefix):
            yield name.removeprefix(prefix), place
        elif not label and name not in chosen and not name.startswith(others):
            yield name, place
