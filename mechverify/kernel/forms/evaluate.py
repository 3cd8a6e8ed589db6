"""One walk over the nodes of a leaf: forms, then what is looked at again, then what is known."""

from ..operations.table import OPERATIONS
from ..state import SignFact
from .backward import tighten
from .exact import second_look
from .form import ClosedError, Forms, greatest_value


def evaluate_forms(f: Forms) -> None:
    """Evaluate what the facts, the assumption and the claim need, and compare it with what is known."""
    nodes, known, truth = f.prepared.problem.nodes, f.state.known, f.truth
    for form in f.state.open:
        if greatest_value(f.linear_columns(form, upper=True)) < 0:
            raise ClosedError
    for v in f.order:
        node = nodes[v]
        OPERATIONS[node.op].forms(f, v, node)
        if v in f.bounds and truth[v] is None:
            second_look(f, v, node)
        if v in f.tight:
            tighten(f, v)
        if node.boolean and v in known:
            if truth[v] is (not known[v]):
                raise ClosedError
            truth[v] = known[v]
        f.done.add(v)
    for fact in f.state.facts:
        if isinstance(fact, SignFact) and fact.a not in f.tops and fact.b not in f.tops:
            low, high = f.gap(fact.a, fact.b)
            if (high < 0) if fact.positive else (low > 0):
                raise ClosedError
