"""Every intermediate of a model: as its reader has it, and as a runtime has it (SEMANTICS 27)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from mechverify.models.model import FloatArray, NodeArray
from mechverify.models.tensors.tensor import Tensor
from mechverify.models.watched import Watched


@dataclass(frozen=True, slots=True, eq=False)
class Traced:
    """An intermediate as it is read.

    ``array`` has the shape that a runtime gives it for a single feed, batch axis included: the node of each element,
    or with ``constant`` the numbers themselves. ``dtype`` is the element type. ``form`` is the nesting of a program's
    lists and tuples. ``reached`` is the truth node for "the program comes here", None where every run does;
    ``lazy``: where what is not asked for is not computed.
    """

    dtype: str
    array: FloatArray
    constant: bool = False
    form: str = ""
    reached: int | None = None
    lazy: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Observed:
    """An intermediate in a runtime: ``values`` has one row for each of the feeds named by ``rows`` (None: all)."""

    dtype: str
    values: FloatArray
    form: str = ""
    rows: npt.NDArray[np.int64] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Observation:
    """All intermediates of one runtime on some feeds, each run by itself. ``ended`` says which runs ended in an error
    of the program: what comes after it is missing there. ``kind`` is what an intermediate is called in messages.
    """

    runtime: str
    version: str
    kind: str
    tensors: Mapping[str, Observed]
    ended: npt.NDArray[np.bool_] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """One run of a model in a graph: the nodes of its activations, and all intermediates by name.

    ``watched`` are places where an operation may change sides, whether or not its nodes show it. ``complete``: whether
    every intermediate is among them; of a program only so many places are kept.
    """

    activations: Mapping[str, NodeArray]
    intermediates: Mapping[str, Traced] = field(default_factory=dict)
    watched: tuple[Watched, ...] = ()
    complete: bool = True


def traced(tensor: Tensor) -> Traced:
    """An intermediate tensor of a network."""
    return Traced(tensor.dtype, tensor.array, tensor.constant)
