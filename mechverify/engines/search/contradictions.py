"""Assumptions that contradict themselves, whatever their nonlinear parts are: ``n % 2 == 0 and n % 2 == 1``.

Each nonlinear node that the assumption compares is forgotten (docs/kernel.md): within its bounds it may be any number.
What is left is linear, and where that has no solution, neither has the assumption.
"""

import time
from dataclasses import replace
from fractions import Fraction

from mechverify.engines.affine.boxes import Box, Branch
from mechverify.engines.certificates.reread import obligation_of
from mechverify.engines.engine import Step
from mechverify.engines.search.branching import Search
from mechverify.engines.search.paths import eliminate, path_box, settled
from mechverify.kernel.api import format_number
from mechverify.kernel.search import FORM_TABLE, ClosedError, Forms, InvalidError, Problem, State, take_step

_MOST_ATOMS = 32
_BOUND_BITS = 8
_MARGIN = 4.0
_SECONDS = 1.0


def contradicts_itself(root: Box) -> bool:
    """Whether the root's facts exclude each other with every nonlinear node forgotten; its tree is then finished."""
    atoms = nonlinear_atoms(root.state)
    if not 0 < len(atoms) <= _MOST_ATOMS or root.state.closed or root.state.prepared.loosened:
        return False
    bounds = _bounds(root.state, atoms)
    if not bounds:
        return False
    step: Step = ["forget", bounds, [], []]
    try:
        lemma, rest = take_step(root.state, step)
    except InvalidError:
        return False
    below = _closed(rest)
    if below is None or not settled(lemma, ["leaf"]):
        return False
    root.leaf.step, root.leaf.children = step, (Branch(["leaf"]), below)
    return True


def nonlinear_atoms(state: State) -> list[int]:
    """The nodes under the comparisons that a path knows, reached through exact affine nodes, that are neither inputs,
    constants nor affine themselves.
    """
    problem = state.prepared.problem
    known = [v for v in state.known if problem.nodes[v].op in ("le", "lt", "eq")]
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


def _bounds(state: State, atoms: list[int]) -> list[list[object]]:
    """The atoms that have a value, with bounds from the kernel's own forms, a little wider."""
    assumption_only = state.branch()
    assumption_only.prepared = replace(state.prepared, empty=True, orders={})
    forms = Forms(assumption_only, {}, {})
    try:
        forms.run(FORM_TABLE)
    except (ClosedError, InvalidError):  # InvalidError: numbers that grow too long
        return []
    unit = forms.bits - _BOUND_BITS
    ends = ((v, forms.lo[v] >> unit, -(-forms.hi[v] >> unit)) for v in atoms if v not in forms.tops)
    return [[v, *(format_number(Fraction(x, 1 << _BOUND_BITS)) for x in pair)] for v, *pair in ends]


def _closed(state: State) -> Branch | None:
    """The steps that close a path whatever its claim: what its equalities determine is eliminated, and linear facts
    are combined; None if it stays open.
    """
    prepared = replace(state.prepared, empty=True, orders={})
    path = state.branch()
    path.prepared = prepared
    box = path_box(path)
    whole = obligation_of(prepared)
    asked = replace(whole, claim=whole.assumption)
    search = Search(asked, prepared, time.monotonic() + _SECONDS, _MARGIN, lambda _: [], None)
    return box.leaf if search.run([eliminate(box)]) else None
