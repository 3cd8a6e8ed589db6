"""Sites: ``hidden[0]``, ``{direction: [0.6, 0.8], of: hidden[0:2]}``, several ``directions``, or one of these for each
model."""

import re
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from mechverify.spec.sections.directions import read_direction, read_directions
from mechverify.spec.sections.fields import Fields
from mechverify.spec.sections.keys import DIRECTION, SUBSPACE
from mechverify.spec.source import suggestion
from mechverify.spec.spec import Site, SiteDirection, SiteSubspace, SiteUnits
from mechverify.spec.yaml.positions import Located
from mechverify.spec.yaml.tree import Mapping, Node, Scalar

_SITE = re.compile(r"(?P<name>[^\[\]]+(?:\[[^\]]*\][^\[\]]+)*)(?P<indices>(?:\[[^\[\]]*\])*)\Z")
_GROUP = re.compile(r"\[([^\[\]]*)\]")

_FROM = " from "

IndexOrSlice = int | tuple[int | None, int | None, int | None]


@dataclass(frozen=True, slots=True)
class Places:
    """Where sites can be: the models' names, and the spec's folder, outside which no file may lie."""

    models: tuple[str, ...]
    folder: Path


def read_sites(fields: Fields, node: Node, places: Places) -> tuple[Site, ...]:
    """The sites that ``located_at`` gives, in the order of the models.

    One site without a model's name stands in every model: the same place of each.
    """
    models = places.models
    if not models:
        fields.report.error(node.mark, "a site needs a model, and the spec has none", "add the key 'model'")
        return ()
    if isinstance(node, Mapping) and not any(node.get(key) for key in ("direction", "directions", "of")):
        found: dict[str, Site] = {}
        for entry in fields.named(node, "sites"):
            model = entry.key.value
            if model not in models:
                known = (*models, "direction", "directions", "of")
                hint = suggestion(model, known) or f"the models: {', '.join(models)}"
                fields.report.error(entry.key.mark, f"there is no model '{model}'", hint)
                continue
            site = _site(fields, entry.value, model, places.folder)
            if site is not None:
                found[model] = site
        if not node.entries:
            fields.report.error(node.mark, "located_at is empty")
        return tuple(found[m] for m in models if m in found)
    sites = (_site(fields, node, model, places.folder) for model in models)
    return tuple(s for s in sites if s is not None)


def read_edge(fields: Fields, node: Scalar, places: Places) -> tuple[tuple[SiteUnits, SiteUnits], ...] | None:
    """``b.pre[0] from a.out``: for each model what reads and what is read; None for a text that is no edge."""
    found = fields.text(node, "a site")
    if found is None or _FROM not in found.text:
        return None
    reader, _, source = found.text.partition(_FROM)
    start = len(reader) + len(_FROM)
    pairs = []
    for model in places.models:
        one = _units(fields, found.slice(0, len(reader)).strip(), model)
        other = _units(fields, found.slice(start, start + len(source)).strip(), model)
        if one is None or other is None:
            return ()
        pairs.append((one, other))
    return tuple(pairs)


def _site(fields: Fields, node: Node, model: str, folder: Path) -> Site | None:
    if isinstance(node, Mapping):
        return _directions(fields, node, model, folder)
    if not isinstance(node, Scalar):
        hint = "as in hidden[0], or {direction: [0.6, 0.8], of: hidden[0:2]}"
        fields.report.error(node.mark, "a site is an activation's name with indices, found a list", hint)
        return None
    found = fields.text(node, "a site")
    return _units(fields, found, model) if found is not None else None


def _directions(fields: Fields, node: Mapping, model: str, folder: Path) -> Site | None:
    several = node.get("directions") is not None and node.get("direction") is None
    word = "directions" if several else "direction"
    keys = fields.keyed(node, SUBSPACE if several else DIRECTION, "a subspace" if several else "a direction")
    if keys is None or len(keys) < 2:
        return None
    value = keys[word].value
    read = (read_directions if several else read_direction)(fields, value, folder)
    found = fields.text(keys["of"].value, "'of'")
    of = _units(fields, found, model) if found is not None else None
    if read is None or of is None:
        return None
    rows, read_from = read
    room = _room(of)
    if room is not None and room < len(rows[0]):
        message = f"a direction of {len(rows[0])} components in {of.text}, which has at most {room}"
        fields.report.error(value.mark, message)
        return None
    if several:
        return SiteSubspace(rows, of, node.mark.span, read_from)
    return SiteDirection(rows[0], of, node.mark.span, read_from)


def _room(units: SiteUnits) -> int | None:
    last = units.indices[-1] if units.indices else None
    if not isinstance(last, tuple) or last[1] is None or last[2] is not None:
        return None
    start = last[0] or 0
    return max(0, last[1] - start) if start >= 0 and last[1] >= 0 else None


def _units(fields: Fields, found: Located, model: str) -> SiteUnits | None:
    matched = _SITE.match(found.text)
    if matched is None or not matched["name"].strip():
        fields.report.error(
            found.mark(0), f"'{found.text[:60]}' is no site", "an activation's name with indices, as in hidden[0]"
        )
        return None
    indices: list[IndexOrSlice] = []
    for group in _GROUP.finditer(found.text, matched.start("indices")):
        start = group.start(1)
        for part in group[1].split(","):
            index = _index(fields, found.slice(start, start + len(part)))
            if index is None:
                return None
            indices.append(index)
            start += len(part) + 1
    return SiteUnits(model, matched["name"].strip(), tuple(indices), found.text, found.mark(0).span)


def _index(fields: Fields, part: Located) -> IndexOrSlice | None:
    pieces = part.text.split(":")
    if len(pieces) > 3:
        fields.report.error(part.mark(0), "a slice has at most three parts", "as in hidden[0:8:2]")
        return None
    bounds: list[int | None] = []
    start = 0
    for piece in pieces:
        located = part.slice(start, start + len(piece))
        start += len(piece) + 1
        if len(pieces) > 1 and not piece.strip():
            bounds.append(None)
            continue
        value = fields.constant(located, "an index of a site")
        if value is None:
            return None
        if not _is_index(value) or (len(bounds) == 2 and value == 0):
            fields.report.error(located.strip().mark(0), f"an index of a site is an integer, found {value}")
            return None
        bounds.append(int(value))
    if len(bounds) == 1:
        return bounds[0]
    bounds += [None] * (3 - len(bounds))
    return bounds[0], bounds[1], bounds[2]


def _is_index(value: Fraction) -> bool:
    return value.denominator == 1 and abs(value) < 2**31
