"""Edges: what one activation reads directly from an earlier one, and nothing else.

An edge is replaced by what its reader would be if the source were something else while every other activation that is
computed before the reader holds what it holds in the run. What goes from the source to the reader through another
activation is no part of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mechverify.explanation.causal import CausalGraph
from mechverify.explanation.formulas.expressions import ExpressionError
from mechverify.explanation.intervening.marked import Marked, Places
from mechverify.explanation.transplants import Wanted, patch, readings, transplant
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.cones import cone
from mechverify.graph.graph import Rounding
from mechverify.models.model import Model, NodeArray, Patch
from mechverify.spec.expression.syntax import Span
from mechverify.spec.spec import SiteUnits


@dataclass(frozen=True, slots=True)
class EdgeSet:
    """What some units of a reader see of their source instead."""

    reader: SiteUnits
    source: SiteUnits
    wanted: Wanted


def before(model: Model, activation: str) -> tuple[str, ...]:
    """The activations that are computed before another, each under its first name."""
    names = [n for n in model.computed if n not in model.aliases and n in model.activations]
    order = model.computed
    return tuple(n for n in names if order.index(n) < order.index(activation))


def with_edges(
    model: Model,
    builder: GraphBuilder,
    fed: Mapping[str, NodeArray],
    rounding: Rounding,
    patches: Mapping[str, Patch],
    edges: Sequence[EdgeSet],
) -> dict[str, Patch]:
    """The patches of a run in which readers see other sources, beside its own."""
    found = dict(patches)
    for edge in sorted(edges, key=lambda one: model.computed.index(one.reader.activation)):
        held = model.build(builder, fed, rounding, found)
        builder.run += 1
        reader, source = edge.reader.activation, edge.source.activation
        aside: dict[str, Patch] = {name: _constantly(held[name]) for name in before(model, reader)}
        aside[source] = _constantly(_other(held[source], edge, builder, rounding))
        there = model.build(builder, fed, rounding, aside)[reader]
        builder.run += 1
        places = places_of(edge.reader, model)
        found[reader] = _then(found.get(reader), there, places)
    return found


def places_of(site: SiteUnits, model: Model) -> tuple[int, ...]:
    """The flat positions of a site's units."""
    shape = model.activations[site.activation]
    _, read = readings(site, np.zeros(shape, dtype=np.int64))
    return tuple(one.terms[0][0] for one in read)


def refuse_no_edge(base: CausalGraph, owner: str, reader: SiteUnits, source: SiteUnits, span: Span) -> None:
    """Refuse a reader that reads nothing of its source but through others. Raises ExpressionError."""
    model = base.models[owner]
    names = before(model, reader.activation)
    if source.activation not in names:
        raise ExpressionError(span, f"{source.activation} is not computed before {reader.activation}")
    every: Places = {n: set(range(int(np.prod(model.activations[n], dtype=np.int64)))) for n in names}
    marked = Marked(base, owner, every, {}, {})
    nodes = marked.computed(reader.activation)
    seen = cone(marked.b, [nodes[k] for k in places_of(reader, model)])
    if any(marked.held[source.activation, k] in seen for k in places_of(source, model)):
        return
    direct = sorted({name for (name, _), node in marked.held.items() if node in seen})
    words = f"{reader.text} reads nothing of {source.text} but through other activations"
    raise ExpressionError(span, words, f"it reads {', '.join(direct[:8]) or 'inputs alone'}")


def _other(held: NodeArray, edge: EdgeSet, builder: GraphBuilder, rounding: Rounding) -> NodeArray:
    _, read = readings(edge.source, held)
    one = transplant(edge.source.activation, held.shape, read)
    if one is None:
        raise ExpressionError(edge.source.span, f"{edge.source.text} names a unit twice")
    nodes = edge.wanted.nodes
    sources = [Wanted((node,), shift=edge.wanted.shift) for node in nodes]
    return patch(one, sources, builder, rounding)(held)


def _constantly(nodes: NodeArray) -> Patch:
    return lambda _: nodes


def _then(first: Patch | None, there: NodeArray, places: Sequence[int]) -> Patch:
    def apply(nodes: NodeArray) -> NodeArray:
        after = (nodes if first is None else first(nodes)).reshape(-1).copy()
        after[list(places)] = there.reshape(-1)[list(places)]
        return after.reshape(nodes.shape)

    return apply
