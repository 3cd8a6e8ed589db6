"""`["split", [[c, k], ...], bound]`: cases on a linear form of the inputs.

Side conditions:
- at least one term; the inputs k exist and are distinct; the coefficients are not zero;
- where all inputs named are integer inputs, and all coefficients and the bound are integers: first child
  form <= bound, second child form >= bound + 1, which cover because the form is an integer;
- otherwise: first child form <= bound, second child form >= bound; both closed.
"""

from ..cursor import Step, step_index, step_list, step_number
from ..plan import Linear
from ..state import LinearFact, State


def split(state: State, step: Step) -> list[State]:
    """The two children."""
    step.arity(2)
    terms: dict[int, int | object] = {}
    form = Linear(0, {})
    inputs = state.prepared.problem.inputs
    whole = True
    for raw in step_list(step.fields[1]):
        raw_c, raw_k = step_list(raw, 2)
        c, k = step_number(raw_c), step_index(raw_k, len(inputs))
        if k in terms or c == 0:
            raise step.invalid("an input is named twice, or with coefficient zero")
        terms[k] = c
        form = form.plus(Linear(0, {k: c}))
        whole = whole and type(c) is int and inputs[k].integer
    if not terms:
        raise step.invalid("the form has no terms")
    bound = step_number(step.fields[2])
    whole = whole and type(bound) is int
    below, above = state.branch(), state.branch()
    below.add(LinearFact(Linear(bound, {}).plus(form, -1)))
    above.add(LinearFact(form.plus(Linear(-bound - 1 if whole else -bound, {}))))
    return [below, above]
