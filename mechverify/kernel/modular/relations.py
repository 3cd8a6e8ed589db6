"""Relations: what a proof supposes of each variable's site and value, and then has to prove of them."""

from dataclasses import dataclass

from ..fault import UnreadableError
from ..number import Number, parse_number
from ..problem import Input, read_input
from ..reader import Json, as_list, as_object
from .piece import BOOLEAN, Piece, read_piece
from .structure import Structure, Variable

_RELATION_KEYS = frozenset({"sites", "values", "holds"})


@dataclass(frozen=True, slots=True)
class Relation:
    """Closed bounds of each site component (reals), kind and bounds of each value component, and a condition on both.

    `holds` takes the site components, then the value components. The names of `values` are empty.
    """

    sites: tuple[tuple[Number, Number], ...]
    values: tuple[Input, ...]
    holds: Piece


def read_relations(data: Json, structure: Structure) -> tuple[Relation, ...]:
    """Check the relations of a structure, one for each variable. Raises `UnreadableError`."""
    raw = as_list(data, "relations", len(structure.variables))
    return tuple(_read_relation(one, v) for one, v in zip(raw, structure.variables, strict=True))


def _read_relation(data: Json, variable: Variable) -> Relation:
    what = f"the relation of {variable.name[:40]!r}"
    fields = as_object(data, what, _RELATION_KEYS)
    sites = tuple(_read_bounds(raw) for raw in as_list(fields["sites"], f"the sites of {what}", variable.sites))
    values = tuple(
        read_input(["", *as_list(raw, "the kind and bounds of a value component", 3)])
        for raw in as_list(fields["values"], f"the values of {what}", variable.values)
    )
    holds = read_piece(fields["holds"], what, variable.sites + variable.values, [BOOLEAN], exact=True)
    return Relation(sites, values, holds)


def _read_bounds(raw: Json) -> tuple[Number, Number]:
    low, high = (parse_number(text) for text in as_list(raw, "the bounds of a site component", 2))
    if low > high:
        raise UnreadableError("the bounds of a site component cross")
    return low, high
