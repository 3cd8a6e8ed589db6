"""Running a model at points: plainly, or with values moved in from runs on the sources."""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from mechverify.errors import ModelError
from mechverify.explanation.compiled import CompiledClaim
from mechverify.explanation.runs import transplants_of
from mechverify.explanation.transplants import Reading, Transplant
from mechverify.models.intervention import Intervention
from mechverify.models.model import FloatArray, Model, NodeArray, RuntimeRun
from mechverify.pipeline.points import PointView
from mechverify.spec.spec import ModelDeclaration

Moved = tuple[Transplant, tuple[str, ...]]


def runs_at(
    compiled: CompiledClaim,
    declaration: ModelDeclaration,
    model: Model,
    views: Sequence[PointView],
    wanted: tuple[str, ...],
) -> tuple[RuntimeRun, ...]:
    """The changed run at each point, in every way of running the model; its values come from runs in the same way."""
    feeds = stacked(view.feeds(declaration, model) for view in views)
    moved = _moved(compiled, declaration, model)
    if not moved:
        return model.run(feeds, wanted)
    ways = len(model.run(feeds, wanted))
    return tuple(
        model.run(feeds, wanted, interventions(compiled, declaration, model, views, way))[way] for way in range(ways)
    )


def interventions(
    compiled: CompiledClaim, declaration: ModelDeclaration, model: Model, views: Sequence[PointView], way: int
) -> tuple[Intervention, ...]:
    """What is done to the model's activations at each point, computed in the given way of running it.

    Activations are changed in the order in which they are computed, each seen after those before it were changed.
    """
    moved = _moved(compiled, declaration, model)
    activations = tuple(one.activation for one, _ in moved)
    seen: dict[str, Mapping[str, FloatArray]] = {}
    for name in dict.fromkeys(name for _, names in moved for name in names):
        feeds = stacked(view.sources[name].feeds(declaration, model) for view in views)
        seen[name] = model.run(feeds, activations)[way].values
    feeds = stacked(view.feeds(declaration, model) for view in views)
    done: list[Intervention] = []
    for one, names in moved:
        before = model.run(feeds, (one.activation,), done)[way].values[one.activation]
        sources = [seen[name][one.activation] for name in names]
        rows = [_changed(one, row, [s[k] for s in sources]) for k, row in enumerate(before)]
        mask = np.zeros(int(np.prod(one.shape, dtype=np.int64)), dtype=np.bool_)
        mask[list(one.positions())] = True
        done.append(Intervention(one.activation, mask.reshape(one.shape), np.stack(rows)))
    return tuple(done)


def _moved(compiled: CompiledClaim, declaration: ModelDeclaration, model: Model) -> tuple[Moved, ...]:
    if not compiled.sources:
        return ()
    shapes: Mapping[str, NodeArray] = {
        name: np.zeros(shape, dtype=np.int64) for name, shape in model.activations.items()
    }
    found = transplants_of(compiled.spec, tuple(compiled.sources), declaration.name, shapes)
    order = {name: k for k, name in enumerate(model.activations)}
    return tuple(sorted(found, key=lambda moved: order[moved[0].activation]))


def _changed(one: Transplant, before: FloatArray, sources: Sequence[FloatArray]) -> FloatArray:
    """An activation after the transplant: exact sums, rounded once to the activation's type."""
    flat = np.asarray(before).reshape(-1)
    after = np.array(flat)
    moves = [
        _read(reading, np.asarray(source).reshape(-1)) - _read(reading, flat)
        for reading, source in zip(one.readings, sources, strict=True)
    ]
    for position in one.positions():
        plain = one.plain(position)
        if plain is not None:
            after[position] = np.asarray(sources[plain]).reshape(-1)[position]
            continue
        weighted = (weight * move for weight, move in zip(one.update[position], moves, strict=True))
        total = sum(weighted, Fraction(flat[position].item()))
        if after.dtype.kind != "f":
            raise ModelError(f"a direction in {one.activation} cannot be set: it holds no real numbers")
        after[position] = float(total)
    return after.reshape(np.shape(before))


def _read(reading: Reading, flat: FloatArray) -> Fraction:
    return sum((w * Fraction(flat[p].item()) for p, w in reading.terms), Fraction(0))


def stacked(feeds: Iterable[Mapping[str, FloatArray]]) -> dict[str, Any]:
    """Feeds of single points joined along the batch axis."""
    rows = list(feeds)
    return {name: np.concatenate([r[name] for r in rows]) for name in rows[0]} if rows else {}
