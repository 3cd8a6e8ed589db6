"""The problem of a map: a claim at every point of its domain, inside its preconditions and outside."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from mechverify.engines.certificates.problem import problem_data
from mechverify.errors import UsageError
from mechverify.explanation.compiled import CompiledClaim
from mechverify.explanation.prune import cut_down
from mechverify.graph.graph import Obligation
from mechverify.kernel.api import format_number, parse_number
from mechverify.kernel.search import normal


def sliced(problem: Mapping[str, Any], fixed: Mapping[str, Fraction]) -> dict[str, Any]:
    """The problem with some inputs held at one value each, by their names.

    Raises UsageError for a name that is none of its inputs', or a value out of its domain.
    """
    inputs = [list(one) for one in problem["inputs"]]
    by_name = {str(one[0]): one for one in inputs}
    for name, value in fixed.items():
        one = by_name.get(name)
        if one is None:
            raise UsageError(f"no input of the claim is named {name!r}; its inputs are {', '.join(by_name)}")
        low, high = (Fraction(parse_number(text)) for text in one[2:])
        if not low <= value <= high or (one[1] == "integer" and value.denominator != 1):
            raise UsageError(f"{name} has no value {value} in its domain")
        one[2:] = [format_number(normal(value))] * 2
    return {**problem, "inputs": inputs}


def map_problem(compiled: CompiledClaim) -> dict[str, Any]:
    """The kernel's data. Where every point of the bounds counts, it is the problem of the claim's proof."""
    domain = compiled.graph.nodes[compiled.counted]
    if domain.op == "bool" and domain.truth:
        return problem_data(compiled.obligation)
    roots = (compiled.counted, compiled.admitted, compiled.claim_node)
    smaller, number = cut_down(compiled.graph, roots)
    data = problem_data(Obligation(smaller, number[compiled.admitted], number[compiled.claim_node]))
    return {**data, "domain": number[compiled.counted]}
