"""Comparisons that a step names, shown one after the other."""

from collections.abc import Mapping

from ..cursor import Step, step_index, step_list
from ..numbers.number import Number
from ..operations.table import OPERATIONS
from ..reading.node import Problem
from ..reading.reader import Json
from .bounds import Range
from .judgement import Judgement

Reaches = Mapping[int, tuple[Number, Number]]  # the bounds of each input


def held_inputs(problem: Problem, step: Step, raw: Json, reaches: Reaches) -> dict[int, int]:
    """The held inputs with their values: integers of one value, in ascending order. Raises `InvalidError`."""
    held: dict[int, int] = {}
    for raw_k in step_list(raw):
        k = step_index(raw_k, len(problem.inputs))
        low, high = reaches[k]
        if low != high or type(low) is not int or not problem.inputs[k].integer or (held and k <= max(held)):
            raise step.invalid(f"input {k} is no integer of one value, or out of order")
        held[k] = low
    return held


def ranges_of(problem: Problem, held: Mapping[int, int], reaches: Reaches) -> dict[int, Range]:
    """The places, in columns, of the values in reach of the integer inputs that are not held."""
    found: dict[int, Range] = {}
    for k, one in enumerate(problem.inputs):
        if one.integer and k not in held:
            first, last = (int(end - one.low) for end in reaches[k])
            found[k] = first, last
    return found


def show(judgement: Judgement, step: Step, raw: Json) -> None:
    """Show that comparisons have the truths that are told, and draw what follows. Raises `ContradictionError` for a
    contradiction, and `InvalidError` where one is not shown."""
    nodes = judgement.logic.nodes
    for raw_group in step_list(raw):
        word, raw_nodes = step_list(raw_group, 2)
        if word not in ("true", "false"):
            raise step.invalid("a truth is true or false")
        for raw_v in step_list(raw_nodes):
            v = step_index(raw_v, len(nodes))
            if not OPERATIONS[nodes[v].op].compares:
                raise step.invalid(f"node {v} is no comparison")
            if not judgement.shows(v, truth=word == "true"):
                raise step.invalid(f"comparison {v} is not shown to be {word}")
            judgement.learn(v, truth=word == "true")
