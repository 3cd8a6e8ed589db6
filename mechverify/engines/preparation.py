"""An obligation as the kernel reads it, read once for all engines that look at it.

Reading a problem and making its affine nodes integral takes longer than many proofs; children that are forked later
inherit what is remembered here.
"""

from mechverify.engines.problem import problem_data
from mechverify.graph.graph import Obligation
from mechverify.kernel.plan import Prepared
from mechverify.kernel.problem import read_problem

_REMEMBERED = 4
_read: list[tuple[Obligation, Prepared]] = []


def prepare(obligation: Obligation, precision: int = 96, *, empty: bool = False) -> Prepared:
    """The prepared problem, with memo tables of its own but for those that depend on the nodes alone."""
    base = _base(obligation)
    return Prepared(base.problem, precision, empty, plans=base.plans, linears=base.linears)


def _base(obligation: Obligation) -> Prepared:
    """The same object for the same object; equality of graphs is not worth computing."""
    for k, (known, prepared) in enumerate(_read):
        if known is obligation:
            _read.append(_read.pop(k))
            return prepared
    prepared = Prepared(read_problem(problem_data(obligation)))
    _read.append((obligation, prepared))
    del _read[:-_REMEMBERED]
    return prepared
