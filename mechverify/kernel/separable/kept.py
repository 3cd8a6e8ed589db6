"""What is computed once for a problem: its logic, and the tables of its nodes for the held inputs that come last."""

from collections.abc import Mapping

from ..plan import Prepared
from .bounds import Box
from .judgement import Judgement, Logic
from .values import Tabulation


def judgement_for(prepared: Prepared, held: Mapping[int, int], box: Box) -> Judgement:
    """What is known on a box of a problem, some inputs held at a value, before anything is shown there."""
    kept = prepared.kept
    logics: dict[int, Logic] = kept.setdefault("logic", {})
    logic = logics.get(prepared.problem.claim)
    if logic is None:
        logic = logics[prepared.problem.claim] = Logic(prepared)
    if "values" not in kept:
        kept["values"] = Tabulation(prepared, {})
    key = prepared.problem.claim, tuple(held.items())
    if kept.get("held") != key:
        values = Tabulation(prepared, held, kept["values"]) if held else kept["values"]
        kept["held"], kept["start"] = key, logic.start(values)
    return logic.on(kept["start"], box)
