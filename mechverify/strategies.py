"""Hypothesis strategies from a spec: inputs as the spec declares them. Needs the extra ``mechverify[hypothesis]``."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from math import prod
from pathlib import Path
from typing import Any

from mechverify.spec.expression import syntax as ex
from mechverify.spec.expression.evaluate import UndefinedError, evaluate
from mechverify.spec.read import read_spec
from mechverify.spec.spec import InputDeclaration, Spec
from mechverify.spec.vectors import with_vectors

try:
    from hypothesis import strategies as st
except ModuleNotFoundError as missing:
    raise ModuleNotFoundError(
        "mechverify.strategies needs Hypothesis: python -m pip install 'mechverify[hypothesis]'", name=missing.name
    ) from missing

__all__ = ["admissible_inputs", "inputs"]


def inputs(spec: Spec | str | Path) -> st.SearchStrategy[dict[str, Any]]:
    """Values for every input of a spec, by name: integers, exact fractions, nested tuples for shaped inputs."""
    read = spec if isinstance(spec, Spec) else read_spec(Path(spec))
    return st.fixed_dictionaries({d.name: _shaped(d, d.shape) for d in read.inputs})


def admissible_inputs(spec: Spec | str | Path) -> st.SearchStrategy[dict[str, Any]]:
    """Inputs that meet all of the spec's preconditions.

    Inputs that a precondition sets equal (``x_1 == x_2``) are drawn equal; all else goes by filtering.
    """
    read = spec if isinstance(spec, Spec) else read_spec(Path(spec))
    constants = dict(read.parameters)
    pairs = [pair for p in read.preconditions for pair in _equal_inputs(read, p.condition.expression)]

    def joined(values: dict[str, Any]) -> dict[str, Any]:
        found = dict(values)
        for first, second in pairs:
            found[second] = found[first]
        return found

    def meets(values: dict[str, Any]) -> bool:
        try:
            names = with_vectors(read.vectors, {**constants, **_exact(values)})
            tied = [one.condition for one in read.vectors if one.condition is not None]
            required = (*tied, *(p.condition.expression for p in read.preconditions))
            return all(evaluate(condition, names) is True for condition in required)
        except UndefinedError:
            return False

    return inputs(read).map(joined).filter(meets)


def _equal_inputs(spec: Spec, e: ex.Expression) -> Iterator[tuple[str, str]]:
    """The pairs of neighbours in ``x_1 == x_2 == x_3`` and conjunctions of such, over inputs of one domain."""
    domains = {i.name: (i.kind, i.low, i.high, i.values, i.shape, i.entries) for i in spec.inputs}
    if isinstance(e, ex.Boolean) and e.op == "and":
        for operand in e.operands:
            yield from _equal_inputs(spec, operand)
    elif isinstance(e, ex.Compare) and set(e.ops) == {"=="}:
        names = [operand.name if isinstance(operand, ex.Name) else "" for operand in e.operands]
        yield from ((a, b) for a, b in pairwise(names) if a in domains and domains[a] == domains.get(b))


def _exact(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _exact(v) for k, v in value.items()}
    return tuple(_exact(v) for v in value) if isinstance(value, tuple) else Fraction(value)


def _shaped(declaration: InputDeclaration, shape: tuple[int, ...], place: int = 0) -> st.SearchStrategy[Any]:
    if shape:
        size = prod(shape[1:])
        return st.tuples(*(_shaped(declaration, shape[1:], place + k * size) for k in range(shape[0])))
    if declaration.kind == "one_of":
        return st.sampled_from(declaration.values)
    bounds = declaration.bounds(place)
    if bounds is None:
        raise ValueError(f"the input {declaration.name} has no bounds")
    if declaration.kind == "integers":
        return st.integers(int(bounds[0]), int(bounds[1]))
    return st.fractions(*bounds)
