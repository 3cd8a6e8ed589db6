"""One call of an exported program on its way into the graph, compared with what the program itself says of its result.

``torch.export`` records the shape and the element type of every result. A disagreement means that the table reads the
operation in another way than torch does, whatever the values are: it is refused, with the node's name.
"""

import inspect
from collections.abc import Mapping
from typing import Any

from mechverify.errors import UnsupportedOperationError
from mechverify.models.tensors.arithmetic import Arithmetic
from mechverify.models.tensors.limits import check_elements
from mechverify.models.tensors.operation import Operation
from mechverify.models.tensors.tensor import Tensor
from mechverify.models.torch.export import target_name
from mechverify.models.torch.operations.promotion import TORCH_TYPES
from mechverify.models.torch.operations.table import TABLE


def call(node: Any, values: Mapping[Any, Any], arithmetic: Arithmetic) -> Any:
    """The tensors that a ``call_function`` node computes; ``values`` holds those of the nodes before it.

    Raises UnsupportedOperationError, ModelError.
    """
    args, kwargs = resolved(node.args, values), resolved(node.kwargs, values)
    name = target_name(node.target)
    if name not in TABLE:
        result = args[0][args[1]]
        compare_result(node, result)
        return result
    schema = node.target._schema.arguments  # noqa: SLF001
    positional = list(args)
    named = dict(kwargs)
    for argument in schema[len(positional) :]:
        if argument.kwarg_only or not (set(named) & {a.name for a in schema if not a.kwarg_only}):
            break
        positional.append(named.pop(argument.name, argument.default_value))
    operation = Operation(f"aten.{name} (node {node.name!r})", 0, (), {}, arithmetic)
    build = TABLE[name]
    try:
        inspect.signature(build).bind(operation, *positional, **named)
    except TypeError as error:
        raise UnsupportedOperationError(f"{operation.where}: arguments {positional} {named}: {error}") from error
    result = build(operation, *positional, **named)
    for tensor in result if isinstance(result, tuple) else (result,):
        check_elements(tensor.array.size, operation.where)
    compare_result(node, result)
    return result


def compare_result(node: Any, result: Any) -> None:
    """Raise UnsupportedOperationError where a result has another shape or element type than the program records.

    Of a tuple those parts are compared that were built.
    """
    said = node.meta.get("val")
    built, recorded = (result, said) if isinstance(result, tuple) else ((result,), (said,))
    if not isinstance(recorded, tuple | list) or len(built) > len(recorded):
        raise UnsupportedOperationError(f"node {node.name!r} ({node.target}): torch.export records no result")
    for tensor, value in zip(built, recorded, strict=False):
        _compare(node, tensor, value)


def _compare(node: Any, tensor: Tensor, value: Any) -> None:
    if not hasattr(value, "dtype"):
        raise UnsupportedOperationError(f"node {node.name!r} ({node.target}): torch.export records no tensor")
    shape = tuple(value.shape)
    if TORCH_TYPES.get(str(value.dtype)) != tensor.dtype or not _same(shape, tensor.shape):
        kind = str(value.dtype).removeprefix("torch.")
        raise UnsupportedOperationError(
            f"node {node.name!r} ({node.target}) is read as {tensor.dtype} of shape {list(tensor.shape)}; in torch it "
            f"is {kind} of shape {list(shape)}",
            "please report this; written with another operation the module may be read",
        )


def _same(said: tuple[Any, ...], built: tuple[int, ...]) -> bool:
    return len(said) == len(built) and all(isinstance(a, int) and a == b for a, b in zip(said, built, strict=True))


def resolved(value: Any, values: Mapping[Any, Any]) -> Any:
    """An argument with the nodes in it replaced by their values."""
    if isinstance(value, tuple | list):
        return [resolved(v, values) for v in value]
    if isinstance(value, dict):
        return {k: resolved(v, values) for k, v in value.items()}
    return values[value] if type(value).__name__ == "Node" else value
