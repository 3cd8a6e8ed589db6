"""The nonlinear parts of what a path knows: each may be forgotten, and is then any number within its bounds."""

from dataclasses import replace
from fractions import Fraction

from mechverify.engines.work.rules import evaluate_forms
from mechverify.graph.operations.table import operation
from mechverify.kernel.api import format_number
from mechverify.kernel.search import ClosedError, Forms, InvalidError, Problem, State

_BOUND_BITS = 8


def nonlinear_atoms(state: State) -> list[int]:
    """The nodes under the comparisons that a path knows, reached through exact affine nodes, that are neither inputs,
    constants nor affine themselves.
    """
    problem = state.prepared.problem
    known = [v for v in state.known if operation(problem.nodes[v].op).compares]
    stack = [a for v in known for a in problem.nodes[v].args]
    seen: set[int] = set()
    atoms: set[int] = set()
    while stack:
        v = stack.pop()
        if v in seen:
            continue
        seen.add(v)
        if _is_sum(problem, v):
            stack.extend(problem.nodes[v].args)
        elif problem.nodes[v].op not in ("input", "const"):
            atoms.add(v)
    return sorted(atoms)


def _is_sum(problem: Problem, v: int) -> bool:
    return problem.nodes[v].op == "affine" and not problem.nodes[v].rounded


def atom_bounds(state: State, atoms: list[int]) -> list[list[object]]:
    """The atoms that have a value, with bounds from the kernel's own forms, a little wider."""
    assumption_only = state.branch()
    assumption_only.prepared = replace(state.prepared, empty=True, orders={})
    forms = Forms(assumption_only, {}, {})
    try:
        evaluate_forms(forms)
    except (ClosedError, InvalidError):  # InvalidError: numbers that grow too long
        return []
    unit = forms.bits - _BOUND_BITS
    ends = ((v, forms.lo[v] >> unit, -(-forms.hi[v] >> unit)) for v in atoms if v not in forms.tops)
    return [[v, *(format_number(Fraction(x, 1 << _BOUND_BITS)) for x in pair)] for v, *pair in ends]
