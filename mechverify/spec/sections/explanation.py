"""The section ``explanation``: variables in the order of the text, without cycles, each name resolved and every sort
inferred."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from mechverify.spec.expression.names import Refusal, Scope
from mechverify.spec.expression.sorts import NUMBER, UNKNOWN, Sort, Vector
from mechverify.spec.holes import HOLE
from mechverify.spec.sections.fields import Fields
from mechverify.spec.sections.keys import EXPLANATION, VARIABLE
from mechverify.spec.sections.sites import Places, read_sites
from mechverify.spec.source import suggestion
from mechverify.spec.spec import Site, SiteDirection, SiteSubspace, Variable, site_units
from mechverify.spec.text import names_in
from mechverify.spec.yaml.tree import Entry, Node

MECHANISM_SITES = Refusal(
    "a mechanism speaks of inputs and other variables, not of a model",
    "write the variable's plain name, or use read_as",
)
READ_AS_SITES = Refusal("read_as speaks of 'it' and parameters only", "'it' is the value of the variable's own site")


@dataclass(frozen=True, slots=True)
class Explanation:
    """The variables, what a plain name of each is (those with a value), and what each (model, variable) pair is.

    A variable that could not be read is of unknown sort everywhere: only its own mistakes are reported.
    """

    variables: tuple[Variable, ...]
    cases: tuple[str, ...]
    values: Mapping[str, Sort]
    sites: Mapping[tuple[str, str], Sort]
    broken: tuple[str, ...]


def read_explanation(
    fields: Fields, node: Node | None, inputs: Scope, places: Places, preconditions: tuple[str, ...]
) -> Explanation:
    """The explanation; ``inputs`` is the scope of inputs and parameters."""
    models = places.models
    keys = fields.keyed(node, EXPLANATION, "the explanation") if node is not None else {}
    keys = keys or {}
    entries = list(fields.named(keys["variables"].value, "variables")) if "variables" in keys else []
    variables = tuple(v for v in (_variable(fields, entry, places, inputs) for entry in entries) if v is not None)
    read = {v.name for v in variables}
    broken = tuple(e.key.value for e in entries if e.key.value not in read and not inputs.knows(e.key.value))
    values = _values(fields, variables, inputs, dict.fromkeys(broken, UNKNOWN))
    sites = {**_sites(fields, variables, inputs), **{(m, b): UNKNOWN for m in models for b in broken}}
    cases = _cases(fields, keys["cases"].value, (*values, *preconditions)) if "cases" in keys else ()
    return Explanation(variables, cases, values, sites, broken)


def _variable(fields: Fields, entry: Entry, places: Places, inputs: Scope) -> Variable | None:
    name, report = entry.key.value, fields.report
    if inputs.knows(name) or name in places.models:
        report.error(
            entry.key.mark, f"'{name}' is already the name of an input, a parameter or a model", "choose another name"
        )
        return None
    keys = fields.keyed(entry.value, VARIABLE, f"the variable '{name}'")
    if keys is None:
        return None
    if "value" not in keys and "located_at" not in keys:
        hint = "a step of the explanation has a value, an observation of the network has located_at"
        report.error(entry.key.mark, f"the variable '{name}' has neither value nor located_at", hint)
    if "read_as" in keys and "located_at" not in keys:
        report.error(keys["read_as"].key.mark, "read_as decodes a site, and there is no located_at")
    value = fields.source(keys["value"].value, f"the value of '{name}'") if "value" in keys else None
    sites = read_sites(fields, keys["located_at"].value, places) if "located_at" in keys else ()
    read_as = fields.source(keys["read_as"].value, f"read_as of '{name}'", holes=True) if "read_as" in keys else None
    if ("value" in keys) != (value is not None) or ("located_at" in keys) != bool(sites):
        return None
    write_as = fields.source(keys["write_as"].value, f"write_as of '{name}'") if "write_as" in keys else None
    if "write_as" in keys and not {"value", "located_at"} <= set(keys):
        report.error(keys["write_as"].key.mark, "write_as says which site value stands for a value, and needs both")
    if ("write_as" in keys) != (write_as is not None):
        return None
    if ("read_as" in keys) != (read_as is not None) or not ("value" in keys or "located_at" in keys):
        return None
    site = sites[0] if sites else None
    within = _within(fields, keys)
    says, span = fields.prose(keys.get("says")), entry.key.mark.span
    return Variable(name, says, value, site, read_as, span, sites[1:], within, write_as)


def _within(fields: Fields, keys: Mapping[str, Entry]) -> Fraction | None:
    if "within" not in keys:
        return None
    if not {"value", "located_at"} <= set(keys):
        fields.report.error(
            keys["within"].key.mark, "'within' compares a site with a value, and the variable needs both"
        )
    found = fields.constant_of(keys["within"].value, "'within'")
    if found is not None and found < 0:
        fields.report.error(keys["within"].value.mark, f"'within' is from 0 up, found {found}")
    return found


def observed(name: str) -> Refusal:
    """Why a variable without a value has no plain name."""
    return Refusal(
        f"'{name}' is an observation: the explanation gives it no value", f"give it a value, or speak of network.{name}"
    )


def _values(
    fields: Fields, variables: tuple[Variable, ...], inputs: Scope, broken: Mapping[str, Sort]
) -> dict[str, Sort]:
    """The sort of each variable with a value, worked out parents first; cycles are reported and their variables
    unknown."""
    names = {v.name: v for v in variables if v.value is not None}
    refused = {v.name: observed(v.name) for v in variables if v.value is None}
    parents = {n: names_in(v.value.expression) & set(names) for n, v in names.items() if v.value is not None}
    sorts: dict[str, Sort] = dict(broken)
    waiting = list(names)
    while waiting:
        ready = [n for n in waiting if parents[n] <= set(sorts)]
        if not ready:
            cycle = _cycle(waiting[0], parents, sorts)
            span = names[cycle[0]].span
            fields.report.error(fields.report.at(span), f"the variables go round in a circle: {' -> '.join(cycle)}")
            ready = cycle[:-1]
            sorts.update(dict.fromkeys(ready, UNKNOWN))
        for name in ready:
            waiting.remove(name)
            source = names[name].value
            if source is None or name in sorts:
                continue
            scope = Scope(
                {**inputs.sorts, **sorts},
                inputs.parameters,
                refused={**inputs.refused, **refused},
                no_sites=MECHANISM_SITES,
            )
            sorts[name] = fields.checker.sort(source.expression, scope)
    return sorts


def _cycle(start: str, parents: Mapping[str, frozenset[str]], done: Mapping[str, Sort]) -> list[str]:
    """A circle of variables that wait for each other, its first name repeated at the end."""
    path = [start]
    while path.count(path[-1]) == 1:
        path.append(min(p for p in parents[path[-1]] if p not in done))
    return path[path.index(path[-1]) :]


def _sites(fields: Fields, variables: tuple[Variable, ...], inputs: Scope) -> dict[tuple[str, str], Sort]:
    """The sort of what each site says through ``read_as``."""
    sorts: dict[tuple[str, str], Sort] = {}
    outside = {
        n: Refusal(READ_AS_SITES.message, READ_AS_SITES.hint) for n in inputs.sorts if n not in inputs.parameters
    }
    outside |= {v.name: READ_AS_SITES for v in variables}
    for variable in variables:
        sites = () if variable.located_at is None else (variable.located_at, *variable.elsewhere)
        held = {_held(s) for s in sites}
        sort: Sort = held.pop() if len(held) == 1 else UNKNOWN
        if variable.read_as is not None:
            names: dict[str, Sort] = {**dict.fromkeys(inputs.parameters, NUMBER), "it": sort, HOLE: NUMBER}
            scope = Scope(names, inputs.parameters, refused=outside, no_sites=READ_AS_SITES)
            sort = fields.checker.sort(variable.read_as.expression, scope)
        if variable.write_as is not None:
            names = {**dict.fromkeys(inputs.parameters, NUMBER), "it": UNKNOWN}
            scope = Scope(names, inputs.parameters, refused=outside, no_sites=READ_AS_SITES)
            fields.checker.sort(variable.write_as.expression, scope)
        for site in sites:
            sorts[site_units(site).model, variable.name] = sort
    return sorts


def _held(site: Site) -> Sort:
    """What a site holds, as far as the spec says."""
    match site:
        case SiteDirection():
            return NUMBER
        case SiteSubspace(rows=rows):
            return Vector(NUMBER, len(rows))
    return UNKNOWN


def _cases(fields: Fields, node: Node, known: tuple[str, ...]) -> tuple[str, ...]:
    listed = fields.words(node, "'cases'") or ()
    for word in listed:
        if word.text not in known and word.text not in fields.report.spoiled:
            hint = suggestion(word.text, known) or f"known here: {', '.join(known) or 'nothing'}"
            message = f"'cases' names variables with a value and preconditions; there is no '{word.text[:60]}'"
            fields.report.error(word.mark(0), message, hint)
    return tuple(w.text for w in listed if w.text in known)
