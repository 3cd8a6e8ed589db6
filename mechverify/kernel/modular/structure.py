"""Structures: a network cut at its aligned sites beside a causal model, and what is claimed of the two."""

import hashlib
from dataclasses import dataclass
from itertools import pairwise

from ..fault import UnreadableError
from ..reading.node import Input
from ..reading.problem import MAX_INPUTS, canonical_bytes, read_input
from ..reading.reader import Json, as_index, as_list, as_object, as_text
from .piece import BOOLEAN, NUMBER, Piece, read_piece

STRUCTURE_FORMAT = "mechverify-structure 1"

_STRUCTURE_KEYS = frozenset({"format", "inputs", "assumption", "swapped", "rest", "variables", "claim"})
_VARIABLE_KEYS = frozenset({"name", "parents", "reads", "sites", "values", "network", "mechanism"})


@dataclass(frozen=True, slots=True)
class Variable:
    """An aligned variable: `sites` numbers in the network, `values` numbers in the causal model.

    `network`: from all inputs, then the site components of the parents. `mechanism`: from the inputs in `reads`, then
    the value components of the parents; its last root says where it is defined.
    """

    name: str
    parents: tuple[int, ...]
    reads: tuple[int, ...]
    sites: int
    values: int
    network: Piece
    mechanism: Piece


@dataclass(frozen=True, slots=True)
class Structure:
    """A checked structure; `data` is the JSON value that it was read from, `sha256` its identity."""

    inputs: tuple[Input, ...]
    assumption: Piece
    swapped: tuple[int, ...]
    rest: bool
    variables: tuple[Variable, ...]
    claim: Piece
    data: Json
    sha256: str


def structure_sha256(data: Json) -> str:
    """The identity of a structure: the SHA-256 of its canonical bytes. Two structures are one if these are equal."""
    return hashlib.sha256(canonical_bytes(data)).hexdigest()


def read_structure(data: Json) -> Structure:
    """Check a structure's JSON value in full. Raises `UnreadableError`."""
    fields = as_object(data, "structure", _STRUCTURE_KEYS)
    if fields["format"] != STRUCTURE_FORMAT:
        raise UnreadableError(f"the structure's format must be {STRUCTURE_FORMAT!r}")
    raw_inputs, raw_variables = as_list(fields["inputs"], "inputs"), as_list(fields["variables"], "variables")
    if len(raw_inputs) > MAX_INPUTS or len(raw_variables) > MAX_INPUTS:
        raise UnreadableError("too many inputs or variables")
    inputs = tuple(read_input(raw) for raw in raw_inputs)
    n = len(inputs)
    assumption = read_piece(fields["assumption"], "the assumption", n, [BOOLEAN], exact=True)
    swapped = _ascending(fields["swapped"], "swapped", n)
    rest = fields["rest"]
    if type(rest) is not bool:
        raise UnreadableError("rest must be true or false")
    variables: list[Variable] = []
    for raw in raw_variables:
        variables.append(_read_variable(raw, n, variables))
    for names in ([one.name for one in inputs], [one.name for one in variables]):
        if len(set(names)) != len(names):
            raise UnreadableError("two inputs, or two variables, have the same name")
    components = sum(one.sites + one.values for one in variables)
    claim = read_piece(fields["claim"], "the claim", 2 * n + components, [BOOLEAN], exact=False)
    return Structure(inputs, assumption, swapped, rest, tuple(variables), claim, data, structure_sha256(data))


def _read_variable(raw: Json, inputs: int, earlier: list[Variable]) -> Variable:
    fields = as_object(raw, "a variable", _VARIABLE_KEYS)
    name = as_text(fields["name"], "a variable's name")
    parents = _ascending(fields["parents"], f"the parents of {name[:40]!r}", len(earlier))
    reads = _ascending(fields["reads"], f"the reads of {name[:40]!r}", inputs)
    sites = as_index(fields["sites"], "the number of site components", MAX_INPUTS + 1)
    values = as_index(fields["values"], "the number of value components", MAX_INPUTS + 1)
    if sites == 0 or values == 0:
        raise UnreadableError("a variable has at least one site component and one value component")
    given = inputs + sum(earlier[p].sites for p in parents)
    known = len(reads) + sum(earlier[p].values for p in parents)
    network, mechanism = f"the network of {name[:40]!r}", f"the mechanism of {name[:40]!r}"
    return Variable(
        name,
        parents,
        reads,
        sites,
        values,
        read_piece(fields["network"], network, given, [NUMBER] * sites, exact=False),
        read_piece(fields["mechanism"], mechanism, known, [*[NUMBER] * values, BOOLEAN], exact=True),
    )


def _ascending(raw: Json, what: str, below: int) -> tuple[int, ...]:
    found = tuple(as_index(one, f"an entry of {what}", below) for one in as_list(raw, what))
    if any(a >= b for a, b in pairwise(found)):
        raise UnreadableError(f"{what} must be in ascending order")
    return found
