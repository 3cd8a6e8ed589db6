"""The problem of a map: a claim at every point of its domain, inside its preconditions and outside."""

from typing import Any

from mechverify.engines.certificates.problem import problem_data
from mechverify.explanation.compiled import CompiledClaim
from mechverify.explanation.prune import cut_down
from mechverify.graph.graph import Obligation


def map_problem(compiled: CompiledClaim) -> dict[str, Any]:
    """The kernel's data. Where every point of the bounds counts, it is the problem of the claim's proof."""
    domain = compiled.graph.nodes[compiled.counted]
    if domain.op == "bool" and domain.truth:
        return problem_data(compiled.obligation)
    roots = (compiled.counted, compiled.admitted, compiled.claim_node)
    smaller, number = cut_down(compiled.graph, roots)
    data = problem_data(Obligation(smaller, number[compiled.admitted], number[compiled.claim_node]))
    return {**data, "domain": number[compiled.counted]}
