"""What the model is fed, as nodes of its input types."""

from collections.abc import Callable, Mapping
from fractions import Fraction

from mechverify.explanation.formulas.expressions import ExpressionError
from mechverify.explanation.formulas.symbolic import Value, shape_of, to_array
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.graph import Rounding
from mechverify.graph.tables import Entries
from mechverify.models.model import Model, ModelInput, NodeArray
from mechverify.models.tensors.integers import IntegerBounds
from mechverify.spec.expression.syntax import Span
from mechverify.spec.spec import ModelDeclaration, SourceExpression


def feed_nodes(
    declaration: ModelDeclaration,
    model: Model,
    inputs: Mapping[str, Value],
    compile_value: Callable[[SourceExpression], Value],
    builder: GraphBuilder,
    rounding: Rounding,
) -> dict[str, NodeArray]:
    """Nodes for every input of the model: its ``feed`` expression, or the spec input of the same name.

    In ``float32`` each element is rounded once to nearest even (SEMANTICS 4).
    Raises ExpressionError where shapes or types do not fit.
    """
    given = {item.model_input: item.value for item in declaration.feed}
    names = [i.name for i in model.inputs]
    for item in declaration.feed:
        if item.model_input not in names:
            raise ExpressionError(
                item.value.span,
                f"the model has no input {item.model_input!r}; its inputs are: {', '.join(names)}",
                f"name one of them, as in `feed: {{{names[0]}: ...}}`" if names else None,
            )
    nodes: dict[str, NodeArray] = {}
    for model_input in model.inputs:
        expression = given.get(model_input.name)
        if expression is not None:
            value, span = compile_value(expression), expression.span
        elif model_input.name in inputs:
            value, span = inputs[model_input.name], declaration.span
        else:
            raise ExpressionError(
                declaration.span,
                f"the model's input {model_input.name!r} (shape {_shape(model_input.shape)}) is not fed: "
                f"add `feed: {{{model_input.name}: ...}}` or name a spec input {model_input.name!r}",
            )
        nodes[model_input.name] = _as_input(value, model_input, rounding, builder, span)
    return nodes


def _as_many(model_input: ModelInput) -> str | None:
    """How many numbers to feed a vector."""
    if len(model_input.shape) != 1:
        return None
    (count,) = model_input.shape
    listed = ", ".join(("a", "b", "c", "d")[:count]) + (", ..." if count > 4 else "")
    return f"feed it a vector of {count}, as in `{model_input.name}: [{listed}]`"


def _shape(shape: tuple[int, ...]) -> str:
    return f"[{', '.join(map(str, shape))}]" if shape else "a single number"


def _has(shape: tuple[int, ...]) -> str:
    return f"has shape {_shape(shape)}" if shape else f"is {_shape(shape)}"


def _as_input(
    value: Value, model_input: ModelInput, rounding: Rounding, builder: GraphBuilder, span: Span
) -> NodeArray:
    try:
        shape = shape_of(value)
    except ValueError as problem:
        raise ExpressionError(span, f"the feed of {model_input.name!r} has {problem}") from None
    if shape not in (model_input.shape, (1, *model_input.shape)):
        raise ExpressionError(
            span,
            f"the feed of {model_input.name!r} {_has(shape)}; the model takes {_shape(model_input.shape)}",
            _as_many(model_input),
        )
    array = to_array(value).reshape(model_input.shape)
    flat = [int(n) for n in array.ravel()]
    if any(builder.node(n).is_boolean for n in flat):
        raise ExpressionError(span, f"the feed of {model_input.name!r} has truth values; use `1 if ... else 0`")
    if model_input.dtype != "float32" and not all(is_integer(builder, n) for n in flat):
        raise ExpressionError(
            span,
            f"the model's input {model_input.name!r} takes integers, and the feed is not provably an integer",
        )
    if model_input.dtype != "float32":
        _check_range(flat, model_input, builder, span)
    if model_input.dtype == "bool":
        zero = builder.const(0)
        array = to_array(tuple(builder.negate(builder.eq(n, zero)) for n in flat)).reshape(model_input.shape)
    if model_input.dtype == "float32" and rounding == "float32":
        array = array.copy()
        array[...] = to_array(tuple(builder.round32(n) for n in flat)).reshape(model_input.shape)
    return array


def _check_range(nodes: list[int], model_input: ModelInput, builder: GraphBuilder, span: Span) -> None:
    """Refuse a feed that may lie outside what the model's element type holds, where a runtime would wrap it."""
    limits = (0, 1) if model_input.dtype == "bool" else model_input.range
    if limits is None:
        return
    bounds = IntegerBounds(builder)
    for node in nodes:
        found = bounds.of(node)
        if found is None or found[0] < limits[0] or found[1] > limits[1]:
            known = "is not known" if found is None else f"is {_number(found[0])} .. {_number(found[1])}"
            raise ExpressionError(
                span,
                f"the model's input {model_input.name!r} takes integers {_number(limits[0])} .. {_number(limits[1])}, "
                f"and the range of its feed {known}",
            )


def _number(value: Fraction | int) -> str:
    return f"{Fraction(value).numerator:,}"


def is_integer(builder: GraphBuilder, index: int) -> bool:
    """Whether a node is an integer by its form alone: an integer input or constant, or built from such."""
    node = builder.node(index)
    match node.op:
        case "input":
            return builder.input_at(node.args[0]).kind == "integer"
        case "const":
            return node.numbers[0].denominator == 1
        case "affine":
            whole = all(Fraction(w).denominator == 1 for w in node.numbers)
            return node.rounding == "exact" and whole and all(is_integer(builder, a) for a in node.args)
    if isinstance(node.numbers, Entries):
        return node.numbers.grid == 0
    numbers = [a for a in node.args if not builder.node(a).is_boolean]
    match node.operation.grid:
        case "integer":
            return True
        case "arguments" | "sum":
            return node.rounding == "exact" and all(is_integer(builder, a) for a in numbers)
    return False
