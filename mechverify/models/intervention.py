"""Replacing part of an activation while a model runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from mechverify.errors import ModelError
from mechverify.models.model import FloatArray


@dataclass(frozen=True, slots=True)
class Intervention:
    """Where ``mask`` is true, an activation gets ``values`` as soon as it is computed.

    ``mask`` has the activation's shape (batch axis dropped); ``values`` has a leading axis with one row for each feed,
    and is only read where the mask is true.
    """

    activation: str
    mask: npt.NDArray[np.bool_]
    values: FloatArray

    def applied(self, row: int, before: FloatArray) -> FloatArray:
        """The activation of feed number ``row`` after the replacement; ``before`` has the same number of elements."""
        flat = np.array(before).reshape(-1)
        flat[self.mask.reshape(-1)] = np.asarray(self.values[row]).reshape(-1)[self.mask.reshape(-1)]
        return flat.reshape(np.shape(before))

    def only(self, rows: npt.NDArray[np.int64]) -> "Intervention":
        """The intervention on some of the feeds alone."""
        return replace(self, values=self.values[rows])


def check_interventions(
    interventions: Sequence[Intervention], shapes: Mapping[str, tuple[int, ...]], count: int
) -> dict[str, Intervention]:
    """The interventions by activation.

    Raises ModelError for an unknown activation, one named twice, or a wrong shape.
    """
    found: dict[str, Intervention] = {}
    for one in interventions:
        if one.activation not in shapes or one.activation in found:
            what = "is named twice" if one.activation in found else "is unknown"
            raise ModelError(f"the activation {one.activation!r} to replace {what}")
        shape = shapes[one.activation]
        if one.mask.shape != shape or one.values.shape != (count, *shape):
            raise ModelError(
                f"{one.activation!r} has shape {shape}; the replacement has mask {one.mask.shape}, "
                f"values {one.values.shape} for {count} feeds"
            )
        found[one.activation] = one
    return found
