"""The problem of a map: a claim at every point of its domain, inside its preconditions and outside."""

from collections.abc import Mapping, Sequence
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


def held_beside(problem: Mapping[str, Any], axes: Sequence[str], fixed: Mapping[str, Fraction]) -> dict[str, Fraction]:
    """Values that hold all inputs but the axes: those given, else the value of the domain that is next to 0.

    Raises UsageError for an axis that is no input, or that is held itself.
    """
    names = [str(one[0]) for one in problem["inputs"]]
    for axis in axes:
        if axis not in names:
            raise UsageError(f"no input of the claim is named {axis!r}; its inputs are {', '.join(names)}")
        if axis in fixed:
            raise UsageError(f"{axis} is held at {fixed[axis]}, so that it is no axis")
    found = dict(fixed)
    for name, _, *ends in problem["inputs"]:
        if name not in axes and name not in fixed:
            low, high = (Fraction(parse_number(text)) for text in ends)
            found[str(name)] = min(max(low, Fraction(0)), high)
    return found


def slice_of(problem: Mapping[str, Any], part: Mapping[str, Any]) -> dict[str, Fraction] | None:
    """The values at which ``part`` holds inputs of a problem of the same inputs; None where it has others, or holds
    none. Whether it is the problem held so is for its hash to say.
    """
    whole, held = problem["inputs"], part["inputs"]
    if [one[:2] for one in whole] != [one[:2] for one in held]:
        return None
    changed = [one for one, other in zip(held, whole, strict=True) if one != other]
    if not changed or any(low != high for _, _, low, high in changed):
        return None
    return {str(name): Fraction(parse_number(low)) for name, _, low, _ in changed}


def map_problem(compiled: CompiledClaim) -> dict[str, Any]:
    """The kernel's data. Where every point of the bounds counts, it is the problem of the claim's proof."""
    domain = compiled.graph.nodes[compiled.counted]
    if domain.op == "bool" and domain.truth:
        return problem_data(compiled.obligation)
    roots = (compiled.counted, compiled.admitted, compiled.claim_node)
    smaller, number = cut_down(compiled.graph, roots)
    data = problem_data(Obligation(smaller, number[compiled.admitted], number[compiled.claim_node]))
    return {**data, "domain": number[compiled.counted]}
