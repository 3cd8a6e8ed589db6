"""Whether a mutant of an explanation says the same as the original: an obligation over both, in one graph.

Every value that the claim speaks of, of the explanation and of the network, after the same intervention on the same
inputs, must be the same in both, and where the claim is defined too. Rounded operations of the mutant that do the same
on the same arguments as one of the original are identified with it, each with another one: for every execution of the
mutant there is one of both in which they agree, so where the obligation holds, the claim holds of the one exactly if it
holds of the other.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from mechverify.explanation.compiled import CompiledClaim
from mechverify.explanation.formulas.symbolic import Value, leaves
from mechverify.explanation.interventions import read_by
from mechverify.explanation.prune import prune
from mechverify.explanation.relevance import compared_by
from mechverify.graph.graph import Graph, Node, Obligation
from mechverify.graph.operations.switches import ABS


@dataclass(frozen=True, slots=True)
class Difference:
    """The obligation that original and mutant say the same; ``pairs`` has the nodes, in ``graph``, of each value that
    is not the same node in both, by what the claim calls it.
    """

    obligation: Obligation
    graph: Graph
    pairs: tuple[tuple[str, int, int], ...]


def difference(
    original: CompiledClaim, mutant: CompiledClaim, within: Mapping[str, Fraction] | None = None
) -> Difference | None:
    """What there is to prove for original and mutant to be the same; None where they differ in what they assume or in
    the form of their values, so that nothing can be said. ``within``: how far apart the numbers of a variable of the
    explanation may be for all that (0 of those that it does not name).
    """
    most = within or {}
    if original.graph.inputs != mutant.graph.inputs or original.beside.keys() != mutant.beside.keys():
        return None
    nodes = list(original.graph.nodes)
    number = _merged(nodes, mutant.graph)
    if number[mutant.assumption] != original.assumption:
        return None
    pairs = []
    for name, mine, theirs in _spoken(original, mutant):
        ours, others = list(leaves(mine)), [number[n] for n in leaves(theirs)]
        if len(ours) != len(others) or any(
            nodes[a].is_boolean != nodes[b].is_boolean for a, b in zip(ours, others, strict=True)
        ):
            return None
        pairs += [(name, a, b) for a, b in zip(ours, others, strict=True) if a != b]
    goals = tuple(_same(nodes, a, b, most.get(name, Fraction(0))) for name, a, b in pairs)
    if original.claim_defined != number[mutant.claim_defined]:
        goals = (*goals, _same(nodes, original.claim_defined, number[mutant.claim_defined]))
    nodes.append(Node("and", goals) if goals else Node("bool", truth=True))
    graph = Graph(original.graph.inputs, tuple(nodes))
    return Difference(prune(graph, original.assumption, len(nodes) - 1, {}, ()), graph, tuple(pairs))


def _merged(nodes: list[Node], other: Graph) -> list[int]:
    """The other graph's nodes put behind ``nodes``, those that are there already identified; the new number of each."""
    exact: dict[Node, int] = {}
    rounded: dict[Node, list[int]] = {}
    for index, node in enumerate(nodes):
        if node.rounding == "float32":
            rounded.setdefault(replace(node, run=0), []).append(index)
        else:
            exact.setdefault(replace(node, run=0), index)
    number: list[int] = []
    for node in other.nodes:
        args = node.args if node.op == "input" else tuple(number[a] for a in node.args)
        moved = replace(node, args=args, run=0)
        free = rounded.get(moved)
        if node.rounding == "float32" and free:
            number.append(free.pop(0))
            continue
        if node.rounding != "float32" and moved in exact:
            number.append(exact[moved])
            continue
        nodes.append(moved)
        number.append(len(nodes) - 1)
        if node.rounding != "float32":
            exact[moved] = len(nodes) - 1
    return number


def _spoken(original: CompiledClaim, mutant: CompiledClaim) -> Iterator[tuple[str, Value, Value]]:
    """Each value that the claim names, in both; of a second run that it speaks of, all."""
    spec, claim = original.spec, original.claim
    for name in sorted(compared_by(spec, claim)):
        yield name, original.explanation[name], mutant.explanation[name]
    for owner, name in sorted(key for key in original.network if key[1] in read_by(spec, claim)):
        yield f"{owner}.{name}", original.network[owner, name], mutant.network[owner, name]
    for owner, name in sorted(original.beside):
        yield f"{owner}.{name}", original.beside[owner, name], mutant.beside[owner, name]


def _same(nodes: list[Node], a: int, b: int, within: Fraction = Fraction(0)) -> int:
    """The node that says that two values are the same, or that two numbers are no further apart than ``within``."""
    if not nodes[a].is_boolean and within:
        one = Fraction(1)
        nodes.append(Node("affine", (a, b), (Fraction(0), one, -one)))
        nodes.append(Node(ABS.name, (len(nodes) - 1,)))
        nodes.append(Node("const", numbers=(within,)))
        nodes.append(Node("le", (len(nodes) - 2, len(nodes) - 1)))
        return len(nodes) - 1
    if not nodes[a].is_boolean:
        nodes.append(Node("eq", (a, b)))
        return len(nodes) - 1
    nodes.append(Node("and", (a, b)))
    both = len(nodes) - 1
    nodes.append(Node("or", (a, b)))
    nodes.append(Node("not", (len(nodes) - 1,)))
    nodes.append(Node("or", (both, len(nodes) - 1)))
    return len(nodes) - 1
