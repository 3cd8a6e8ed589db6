"""The inputs at which a model's reading is compared: corners, random ones, and those at which something turns."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mechverify.deciding.reading.change_points import change_points
from mechverify.deciding.reading.switches import Switches
from mechverify.deciding.running.input_box import InputBox
from mechverify.graph.graph import Graph
from mechverify.graph.groups import Array, Group
from mechverify.models.watched import Watched
from mechverify.results import MOST_COMPARED

_LEAST = 24
_PLAIN_SHARE = 5
_TRIES = (2, 8, 32)
_COMPARED = 600_000_000
_SEARCHED = 2_000_000_000
_LEAST_SEARCHED = 512
_MOST_SEARCHED = 65_536
_SWITCHES = 2_048


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """``points`` over the graph's inputs, each once; ``turning`` of them lie at turning points. Of ``switches``,
    ``looked_at`` were searched for and ``both`` were seen on both sides. ``most`` is how many points a graph of this
    size is given.
    """

    points: Array
    most: int
    turning: int
    switches: int
    looked_at: int
    both: int


def reading_samples(
    graph: Graph,
    groups: tuple[Group, ...],
    watched: Sequence[Watched],
    box: InputBox,
    seed: int,
    weight: int = 1,
) -> Samples:
    """Points over a graph's inputs. ``watched`` are places where an operation may change sides; ``weight`` is how much
    one operation costs in the model's runtime beside one here.

    A share of random points comes first, then turning points, evenly thinned out where they are too many, then random
    ones again; the whole box where it has no more points than that.
    """
    size = len(graph.nodes) + sum(g.weights.size for g in groups if g.weights is not None)
    most = min(MOST_COMPARED, max(_LEAST, _COMPARED // max(1, size * weight)))
    every = box.every(most)
    plain = _random(box, most, seed) if every is None else every
    share = max(_LEAST, most // _PLAIN_SHARE) if every is None else most
    work = min(_MOST_SEARCHED, max(_LEAST_SEARCHED, _SEARCHED // size))
    switches = Switches.of(graph, groups, watched, _SWITCHES)
    found = change_points(graph, switches, box, plain[:share], seed, work)
    turning = distinct(found.points)
    count = min(max(0, most - share), len(turning))
    kept = turning[np.unique(np.linspace(0, len(turning) - 1, count).astype(np.int64))] if count else turning[:0]
    points = distinct(np.concatenate([plain[:share], kept, plain[share:]]))[:most]
    return Samples(points, most, len(kept), found.switches, found.looked_at, found.both)


def _random(box: InputBox, most: int, seed: int) -> Array:
    """Random points, each once, as many as are wanted unless they are hard to find."""
    plain = box.low[None]
    for times in _TRIES:
        plain = distinct(box.sampled(times * most, seed))
        if len(plain) >= most:
            break
    return plain


def distinct(points: Array) -> Array:
    """Each point once, in the order in which they come. (``np.unique`` sorts rows by a comparison for each column.)"""
    rows = np.ascontiguousarray(points + 0.0)  # no zero has a sign
    first = {row.tobytes(): k for k, row in reversed(list(enumerate(rows)))}
    return points[sorted(first.values())]
