"""The exported program of a module run step by step, with the result of every operation."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from mechverify.errors import EnclosureError, ModelError
from mechverify.models.model import FloatArray, ModelInput
from mechverify.models.torch.export import SITE, target_name
from mechverify.models.torch.operations.promotion import TORCH_TYPES
from mechverify.models.torch.operations.table import IGNORED
from mechverify.models.torch.runtime import NUMPY_TYPES
from mechverify.models.torch.threads import calling_thread_only
from mechverify.models.traced import Observation, Observed

RUNTIME = "torch (exported program, step by step)"


def observe_torch(program: Any, inputs: Sequence[ModelInput], feeds: Mapping[str, FloatArray]) -> Observation:
    """Every operation's result on each feed by itself, as a batch of one.

    Weights are not among the results, and of several results of one operation those that are taken from it.
    """
    import torch

    steps = _Steps(program, [i.name for i in inputs])
    arrays: list[FloatArray] = [np.asarray(feeds[i.name]).astype(NUMPY_TYPES[i.dtype]) for i in inputs]
    rows: dict[str, list[Any]] = {}
    with torch.no_grad(), calling_thread_only():
        for k in range(len(arrays[0]) if arrays else 1):
            for name, value in steps.run([torch.from_numpy(a[k : k + 1].copy()) for a in arrays]):
                rows.setdefault(name, []).append(value)
    return Observation(RUNTIME, str(torch.__version__), "step", {n: _joined(n, r) for n, r in rows.items()})


def _joined(name: str, values: Sequence[Any]) -> Observed:
    kinds = {(str(v.dtype), tuple(v.shape)) for v in values}
    if len(kinds) > 1:
        raise EnclosureError(f"{RUNTIME}: step {name!r} has no fixed type and shape: {sorted(kinds)}")
    ((dtype, _),) = kinds
    return Observed(TORCH_TYPES.get(dtype, dtype), np.stack([v.numpy(force=True) for v in values]))


class _Steps:
    """The nodes of an exported program, ready to be run many times."""

    def __init__(self, program: Any, inputs: Sequence[str]) -> None:
        signature = program.graph_signature
        lifted = signature.inputs_to_lifted_tensor_constants
        held = {**signature.inputs_to_parameters, **signature.inputs_to_buffers, **lifted}
        left_out = {n for n in program.graph.nodes if n.op == "call_function" and target_name(n.target) in IGNORED}
        self._nodes = [n for n in program.graph.nodes if n.op != "output" and n not in left_out]
        self._copies = {n for n in self._nodes if str(n.target) == SITE}
        self._weights = {
            name: program.constants[t] if t in program.constants else program.state_dict[t] for name, t in held.items()
        }
        self._count = len(inputs)

    def run(self, given: Sequence[Any]) -> Iterator[tuple[str, Any]]:
        """The name and the tensor of every step, in order."""
        import torch
        from torch.fx.node import map_arg

        values: dict[Any, Any] = {}
        waiting = iter(given)
        for node in self._nodes:
            if node.op == "placeholder" and node.name in self._weights:
                values[node] = self._weights[node.name]
                continue
            if node.op == "placeholder":
                result = next(waiting)
            elif node in self._copies:  # a copy with a name
                result = values[node.args[0]]
            else:
                args, kwargs = (map_arg(a, values.__getitem__) for a in (node.args, node.kwargs))
                result = node.target(*args, **kwargs)
            values[node] = result
            if isinstance(result, torch.Tensor):
                # A later step may change it in place.
                yield node.name, result.clone()
            elif not isinstance(result, tuple | list):
                raise ModelError(f"step {node.name!r} gives {type(result).__name__}, no tensor")
