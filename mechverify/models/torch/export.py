"""From a module to a list of ATen operations with a mark at every module's output.

A forward hook on each submodule passes its output through ``mechverify::site``, an operation that copies its argument
and carries the site's name. ``torch.export`` records it where the hook ran, so that a site is exactly what the hook
sees.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

from mechverify.errors import ModelError, UnsupportedOperationError
from mechverify.models.model import ModelInput
from mechverify.models.torch.batches import refuse_failure_on_one
from mechverify.models.torch.inputs import example
from mechverify.models.torch.operations.table import IGNORED, TABLE

SITE = "mechverify.site.default"
SEVERAL = 3
BATCH_HINT = (
    "each row of the batch must be computed from that row alone, and x.shape[0] may only give a shape, as in "
    "x.reshape(x.shape[0], -1)"
)


@cache
def site_operation() -> Any:
    """The marking operation, registered with torch once."""
    import torch

    def site(value: torch.Tensor, name: str) -> torch.Tensor:  # noqa: ARG001
        return value.clone()

    operation = torch.library.custom_op("mechverify::site", site, mutates_args=())
    operation.register_fake(site)
    return operation


@contextmanager
def module_hooks(module: Any, visit: Callable[[str, int, Any], Any]) -> Iterator[None]:
    """Call ``visit(path, call number, output)`` after every submodule; what it returns (unless None) replaces the
    output.
    """
    counts: dict[str, int] = {}
    handles = []

    def reset(*_: Any) -> None:
        counts.clear()

    def after(path: str) -> Callable[..., Any]:
        def hook(_module: Any, _args: Any, output: Any) -> Any:
            number = counts.get(path, 0)
            counts[path] = number + 1
            return visit(path, number, output)

        return hook

    handles.append(module.register_forward_pre_hook(reset))
    handles += [m.register_forward_hook(after(path)) for path, m in module.named_modules() if path]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def call_name(path: str, number: int, position: int = 0) -> str:
    """The full name of a call's output: ``path#number``, later tensors of a tuple ``path#number.k``."""
    return f"{path}#{number}" if position == 0 else f"{path}#{number}.{position}"


def export(module: Any, inputs: Sequence[ModelInput]) -> Any:
    """The exported program of a module on a batch of one. Raises ModelError, UnsupportedOperationError."""
    try:
        program = _exported(module, example(inputs), None)
    except Exception as error:
        refuse_failure_on_one(module, inputs)
        raise ModelError(
            f"torch.export cannot read the module: {_in_short(error)}",
            "control flow on tensor values cannot be exported; use torch.where",
        ) from error
    missing = unsupported(program)
    if missing:
        raise UnsupportedOperationError(f"the module uses operations that are not modelled: {', '.join(missing)}")
    return program


_PLACE = re.compile(r'raised this error:\n\s*File "([^"\n]+)", line (\d+), in (\w+)\n\s*([^\n]+)')


def _in_short(error: Exception) -> str:
    """The first line of what torch says, and the line of the author's code where it says one."""
    text = str(error).strip()
    said = f"{type(error).__name__}: {text.partition(chr(10))[0]}"
    place = _PLACE.search(text)
    return said if place is None else f"{said}; {place[1]}:{place[2]}, in {place[3]}: {place[4].strip()}"


def export_any_batch(module: Any, inputs: Sequence[ModelInput]) -> Any:
    """The exported program of a module on a batch of any size from two. Raises UnsupportedOperationError."""
    import torch

    batch = torch.export.Dim("batch", min=2)
    try:
        return _exported(module, example(inputs, SEVERAL), tuple({0: batch} for _ in inputs))
    except Exception as error:
        raise any_batch_failure(error) from error


