"""The kernel in process: check certificates, evaluate points, and follow the state of a path."""

import json
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from .check import Answer, apply_step, check_bytes
from .fault import InvalidError
from .numbers.number import Number, format_number, normal, parse_number
from .plan import Prepared
from .points.point import PointValues
from .reading.blocks import Spelling, read_block, words_of
from .reading.problem import PROBLEM_FORMAT, Problem, canonical_bytes, read_problem
from .reading.reader import Json
from .rules.witness import evaluate
from .state import State

__all__ = [
    "PROBLEM_FORMAT",
    "Answer",
    "Problem",
    "Spelling",
    "canonical_bytes",
    "check_bytes",
    "check_data",
    "evaluate_point",
    "format_number",
    "leaf_status",
    "open_path",
    "parse_number",
    "read_problem",
    "spelled_out",
    "try_step",
    "words_of",
]


def check_data(data: Json) -> Answer:
    """Check a certificate file given as the value of its JSON."""
    try:
        text = json.dumps(data)
    except (TypeError, ValueError, RecursionError) as error:
        return Answer("unreadable", reason=f"not a value of JSON: {type(error).__name__}")
    return check_bytes(text.encode("ascii"))


def evaluate_point(problem: Problem, point: Sequence[Number]) -> list[bool | tuple[Number, Number] | None]:
    """The value of every node at a point: a truth, an interval, or None for unknown or any value.

    Raises `InvalidError` where the point is not one of the inputs' box.
    """
    prepared = Prepared(problem)
    evaluate(prepared, list(point))
    values = PointValues(prepared, range(len(problem.nodes)))
    values.run(list(point))
    return [values.truth[v] if node.boolean else values.ends(v) for v, node in enumerate(problem.nodes)]


def spelled_out(problem: Mapping[str, Any]) -> list[Any]:
    """The nodes of a problem's JSON value one by one, those in rows as the `affine` nodes that they stand for.

    Raises `UnreadableError` where a block is none.
    """
    blocks = [read_block(raw) for raw in problem.get("blocks", ())]
    nodes: list[Any] = []
    for raw in problem["nodes"]:
        if raw[0] != "rows":
            nodes.append(raw)
            continue
        _, rounding, block, biases, args = raw
        for row, bias in zip(blocks[block].rows, biases, strict=True):
            weights = [format_number(normal(Fraction(w, 1 << row.shift))) for w in row.numerators]
            nodes.append(["affine", rounding, bias, [[w, a] for w, a in zip(weights, args, strict=True)]])
    return nodes


def open_path(problem: Problem, precision: int = 96, *, empty: bool = False) -> State:
    """The root of a proof tree, for `try_step`; `empty` for a certificate of that kind."""
    return State.start(Prepared(problem, precision, empty=empty))


def try_step(state: State, step: Json) -> list[State] | None:
    """What a step leaves to prove on a path: its children, none where it settles the path; None where it is invalid.

    The state is not changed. `state.live` has the bounds of the parameters, `state.facts` the facts in the order of
    their indices, `state.closed` says that only `["leaf"]` is allowed.
    """
    try:
        return apply_step(state, step, lambda _operations: None)
    except InvalidError:
        return None


def leaf_status(problem: Problem, precision: int = 96) -> bool:
    """Whether `["leaf"]` alone proves the problem on its whole box."""
    return try_step(open_path(problem, precision), ["leaf"]) is not None
