"""What a search that did not finish has proved: boxes of the inputs, each with a proof of its own."""

from fractions import Fraction

from mechverify.engines.affine.boxes import Box, Branch, steps_of
from mechverify.engines.engine import ProofFound, Step
from mechverify.graph.graph import Obligation
from mechverify.kernel.api import parse_number

Bounds = tuple[tuple[Fraction, Fraction], ...]

_MOST_PARTS = 256


def proved_parts(obligation: Obligation, root: Box, precision: int) -> tuple[tuple[Bounds, ProofFound], ...]:
    """The maximal closed subtrees that only splits of single inputs lead to; largest first.

    Such a split adds one fact, which no multiplier uses; the facts after it move down by one in the part's own proof.
    """
    first = len(root.state.facts)
    found: list[tuple[Bounds, ProofFound]] = []
    start: Bounds = tuple((i.low, i.high) for i in obligation.graph.inputs)
    stack: list[tuple[Branch, Bounds, int]] = [(root.leaf, start, 0)]
    finished = _finished(root.leaf)
    while stack:
        branch, bounds, depth = stack.pop()
        if id(branch) in finished:
            steps = tuple(_renumbered(s, first, depth) for s in steps_of(branch))
            found.append((bounds, ProofFound(steps, precision)))
            continue
        step = branch.step
        if step is None or step[0] != "split" or len(step[1]) != 1 or step[1][0][0] != "1":
            continue
        k, bound = step[1][0][1], Fraction(parse_number(step[2]))
        low, high = bounds[k]
        above = bound + 1 if obligation.graph.inputs[k].kind == "integer" else bound
        pieces = (low, min(high, bound)), (max(low, above), high)
        for child, piece in zip(branch.children, pieces, strict=True):
            if piece[0] <= piece[1]:
                stack.append((child, (*bounds[:k], piece, *bounds[k + 1 :]), depth + 1))
    found.sort(key=lambda part: -_volume(part[0]))
    return tuple(found[:_MOST_PARTS])


def _volume(bounds: Bounds) -> Fraction:
    total = Fraction(1)
    for low, high in bounds:
        total *= high - low + 1
    return total


def _finished(root: Branch) -> set[int]:
    """The ids of branches under which nothing is open."""
    order, stack = [], [root]
    while stack:
        branch = stack.pop()
        order.append(branch)
        stack.extend(branch.children)
    done: set[int] = set()
    for branch in reversed(order):
        if branch.step is not None and all(id(c) in done for c in branch.children):
            done.add(id(branch))
    return done


def _renumbered(step: Step, first: int, by: int) -> Step:
    if step[0] == "substitute":
        facts = step[1] if isinstance(step[1], list) else [step[1]]
        moved_facts = [f - by if f >= first else f for f in facts]
        return [step[0], moved_facts if isinstance(step[1], list) else moved_facts[0], *step[2:]]
    if step[0] != "leaf" or len(step) == 1:
        return step
    moved = [[v, side, [[f - by if f >= first else f, m] for f, m in rows]] for v, side, rows in step[2]]
    return ["leaf", step[1], moved, *step[3:]]
