"""A variable said to lie somewhere else: another unit of the same activation, or another variable's place."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from math import prod

from mechverify.spec.spec import Site, SiteDirection, SiteUnits, Spec, Variable

Shapes = Mapping[str, Mapping[str, tuple[int, ...]]]
_MOST_OTHERS = 3


def moved_sites(spec: Spec, variable: Variable, shapes: Shapes) -> Iterator[tuple[Variable, str]]:
    """The variable at other sites, with what was changed; ``shapes`` are those of each model's activations."""
    sites = (*(() if variable.located_at is None else (variable.located_at,)), *variable.elsewhere)
    for place, site in enumerate(sites):
        for other in (*_beside(site, shapes), *_of_others(spec, variable, site, shapes)):
            changed = (*sites[:place], other, *sites[place + 1 :])
            text = f"{site_text(site)} -> {site_text(other)}"
            yield replace(variable, located_at=changed[0], elsewhere=changed[1:]), text


def site_text(site: Site) -> str:
    """A site as it is written in a spec."""
    if isinstance(site, SiteUnits):
        return site.text
    if isinstance(site, SiteDirection):
        return f"a direction in {site.of.text}"
    return "another site"


def _units(site: Site) -> SiteUnits | None:
    found = site.of if isinstance(site, SiteDirection) else site
    return found if isinstance(found, SiteUnits) else None


def _beside(site: Site, shapes: Shapes) -> Iterator[Site]:
    """The next and the previous unit of the same activation; for a direction, its weights turned by one place."""
    if isinstance(site, SiteDirection):
        turned = (*site.direction[1:], site.direction[0])
        if turned != site.direction:
            yield replace(site, direction=turned)
        return
    if not isinstance(site, SiteUnits):
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
    """Sites of other variables in the same model that hold as many numbers."""
    mine = _units(site)
    if mine is None:
        return
    found = 0
    for other in spec.variables:
        there = other.site_in(mine.model)
        if other.name == variable.name or there is None or there == site or found == _MOST_OTHERS:
            continue
        if _shape(there, shapes) == _shape(site, shapes) and site_text(there) != site_text(site):
            found += 1
            yield there


def _shape(site: Site, shapes: Shapes) -> tuple[int, ...] | None:
    """What a site's value has for a shape, () for a number; None where that cannot be said."""
    if isinstance(site, SiteDirection):
        return ()
    if not isinstance(site, SiteUnits):
        return None
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
