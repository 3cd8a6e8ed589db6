"""An obligation as the data of ``docs/kernel.md``: the problem, node for node, and the certificate files around it."""

import hashlib
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from mechverify.engines.engine import ProofFound
from mechverify.errors import InternalError
from mechverify.graph.graph import Node, Obligation
from mechverify.graph.rows import Row
from mechverify.kernel.api import CERTIFICATE_FORMAT, PROBLEM_FORMAT, Spelling, canonical_bytes, format_number, words_of

_ROUNDED_OPS = frozenset(("mul", "div"))
_PLAIN_OPS = frozenset(
    ["relu", "abs", "max", "min", "floor", "round", "sqrt", "exp", "log", "round32", "ite", "le", "lt", "eq", "not"],
)


def node_data(node: Node) -> list[Any]:
    """One node as kernel data. Raises InternalError for an operation that the kernel does not know."""
    op, args = node.op, list(node.args)
    if op in _PLAIN_OPS:
        return [op, *args]
    if op == "input":
        return ["input", args[0]]
    if op == "const":
        return ["const", format_number(node.numbers[0])]
    if op == "affine":
        terms = [[format_number(w), a] for w, a in zip(node.numbers[1:], args, strict=True)]
        return ["affine", node.rounding, format_number(node.numbers[0]), terms]
    if op in _ROUNDED_OPS:
        return [op, node.rounding, *args]
    if op == "bool":
        return ["bool", "true" if node.truth else "false"]
    if op in ("and", "or"):
        return [op, args]
    raise InternalError(f"no kernel operation is named {op}")


def problem_data(obligation: Obligation) -> dict[str, Any]:
    """The kernel problem of an obligation."""
    graph = obligation.graph
    spelling = Spelling()
    for n in graph.nodes:
        words = _words(n)
        if words is None:
            spelling.node(node_data(n))
        else:
            spelling.row(n.rounding, n.args, format_number(n.numbers[0]), words)
    return {
        "format": PROBLEM_FORMAT,
        "inputs": [[i.name, i.kind, format_number(i.low), format_number(i.high)] for i in graph.inputs],
        **spelling.end(),
        "assumption": obligation.assumption,
        "claim": obligation.claim,
    }


def _words(node: Node) -> bytes | None:
    """The words of a node that stands in rows, None for any other."""
    if node.op != "affine":
        return None
    if isinstance(node.numbers, Row):
        return node.numbers.words.astype("<f4").tobytes()
    return words_of(node.numbers[1:])


def problem_sha256(problem: Mapping[str, Any]) -> str:
    """The identity of a problem: the SHA-256 of its canonical bytes, in hexadecimal."""
    return hashlib.sha256(canonical_bytes(dict(problem))).hexdigest()


def statement_sha256(certificate: Mapping[str, Any]) -> str:
    """The identity of what a certificate states: of its structure if it is modular, else of its problem."""
    return problem_sha256(certificate["structure" if certificate["kind"] == "modular" else "problem"])


def proof_certificate(
    problem: Mapping[str, Any],
    proof: ProofFound,
    inhabitant: Sequence[Fraction] | None = None,
    about: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """A certificate of kind ``proof`` (which needs an inhabitant) or ``empty``."""
    data: dict[str, Any] = {
        "format": CERTIFICATE_FORMAT,
        "kind": "empty" if proof.empty else "proof",
        "problem": dict(problem),
        "precision": proof.precision,
        "steps": list(proof.steps),
        "about": dict(about or {}),
    }
    if not proof.empty:
        if inhabitant is None:
            raise InternalError("a proof certificate needs a point that meets the assumption")
        data["inhabitant"] = [format_number(x) for x in inhabitant]
    return data


def point_certificate(
    problem: Mapping[str, Any],
    point: Sequence[Fraction],
    replay: Mapping[str, Any] | None = None,
    about: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """A certificate of kind ``witness``, or ``replayed`` when a runtime's words are given."""
    data: dict[str, Any] = {
        "format": CERTIFICATE_FORMAT,
        "kind": "witness" if replay is None else "replayed",
        "problem": dict(problem),
        "point": [format_number(x) for x in point],
        "about": dict(about or {}),
    }
    if replay is not None:
        data["replay"] = dict(replay)
    return data


def modular_certificate(
    structure: Mapping[str, Any],
    relations: Sequence[Mapping[str, Any]],
    lemmas: Sequence[Sequence[Any]],
    last: Sequence[Any],
    inhabitant: Sequence[Fraction],
    *,
    precision: int = 96,
    about: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """A certificate of kind ``modular``: steps for each variable's lemma and the last one, and an admissible run."""
    return {
        "format": CERTIFICATE_FORMAT,
        "kind": "modular",
        "structure": dict(structure),
        "precision": precision,
        "relations": [dict(one) for one in relations],
        "lemmas": [list(steps) for steps in lemmas],
        "last": list(last),
        "inhabitant": [format_number(x) for x in inhabitant],
        "about": dict(about or {}),
    }


def certificate_bytes(certificate: Mapping[str, Any]) -> bytes:
    """A certificate file's bytes, canonical like the problem's."""
    return canonical_bytes(dict(certificate))
