"""The equality that two opposite facts amount to, for `["substitute", [f1, f2], ...]`.

Side conditions:
- f1 and f2 are facts of splits or of bounds, form_1 >= 0 and form_2 >= 0 over the parameters;
- written over the live parameters, form_1 = -c form_2 for a c > 0, and form_1 has a parameter.
Then 0 <= form_1 = -c form_2 <= 0.
"""

from ..cursor import Step, step_index, step_list
from ..numbers.number import ratio
from ..plan import Linear
from ..state import LinearFact, State


def pinched(state: State, step: Step) -> Linear:
    """The form that two opposite facts pin to zero."""
    forms: list[Linear] = []
    for raw in step_list(step.fields[1], 2):
        fact = state.facts[step_index(raw, len(state.facts))]
        if not isinstance(fact, LinearFact):
            raise step.invalid("a fact of the pair is not one of a split or a bound")
        forms.append(state.resolve(fact.form))
    one, other = forms
    if not one.terms or one.terms.keys() != other.terms.keys():
        raise step.invalid("the two facts are not opposite")
    p = min(one.terms)
    factor = ratio(-one.terms[p], other.terms[p])
    opposite = other.scaled(factor)
    same = all(opposite.terms[q] == -c for q, c in one.terms.items()) and opposite.constant == -one.constant
    if factor <= 0 or not same:
        raise step.invalid("the two facts are not opposite")
    return one
