"""What a certificate states, in words, read from its problem (or its structure) and nothing else.

That is all that a certificate is about: what its ``about`` says of itself is not checked by anything.
"""

import json
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from mechverify.engines.certificates.problem import statement_sha256
from mechverify.errors import InternalError
from mechverify.report.words.formula import Words, number_of
from mechverify.report.words.numbers import equation, short_number
from mechverify.report.words.structure import structure_words
from mechverify.results import CheckReport


def certificate_statement(path: Path, answer: CheckReport) -> str | None:
    """The statement of a certificate that the kernel could read; None for one that it rejected or could not read.

    Raises InternalError when the file has changed since the kernel read it.
    """
    if answer.answer not in ("valid", "unconfirmed"):
        return None
    certificate = json.loads(path.read_text("utf-8"))
    if certificate["kind"] != answer.kind or statement_sha256(certificate) != answer.sha256:
        raise InternalError(f"{path} changed while it was being checked")
    if answer.kind == "modular":
        return structure_words(certificate["structure"])
    problem = certificate["problem"]
    if answer.kind == "map":
        return map_words(problem, certificate["sizes"])
    point = certificate.get("point")
    return problem_words(problem, str(answer.kind), None if point is None else [number_of(p) for p in point])


def map_words(problem: Mapping[str, Any], sizes: Sequence[Sequence[Any]]) -> str:
    """The statement of a valid map: the problem, and how much of its box each label has."""
    words = Words(problem)
    assumption, claim = words.text(problem["assumption"]), words.text(problem["claim"]) + "."
    counted = f" where {words.text(problem['domain'])}" if "domain" in problem else ""
    within = {"inside": f" with {assumption}", "outside": f" without {assumption}", "apart": " that do not count"}
    if assumption == "true":
        within["inside"] = ""
    done = {"proved": "it is true", "refuted": "it is false", "open": "it is not said whether it is true"}
    rows = []
    for place, verdict, dimension, low, high in sizes:
        most, least = short_number(number_of(high)), short_number(number_of(low))
        size = most if low == high else f"{least} to {most}"
        unit = f" (in {dimension} real dimension{'s' * (dimension != 1)})" if dimension else ""
        rows.append(f"{done[verdict]} at {size}{unit}{within.get(place, '')}")
    return f"Of the inputs{words.domain(': ')}{counted}, {'; '.join(rows)}: {claim}{words.legend()}"


def problem_words(problem: Mapping[str, Any], kind: str, point: Sequence[Fraction] | None = None) -> str:
    """The statement of a valid certificate of this kind over a well-formed problem."""
    words = Words(problem)
    assumption, claim = words.text(problem["assumption"]), words.text(problem["claim"]) + "."
    given = "" if assumption == "true" else f" with {assumption}"
    everywhere = ", in every execution within the float32 errors" if words.rounds else ""
    if kind in ("witness", "replayed"):
        names = [entry[0] for entry in problem["inputs"]]
        at = ", ".join(equation(n, short_number(p)) for n, p in zip(names, point or (), strict=True))
        how = f"is false{everywhere}" if kind == "witness" else "was false in a runtime"
        admissible = "" if assumption == "true" else f", where {assumption} holds"
        return f"At {at or 'the only input'}{admissible}, this {how}: {claim}{words.legend()}"
    if kind == "empty":
        return f"There is no input at all{words.domain(' among ')} that meets: {assumption}.{words.legend()}"
    return f"For every input{words.domain(': ')}{given}{everywhere}: {claim}{words.legend()}"
