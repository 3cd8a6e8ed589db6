"""The value of a tensor while a model is being read into a graph."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

DType = Literal["float32", "int64", "int32", "bool"]

NUMPY_TYPES: dict[DType, type[Any]] = {"float32": np.float32, "int64": np.int64, "int32": np.int32, "bool": np.bool_}
INTEGER_RANGES = {"int64": (-(2**63), 2**63 - 1), "int32": (-(2**31), 2**31 - 1)}


@dataclass(frozen=True, slots=True, eq=False)
class Tensor:
    """A tensor of one element type: either known numbers or node numbers.

    With ``constant``, ``array`` holds the numbers themselves in the numpy type of ``dtype``; otherwise the number of a
    node (int64) for each element.
    """

    dtype: DType
    array: npt.NDArray[Any]
    constant: bool = False

    @property
    def shape(self) -> tuple[int, ...]:
        """The tensor's shape, batch axis included."""
        return tuple(self.array.shape)

    @property
    def is_integer(self) -> bool:
        """Whether the elements are integers."""
        return self.dtype in INTEGER_RANGES

    def moved(self, array: npt.NDArray[Any]) -> "Tensor":
        """The same elements in another arrangement."""
        return Tensor(self.dtype, array, self.constant)


def known(dtype: DType, array: npt.NDArray[Any]) -> Tensor:
    """A tensor of known numbers."""
    return Tensor(dtype, np.asarray(array, dtype=NUMPY_TYPES[dtype]), constant=True)
