"""The problems that a modular proof proves: one lemma for each variable, and the last one, which derives the claim.

Pure functions of the structure and the relations. Every problem begins with one `input` node for each of its inputs;
the pieces follow in the order in which `docs/modular.md` lists them, nothing shared and nothing simplified.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ..fault import UnreadableError
from ..numbers.number import format_number
from ..reading.node import Input
from ..reading.problem import MAX_INPUTS, PROBLEM_FORMAT
from ..reading.reader import Json
from .piece import Line
from .relations import Relation
from .structure import Structure

Data = dict[str, Json]


def run_problem(structure: Structure) -> Data:
    """The admissible runs: one run, the assumption as assumption and as claim."""
    line = Line([_input(one.name, one) for one in structure.inputs])
    (root,) = line.join(structure.assumption, range(len(structure.inputs)))
    return _problem(line, root, root)


def lemma_problem(structure: Structure, relations: Sequence[Relation], index: int) -> Data:
    """The lemma of a variable, as a problem's JSON value.

    Whatever admissible runs supply the inputs, and whatever related sites and values the parents have: the variable's
    mechanism is defined, and its site and its value have their bounds and are related. Under `rest` the site is that of
    a network whose inputs, but for those that the mechanism reads and those that are swapped, come from another run.
    Raises `UnreadableError` if the problem were to be larger than a problem may be.
    """
    variable, relation = structure.variables[index], relations[index]
    table = _table(structure, relations, variable.parents, rest=structure.rest)
    line = Line(table.inputs)
    assumption = _assume(line, structure, relations, table)
    held = {*variable.reads, *structure.swapped}
    supplied = [m if k in held else o for k, (m, o) in enumerate(zip(table.mixed, table.other, strict=True))]
    values = [value for p in variable.parents for value in table.values[p]]
    sites = [site for p in variable.parents for site in table.sites[p]]
    *own_values, defined = line.join(variable.mechanism, [*(table.mixed[k] for k in variable.reads), *values])
    goal: list[Json] = [defined, *_within(line, own_values, relation.values)]
    own_sites = line.join(variable.network, [*supplied, *sites])
    goal += _within(line, own_sites, relation.sites)
    goal += line.join(relation.holds, [*own_sites, *own_values])
    return _problem(line, assumption, line.add("and", goal))


def _within(line: Line, roots: Sequence[int], known: Sequence[Input]) -> list[Json]:
    """Each root within its bounds; that says too that it has a value."""
    found: list[Json] = []
    for root, one in zip(roots, known, strict=True):
        found.append(line.add("le", line.add("const", format_number(one.low)), root))
        found.append(line.add("le", root, line.add("const", format_number(one.high))))
    return found


def last_problem(structure: Structure, relations: Sequence[Relation]) -> Data:
    """The last lemma, as a problem's JSON value: from related sites and values of all variables, the claim.

    Raises `UnreadableError` if the problem were to be larger than a problem may be.
    """
    everyone = range(len(structure.variables))
    table = _table(structure, relations, everyone, rest=False)
    line = Line(table.inputs)
    assumption = _assume(line, structure, relations, table)
    sites = [site for v in everyone for site in table.sites[v]]
    values = [value for v in everyone for value in table.values[v]]
    (claim,) = line.join(structure.claim, [*table.base, *table.mixed, *sites, *values])
    return _problem(line, assumption, claim)


@dataclass(frozen=True, slots=True)
class _Table:
    """The inputs of a lemma and what they stand for, by index: each run's, and each variable's sites and values.

    `mixed` holds each input after the swap: the base's, or that of its own run. `other` is what supplies the rest: the
    last of the runs where `rest` is asked for, else `mixed`.
    """

    inputs: list[Json]
    runs: list[range]
    mixed: list[int]
    other: list[int]
    sites: dict[int, range]
    values: dict[int, range]

    @property
    def base(self) -> range:
        """The base run."""
        return self.runs[0]


def _table(structure: Structure, relations: Sequence[Relation], variables: Sequence[int], *, rest: bool) -> _Table:
    n = len(structure.inputs)
    names = ["b.", *(f"s[{structure.inputs[k].name}]." for k in structure.swapped), *(["o."] if rest else [])]
    parts = [structure.variables[v] for v in variables]
    if n * len(names) + sum(one.sites + one.values for one in parts) > MAX_INPUTS:
        raise UnreadableError(f"a derived problem has more than {MAX_INPUTS} inputs")
    inputs: list[Json] = [_input(name + one.name, one) for name in names for one in structure.inputs]
    runs = [range(n * r, n * r + n) for r in range(len(names))]
    mixed = list(runs[0])
    for run, k in zip(runs[1:], structure.swapped, strict=False):
        mixed[k] = run[k]
    sites: dict[int, range] = {}
    values: dict[int, range] = {}
    for v, one in zip(variables, parts, strict=True):
        start = len(inputs)
        inputs += [_input(f"site {one.name}[{i}]", site) for i, site in enumerate(relations[v].sites)]
        middle = len(inputs)
        inputs += [_input(f"value {one.name}[{i}]", value) for i, value in enumerate(relations[v].values)]
        sites[v], values[v] = range(start, middle), range(middle, len(inputs))
    return _Table(inputs, runs, mixed, list(runs[-1]) if rest else mixed, sites, values)


def _assume(line: Line, structure: Structure, relations: Sequence[Relation], table: _Table) -> int:
    """Every run of the table is admissible, and the sites and values in it are related."""
    known: list[Json] = []
    for run in table.runs:
        known += line.join(structure.assumption, run)
    for v, sites in table.sites.items():
        known += line.join(relations[v].holds, [*sites, *table.values[v]])
    return line.add("and", known)


def _input(name: str, one: Input) -> Json:
    return [name, "integer" if one.integer else "real", format_number(one.low), format_number(one.high)]


def _problem(line: Line, assumption: int, claim: int) -> Data:
    return {
        "format": PROBLEM_FORMAT,
        "inputs": line.inputs,
        **line.spelling.end(),
        "assumption": assumption,
        "claim": claim,
    }
