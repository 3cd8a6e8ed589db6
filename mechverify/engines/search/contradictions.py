"""Assumptions that contradict themselves, whatever their nonlinear parts are: ``n % 2 == 0 and n % 2 == 1``.

Each nonlinear node that the assumption compares is forgotten (docs/kernel.md): within its bounds it may be any number.
What is left is linear, and where that has no solution, neither has the assumption.
"""

from dataclasses import replace

from mechverify.engines.affine.boxes import Box, Branch
from mechverify.engines.certificates.reread import obligation_of
from mechverify.engines.engine import Step
from mechverify.engines.search.atoms import atom_bounds, nonlinear_atoms
from mechverify.engines.search.branching import Search
from mechverify.engines.search.paths import eliminate, path_box, settled
from mechverify.engines.work.meter import work_done
from mechverify.engines.work.rules import take_step
from mechverify.kernel.search import InvalidError, State

_MOST_ATOMS = 32
_MARGIN = 4.0
_WORK = 1.0


def contradicts_itself(root: Box) -> bool:
    """Whether the root's facts exclude each other with every nonlinear node forgotten; its tree is then finished."""
    atoms = nonlinear_atoms(root.state)
    if not 0 < len(atoms) <= _MOST_ATOMS or root.state.closed or root.state.prepared.loosened:
        return False
    bounds = atom_bounds(root.state, atoms)
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
    search = Search(asked, prepared, work_done() + _WORK, _MARGIN, lambda _: [], None)
    return box.leaf if search.run([eliminate(box)]) else None
