"""The plain sentence that stands beside ``says``: generated from the formal claim alone, so that the two can be
compared."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import groupby

from mechverify.spec.expression import syntax as ex
from mechverify.spec.expression.shapes import input_names
from mechverify.spec.spec import (
    EACH,
    REST,
    Claim,
    Distribution,
    InputDeclaration,
    NamedCondition,
    Setting,
    Spec,
    conditions_of,
)
from mechverify.spec.swappable import swappable
from mechverify.spec.text import expression_text, names_in, number_text

_MANY = 8
_REST = "all that the explanation does not name (together)"
_EACH = "all that the explanation does not name (each unit by itself)"


def claim_sentence(spec: Spec, claim: Claim, member: Mapping[str, int] | None = None) -> str:
    """``For all integers x_1, x_2 from 0 to 1,000,000 with x_1 == x_2: abs(network.answer - answer) <= 0.25.``

    ``member`` has the values of the indices of one member of a family; without it, the whole family is meant.
    """
    families = [f"each {f.name} {_values(f.values)}" for f in claim.families]
    scope = f"{_all_inputs(spec)}{_conditions(spec, claim)}"
    parts = {part.key: part.names for part in claim.parts}
    setting = _setting(parts) + _settings(claim)
    asserted = asserted_text(spec, claim)
    match claim.kind:
        case "usually":
            share = "a share" if claim.probability is None else f"a share of {number_text(claim.probability)}"
            body = f"of {scope}{_drawn(claim)}, at least {share} has{setting}: {asserted}"
        case "on_average":
            body = f"on average over {scope}{_drawn(claim)}{setting}: {asserted}"
        case "ignores":
            body = f"for {scope}{setting}: {asserted}"
        case "faithful":
            names = swappable(tuple(i.name for i in spec.inputs), spec.variables, claim.settings)
            body = (
                f"for {scope}, with any of {_listed(names)} transplanted from other such inputs, "
                f"and with {_EACH if EACH in parts.get('resample', ()) else _REST} taken from any other such run"
                f"{_settings(claim)}: {asserted}"
            )
        case "always":
            body = f"for {scope}{setting}: {asserted}"
    if member:
        body = f"with {' and '.join(f'{name} = {value}' for name, value in member.items())}, {body}"
    elif families:
        body = f"for {' and '.join(families)}, {body}"
    return f"{body[0].upper()}{body[1:]}{_parameters(spec, claim)}."


def domain_text(declaration: InputDeclaration) -> str:
    """``all integers x from 0 to 9``: the domain of one input."""
    return _domains((declaration,))


def _drawn(claim: Claim) -> str:
    """``, with x drawn as in the column age of people.csv``: how the inputs that are not uniform are distributed."""
    by_law: dict[str, list[str]] = {}
    for one in claim.distribution:
        if one.kind != "uniform":
            by_law.setdefault(_law(one), []).append(one.input)
    drawn = tuple(f"{_listed(tuple(names))} drawn {law}" for law, names in by_law.items())
    return f", with {_listed(drawn)}" if drawn else ""


def _law(one: Distribution) -> str:
    if one.kind == "normal":
        return f"from a normal distribution ({number_text(one.mean)}, deviation {number_text(one.deviation)})"
    if one.kind == "exponential":
        return f"from an exponential distribution (mean {number_text(one.mean)})"
    if one.counted_in is not None:
        by = "" if one.counted_in.weight is None else f" weighted by {one.counted_in.weight}"
        return f"as in the column {one.counted_in.column} of {one.counted_in.file}{by}"
    shown = [f"{_grouped(value)}: {number_text(weight)}" for value, weight in one.weights[:_MANY]]
    more = len(one.weights) - len(shown)
    return f"by the weights {{{', '.join(shown)}{f', and {more} more' if more else ''}}}"


def _parameters(spec: Spec, claim: Claim) -> str:
    """``, where tol = 9``: the values of the parameters that the sentence names."""
    named = [named.condition.expression for named in conditions_of(spec, claim)]
    named += [claim.condition.expression] if claim.condition is not None else []
    named += [one.value.expression for one in claim.settings if one.value is not None]
    names = {name for expression in named for name in names_in(expression)}
    values = [f"{name} = {number_text(value)}" for name, value in spec.parameters if name in names]
    return f", where {_listed(tuple(values))}" if values else ""


def asserted_text(spec: Spec, claim: Claim) -> str:
    """What the claim asserts of every input, in the words of the spec language where it has them."""
    if claim.condition is not None:
        return expression_text(claim.condition.expression)
    tolerance = number_text(claim.tolerance) if claim.tolerance else None
    if claim.kind == "ignores":
        names = next((part.names for part in claim.parts if part.key == "ignores"), ())
        within = f" by more than {tolerance}" if tolerance else ""
        return f"what the network says of {_listed(names)} does not change{within}"
    located = [v.name for v in spec.variables if v.value is not None and v.located_at is not None]
    within = f"to within {tolerance}" if tolerance else "exactly"
    return f"network and explanation agree {within} on {_listed(tuple(located))}"


def _setting(parts: dict[str, tuple[str, ...]]) -> str:
    text = ""
    if "interchange" in parts:
        names = parts["interchange"]
        what = "any of the aligned variables" if names == ("all",) else _listed(names)
        text += f", with {what} transplanted from other such inputs"
    if "resample" in parts:
        others = tuple({REST: _REST, EACH: _EACH}.get(n, n) for n in parts["resample"])
        text += f", with {_listed(others)} taken from any other such run"
    return text


def _settings(claim: Claim) -> str:
    """``, with hidden[0] set to 0, with state set to any integer from 0 to 3, reached or not``."""
    return "".join(f", with {_set(one)}" for one in claim.settings)


def _set(one: Setting) -> str:
    site = one.name
    if one.sources:
        reader, _, source = one.name.partition(" from ")
        site = f"what {reader.strip()} reads of {source.strip()} alone"
    if one.domain is not None:
        noun, bounds = _domain(one.domain)
        noun = {"integers": "any integer", "numbers": "any number", "real numbers": "any real number"}[noun]
        return f"{one.name} set to {noun} {bounds}, reached or not"
    if one.value is None:
        return f"{site} set to the mean of what it holds"
    written = expression_text(one.value.expression)
    return f"{site} set to {written}" if one.kind == "set" else f"{written} added to {site}"


def _listed(names: tuple[str, ...]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else "nothing"


def _values(values: tuple[int, ...]) -> str:
    if len(values) > 1 and values == tuple(range(values[0], values[-1] + 1)):
        return f"from {values[0]} to {values[-1]}"
    return f"in {{{', '.join(map(str, values))}}}"


def _all_inputs(spec: Spec) -> str:
    """All inputs, those that vectors are made of by the vectors."""
    made = {name for vector in spec.vectors for name in vector.inputs}
    plain = tuple(one for one in spec.inputs if one.name not in made)
    parts = ([_domains(plain)] if plain else []) + [f"all {vector.says}" for vector in spec.vectors]
    return " and ".join(parts)


def _domains(inputs: tuple[InputDeclaration, ...]) -> str:
    parts = [part for declaration in inputs for part in _parts(declaration)]
    groups = [(domain, [names for _, names in group]) for domain, group in groupby(parts, key=lambda part: part[0])]
    texts = [f"{noun} {', '.join(names)} {bounds}" for (noun, bounds), names in groups]
    return f"all {' and all '.join(texts)}"


def _parts(declaration: InputDeclaration) -> list[tuple[tuple[str, str], str]]:
    """An input, or the runs of its elements that have one range, each with its domain."""
    noun, hull = _domain(declaration)
    names = input_names(declaration)
    runs = [(ends, [names[k] for k in places]) for ends, places in _runs(declaration.entries)]
    if not runs:
        return [((noun, hull), _shortened(names))]
    if len(runs) > _MANY:
        return [((noun, f"in ranges of their own, {hull}"), _shortened(names))]
    return [((noun, f"from {_grouped(low)} to {_grouped(high)}"), _shortened(run)) for (low, high), run in runs]


def _runs(entries: Sequence[tuple[Fraction, Fraction]]) -> list[tuple[tuple[Fraction, Fraction], list[int]]]:
    """Neighbours that have the same range."""
    found = groupby(range(len(entries)), key=lambda k: entries[k])
    return [(ends, list(places)) for ends, places in found]


def _domain(declaration: InputDeclaration) -> tuple[str, str]:
    if declaration.low is None or declaration.high is None:
        shown = [_grouped(v) for v in declaration.values[:_MANY]]
        rest = len(declaration.values) - len(shown)
        return "numbers", f"in {{{', '.join(shown)}{f', and {rest} more' if rest else ''}}}"
    noun = "integers" if declaration.kind == "integers" else "real numbers"
    return noun, f"from {_grouped(declaration.low)} to {_grouped(declaration.high)}"


def _grouped(value: Fraction) -> str:
    return f"{value.numerator:,}" if value.denominator == 1 else number_text(value)


def _shortened(names: Sequence[str]) -> str:
    return ", ".join(names) if len(names) <= 3 else f"{names[0]}, ..., {names[-1]}"


def _conditions(spec: Spec, claim: Claim) -> str:
    conditions = conditions_of(spec, claim)
    return f" with {' and '.join(_condition(c) for c in conditions)}" if conditions else ""


def _condition(named: NamedCondition) -> str:
    e = named.condition.expression
    text = expression_text(e)
    loose = isinstance(e, ex.Conditional) or (isinstance(e, ex.Boolean) and e.op == "or")
    return f"{f'({text})' if loose else text}{' (suggested)' if named.suggested else ''}"
