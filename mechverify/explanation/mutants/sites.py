"""A variable said to lie somewhere else: another unit of the same activation, or another variable's place."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from math import prod

from mechverify.spec.spec import Site, SiteDirection, SiteSubspace, SiteUnits, Spec, Variable, site_units
from mechverify.spec.text import decimal_text

Shapes = Mapping[str, Mapping[str, tuple[int, ...]]]
_MOST_OTHERS = 3
_SHOWN = 4


def moved_sites(spec: Spec, variable: Variable, shapes: Shapes) -> Iterator[tuple[Variable, str]]:
    """The variable at other sites, with what was changed; ``shapes`` are those of each model's activations."""
    sites = (*(() if variable.located_at is None else (variable.located_at,)), *variable.elsewhere)
    for place, site in enumerate(sites):
        for other in (*_beside(site, shapes), *_of_others(spec, variable, site, shapes)):
            changed = (*sites[:place], other, *sites[place + 1 :])
            text = f"{site_text(site)} -> {site_text(other)}"
            yield replace(variable, located_at=changed[0], elsewhere=changed[1:]), text


def site_text(site: Site) -> str:
    """A site as it is written in a spec, its directions in short."""
    if isinstance(site, SiteUnits):
        return site.text
    shown = ", ".join(decimal_text(w) for w in site.rows[0][:_SHOWN])
    more = ", ..." if len(site.rows[0]) > _SHOWN else ""
    row = f"[{shown}{more}]"
    rows = f"directions [{row}, ...]" if isinstance(site, SiteSubspace) else f"direction {row}"
    return f"{rows} of {site.of.text}"


def site_key(site: Site) -> tuple[object, ...]:
    """What tells one site from another."""
    units = site_units(site)
    return (units.model, units.activation, units.indices, () if isinstance(site, SiteUnits) else site.rows)


def _beside(site: Site, shapes: Shapes) -> Iterator[Site]:
    """The next and the previous unit of the same activation; for directions, their weights turned by one unit."""
    if not isinstance(site, SiteUnits):
        turned = tuple((*row[1:], row[0]) for row in site.rows)
        if turned == site.rows:
            return
        if isinstance(site, SiteSubspace):
            yield replace(site, rows=turned, read_from=None)
        else:
            yield replace(site, direction=turned[0], read_from=None)
        return
    shape = shapes[site.model].get(site.activation, ())
    whole = [k for k, i in enumerate(site.indices) if isinstance(i, int) and k < len(shape) and shape[k] > 1]
    if whole:
        axis = whole[-1]
        index = site.indices[axis]
        if isinstance(index, int):
            for step in dict.fromkeys(((index + 1) % shape[axis], (index - 1) % shape[axis])):
                yield _at(site, axis, step)


def _at(site: SiteUnits, axis: int, index: int) -> SiteUnits:
    indices = (*site.indices[:axis], index, *site.indices[axis + 1 :])
    return replace(site, indices=indices, text=f"{site.activation}[{', '.join(map(_index_text, indices))}]")


def _index_text(index: int | tuple[int | None, int | None, int | None]) -> str:
    if isinstance(index, int):
        return str(index)
    start, stop, step = ("" if part is None else str(part) for part in index)
    return f"{start}:{stop}:{step}" if step else f"{start}:{stop}"


def _of_others(spec: Spec, variable: Variable, site: Site, shapes: Shapes) -> Iterator[Site]:
    """Sites of other variables in the same model that hold as many numbers, each place once."""
    found = {site_key(site), *map(site_key, _beside(site, shapes))}
    most = len(found) + _MOST_OTHERS
    for other in spec.variables:
        there = other.site_in(site_units(site).model)
        if other.name == variable.name or there is None or len(found) == most:
            continue
        if _shape(there, shapes) == _shape(site, shapes) and site_key(there) not in found:
            found.add(site_key(there))
            yield there


def _shape(site: Site, shapes: Shapes) -> tuple[int, ...] | None:
    """What a site's value has for a shape, () for a number; None where that cannot be said."""
    if isinstance(site, SiteDirection):
        return ()
    if isinstance(site, SiteSubspace):
        return (len(site.rows),)
    left = list(shapes[site.model].get(site.activation, ()))
    found = []
    for index in site.indices:
        if not left:
            return None
        extent = left.pop(0)
        if not isinstance(index, int):
            found.append(len(range(extent)[slice(*index)]))
    shape = (*found, *left)
    return shape if prod(shape) else None
