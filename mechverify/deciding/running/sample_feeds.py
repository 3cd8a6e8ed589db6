"""What the models are fed at sampled points, by the second evaluator of the spec."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

import numpy as np

from mechverify.deciding.running.input_box import InputBox
from mechverify.deciding.running.run_view import constants_of, fed_arrays, shaped_inputs
from mechverify.deciding.running.transplanting import stacked
from mechverify.graph.groups import Array
from mechverify.models.model import FloatArray, Model
from mechverify.spec.expression.shapes import input_names
from mechverify.spec.expression.syntax import Expression, ListDisplay, Name
from mechverify.spec.spec import ModelDeclaration, Spec
from mechverify.spec.vectors import with_vectors

_EXACT = 2.0**53


def sample_feeds(
    spec: Spec, declaration: ModelDeclaration, model: Model, box: InputBox, points: Array
) -> dict[str, FloatArray]:
    """The arrays to run a model on, one row for each point; ``points`` are of shape (n, spec inputs)."""
    names = [n for d in spec.inputs for n in input_names(d)]
    place = {name: k for k, name in enumerate(names)}
    columns = {d.name: [place[n] for n in input_names(d)] for d in spec.inputs}
    given = {item.model_input: item.value.expression for item in declaration.feed}
    copied: dict[str, FloatArray] = {}
    for one in model.inputs:
        found = _copied(given.get(one.name), one.name, columns)
        if found is None or any(k in box.special for k in found) or (np.abs(points[:, found]) > _EXACT).any():
            return _evaluated(spec, declaration, model, box, points)
        numbers = points[:, found].reshape(-1, *one.shape)
        with np.errstate(over="ignore"):
            copied[one.name] = numbers.astype(np.float32 if one.dtype == "float32" else np.int64)
    return copied


def _copied(e: Expression | None, name: str, columns: Mapping[str, Sequence[int]]) -> list[int] | None:
    """The spec inputs that a feed copies one by one, in order; None where it computes something."""
    match e:
        case None:
            return list(columns[name]) if name in columns else None
        case Name(name=other):
            return list(columns[other]) if other in columns else None
        case ListDisplay(items=items):
            parts = [_copied(item, name, columns) for item in items]
            return None if None in parts else [k for part in parts for k in part or ()]
    return None


def _evaluated(
    spec: Spec, declaration: ModelDeclaration, model: Model, box: InputBox, points: Array
) -> dict[str, FloatArray]:
    constants = constants_of(spec)
    names = [n for d in spec.inputs for n in input_names(d)]
    known: list[dict[float, Fraction]] = [{} for _ in names]
    rows = []
    for row in points.tolist():
        flat: dict[str, Fraction] = {}
        for k, (name, value) in enumerate(zip(names, row, strict=True)):
            if value not in known[k]:
                known[k][value] = box.exact(k, value)
            flat[name] = known[k][value]
        shown = with_vectors(spec.vectors, {**shaped_inputs(spec.inputs, "", flat), **constants})
        rows.append(fed_arrays(declaration, model, shown))
    return stacked(rows)
