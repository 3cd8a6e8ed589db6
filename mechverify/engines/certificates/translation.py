"""The steps of a proof in another graph of the same claim, such as the same network without rounding.

Nodes correspond where they do the same to corresponding things, whatever affine nodes and roundings lie between; among
several of a kind, the k-th corresponds to the k-th. A sum does nothing with what it takes zero times. Only a guess: the
kernel judges the result.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from mechverify.engines.certificates.preparation import prepare
from mechverify.engines.engine import ProofFound, Step
from mechverify.graph.graph import Graph, Node, Obligation
from mechverify.kernel.search import State


def translated(proof: ProofFound, one: Obligation, other: Obligation) -> ProofFound | None:
    """The proof of ``one`` with the nodes of ``other`` in its steps, without slopes of those that are not there; None
    where a step has no counterpart."""
    if len(_facts(one)) != len(_facts(other)):
        return None
    theirs = {label: v for v, label in _labels(other.graph).items()}
    nodes = {v: theirs[label] for v, label in _labels(one.graph).items() if label in theirs}
    steps = [_step(s, nodes) for s in proof.steps]
    return None if None in steps else replace(proof, steps=tuple(s for s in steps if s is not None))


def _facts(obligation: Obligation) -> tuple[object, ...]:
    return State.start(prepare(obligation)).facts


def _labels(graph: Graph) -> dict[int, tuple[int, int]]:
    """For each node that steps may name: what it does, as a number that is the same in both graphs, and its rank."""
    found: dict[int, tuple[int, int]] = {}
    sources: list[frozenset[int]] = []
    ranks: Counter[int] = Counter()
    for v, node in enumerate(graph.nodes):
        below = frozenset[int]().union(*(sources[a] for a in _used(node)))
        if node.op == "affine" or node.operation.rounds:
            sources.append(below)
            continue
        about = node.args if node.op == "input" else node.numbers
        kind = hash((node.op, about, below, len(node.args)))
        found[v] = (kind, ranks[kind])
        ranks[kind] += 1
        sources.append(frozenset({kind}) if node.op != "const" else frozenset())
    return found


def _used(node: Node) -> Sequence[int]:
    """The arguments on which its value depends."""
    if node.op == "input":
        return ()
    if node.op == "affine":
        return [a for a, weight in zip(node.args, node.numbers[1:], strict=True) if weight]
    return node.args


def _step(step: Step, nodes: Mapping[int, int]) -> Step | None:
    try:
        match step:
            case ["phase" | "case" as word, v]:
                return [word, nodes[v]]
            case ["leaf", slopes, multipliers, *tight]:
                return [
                    "leaf",
                    [[nodes[v], s] for v, s in slopes if v in nodes],
                    [[nodes[v], side, terms] for v, side, terms in multipliers],
                    *([nodes[v] for v in some] for some in tight),
                ]
            case ["forget" | "define" | "rescale" | "separable" | "positivstellensatz", *_]:
                return None
    except KeyError:
        return None
    return step
