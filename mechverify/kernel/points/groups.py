"""Nodes by the parameters that they depend on."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from ..plan import Prepared


@dataclass(slots=True, eq=False)
class Groups:
    """Groups of nodes, by the set of parameters that all nodes of a group depend on, as bits; smaller sets come first.

    `members`: a group's nodes, each after its arguments. `sources`: the groups that it reads from, `outside` the nodes
    of theirs that it reads. `read`: those of its own that another group or the caller reads.
    """

    members: dict[int, list[int]] = field(default_factory=dict)
    sources: dict[int, set[int]] = field(default_factory=dict)
    outside: dict[int, tuple[int, ...]] = field(default_factory=dict)
    read: dict[int, tuple[int, ...]] = field(default_factory=dict)


def grouped(
    prepared: Prepared, order: Sequence[int], wanted: set[int], inputs: Sequence[int], sizes: Sequence[int]
) -> Groups:
    """Of `order`, each node after its arguments, the caller reads `wanted`. Input i depends on the parameters at the
    places that are set in the bits of `inputs[i]`; on the parameter at place k nothing depends where `sizes[k]`, how
    many values it has, is one."""
    nodes = prepared.problem.nodes
    varying = sum(1 << k for k, count in enumerate(sizes) if count > 1)
    masks: dict[int, int] = {}
    members: dict[int, list[int]] = {}
    outside: dict[int, dict[int, None]] = {}
    read = set(wanted)
    for v in order:
        node = nodes[v]
        mask = inputs[node.index] & varying if node.op == "input" else 0
        for a in node.args:
            mask |= masks[a]
        masks[v] = mask
        members.setdefault(mask, []).append(v)
        others = [a for a in node.args if masks[a] != mask]
        outside.setdefault(mask, {}).update(dict.fromkeys(others))
        read.update(others)
    found = Groups()
    # A node depends on all that its arguments depend on: what is read from comes first.
    for mask in sorted(members, key=int.bit_count):
        found.members[mask] = members[mask]
        found.outside[mask] = tuple(outside[mask])
        found.sources[mask] = {masks[a] for a in outside[mask]}
        found.read[mask] = tuple(v for v in members[mask] if v in read)
    return found
