"""Every row of a batch is computed as that row by itself, whatever the size of the batch; else the module is refused.

A module is read from a program that ``torch.export`` made of a batch of one, in which ``x.shape[0]`` is the constant 1.
Here it is exported again with a batch of any size. In that program the size may reach nothing but shapes. Then both are
followed on fingerprints (``torch_fingerprints``): in a batch, each row of every output and site must be computed as the
program of a batch of one computes it from that row alone.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from mechverify.errors import UnsupportedOperationError
from mechverify.models.model import ModelInput
from mechverify.models.torch.export import BATCH_HINT, SITE, is_size, target_name
from mechverify.models.torch.fingerprints import Marked, evaluate, marks_of, mixed, text_mark
from mechverify.models.torch.operations.table import IGNORED

ROWS = 3
# Arguments that give a shape and nothing else.
_SHAPES = frozenset({"size", "shape", "sizes", "repeats"})
_OPERATORS = frozenset({"mul", "add", "sub", "floordiv", "neg"})


def refuse_mixed_rows(inputs: Sequence[ModelInput], single: Any, several: Any) -> None:
    """Raise UnsupportedOperationError where a row of a batch is not what it is by itself.

    ``single`` is the program of a batch of one, ``several`` that of a batch of any size.
    """
    import torch

    _refuse_sizes(several)
    with torch.no_grad():
        rows = [[_input(k, row, i) for k, i in enumerate(inputs)] for row in range(ROWS)]
        batch = [Marked(torch.cat([r[k].marks for r in rows])) for k in range(len(inputs))]
        axes = _site_axes(single, several)
        together = _values(several, batch, axes, range(ROWS))
        for row, given in enumerate(rows):
            for name, value in _values(single, given, axes, [row]).items():
                if not _is_row(together.get(name), value, row):
                    raise UnsupportedOperationError(
                        f"the module computes {name.partition('#')[0]!r} of an input from the size of its batch, or "
                        "from other rows of it",
                        BATCH_HINT,
                    )


def _refuse_sizes(program: Any) -> None:
    """Raise UnsupportedOperationError where the size of the batch is used as a value."""
    for node in program.graph.nodes:
        if not is_size(node.meta.get("val")):
            continue
        for user in node.users:
            if is_size(user.meta.get("val")) and getattr(user.target, "__name__", "") in _OPERATORS:
                continue
            if user.op == "call_function" and _is_multiple(node.meta["val"]) and _only_shape(user, node):
                continue
            where = f"{user.name!r} (aten.{target_name(user.target)})" if user.op == "call_function" else "the output"
            raise UnsupportedOperationError(f"the size of the batch is used as a value by {where}", BATCH_HINT)


def _is_multiple(value: Any) -> bool:
    """Whether an integer is a multiple of the size of the batch."""
    expression = value.node.expr
    symbols = expression.free_symbols
    return len(symbols) == 1 and bool((expression / next(iter(symbols))).is_Integer)


def _only_shape(user: Any, node: Any) -> bool:
    """Whether a node is read by another one as a part of a shape alone."""
    schema = getattr(user.target, "_schema", None)
    if schema is None:
        return False
    given = dict(zip((a.name for a in schema.arguments), user.args, strict=False)) | dict(user.kwargs)
    return all(name in _SHAPES for name, value in given.items() if node in _nodes(value))


def _nodes(value: Any) -> list[Any]:
    if isinstance(value, tuple | list):
        return [n for v in value for n in _nodes(v)]
    return [value] if type(value).__name__ == "Node" else []


def _input(number: int, row: int, given: ModelInput) -> Marked:
    """Fresh fingerprints for one row of an input."""
    import torch

    places = torch.arange(torch.Size(given.shape).numel()).reshape(1, *given.shape)
    return Marked(mixed(text_mark(f"input {number} of row {row}"), places))


def _site_axes(single: Any, several: Any) -> dict[str, int | None]:
    """The batch axis of each site; None where it has none."""
    shapes: dict[str, list[tuple[Any, ...]]] = {}
    for program in (single, several):
        for node in program.graph.nodes:
            if node.op == "call_function" and str(node.target) == SITE:
                shapes.setdefault(node.args[1], []).append(tuple(node.meta["val"].shape))
    found = {}
    for name, both in shapes.items():
        if len(both) != 2 or len(both[0]) != len(both[1]):
            raise UnsupportedOperationError(
                f"the submodule {name.partition('#')[0]!r} returns one thing for a batch of one input and another for "
                "several",
                BATCH_HINT,
            )
        sized = [k for k, n in enumerate(both[1]) if not isinstance(n, int)]
        found[name] = sized[0] if len(sized) == 1 and both[0][sized[0]] == 1 else None
    return found


def _values(
    program: Any, given: Sequence[Marked], axes: Mapping[str, int | None], rows: Sequence[int]
) -> dict[str, Any]:
    """The fingerprints of all outputs and sites on a batch of some rows.

    A site may be replaced, in each row by something else: what follows reads a fingerprint of its own.
    """
    import torch

    signature = program.graph_signature
    sources = {**signature.inputs_to_parameters, **signature.inputs_to_buffers}
    sources |= signature.inputs_to_lifted_tensor_constants
    values: dict[Any, Any] = {}
    found: dict[str, Any] = {}
    waiting = iter(given)

    def resolved(value: Any) -> Any:
        if isinstance(value, tuple | list):
            return [resolved(v) for v in value]
        return values[value] if type(value).__name__ == "Node" else value

    for node in program.graph.nodes:
        if node.op == "placeholder":
            target = sources.get(node.name)
            if target is None:
                values[node] = next(waiting)
            else:
                held = program.constants if target in program.constants else program.state_dict
                values[node] = held[target].detach()
        elif node.op == "output":
            for k, value in enumerate(v for v in _leaves(resolved(node.args[0]))):
                found["output" if k == 0 else f"output.{k}"] = value
        elif str(node.target) == SITE:
            before, name = values[node.args[0]], node.args[1]
            axis = axes[name]
            if axis is None:
                values[node] = before
                continue
            marks = marks_of(before)
            found[name] = Marked(marks)
            salts = torch.tensor([text_mark(f"row {r}") for r in rows])
            salts = salts.reshape(-1, *(1,) * (marks.ndim - 1 - axis))
            values[node] = Marked(mixed(text_mark(name), marks, salts))
        elif target_name(node.target) not in IGNORED:
            values[node] = evaluate(node, resolved(node.args), {k: resolved(v) for k, v in node.kwargs.items()})
    return found


def _leaves(value: Any) -> list[Any]:
    if isinstance(value, list):
        return [leaf for v in value for leaf in _leaves(v)]
    return [] if value is None else [value]


def _is_row(together: Any, alone: Any, row: int) -> bool:
    """Whether a result for one row is that row of a result for several."""
    import torch

    if together is None:
        return False
    several, one = marks_of(together), marks_of(alone)
    for axis in range(one.ndim):
        shape = (*one.shape[:axis], ROWS, *one.shape[axis + 1 :])
        if one.shape[axis] == 1 and tuple(several.shape) == shape:
            return bool(torch.equal(several.narrow(axis, row, 1), one))
    return False
