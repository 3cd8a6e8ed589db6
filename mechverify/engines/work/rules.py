"""The kernel's rules as searches follow them, with their work counted. Searches take them from here alone."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from mechverify.engines.work import costs
from mechverify.engines.work.meter import spend
from mechverify.kernel import search as kernel
from mechverify.kernel.search import Forms, InvalidError, Number, PointValues, Prepared, Problem, State

T = TypeVar("T")
Step = list[Any]

_REMEMBERED = 4
_sizes: list[tuple[Problem, tuple[int, int]]] = []


def evaluate_forms(forms: Forms) -> None:
    """As the kernel's own. Raises ClosedError and InvalidError as that does."""
    spend(costs.ATTEMPT + _forms(forms.state, len(forms.columns), forms))
    _with_terms(forms.prepared, lambda: kernel.evaluate_forms(forms))


def settles(state: State, forms: Forms) -> bool:
    """Whether forms settle a path; evaluates them."""
    spend(costs.ATTEMPT + _forms(state, len(forms.columns), forms))
    return _with_terms(state.prepared, lambda: kernel.settles(state, forms))


def take_step(state: State, step: Step) -> list[State]:
    """What a step leaves to prove on a path. Raises InvalidError."""
    spend(costs.ATTEMPT + costs.PATH_ENTRY * (len(state.facts) + len(state.live)))
    if step[0] == "leaf" and not state.closed:
        spend(_forms(state, 1 + len(state.live)))
    each = 0.0 if step[0] == "leaf" else costs.SWEPT_TERM if step[0] == "enumerate" else costs.STEP_TERM
    return _with_terms(state.prepared, lambda: kernel.take_step(state, step, lambda terms: spend(each * terms)))


def try_step(state: State, step: Step) -> list[State] | None:
    """The same, None where the step is invalid."""
    try:
        return take_step(state, step)
    except InvalidError:
        return None


def evaluate(prepared: Prepared, point: Sequence[Number]) -> PointValues:
    """Every node at a point. Raises InvalidError."""
    _at_a_point(prepared)
    return kernel.evaluate(prepared, list(point))


def check_witness(prepared: Prepared, point: Sequence[Number]) -> None:
    """Raises InvalidError where a point is no witness."""
    _at_a_point(prepared)
    kernel.check_witness(prepared, list(point))


def check_inhabitant(prepared: Prepared, point: Sequence[Number]) -> None:
    """Raises InvalidError where a point does not meet the assumption."""
    _at_a_point(prepared)
    kernel.check_inhabitant(prepared, list(point))


def _with_terms(prepared: Prepared, done: Callable[[], T]) -> T:
    """What is done, and counted by the kernel as it goes: rows and polynomials."""
    before = prepared.work.operations
    try:
        return done()
    finally:
        spend(costs.EXACT_TERM * (prepared.work.operations - before))


def _at_a_point(prepared: Prepared) -> None:
    nodes, terms = _size(prepared.problem)
    spend(costs.ATTEMPT + costs.POINT_NODE * nodes + costs.POINT_TERM * terms)


def _forms(state: State, columns: int, forms: Forms | None = None) -> float:
    """What the evaluation of forms with so many columns costs; of nodes that were forgotten only what the path needs
    of the rest is evaluated.
    """
    problem = state.prepared.problem
    nodes, terms = _size(problem)
    if state.prepared.loosened:
        needed = forms or Forms(state, {}, {})
        nodes, columns = len(needed.order), len(needed.columns)
        terms = sum(len(problem.nodes[v].args) for v in needed.order)
    return costs.NODE * nodes + (costs.TERM + costs.TERM_COLUMN * columns) * terms


def _size(problem: Problem) -> tuple[int, int]:
    """The nodes of a problem, and the terms of its sums."""
    for known, size in _sizes:
        if known is problem:
            return size
    _sizes.insert(0, (problem, (len(problem.nodes), sum(len(node.args) for node in problem.nodes))))
    del _sizes[_REMEMBERED:]
    return _sizes[0][1]
