"""Exact values of a graph at a point, straight from the table in docs/kernel.md, apart from the interval evaluator."""

from collections.abc import Sequence
from fractions import Fraction

from mechverify.graph.graph import Graph


def exact_values(graph: Graph, point: Sequence[Fraction]) -> list[Fraction | bool | None]:
    """Values of all nodes with every float32 node taken as exact; None for "any value"."""
    values: list[Fraction | bool | None] = []
    for n in graph.nodes:
        if n.op == "input":
            values.append(Fraction(point[n.args[0]]))
            continue
        args = [values[a] for a in n.args]
        if n.op == "ite":
            values.append(None if args[0] is None else args[1] if args[0] else args[2])
        elif n.op == "and" and any(a is False for a in args):
            values.append(False)
        elif n.op == "or" and any(a is True for a in args):
            values.append(True)
        elif any(a is None for a in args):
            values.append(None)
        else:
            values.append(_one(n, args))
    return values


def _one(n, args):  # type: ignore[no-untyped-def]
    match n.op:
        case "const":
            return n.numbers[0]
        case "affine":
            return n.numbers[0] + sum((w * a for w, a in zip(n.numbers[1:], args, strict=True)), Fraction(0))
        case "mul":
            return args[0] * args[1]
        case "div":
            return None if args[1] == 0 else args[0] / args[1]
        case "relu":
            return max(args[0], Fraction(0))
        case "abs":
            return abs(args[0])
        case "max":
            return max(args)
        case "min":
            return min(args)
        case "floor":
            return Fraction(args[0].__floor__())
        case "round":
            return Fraction(round(args[0]))
        case "round32":
            return args[0]
        case "table":
            (at,) = args
            return n.numbers[int(at)] if at.denominator == 1 and 0 <= at < len(n.numbers) else None
        case "bool":
            return n.truth
        case "le":
            return args[0] <= args[1]
        case "lt":
            return args[0] < args[1]
        case "eq":
            return args[0] == args[1]
        case "and":
            return all(args)
        case "or":
            return any(args)
        case "not":
            return not args[0]
    raise AssertionError(n.op)
