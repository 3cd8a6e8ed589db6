"""What every reader of models offers, whatever the file was."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np
import numpy.typing as npt

from mechverify.graph.builder import GraphBuilder
from mechverify.graph.graph import Rounding

if TYPE_CHECKING:
    from mechverify.models.intervention import Intervention
    from mechverify.models.traced import Observation, Trace

# An array of node numbers (dtype int64), one for each element of a tensor.
NodeArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[Any]
Patch = Callable[[NodeArray], NodeArray]


@dataclass(frozen=True, slots=True)
class ModelInput:
    """One input of the model, the leading batch axis of size 1 already dropped from ``shape``.

    ``range`` are the least and the greatest value that an integer element type holds; None for float32, and for
    integers of any size.
    """

    name: str
    shape: tuple[int, ...]
    dtype: Literal["float32", "integer", "bool"]
    range: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class RuntimeRun:
    """Outputs of one real execution of the model on a batch of feeds.

    ``values`` maps each requested activation to an array whose leading axis is the batch.
    """

    runtime: str
    version: str
    batching: Literal["single", "batched"]
    values: Mapping[str, FloatArray]


class Model(Protocol):
    """A model that can be built into a graph and run for real."""

    @property
    def inputs(self) -> tuple[ModelInput, ...]:
        """The model's inputs in its own order."""

    @property
    def activations(self) -> Mapping[str, tuple[int, ...]]:
        """Every name that a site may use, with the tensor's shape (leading batch axis of size 1 dropped)."""

    @property
    def outputs(self) -> tuple[str, ...]:
        """The names of the model's outputs among the activations."""

    @property
    def aliases(self) -> Mapping[str, str]:
        """Activations that are only another name of a tensor, with the name that it has first."""

    @property
    def computed(self) -> tuple[str, ...]:
        """The activations in the order in which a run computes them, each as it is at last."""

    @property
    def excluded(self) -> tuple[str, ...]:
        """Runtimes that float32 verdicts do not speak of because they compute something that no bound covers: the name
        of each, and why.
        """

    def left_out(self, replaced: Collection[str]) -> tuple[str, ...]:
        """Runs that were asked for so far and not done, because of a runtime that is ``excluded`` on them alone: with
        some of the ``replaced`` activations set, or with activations read. The name of the runtime, and why.
        """

    @property
    def put_into_evaluation(self) -> tuple[str, ...]:
        """The parts of a module that compute something else in training, where it was in training mode and has been put
        into evaluation mode.
        """

    @property
    def parameter_count(self) -> int:
        """How many numbers the model's weights are."""

    def build(
        self,
        builder: GraphBuilder,
        feed: Mapping[str, NodeArray],
        rounding: Rounding,
        patches: Mapping[str, Patch] | None = None,
    ) -> Mapping[str, NodeArray]:
        """Add one run of the model to the graph and return the nodes of every activation.

        ``feed`` holds, for each model input, nodes in the model's input shape without the batch axis, already rounded
        to the model's input type. A patch replaces an activation's nodes as soon as it is computed; what follows uses
        the replaced ones.
        """

    def trace(
        self,
        builder: GraphBuilder,
        feed: Mapping[str, NodeArray],
        rounding: Rounding,
        patches: Mapping[str, Patch] | None = None,
    ) -> "Trace":
        """As ``build``, with every intermediate beside the activations."""

    def observe(self, feeds: Mapping[str, FloatArray]) -> "Observation":
        """Run the real model on each feed by itself (leading batch axis) and return every intermediate, by the names
        that ``trace`` gives them.
        """

    def open(self, activations: tuple[str, ...]) -> None:
        """Make ready for runs that read these activations, so that processes forked later need not do it each. May
        raise what ``run`` raises.
        """

    def run(
        self,
        feeds: Mapping[str, FloatArray],
        activations: tuple[str, ...],
        interventions: Sequence["Intervention"] = (),
    ) -> tuple[RuntimeRun, ...]:
        """Run the real model: each feed has a leading batch axis. One result for each runtime and batching at hand.

        Activations are read after the interventions on them.
        """
