"""ONNX models: read from a file, built into a graph, run by onnxruntime."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from mechverify.errors import ModelError, UnsupportedOperationError
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.graph import Rounding
from mechverify.models.intervention import Intervention
from mechverify.models.model import FloatArray, ModelInput, NodeArray, Patch, RuntimeRun
from mechverify.models.onnx.batches import check_rows, fresh_feed
from mechverify.models.onnx.file import infinite, load_proto, read_tensor
from mechverify.models.onnx.graph import GraphInput, Step, graph_input, step_of, version_of
from mechverify.models.onnx.operations.table import TABLE
from mechverify.models.tensors.arithmetic import Arithmetic, Numbers
from mechverify.models.tensors.limits import MAX_PARAMETERS, check_elements
from mechverify.models.tensors.operation import Operation
from mechverify.models.tensors.tensor import INTEGER_RANGES, DType, Tensor
from mechverify.models.traced import Observation, Trace, traced
from mechverify.models.watched import watch

_TURNING = {
    **dict.fromkeys(("Abs", "HardSigmoid", "LeakyRelu", "PRelu", "Relu", "Sign", "Where"), "sign"),
    **dict.fromkeys(("Ceil", "Floor", "Round"), "step"),
    **dict.fromkeys(("ArgMax", "ArgMin", "MaxPool", "ReduceMax", "ReduceMin", "TopK"), "order"),
    **dict.fromkeys(
        ("Clip", "Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Max", "Min", "Mod"), "meet"
    ),
}


# By what is read, what is set, and whether it is optimised: a session, and why there is none.
Sessions = dict[tuple[tuple[str, ...], tuple[str, ...], bool], tuple[Any, str | None]]


@dataclass(frozen=True)
class OnnxModel:
    """A model read from an ONNX file. Its activations are the tensors by name: graph inputs and every operation's
    outputs. ``sessions`` are those of runs that were asked for, ``opened`` those made ready before that.
    """

    path: Path
    proto: Any
    version: int
    graph_inputs: tuple[GraphInput, ...]
    constants: Mapping[str, Tensor]
    steps: tuple[Step, ...]
    outputs: tuple[str, ...]
    parameter_count: int
    sessions: Sessions = field(default_factory=dict, compare=False, repr=False)
    opened: Sessions = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def inputs(self) -> tuple[ModelInput, ...]:
        """The graph's inputs without the batch axis."""
        kinds: dict[DType, Any] = {"float32": "float32", "int64": "integer", "int32": "integer", "bool": "bool"}
        return tuple(
            ModelInput(i.name, i.shape[1:] if i.batched else i.shape, kinds[i.dtype], INTEGER_RANGES.get(i.dtype))
            for i in self.graph_inputs
        )

    @property
    def is_batched(self) -> bool:
        """Whether some input has a batch axis, so that a leading axis of size 1 is dropped from activations."""
        return any(i.batched for i in self.graph_inputs)

    @cached_property
    def reading(self) -> "Reading":
        """The model as built on placeholder inputs."""
        feed = fresh_feed(self.graph_inputs, 1)
        numbers = Numbers()
        values = self.evaluate(feed.builder, feed.nodes, arithmetic=Arithmetic(feed.builder, "float32", numbers))
        shared = check_rows(self, feed, values, numbers) if any(i.dynamic for i in self.graph_inputs) else frozenset()
        singles = {n: _single(feed.builder, t) for n, t in values.items() if t.array.size == 1}
        return Reading({n: values[n] for n in self._activation_names(values)}, shared, singles)

    @property
    def tensors(self) -> Mapping[str, Tensor]:
        """Every activation as built on placeholder inputs, for shapes and types."""
        return self.reading.tensors

    @cached_property
    def activations(self) -> Mapping[str, tuple[int, ...]]:
        """Shapes of all activations, the leading batch axis of size 1 dropped."""
        return {name: self._dropped(t.array).shape for name, t in self.tensors.items()}

    @property
    def computed(self) -> tuple[str, ...]:
        """All, in the order of the graph."""
        return tuple(self.activations)

    @property
    def excluded(self) -> tuple[str, ...]:
        """Default onnxruntime where it rewrites the graph in a way that is not listed."""
        from mechverify.models.onnx.runtime import OPTIMISED, excluded_optimisation

        why = excluded_optimisation(self)
        return () if why is None else (f"{OPTIMISED}: {why}",)

    @property
    def put_into_evaluation(self) -> tuple[str, ...]:
        """None: there is no such mode."""
        return ()

    def left_out(self, replaced: Collection[str]) -> tuple[str, ...]:
        """Runs in default onnxruntime of a graph that it rewrites in a way that is not listed, and the graph as it is
        in none such.
        """
        from mechverify.models.onnx.runtime import OPTIMISED

        if self.excluded:
            return ()
        found = []
        for (read, done, optimise), (_, why) in self.sessions.items():
            if optimise and why is not None and set(done) <= set(replaced):
                with_it = f"with {', '.join(done)} set" if done else f"with {', '.join(read)} read"
                found.append(f"{OPTIMISED} {with_it}: {why}")
        return tuple(dict.fromkeys(found))

    def place_of(self, name: str) -> str:
        """An activation and the operation that computes it, for messages."""
        step = next((s for s in self.steps if name in s.outputs), None)
        return f"{name!r}" if step is None else f"{step.where}: {name!r}"

    @cached_property
    def aliases(self) -> Mapping[str, str]:
        """What ``Identity`` gives, with the name of what it takes."""
        found: dict[str, str] = {}
        for step in self.steps:
            if step.op_type == "Identity" and step.inputs[0] in self.activations:
                found[step.outputs[0]] = found.get(step.inputs[0], step.inputs[0])
        return found

    def _dropped(self, array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        return array[0] if self.is_batched and array.ndim and array.shape[0] == 1 else array

    def build(
        self,
        builder: GraphBuilder,
        feed: Mapping[str, NodeArray],
        rounding: Rounding,
        patches: Mapping[str, Patch] | None = None,
    ) -> Mapping[str, NodeArray]:
        """Add one run of the model to the graph; see ``Model.build``."""
        return self.trace(builder, feed, rounding, patches).activations

    def trace(
        self,
        builder: GraphBuilder,
        feed: Mapping[str, NodeArray],
        rounding: Rounding,
        patches: Mapping[str, Patch] | None = None,
    ) -> Trace:
        """Add one run of the model to the graph; see ``Model.trace``. The intermediates are the tensors by name."""
        arithmetic = Arithmetic(builder, rounding)
        given = {i.name: self._batch_of_one(i, feed) for i in self.graph_inputs}
        values = self.evaluate(builder, given, rounding, dict(patches or {}), arithmetic)
        activations = {n: self._dropped(arithmetic.nodes(values[n])) for n in self._activation_names(values)}
        steps = ((_TURNING[s.op_type], [values[n] for n in s.inputs if n]) for s in self.steps if s.op_type in _TURNING)
        watched = [w for kind, given in steps for w in watch(builder, kind, [arithmetic.nodes(t) for t in given])]
        return Trace(activations, {n: traced(t) for n, t in values.items() if n not in self.constants}, tuple(watched))

    def observe(self, feeds: Mapping[str, FloatArray]) -> Observation:
        """Run in onnxruntime with every tensor as an output, optimisation off, one feed at a time."""
        from mechverify.models.onnx.tensors import observe_onnx

        return observe_onnx(self, feeds)

    def _batch_of_one(self, given: GraphInput, feed: Mapping[str, NodeArray]) -> NodeArray:
        if given.name not in feed:
            raise ModelError(f"{self.path.name}: input {given.name!r} is not fed")
        nodes = np.asarray(feed[given.name], dtype=np.int64)
        if nodes.shape != (given.shape[1:] if given.batched else given.shape):
            raise ModelError(f"{self.path.name}: input {given.name!r} has shape {given.shape}, the feed {nodes.shape}")
        return nodes.reshape(given.shape)

    def _activation_names(self, values: Mapping[str, Tensor]) -> list[str]:
        computed = [i.name for i in self.graph_inputs] + [n for s in self.steps for n in s.outputs if n]
        return [n for n in computed if not values[n].constant or n in self.outputs]

    def evaluate(
        self,
        builder: GraphBuilder,
        feed: Mapping[str, NodeArray],
        rounding: Rounding = "float32",
        patches: Mapping[str, Patch] | None = None,
        arithmetic: Arithmetic | None = None,
    ) -> Mapping[str, Tensor]:
        """Every tensor by name, constants included. ``feed`` has the axes of the graph's inputs, however long the batch
        axis.
        """
        arithmetic = Arithmetic(builder, rounding) if arithmetic is None else arithmetic
        values: dict[str, Tensor] = dict(self.constants)
        waiting = dict(patches or {})

        def assign(name: str, tensor: Tensor) -> None:
            patch = waiting.pop(name, None)
            values[name] = tensor if patch is None else self._patched(name, tensor, arithmetic, patch)

        for given in self.graph_inputs:
            assign(given.name, Tensor(given.dtype, feed[given.name]))
        for step in self.steps:
            inputs = tuple(values[n] if n else None for n in step.inputs)
            for name, tensor in zip(step.outputs, _results(step, self.version, inputs, arithmetic), strict=False):
                if name:
                    assign(name, tensor)
        if waiting:
            raise ModelError(f"{self.path.name}: no activation is named {', '.join(sorted(waiting))}")
        return values

    def _patched(self, name: str, tensor: Tensor, arithmetic: Arithmetic, patch: Patch) -> Tensor:
        before = arithmetic.nodes(tensor)
        shape = self._dropped(before).shape
        after = np.asarray(patch(self._dropped(before)), dtype=np.int64)
        if after.shape != shape:
            raise ModelError(f"a patch of {name!r} changed its shape from {shape} to {after.shape}")
        return Tensor(tensor.dtype, after.reshape(before.shape))

    def open(self, activations: tuple[str, ...]) -> None:
        """Open the sessions of onnxruntime, which have no threads of their own that a fork would lose."""
        from mechverify.models.onnx.runtime import open_sessions

        open_sessions(self, activations)

    def run(
        self,
        feeds: Mapping[str, FloatArray],
        activations: tuple[str, ...],
        interventions: Sequence[Intervention] = (),
    ) -> tuple[RuntimeRun, ...]:
        """Run in onnxruntime, optimisation off and default, single and (for a dynamic batch axis) batched."""
        from mechverify.models.onnx.runtime import run_onnx

        return run_onnx(self, feeds, activations, interventions)


@dataclass(frozen=True, slots=True)
class Reading:
    """A model built on placeholder inputs: its activations, the names that all rows of a batch share, and the tensors
    with one element with its value where that is known.
    """

    tensors: Mapping[str, Tensor]
    shared: frozenset[str] = frozenset()
    singles: Mapping[str, float | None] = field(default_factory=dict)


def _single(builder: GraphBuilder, tensor: Tensor) -> float | None:
    """The value of a tensor of one element where it is a known number."""
    (element,) = tensor.array.ravel().tolist()
    if tensor.constant:
        return float(element)
    value = None if tensor.dtype == "bool" else builder.constant_value(element)
    return None if value is None else float(value)


def _results(step: Step, version: int, inputs: tuple[Tensor | None, ...], arithmetic: Arithmetic) -> tuple[Tensor, ...]:
    """What a step computes. Whatever goes wrong is a ModelError that names the step."""
    operation = Operation(step.where, version, inputs, step.attributes, arithmetic, sum(map(bool, step.outputs)))
    try:
        result = TABLE[step.op_type].build(operation)
    except ModelError as error:
        if step.where in str(error):
            raise
        raise type(error)(f"{step.where}: {error}", error.hint) from error
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise ModelError(
            f"{step.where}: its inputs and attributes do not fit together: {error}",
            "if onnxruntime runs this model, please report it with the model",
        ) from error
    results = tuple(arithmetic.settled(t) for t in (result if isinstance(result, tuple) else (result,)))
    if len(step.outputs) > len(results):
        operation.refuse(f"only {len(results)} outputs are modelled")
    for tensor in results:
        check_elements(tensor.array.size, step.where)
    return results


# What may take minus infinity, which a mask is made of.
_MASKING = frozenset(("Add", "Cast", "Expand", "Identity", "Reshape", "Slice", "Squeeze", "Unsqueeze", "Where"))


def _refuse_infinite_weights(constants: Mapping[str, Tensor], steps: Sequence[Step]) -> None:
    for name, tensor in constants.items():
        used = {s.op_type for s in steps if name in s.inputs}
        if tensor.dtype == "float32" and not used <= _MASKING and not np.isfinite(tensor.array).all():
            raise infinite(f"tensor {name!r}")


def read_onnx(path: Path) -> OnnxModel:
    """Read and check an ONNX file.

    Raises ModelError for a file that is malformed or too large, UnsupportedOperationError for anything that is not
    modelled.
    """
    return model_of(load_proto(Path(path)), Path(path))


def model_of(proto: Any, path: Path) -> OnnxModel:
    """The model that a proto describes; ``path`` is the file that it stems from. Raises what ``read_onnx`` raises."""
    version = version_of(proto, path)
    graph = proto.graph
    if proto.functions:
        raise UnsupportedOperationError(f"{path.name}: functions local to the model are not modelled")
    if graph.sparse_initializer:
        raise UnsupportedOperationError(f"{path.name}: sparse initializers are not modelled")
    constants: dict[str, Tensor] = {}
    count = 0
    for initializer in graph.initializer:
        if not initializer.name or initializer.name in constants:
            raise ModelError(f"{path.name}: initializer {initializer.name!r} is unnamed or named twice")
        tensor = read_tensor(initializer, path.parent)
        count += tensor.array.size
        if count > MAX_PARAMETERS:
            raise ModelError(f"{path.name}: more than {MAX_PARAMETERS:,} weights")
        constants[initializer.name] = tensor
    inputs = tuple(graph_input(i, path) for i in graph.input if i.name not in constants)
    defined = {*constants, *(i.name for i in inputs)}
    if len({i.name for i in inputs}) != len(inputs):
        raise ModelError(f"{path.name}: two inputs have one name")
    steps = tuple(step_of(node, index, version, path, defined) for index, node in enumerate(graph.node))
    _refuse_infinite_weights(constants, steps)
    outputs = tuple(o.name for o in graph.output)
    computed = {name for s in steps for name in s.outputs} | {i.name for i in inputs}
    if not outputs or not set(outputs) <= computed or len(set(outputs)) != len(outputs):
        raise ModelError(f"{path.name}: an output is missing, constant or named twice: {', '.join(outputs)}")
    model = OnnxModel(path, proto, version, inputs, constants, steps, outputs, count)
    if any(0 in s for s in model.activations.values()):
        raise ModelError(f"{path.name}: an activation has no elements")
    return model
