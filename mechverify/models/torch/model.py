"""PyTorch modules: read through torch.export, built into a graph, run eagerly on the CPU."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from mechverify.errors import ModelError, UnsupportedOperationError
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.graph import Rounding
from mechverify.models.intervention import Intervention, check_interventions
from mechverify.models.model import FloatArray, ModelInput, NodeArray, Patch, RuntimeRun
from mechverify.models.tensors.arithmetic import Arithmetic
from mechverify.models.tensors.limits import MAX_PARAMETERS
from mechverify.models.tensors.placeholders import placeholder_feed
from mechverify.models.tensors.tensor import DType, Tensor, known
from mechverify.models.torch.aliasing import refuse_hidden_changes
from mechverify.models.torch.batches import refuse_fixed_batches
from mechverify.models.torch.call import call, compare_result, resolved
from mechverify.models.torch.export import SITE, export, export_any_batch, target_name
from mechverify.models.torch.factory import load_module, refuse_other_weights
from mechverify.models.torch.inputs import Fed, module_inputs
from mechverify.models.torch.operations.promotion import TORCH_TYPES
from mechverify.models.torch.operations.table import IGNORED
from mechverify.models.torch.prints import prints_aside
from mechverify.models.torch.rows import refuse_mixed_rows
from mechverify.models.torch.runtime import run_torch
from mechverify.models.traced import Observation, Trace, Traced, traced
from mechverify.models.watched import watch

_TURNING = {
    **dict.fromkeys(("abs", "leaky_relu", "prelu", "relu", "sign"), "sign"),
    **dict.fromkeys(("ceil", "floor", "round", "trunc"), "step"),
    **dict.fromkeys(("amax", "amin", "argmax", "argmin", "max_pool1d", "max_pool2d", "topk"), "order"),
    **dict.fromkeys(("clamp", "clamp_max", "clamp_min", "hardtanh", "maximum", "minimum"), "meet"),
    **dict.fromkeys(("eq", "ge", "gt", "le", "lt", "ne"), "meet"),
}


@dataclass(frozen=True)
class TorchModel:
    """A module as ``torch.export`` recorded it. Activations: the inputs, every submodule's output by path, and
    ``output``.
    """

    module: Any
    inputs: tuple[ModelInput, ...]
    program: Any
    constants: Mapping[str, Tensor]
    sites: Mapping[str, str]
    outputs: tuple[str, ...]
    parameter_count: int
    put_into_evaluation: tuple[str, ...] = ()

    @cached_property
    def activations(self) -> Mapping[str, tuple[int, ...]]:
        """Shapes of all activations, the leading batch axis of size 1 dropped."""
        builder = GraphBuilder()
        feed = placeholder_feed(builder, self.inputs)
        values, _ = self._evaluate(Arithmetic(builder, "float32"), feed, {})
        return {name: _dropped(t.array).shape for name, t in values.items()}

    @property
    def computed(self) -> tuple[str, ...]:
        """All, in the order of the graph."""
        return tuple(self.activations)

    @property
    def excluded(self) -> tuple[str, ...]:
        """None: every runtime at hand computes what the graph says."""
        return ()

    def left_out(self, replaced: Collection[str]) -> tuple[str, ...]:  # noqa: ARG002
        """None, for the same reason."""
        return ()

    @cached_property
    def aliases(self) -> Mapping[str, str]:
        """Outputs of modules that return a tensor that has a name already: an input, as ``Identity`` does, or what a
        submodule returned, as ``Sequential`` does; and the model's own.
        """
        first: dict[Any, str] = {}
        found: dict[str, str] = {}
        given = iter(self.inputs)
        for node in self.program.graph.nodes:
            if node.op == "placeholder" and node.name not in self.constants:
                first[node] = next(given).name
            elif node.op == "output":
                results = [first.get(n) for n in _nodes_in(node.args[0])]
                found |= {name: f for name, f in zip(self.outputs, results, strict=True) if f is not None}
            elif node.op == "call_function" and str(node.target) == SITE:
                name = self.sites[node.args[1]]
                first[node] = first.get(node.args[0], name)
                found |= {name: first[node]} if first[node] != name else {}
        return found

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
        """Add one run of the model to the graph; see ``Model.trace``. The intermediates are the steps of the exported
        program.
        """
        arithmetic = Arithmetic(builder, rounding)
        turning: list[tuple[str, list[Any]]] = []
        activations, steps = self._evaluate(arithmetic, feed, dict(patches or {}), turning)
        nodes = {name: _dropped(arithmetic.nodes(t)) for name, t in activations.items()}
        operands = [(kind, [_as_nodes(a, arithmetic) for a in given]) for kind, given in turning]
        watched = [w for kind, given in operands for w in watch(builder, kind, given)]
        return Trace(nodes, steps, tuple(watched))

    def observe(self, feeds: Mapping[str, FloatArray]) -> Observation:
        """Run the exported program step by step on the CPU, one feed at a time."""
        from mechverify.models.torch.steps import observe_torch

        return observe_torch(self.program, self.inputs, feeds)

    def _evaluate(
        self,
        arithmetic: Arithmetic,
        feed: Mapping[str, NodeArray],
        patches: dict[str, Patch],
        watched: list[tuple[str, list[Any]]] | None = None,
    ) -> tuple[dict[str, Tensor], dict[str, Traced]]:
        """The activations, and every step of the exported program by its name, but for results of several parts: what
        takes one of them is a step too. Operations that may change sides are added to ``watched``, with their operands.
        """
        steps: dict[str, Traced] = {}
        values: dict[Any, Any] = {}
        activations: dict[str, Tensor] = {}

        def assign(name: str, tensor: Tensor) -> Tensor:
            patch = patches.pop(name, None)
            activations[name] = tensor if patch is None else _patched(name, tensor, arithmetic, patch)
            return activations[name]

        given = iter(self.inputs)
        for node in self.program.graph.nodes:
            if node.op == "placeholder":
                if node.name in self.constants:
                    values[node] = self.constants[node.name]
                    if node.users:
                        compare_result(node, values[node])
                    continue
                model_input = next(given)
                values[node] = assign(model_input.name, _fed(model_input, feed))
                compare_result(node, values[node])
            elif node.op == "output":
                results = _tensors(resolved(node.args[0], values))
                for name, tensor in zip(self.outputs, results, strict=True):
                    assign(name, tensor)
            elif str(node.target) == SITE:
                name = self.sites[node.args[1]]
                values[node] = assign(name, values[node.args[0]])
                compare_result(node, values[node])
            elif target_name(node.target) not in IGNORED:
                values[node] = call(node, values, arithmetic)
            if isinstance(values.get(node), Tensor):
                steps[node.name] = traced(values[node])
            kind = _TURNING.get(target_name(node.target).partition(".")[0]) if node.op == "call_function" else None
            if watched is not None and kind is not None:
                watched.append((kind, _compared_by(node, values)))
        if patches:
            raise ModelError(f"no activation is named {', '.join(sorted(patches))}")
        return activations, steps

    def open(self, activations: tuple[str, ...]) -> None:
        """Nothing: the module is there."""

    def run(
        self,
        feeds: Mapping[str, FloatArray],
        activations: tuple[str, ...],
        interventions: Sequence[Intervention] = (),
    ) -> tuple[RuntimeRun, ...]:
        """Run eagerly on the CPU with forward hooks, one by one and in a batch."""
        unknown = [a for a in activations if a not in self.activations]
        if unknown:
            raise ModelError(f"no activation is named {', '.join(unknown)}")
        shapes = {a: self.activations[a] for a in activations}
        replaced = check_interventions(interventions, self.activations, _rows(feeds))
        with prints_aside():
            return run_torch(self.module, self.inputs, feeds, shapes, self.sites, self.outputs, replaced)


def _compared_by(node: Any, values: Mapping[Any, Any]) -> list[Any]:
    """The tensors and finite numbers that an operation may compare."""
    given = [a for a in resolved(node.args, values) if isinstance(a, Tensor | int | float)]
    return [a for a in given if isinstance(a, Tensor) or np.isfinite(a)]


def _as_nodes(value: Any, arithmetic: Arithmetic) -> NodeArray:
    return arithmetic.nodes(value) if isinstance(value, Tensor) else np.array(arithmetic.builder.const(Fraction(value)))


def _rows(feeds: Mapping[str, FloatArray]) -> int:
    return len(next(iter(feeds.values()))) if feeds else 0


def read_torch(module: Any, inputs: Sequence[ModelInput] | int | None = None, fed: Fed | None = None) -> TorchModel:
    """Read a module in memory, in evaluation mode; its ``forward`` takes tensors with a batch axis of any length first.

    ``inputs`` are the arguments of ``forward`` in order (shapes without the batch axis); a number n means one float32
    vector of n elements; None takes the module's own ``mechverify_inputs``, else float32 in the shapes that are
    ``fed`` by name, else a vector as long as its first linear layer is wide.

    Raises ModelError, UnsupportedOperationError naming an operation.
    """
    with prints_aside():
        return _read_torch(module, inputs, fed)


def _read_torch(module: Any, inputs: Sequence[ModelInput] | int | None, fed: Fed | None) -> TorchModel:
    given = module_inputs(module, inputs, fed)
    program = export(module, given)
    constants, count = _constants(program)
    marks = [n.args[1] for n in program.graph.nodes if n.op == "call_function" and str(n.target) == SITE]
    sites = _site_names(marks)
    (node,) = (n for n in program.graph.nodes if n.op == "output")
    results = len(_nodes_in(node.args[0]))
    outputs = tuple("output" if k == 0 else f"output.{k}" for k in range(results))
    names = [i.name for i in given] + list(sites.values()) + list(outputs)
    twice = sorted({n for n in names if names.count(n) > 1})
    if twice:
        raise ModelError(
            f"activations {', '.join(twice)} have one name with another",
            "rename the submodule or the argument of forward",
        )
    placeholders = [n for n in program.graph.nodes if n.op == "placeholder" and n.name not in constants]
    if len(placeholders) != len(given) or not results:
        raise ModelError(
            f"the module takes {len(placeholders)} tensors and returns {results}; {len(given)} inputs are given"
        )
    model = TorchModel(module, given, program, constants, sites, outputs, count)
    if not model.activations:
        raise ModelError("the module has no activations")
    refuse_fixed_batches(module, given)
    refuse_hidden_changes(module, given)
    refuse_mixed_rows(given, program, export_any_batch(module, given))
    return model


def _site_names(marks: Sequence[str]) -> dict[str, str]:
    """From a mark ``path#k`` to the site's name: without ``#k`` where the module is called once."""
    calls: dict[str, set[str]] = {}
    parsed = {}
    for mark in marks:
        path, _, rest = mark.rpartition("#")
        number, _, position = rest.partition(".")
        calls.setdefault(path, set()).add(number)
        parsed[mark] = (path, number, position)
    names = {}
    for mark, (path, number, position) in parsed.items():
        base = path if len(calls[path]) == 1 else f"{path}#{number}"
        names[mark] = f"{base}.{position}" if position else base
    return names


