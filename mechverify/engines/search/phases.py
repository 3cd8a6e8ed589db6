"""What the kernel's phase rule makes of a switch, with the exact arithmetic done once for a switch, not on every path.

The inputs are the same forms of the live parameters on all paths of a chart, so the condition that a phase adds is the
same too; where it is a bound of one parameter, the kernel's own rule is asked.
"""

from mechverify.engines.affine.boxes import Box, Phase, fact_roots, fact_slots
from mechverify.graph.operations.table import turning_pair
from mechverify.kernel.search import Linear, Problem, SignFact


def phases_of(box: Box, node: int) -> tuple[Phase, Phase] | None:
    """Both sides of a switch; None where they bound a parameter or decide themselves."""
    known = box.chart.phases
    if node not in known:
        known[node] = _phases(box, node)
    return known[node]


def _phases(box: Box, node: int) -> tuple[Phase, Phase] | None:
    prepared = box.state.prepared
    one = prepared.problem.nodes[node]
    a, b = turning_pair(one.op, one.args)
    form = prepared.difference(a, b)
    if form is not None and len(box.state.resolve(form).terms) < 2:
        return None
    first, second = (_phase(box, SignFact(a, b, positive), form) for positive in (True, False))
    return first, second


def _phase(box: Box, fact: SignFact, form: Linear | None) -> Phase:
    problem = box.state.prepared.problem
    a, b = _zero(problem, fact.a), _zero(problem, fact.b)
    signs = {(a, b): fact.positive}
    signs.setdefault((b, a), not fact.positive)
    conditions = () if form is None else ((form if fact.positive else form.scaled(-1), ">=", False),)
    alone = box.state.branch()
    alone.facts = (fact,)
    return Phase(fact, signs, conditions, fact_slots(alone, box.chart, 0), fact_roots((fact,)))


def _zero(problem: Problem, node: int) -> int:
    """The node, or -1 for a constant zero."""
    return -1 if node >= 0 and problem.nodes[node].op == "const" and problem.nodes[node].constant == 0 else node
