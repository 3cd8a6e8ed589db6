"""How much an explanation says beside how much there is to explain: the size of decodings and mechanisms, and the share
of units that lie at a site.

With unrestricted decodings any network aligns with any algorithm (Sutter et al., arXiv 2507.08802), so a decoding that
is more than a change of units or a threshold has to be seen, and weighed against the mechanism that it decodes.
"""

from collections.abc import Iterator, Mapping
from math import prod

import numpy as np

from mechverify.explanation.causal import CausalGraph
from mechverify.explanation.transplants import readings
from mechverify.models.model import Model
from mechverify.results import Alignment, Decoding, Extent
from mechverify.spec.expression.complexity import Size, combines, computes, size_of, steps_of
from mechverify.spec.spec import SourceExpression, Spec, Variable, site_units


def alignment_of(spec: Spec, models: Mapping[str, Model], base: CausalGraph) -> Alignment | None:
    """The alignment of a spec whose sites fit its models; None for a spec without explanation. ``base`` is its causal
    graph.
    """
    if not spec.variables:
        return None
    size = Size()
    for part in (e for v in spec.variables for e in (v.value, v.read_as) if e is not None):
        size = size.plus(size_of(part.expression))
    extents = tuple(_extent(spec, name, model) for name, model in models.items())
    return Alignment(len(spec.variables), size, decodings(base), extents)


def decodings(base: CausalGraph) -> tuple[Decoding, ...]:
    """Every ``read_as`` of the spec whose causal graph this is."""
    return tuple(_decoding(v, v.read_as, base) for v in base.spec.variables if v.read_as is not None)


def _decoding(variable: Variable, read_as: SourceExpression, base: CausalGraph) -> Decoding:
    size, steps = size_of(read_as.expression), steps_of(read_as.expression)
    if variable.value is None:
        return Decoding(variable.name, size, None, steps)
    value = variable.value.expression
    by_itself = combines(read_as.expression) and computes(value) and _before_the_model(variable, base)
    return Decoding(variable.name, size, size_of(value), steps, by_itself)


def _before_the_model(variable: Variable, base: CausalGraph) -> bool:
    """Whether the variable's site, in a model that has it, holds nothing but what the model is given, whatever it is
    called there.
    """
    for model in base.spec.models:
        site = variable.site_in(model.name)
        if site is not None:
            given = {int(n) for nodes in base.fed[model.name].values() for n in nodes.reshape(-1)}
            _, found = readings(site, base.activations[model.name][site_units(site).activation])
            flat = base.activations[model.name][site_units(site).activation].reshape(-1)
            if all(int(flat[place]) in given for reading in found for place, _ in reading.terms):
                return True
    return False


def _extent(spec: Spec, name: str, model: Model) -> Extent:
    inputs = {i.name for i in model.inputs}
    shapes = model.activations
    again = model.aliases
    units = sum(prod(shape) for a, shape in shapes.items() if a not in inputs and a not in again)
    located = {(again.get(a, a), place) for a, place in _located(spec, name, shapes) if again.get(a, a) not in inputs}
    return Extent(name, model.parameter_count, sum(prod(i.shape) for i in model.inputs), units, len(located))


def _located(spec: Spec, name: str, shapes: Mapping[str, tuple[int, ...]]) -> Iterator[tuple[str, int]]:
    """The activation and flat position of every unit at a site; of a direction, those with a weight."""
    for variable in spec.variables:
        site = variable.site_in(name)
        if site is None:
            continue
        shape = shapes[site_units(site).activation]
        activation, found = readings(site, np.zeros(shape, dtype=np.int64))
        yield from ((activation, place) for reading in found for place, _ in reading.terms)