def _constants(program: Any) -> tuple[dict[str, Tensor], int]:
    signature = program.graph_signature
    sources = {**signature.inputs_to_parameters, **signature.inputs_to_buffers}
    lifted = signature.inputs_to_lifted_tensor_constants
    constants: dict[str, Tensor] = {}
    count = 0
    if signature.buffers_to_mutate or signature.user_inputs_to_mutate:
        raise UnsupportedOperationError("the module changes its buffers or inputs; call .eval() first")
    used = {n.name for n in program.graph.nodes if n.op == "placeholder" and n.users}
    for name, target in {**sources, **lifted}.items():
        tensor = program.constants[target] if target in program.constants else program.state_dict[target]
        if name not in used:
            constants[name] = known("float32", np.zeros(0))
            continue
        dtype = TORCH_TYPES.get(str(tensor.dtype))
        if dtype is None:
            message = f"weight {target!r} is {tensor.dtype}, which is not modelled"
            raise UnsupportedOperationError(message, _dtype_hint(tensor))
        array = tensor.detach().cpu().numpy().copy()
        masks = np.isneginf(array) & (name not in signature.inputs_to_parameters)
        if dtype == "float32" and not (np.isfinite(array) | masks).all():
            raise ModelError(f"weight {target!r} holds NaN or infinity")
        count += array.size if name in signature.inputs_to_parameters else 0
        if count > MAX_PARAMETERS:
            raise ModelError(f"more than {MAX_PARAMETERS:,} weights")
        constants[name] = known(dtype, array)
    return constants, count


