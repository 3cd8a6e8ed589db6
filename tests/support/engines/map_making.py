"""A map found by the search as a certificate file."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from mechverify.kernel.api import CERTIFICATE_FORMAT, parse_number
from mechverify.mapping.search import Mapped
from mechverify.mapping.tree import Part, preorder, sizes_of


def certificate_of(problem: dict[str, Any], mapped: Mapped) -> dict[str, Any]:
    """The file."""
    return {
        "format": CERTIFICATE_FORMAT,
        "kind": "map",
        "problem": problem,
        "steps": [part.step() for part in preorder(mapped.root)],
        "sizes": sizes_of(mapped.root),
    }


def sizes_by_label(file: dict[str, Any]) -> dict[tuple[str, str], tuple[Fraction, Fraction]]:
    """The sizes of a map over integers, by place and verdict."""
    rows = ((place, verdict, parse_number(low), parse_number(high)) for place, verdict, _, low, high in file["sizes"])
    return {(place, verdict): (Fraction(low), Fraction(high)) for place, verdict, low, high in rows}


def part_at(root: Part, point: Sequence[Fraction]) -> Part:
    """The leaf that a point lies in, by the cuts alone."""
    part = root
    while part.cut is not None:
        low = sum(c * point[k] for k, c in part.cut.terms) <= part.cut.bound
        below, above = part.below, part.above
        assert below is not None
        assert above is not None
        part = below if low else above
    return part
