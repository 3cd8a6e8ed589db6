"""`["leaf"]`, `["leaf", slopes, multipliers]` or `["leaf", slopes, multipliers, tight]`: the affine leaf.

Side conditions:
- a branch whose bounds cross, or whose facts contradict each other directly, is closed: the step must be `["leaf"]`;
- slopes: each names a node whose operation's record lets a slope be chosen, in the range that it has, once: a relu,
  max, min or mul with a slope in [0, 1], an abs with a slope in [-1, 1]; a curve or a div with the place of its
  tangent, from 0 to 1;
- multipliers: each names a comparison and a side, once; the facts exist and give linear conditions; m >= 0, but any
  sign for an equality;
- tight: number nodes and comparisons, each once; they are bounded exactly as well (`backward.py`);
- the forms show the claim true, or the assumption or a known fact false. For kind `empty` the claim is not looked at.
"""

from ..cursor import Step, step_index, step_list, step_number
from ..forms.evaluate import evaluate_forms
from ..forms.form import ClosedError, Forms
from ..numbers.number import Number
from ..operations.table import OPERATIONS
from ..state import State


def leaf(state: State, step: Step) -> list[State]:
    """No children: the branch is settled here, or the step is invalid."""
    step.arity(0, 3)
    if len(step.fields) == 2:
        raise step.invalid("a leaf has slopes and multipliers, or neither")
    slopes: dict[int, Number] = {}
    multipliers: dict[tuple[int, str], list[tuple[int, Number]]] = {}
    if len(step.fields) > 2:
        slopes, multipliers = _slopes(state, step), _multipliers(state, step)
    forms = Forms(state, slopes, multipliers, _tight(state, step) if len(step.fields) > 3 else ())
    step.count(state.prepared.problem.terms(forms.order) * len(forms.columns))
    if not settles(state, forms):
        raise step.invalid("the leaf does not show the claim")
    return []


def settles(state: State, forms: Forms) -> bool:
    """Whether the forms show the claim, or that no execution at a point of the box agrees with the path."""
    try:
        evaluate_forms(forms)
    except ClosedError:
        return True
    problem = state.prepared.problem
    if forms.truth[problem.assumption] is False:
        return True
    return not state.prepared.empty and forms.truth[problem.claim] is True


def _slopes(state: State, step: Step) -> dict[int, Number]:
    nodes = state.prepared.problem.nodes
    found: dict[int, Number] = {}
    for raw in step_list(step.fields[1]):
        raw_v, raw_s = step_list(raw, 2)
        v, s = step_index(raw_v, len(nodes)), step_number(raw_s)
        lowest = OPERATIONS[nodes[v].op].least_slope
        if lowest is None or v in found or not lowest <= s <= 1:
            raise step.invalid(f"a slope for node {v} is out of range, repeated, or not for this operation")
        found[v] = s
    return found


def _multipliers(state: State, step: Step) -> dict[tuple[int, str], list[tuple[int, Number]]]:
    nodes = state.prepared.problem.nodes
    found: dict[tuple[int, str], list[tuple[int, Number]]] = {}
    for raw in step_list(step.fields[2]):
        raw_v, side, raw_rows = step_list(raw, 3)
        v = step_index(raw_v, len(nodes))
        if not OPERATIONS[nodes[v].op].compares or not isinstance(side, str) or side not in ("low", "high"):
            raise step.invalid("multipliers name a comparison, and low or high")
        if (v, side) in found:
            raise step.invalid(f"multipliers for node {v} are given twice")
        rows: list[tuple[int, Number]] = []
        for raw_row in step_list(raw_rows):
            raw_f, raw_m = step_list(raw_row, 2)
            f, m = step_index(raw_f, len(state.facts)), step_number(raw_m)
            if m < 0 and not state.is_equality(f):
                raise step.invalid(f"a negative multiplier for fact {f}, which is no equality")
            rows.append((f, m))
        found[v, side] = rows
    return found


def _tight(state: State, step: Step) -> set[int]:
    nodes = state.prepared.problem.nodes
    found: set[int] = set()
    for raw in step_list(step.fields[3]):
        v = step_index(raw, len(nodes))
        if v in found or (nodes[v].boolean and not OPERATIONS[nodes[v].op].compares):
            raise step.invalid(f"node {v} is named twice as tight, or is neither a number nor a comparison")
        found.add(v)
    return found
