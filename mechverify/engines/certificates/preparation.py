"""An obligation as the kernel reads it, read once for all engines that look at it.

Reading a problem and making its affine nodes integral takes longer than many proofs; children that are forked later
inherit what is remembered here.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from mechverify.engines.certificates.problem import problem_data
from mechverify.engines.work import costs
from mechverify.engines.work.meter import spend
from mechverify.graph.graph import Obligation
from mechverify.kernel.api import read_problem
from mechverify.kernel.search import Prepared

_REMEMBERED = 4
_T = TypeVar("_T")
_written: list[tuple[Obligation, dict[str, Any]]] = []
_read: list[tuple[Obligation, Prepared]] = []


def prepare(obligation: Obligation, precision: int = 96, *, empty: bool = False) -> Prepared:
    """The prepared problem, with memo tables of its own but for those that depend on the nodes alone."""
    base = _remembered(_read, obligation, lambda o: Prepared(read_problem(remembered_data(o))))
    return Prepared(base.problem, precision, empty, plans=base.plans, linears=base.linears)


def prepare_with_claim(obligation: Obligation, claim: int) -> Obligation:
    """The obligation with another claim of its graph, prepared without reading the problem again.

    What is prepared follows a path with the kernel's rules; its problem has no identity of its own.
    """
    other = replace(obligation, claim=claim)
    base = prepare(obligation)
    problem = replace(base.problem, claim=claim)
    _read.append((other, Prepared(problem, plans=base.plans, linears=base.linears)))
    del _read[:-_REMEMBERED]
    return other


def remembered_data(obligation: Obligation) -> dict[str, Any]:
    """The obligation's problem data; not to be changed."""
    return _remembered(_written, obligation, problem_data)


def _remembered(table: list[tuple[Obligation, _T]], obligation: Obligation, make: Callable[[Obligation], _T]) -> _T:
    """The same object for the same object; equality of graphs is not worth computing."""
    for k, (known, found) in enumerate(table):
        if known is obligation:
            table.append(table.pop(k))
            return found
    nodes = obligation.graph.nodes
    spend(costs.READ_NODE * len(nodes) + costs.READ_TERM * sum(len(node.args) for node in nodes))
    made = make(obligation)
    table.append((obligation, made))
    del table[:-_REMEMBERED]
    return made
