"""The kernel in process: what a certificate file says, the check of one, and a problem's values at a point.

The other door, for a search that follows the kernel's rules, is `search.py`; nothing outside comes in another way.
"""

import json
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from .check import CERTIFICATE_FORMAT, Answer, check_bytes
from .fault import InvalidError, KernelError, UnreadableError
from .modular.derive import last_problem, lemma_problem, run_problem
from .modular.integral import integral_roots
from .modular.relations import Relation, read_relations
from .modular.structure import Structure, read_structure
from .numbers.number import Number, format_number, normal, parse_number
from .plan import Prepared
from .points.point import PointValues
from .reading.blocks import Spelling, read_block, words_of
from .reading.node import PLAIN_SUM, Problem
from .reading.problem import PROBLEM_FORMAT, canonical_bytes, read_problem
from .reading.reader import Json
from .reading.tables import read_table, table_data
from .rules.witness import evaluate

__all__ = [
    "CERTIFICATE_FORMAT",
    "PLAIN_SUM",
    "PROBLEM_FORMAT",
    "Answer",
    "InvalidError",
    "KernelError",
    "Problem",
    "Relation",
    "Spelling",
    "Structure",
    "UnreadableError",
    "canonical_bytes",
    "check_bytes",
    "check_data",
    "evaluate_point",
    "format_number",
    "integral_roots",
    "last_problem",
    "lemma_problem",
    "parse_number",
    "read_problem",
    "read_relations",
    "read_structure",
    "run_problem",
    "spelled_out",
    "table_data",
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
    """The nodes of a problem's JSON value one by one, those in rows as the `affine` nodes that they stand for, and the
    list of all entries in the place of a table.

    Raises `UnreadableError` where a block or a table is none.
    """
    tables = [read_table(raw).spelled_out() for raw in problem.get("tables", ())]
    blocks = [read_block(raw) for raw in problem.get("blocks", ())]
    nodes: list[Any] = []
    for raw in problem["nodes"]:
        if raw[0] == "table":
            nodes.append(["table", tables[raw[1]], raw[2]])
            continue
        if raw[0] != "rows":
            nodes.append(raw)
            continue
        _, rounding, block, biases, args = raw
        for row, bias in zip(blocks[block].rows, biases, strict=True):
            weights = [format_number(normal(Fraction(w, 1 << row.shift))) for w in row.numerators]
            nodes.append(["affine", rounding, bias, [[w, a] for w, a in zip(weights, args, strict=True)]])
    return nodes
