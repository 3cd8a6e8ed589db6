"""`["positivstellensatz", domains, terms, multiples]`: no execution agrees with the path, since a sum is 0 and above 0.

Side conditions:
- domains: `[v, w]`, in the order given: v has a domain, and w, a comparison known on the path, says that its argument
  is in it, by a positive multiple of the argument, or any multiple where it must only not be 0 (`algebra/values.py`);
- terms: `[c, [square, ...], [known, ...]]`: c > 0; a square is a polynomial, which counts squared; what is known is at
  least 0, above 0, or not 0, which counts squared; no equality;
- multiples: `[polynomial, known]`: what is known is an equality;
- a polynomial is `[[c, [v, ...]], ...]`: a sum of c times the product of number nodes, of which each has a polynomial;
- all terms and multiples, written out over the path's parameters and the nodes that stand for themselves, add up to the
  zero polynomial;
- one term at least has no squares, and nothing known in it that is only at least 0.

What is known: `["known", w]`, a comparison known on the path; `["fact", f]`, a fact that is a sign or a linear form;
`["low", p]`, `["high", p]`, a bound of a live parameter; `["node", v, k]`, relation k of a node that stands for itself;
`["log", u, w]`, two logarithms, null for that of 1.

Why it is sound: in an execution that agrees with the path each node used has a real value, the terms are >= 0, one of
them is > 0, the multiples are 0, and so is the sum of all: there is no such execution. (By Krivine 1964 and Stengle
1974 there is such a sum wherever polynomials contradict each other over the reals.)
"""

from ..algebra.relations import sum_of
from ..algebra.written import SumReader
from ..cursor import Step, step_index, step_list
from ..numbers.polynomial import Polynomial
from ..state import State


def positivstellensatz(state: State, step: Step) -> list[State]:
    """No children: the branch is closed here, or the step is invalid."""
    step.arity(3)
    reader = SumReader(state, step)
    for raw in step_list(step.fields[1]):
        raw_v, raw_w = step_list(raw, 2)
        reader.values.grant(step_index(raw_v, reader.size), step_index(raw_w, reader.size))
    total: Polynomial = {}
    strict = False
    for raw in step_list(step.fields[2]):
        term, positive = reader.term(raw)
        total, strict = sum_of((1, total), (1, term)), strict or positive
        step.count(len(total))
    for raw in step_list(step.fields[3]):
        total = sum_of((1, total), (1, reader.multiple(raw)))
        step.count(len(total))
    if not strict:
        raise step.invalid("no term is above zero")
    if total:
        raise step.invalid("the terms and multiples do not add up to zero")
    return []
