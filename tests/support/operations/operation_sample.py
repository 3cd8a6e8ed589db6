"""One random model of one operation: the same computation in ONNX, in torch, and as a reference over an execution."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from onnx_making import node
from operation_data import Draw
from operation_executions import Execution

Arrays = Mapping[str, np.ndarray]
Reference = Callable[[Execution, Arrays], Sequence[Any]]
Forward = Callable[..., Any]


@dataclass(frozen=True)
class Sample:
    """``inputs``: shapes without the batch axis. ``reference`` maps inputs of shape (cases, *shape) to the outputs, each
    (cases, *shape) again. ``forward`` is a function of a module that holds the weights and of the inputs, or a function
    of nothing that makes the module itself if ``makes_module``.
    """

    inputs: Mapping[str, tuple[int, ...]]
    weights: Mapping[str, np.ndarray]
    reference: Reference
    nodes: Sequence[Any] = ()
    outputs: Sequence[str] = ("y",)
    forward: Forward | None = None
    makes_module: bool = False
    constants: Mapping[str, np.ndarray] = field(default_factory=dict)
    onnx_inputs: Mapping[str, Sequence[Any]] | None = None
    dtypes: Mapping[str, str] = field(default_factory=dict)

    def torch_module(self) -> Any:
        """The module, in evaluation mode."""
        if self.forward is None:
            return None
        module = self.forward() if self.makes_module else _holder(self.weights, self.forward, len(self.inputs))
        return module.eval()


def _holder(weights: Arrays, forward: Forward, inputs: int) -> Any:
    import torch

    class Holder(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            for name, array in weights.items():
                self.register_parameter(name, torch.nn.Parameter(torch.from_numpy(np.array(array, np.float32))))

    class One(Holder):
        def forward(self, x: Any) -> Any:
            return forward(self, x)

    class Two(Holder):
        def forward(self, x: Any, z: Any) -> Any:
            return forward(self, x, z)

    return One() if inputs == 1 else Two()


def loaded(module: Any, **arrays: np.ndarray) -> Any:
    """A torch layer with these parameters and buffers, dots written as double underscores."""
    import torch

    state = {name.replace("__", "."): torch.from_numpy(np.array(a)) for name, a in arrays.items()}
    module.load_state_dict(state, strict=False)
    return module


def stacked(columns: Sequence[Any], shape: tuple[int, ...] | None = None) -> np.ndarray:
    """Columns (cases,) as one array (cases, *shape); scalars are spread over the cases."""
    found = np.stack(np.broadcast_arrays(*columns), axis=1)
    return found if shape is None else found.reshape(len(found), *shape)


def dense(e: Execution, weights: Any, x: np.ndarray, bias: Any = None) -> list[Any]:
    """``weights @ x + bias``; weights (outputs, k), x (cases, k)."""
    return [
        e.dot([(w, x[:, k]) for k, w in enumerate(row)], () if bias is None else (bias[j],))
        for j, row in enumerate(weights)
    ]


TABLE: dict[str, Callable[[Draw], Sample]] = {}


def operation(function: Callable[[Draw], Sample]) -> Callable[[Draw], Sample]:
    """Enter one operation into the table."""
    TABLE[function.__name__] = function
    return function


def elementwise(
    name: str, nodes: Sequence[Any], reference: Reference, forward: Forward | None, inputs: str = "x", size: int = 4
) -> None:
    """Enter an operation without weights on vectors."""

    def sample(_: Draw) -> Sample:
        return Sample(dict.fromkeys(inputs, (size,)), {}, reference, nodes, forward=forward)

    TABLE[name] = sample


__all__ = ["TABLE", "Arrays", "Sample", "dense", "elementwise", "loaded", "node", "operation", "stacked"]
