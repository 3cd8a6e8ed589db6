"""Sites: ``hidden[0]``, ``{direction: [0.6, 0.8], of: hidden[0:2]}``, or one of these for each model."""

import re
from fractions import Fraction

from mechverify.spec.fields import Fields
from mechverify.spec.keys import DIRECTION
from mechverify.spec.positions import Located
from mechverify.spec.source import suggestion
from mechverify.spec.spec import Site, SiteDirection, SiteUnits
from mechverify.spec.yaml_tree import Mapping, Node, Scalar

_SITE = re.compile(r"(?P<name>[^\[\]]+(?:\[[^\]]*\][^\[\]]+)*)(?P<indices>(?:\[[^\[\]]*\])*)\Z")
_GROUP = re.compile(r"\[([^\[\]]*)\]")

IndexOrSlice = int | tuple[int | None, int | None, int | None]


def read_sites(fields: Fields, node: Node, models: tuple[str, ...]) -> tuple[Site, ...]:
    """The sites that ``located_at`` gives, in the order of the models.

    One site without a model's name stands in every model: the same place of each.
    """
    if not models:
        fields.report.error(node.mark, "a site needs a model, and the spec has none", "add the key 'model'")
        return ()
    if isinstance(node, Mapping) and node.get("direction") is None and node.get("of") is None:
        found: dict[str, Site] = {}
        for entry in fields.named(node, "sites"):
            model = entry.key.value
            if model not in models:
                hint = suggestion(model, (*models, "direction", "of")) or f"the models: {', '.join(models)}"
                fields.report.error(entry.key.mark, f"there is no model '{model}'", hint)
                continue
            site = _site(fields, entry.value, model)
            if site is not None:
                found[model] = site
        if not node.entries:
            fields.report.error(node.mark, "located_at is empty")
        return tuple(found[m] for m in models if m in found)
    sites = (_site(fields, node, model) for model in models)
    return tuple(s for s in sites if s is not None)


def _site(fields: Fields, node: Node, model: str) -> Site | None:
    if isinstance(node, Mapping):
        return _direction(fields, node, model)
    if not isinstance(node, Scalar):
        hint = "as in hidden[0], or {direction: [0.6, 0.8], of: hidden[0:2]}"
        fields.report.error(node.mark, "a site is an activation's name with indices, found a list", hint)
        return None
    found = fields.text(node, "a site")
    return _units(fields, found, model) if found is not None else None


def _direction(fields: Fields, node: Mapping, model: str) -> Site | None:
    keys = fields.keyed(node, DIRECTION, "a direction")
    if keys is None or len(keys) < 2:
        return None
    listed = fields.constants(keys["direction"].value, "'direction'")
    found = fields.text(keys["of"].value, "'of'")
    of = _units(fields, found, model) if found is not None else None
    if listed is None or of is None:
        return None
    vector = tuple(value for value, _ in listed)
    mark = keys["direction"].value.mark
    if not any(vector):
        fields.report.error(mark, "a direction is not zero")
        return None
    room = _room(of)
    if room is not None and room < len(vector):
        fields.report.error(mark, f"a direction of {len(vector)} components in {of.text}, which has at most {room}")
        return None
    return SiteDirection(vector, of, node.mark.span)


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
