"""Relations: what a proof supposes of each variable's site and value, and then has to prove of them."""

from dataclasses import dataclass

from ..reading.node import Input
from ..reading.problem import read_input
from ..reading.reader import Json, as_list, as_object
from .piece import BOOLEAN, Piece, read_piece
from .structure import Structure, Variable

_RELATION_KEYS = frozenset({"sites", "values", "holds"})


@dataclass(frozen=True, slots=True)
class Relation:
    """Kind and bounds of each site component and of each value component, and a condition on both.

    `holds` takes the site components, then the value components. The names of `sites` and `values` are empty.
    """

    sites: tuple[Input, ...]
    values: tuple[Input, ...]
    holds: Piece


def read_relations(data: Json, structure: Structure) -> tuple[Relation, ...]:
    """Check the relations of a structure, one for each variable. Raises `UnreadableError`."""
    raw = as_list(data, "relations", len(structure.variables))
    return tuple(_read_relation(one, v) for one, v in zip(raw, structure.variables, strict=True))


def _read_relation(data: Json, variable: Variable) -> Relation:
    what = f"the relation of {variable.name[:40]!r}"
    fields = as_object(data, what, _RELATION_KEYS)
    sites = _read_components(fields["sites"], "site", what, variable.sites)
    values = _read_components(fields["values"], "value", what, variable.values)
    holds = read_piece(fields["holds"], what, variable.sites + variable.values, [BOOLEAN], exact=True)
    return Relation(sites, values, holds)


def _read_components(data: Json, word: str, what: str, count: int) -> tuple[Input, ...]:
    return tuple(
        read_input(["", *as_list(raw, f"the kind and bounds of a {word} component", 3)])
        for raw in as_list(data, f"the {word}s of {what}", count)
    )
