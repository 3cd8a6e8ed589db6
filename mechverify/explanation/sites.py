"""What a site of the model holds, as nodes: units of an activation, or a direction in them."""

import difflib
from collections.abc import Mapping
from fractions import Fraction

import numpy as np

from mechverify.explanation.expressions import ExpressionError
from mechverify.explanation.symbolic import Value, from_array, leaves
from mechverify.graph.builder import GraphBuilder
from mechverify.models.model import NodeArray
from mechverify.spec.spec import Site, SiteDirection, SiteUnits


def units(site: SiteUnits, activations: Mapping[str, NodeArray]) -> NodeArray:
    """The nodes that ``site`` selects. Raises ExpressionError for a name or an index that the model does not have."""
    nodes = activations.get(site.activation)
    if nodes is None:
        near = difflib.get_close_matches(site.activation, list(activations), n=1)
        known = ", ".join(list(activations)[:12])
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise ExpressionError(site.span, f"the model has no activation {site.activation!r}{hint} (it has: {known})")
    indices = tuple(slice(*i) if isinstance(i, tuple) else i for i in site.indices)
    try:
        return np.asarray(nodes[indices], dtype=np.int64)
    except IndexError:
        shape = "x".join(map(str, nodes.shape)) or "a single value"
        raise ExpressionError(site.span, f"{site.text}: {site.activation} has shape {shape}") from None


def site_value(site: Site, activations: Mapping[str, NodeArray], builder: GraphBuilder) -> Value:
    """The value of a site: a scalar, a vector, or for a direction d over units h the exact number d . h."""
    if isinstance(site, SiteUnits):
        return from_array(units(site, activations))
    return builder.affine(_direction_terms(site, activations))


def _direction_terms(site: SiteDirection, activations: Mapping[str, NodeArray]) -> list[tuple[Fraction, int]]:
    nodes = list(leaves(from_array(units(site.of, activations))))
    if len(nodes) != len(site.direction):
        raise ExpressionError(
            site.span,
            f"a direction of {len(site.direction)} numbers over {site.of.text}, which has {len(nodes)} units",
        )
    return list(zip(site.direction, nodes, strict=True))
