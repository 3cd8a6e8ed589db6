"""What a site of the model holds, as nodes: units of an activation, or directions in them."""

import difflib
from collections.abc import Mapping

import numpy as np

from mechverify.explanation.formulas.expressions import ExpressionError
from mechverify.explanation.formulas.symbolic import Value, from_array, leaves
from mechverify.graph.builder import GraphBuilder
from mechverify.models.model import NodeArray
from mechverify.spec.spec import ONLY_MODEL, Site, SiteDirection, SiteSubspace, SiteUnits

_LISTED = 12
# What has no name in a model of a kind, and how it gets one.
_UNNAMED = {
    "torch": "; a function called in forward, such as F.relu, has no name: make it a submodule "
    "(self.act = torch.nn.ReLU() in __init__, self.act(h) in forward)"
}


def units(site: SiteUnits, activations: Mapping[str, NodeArray], kind: str = "") -> NodeArray:
    """The nodes that ``site`` selects in a model of a ``kind``. Raises ExpressionError for a name or an index that the
    model does not have.
    """
    nodes = activations.get(site.activation)
    if nodes is None:
        message = f"{_owner(site)} has no activation {site.activation!r}"
        raise ExpressionError(site.span, message, _known(site, activations) + _UNNAMED.get(kind, ""))
    indices = tuple(slice(*i) if isinstance(i, tuple) else i for i in site.indices)
    try:
        selected = np.asarray(nodes[indices], dtype=np.int64)
    except IndexError:
        raise ExpressionError(site.span, _outside(site, nodes.shape)) from None
    if selected.size == 0:
        raise ExpressionError(site.span, f"{site.text} selects nothing: {_shape(site.activation, nodes.shape)}")
    return selected


def _owner(site: SiteUnits) -> str:
    return "the model" if site.model == ONLY_MODEL else f"the model {site.model}"


def _known(site: SiteUnits, activations: Mapping[str, NodeArray]) -> str:
    parts = site.activation.split(".")
    inner = [".".join(parts[k:]) for k in range(1, len(parts))]
    near = [name for name in inner if name in activations]
    near = near or difflib.get_close_matches(site.activation, list(activations), n=1)
    more = len(activations) - _LISTED
    listed = ", ".join(list(activations)[:_LISTED]) + (f" and {more} more" if more > 0 else "")
    words = [f"did you mean {near[0]!r}? It has: {listed}" if near else f"it has: {listed}"]
    if site.model != ONLY_MODEL:
        words.append(f"a site of one model alone is written {{MODEL: {site.text}}}")
    return "; ".join(words)


def _shape(name: str, shape: tuple[int, ...]) -> str:
    return f"{name} has shape [{', '.join(map(str, shape))}]" if shape else f"{name} is a single number"


def _outside(site: SiteUnits, shape: tuple[int, ...]) -> str:
    """Which index is at fault, and which ones there are."""
    known = _shape(site.activation, shape)
    if len(site.indices) > len(shape):
        written = f"{len(site.indices)} {'index' if len(site.indices) == 1 else 'indices'}"
        return f"{site.text} has {written}, and {known}"
    for axis, (index, size) in enumerate(zip(site.indices, shape, strict=False)):
        if isinstance(index, int) and not -size <= index < size:
            where = f" on axis {axis}" if len(shape) > 1 else ""
            return f"{site.text}: index {index}{where} is out of range, it goes from 0 to {size - 1}; {known}"
    return f"{site.text} does not fit: {known}"


def unit_text(activation: str, shape: tuple[int, ...], place: int) -> str:
    """``hidden[3]``, ``table[0, 2]``: a unit of an activation by its flat position."""
    if not shape:
        return activation
    return f"{activation}[{', '.join(str(int(i)) for i in np.unravel_index(place, shape))}]"


def site_value(site: Site, activations: Mapping[str, NodeArray], builder: GraphBuilder, kind: str = "") -> Value:
    """The value of a site: a scalar, a vector, for a direction d over units h the exact number d . h, and for several
    the vector of these numbers.
    """
    if isinstance(site, SiteUnits):
        return from_array(units(site, activations, kind))
    nodes = direction_units(site, activations, kind)
    read = tuple(builder.affine(list(zip(row, nodes, strict=True))) for row in site.rows)
    return read[0] if isinstance(site, SiteDirection) else read


def direction_units(
    site: SiteDirection | SiteSubspace, activations: Mapping[str, NodeArray], kind: str = ""
) -> tuple[int, ...]:
    """The nodes of the units that a direction is over, in order.

    Raises ExpressionError where there are not as many as the direction has components.
    """
    nodes = tuple(leaves(from_array(units(site.of, activations, kind))))
    if len(nodes) != len(site.rows[0]):
        units_there = f"{len(nodes)} {'unit' if len(nodes) == 1 else 'units'}"
        message = f"a direction of {len(site.rows[0])} numbers over {site.of.text}, which has {units_there}"
        raise ExpressionError(site.span, message)
    return nodes