def _nodes_in(value: Any) -> list[Any]:
    if isinstance(value, tuple | list):
        return [n for v in value for n in _nodes_in(v)]
    return [value] if type(value).__name__ == "Node" else []


def _tensors(value: Any) -> list[Tensor]:
    if isinstance(value, list):
        return [t for v in value for t in _tensors(v)]
    return [value] if isinstance(value, Tensor) else []


def _fed(model_input: ModelInput, feed: Mapping[str, NodeArray]) -> Tensor:
    if model_input.name not in feed:
        raise ModelError(f"input {model_input.name!r} is not fed")
    nodes = np.asarray(feed[model_input.name], dtype=np.int64)
    if nodes.shape != model_input.shape:
        raise ModelError(f"input {model_input.name!r} has shape {model_input.shape}, the feed {nodes.shape}")
    kinds: dict[str, DType] = {"float32": "float32", "integer": "int64", "bool": "bool"}
    return Tensor(kinds[model_input.dtype], nodes[None])


def _dropped(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return array[0] if array.ndim and array.shape[0] == 1 else array


def _patched(name: str, tensor: Tensor, arithmetic: Arithmetic, patch: Patch) -> Tensor:
    before = arithmetic.nodes(tensor)
    after = np.asarray(patch(_dropped(before)), dtype=np.int64)
    if after.shape != _dropped(before).shape:
        raise ModelError(f"a patch of {name!r} changed its shape from {_dropped(before).shape} to {after.shape}")
    return Tensor(tensor.dtype, after.reshape(before.shape))


def read_torch_factory(
    location: str,
    weights: Path | None,
    root: Path,
    *,
    allow_code: bool,
    inputs: Sequence[ModelInput] | int | None = None,
    fed: Fed | None = None,
    any_weights: bool = False,
) -> TorchModel:
    """Read the module that ``package.module:factory`` returns; see ``mechverify.models.torch.factory``.

    Without a weights file the factory is called twice: one whose weights differ is refused, unless ``any_weights``.
    """
    loaded = load_module(location, weights, root, allow_code=allow_code)
    module = loaded.module
    model = replace(read_torch(module, inputs, fed), put_into_evaluation=loaded.put_into_evaluation)
    if weights is None and not any_weights:
        refuse_other_weights(module, location, root)
    return model


def _dtype_hint(tensor: Any) -> str | None:
    """What to do about weights of an element type that is not modelled."""
    return "call .float() on the module: weights are float32" if tensor.is_floating_point() else None