def _exported(module: Any, given: tuple[Any, ...], dynamic: Any) -> Any:
    import warnings

    import torch
    from torch.utils import _pytree

    site = site_operation()

    def mark(path: str, number: int, output: Any) -> Any:
        position = iter(range(1_000_000))

        def one(value: Any) -> Any:
            return site(value, call_name(path, number, next(position))) if isinstance(value, torch.Tensor) else value

        return _pytree.tree_map(one, output)

    with module_hooks(module, mark), torch.no_grad(), warnings.catch_warnings(), _quiet():
        warnings.simplefilter("ignore")
        program = torch.export.export(module, given, dynamic_shapes=dynamic, strict=False)
        _fill_new_tensors(program)
        if unsupported(program, sizes=dynamic is not None):
            decomposed = program.run_decompositions()
            missing = unsupported(decomposed, sizes=dynamic is not None)
            program = program if missing and not _changes_in_place(program) else decomposed
        return program


def _fill_new_tensors(program: Any) -> None:
    """Let a fill in place of a tensor that nothing else reads be one that returns a new tensor: decomposing a program
    for it would write the products of a batch in another way than those of one row.
    """
    import torch

    fills = {torch.ops.aten.masked_fill_.Scalar: torch.ops.aten.masked_fill.Scalar}
    for node in program.graph.nodes:
        filled = node.args[0] if node.op == "call_function" and node.target in fills else None
        schema = getattr(getattr(filled, "target", None), "_schema", None)
        if filled is None or schema is None or len(filled.users) != 1:
            continue
        if filled.op == "call_function" and all(r.alias_info is None for r in schema.returns):
            node.target = fills[node.target]


def _changes_in_place(program: Any) -> bool:
    """Whether a program has operations that change a tensor, which the decomposed one has not."""
    packets = (target_name(n.target).partition(".")[0] for n in program.graph.nodes if n.op == "call_function")
    return any(packet.endswith("_") and packet != "detach_" for packet in packets)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep back what torch logs and prints of an export that fails; the error says it."""
    import io
    import logging
    from contextlib import redirect_stderr

    before = logging.root.manager.disable
    logging.disable(logging.ERROR)
    try:
        with redirect_stderr(io.StringIO()):
            yield
    finally:
        logging.disable(before)


def target_name(target: Any) -> str:
    """``linear.default`` for an ATen operation, the full name otherwise."""
    return str(target).removeprefix("aten.")


def unsupported(program: Any, *, sizes: bool = False) -> list[str]:
    """The operations of an exported program that the table lacks, each with the submodule that it is first met in.

    With ``sizes``, those that compute a size of the program's tensors are set aside.
    """
    import operator

    places: dict[str, str] = {}
    for node in program.graph.nodes:
        if sizes and is_size(node.meta.get("val")):
            continue
        if node.op == "call_function" and node.target is not operator.getitem:
            name, full = target_name(node.target), str(node.target)
            if name not in TABLE and name not in IGNORED and full != SITE:
                places.setdefault(full, _place(node))
        elif node.op not in ("call_function", "placeholder", "output"):
            places.setdefault(node.op, _place(node))
    return [f"{name}{place}" for name, place in sorted(places.items())]


def is_size(value: Any) -> bool:
    """Whether a node's value is a number that depends on the size of the batch."""
    import torch

    return isinstance(value, torch.SymInt | torch.SymFloat | torch.SymBool)


def any_batch_failure(error: Exception) -> UnsupportedOperationError:
    """What to say where a program for any size of the batch cannot be made."""
    lines = [line.strip(" -") for line in str(error).splitlines() if line.strip()]
    said = next((v for v in lines if "Not all values" in v), lines[0] if lines else "no reason given")
    if any("specialized" in v for v in lines):
        return UnsupportedOperationError(
            "the size of the batch is used as a number, as by len(x), int(x.shape[0]), x.numel() or a loop over rows",
            BATCH_HINT,
        )
    return UnsupportedOperationError(
        f"what the module computes depends on the size of the batch (torch.export: {said})", BATCH_HINT
    )


def _place(node: Any) -> str:
    """`` (in blocks.0.attn)``, where the node is inside a submodule."""
    stack = list((node.meta.get("nn_module_stack") or {}).values())
    path = str(stack[-1][0]) if stack else ""
    return f" (in {path})" if path else ""
