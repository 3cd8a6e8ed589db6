"""What ``scope`` says of the length of a claim's proofs as JSON."""

from mechverify.report.json.claims import Json
from mechverify.report.words.numbers import integer_text
from mechverify.scope_results import Lengths


def lengths_data(found: Lengths | None) -> Json | None:
    """``claims[].scope.length``; null where it was not asked for."""
    if found is None:
        return None
    runs = found.runs
    cost = None if runs is None else {"inputs": integer_text(runs.inputs), "operations": integer_text(runs.operations)}
    proofs = [
        {
            "way": one.way,
            "verdict": one.verdict.value,
            "engine": one.engine,
            "steps": one.steps,
            "operations": one.operations,
            "bytes": one.size_bytes,
        }
        for one in found.each
    ]
    return {
        "proofs": proofs,
        "brute_force": cost,
        "listed": None if found.listed is None else integer_text(found.listed),
    }
