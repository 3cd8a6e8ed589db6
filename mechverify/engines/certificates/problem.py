"""An obligation as the data of ``docs/kernel.md``: the problem, node for node, and the certificate files around it."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from mechverify.engines.engine import ProofFound
from mechverify.errors import InternalError
from mechverify.graph.graph import Node, Obligation
from mechverify.graph.operations.table import OPERATIONS
from mechverify.graph.rows import Row, numbers_of
from mechverify.graph.tables import Entries
from mechverify.kernel.api import (
    CERTIFICATE_FORMAT,
    PLAIN_SUM,
    PROBLEM_FORMAT,
    Spelling,
    canonical_bytes,
    format_number,
    parse_number,
    table_data,
    words_of,
)


def node_data(node: Node) -> list[Any]:
    """One node as kernel data."""
    operation, args = node.operation, list(node.args)
    match operation.beside:
        case "number":
            return [node.op, format_number(node.numbers[0])]
        case "truth":
            return [node.op, "true" if node.truth else "false"]
        case "terms":
            terms = [[format_number(w), a] for w, a in zip(node.numbers[1:], args, strict=True)]
            return [node.op, _rounding_of_sum(node), format_number(node.numbers[0]), terms]
        case "rounding":
            return [node.op, node.rounding, *args]
        case "entries":
            return [node.op, [format_number(x) for x in node.numbers], *args]
    return [node.op, args] if operation.many else [node.op, *args]


def _rounding_of_sum(node: Node) -> str:
    return PLAIN_SUM if node.plain else node.rounding


def node_of(raw: Sequence[Any]) -> Node:
    """The node that kernel data stands for: ``node_data`` backwards. Raises InternalError where it is none."""
    operation = OPERATIONS.get(raw[0])
    if operation is None:
        raise InternalError(f"no operation of the graph is named {raw[0]}")
    match operation.beside:
        case "index":
            return Node(raw[0], (raw[1],))
        case "number":
            found = Node(raw[0], numbers=(_number(raw[1]),))
        case "truth":
            found = Node(raw[0], truth=raw[1] == "true")
        case "terms":
            weights = [_number(w) for w, _ in raw[3]]
            plain = raw[1] == PLAIN_SUM
            args, numbers = tuple(a for _, a in raw[3]), numbers_of(_number(raw[2]), weights)
            return Node(raw[0], args, numbers, "float32" if plain else raw[1], plain=plain)
        case "entries":
            found = Node(raw[0], (raw[2],), Entries([_number(x) for x in raw[1]]))
        case "rounding":
            found = Node(raw[0], tuple(raw[2:]), rounding=raw[1])
        case _:
            found = Node(raw[0], tuple(raw[1] if operation.many else raw[1:]))
    if node_data(found) != list(raw) or not (operation.many or len(found.args) == len(operation.takes)):
        raise InternalError(f"a kernel node cannot be read back: {raw[0]}")
    return found


def _number(text: str) -> Fraction:
    return Fraction(parse_number(text))


def problem_data(obligation: Obligation) -> dict[str, Any]:
    """The kernel problem of an obligation."""
    graph = obligation.graph
    spelling = Spelling()
    tables: dict[int, Any] = {}
    for n in graph.nodes:
        words = _words(n)
        if isinstance(n.numbers, Entries):
            key = id(n.numbers)
            tables[key] = tables[key] if key in tables else _table_data(n.numbers)
            spelling.table(tables[key], n.args[0])
        elif words is None:
            spelling.node(node_data(n))
        else:
            spelling.row(_rounding_of_sum(n), n.args, format_number(n.numbers[0]), words)
    return {
        "format": PROBLEM_FORMAT,
        "inputs": [[i.name, i.kind, format_number(i.low), format_number(i.high)] for i in graph.inputs],
        **spelling.end(),
        "assumption": obligation.assumption,
        "claim": obligation.claim,
    }


def _table_data(entries: Entries) -> Any:
    """A table in the kernel's one spelling."""
    if entries.words is None:
        return table_data([x.numerator if x.denominator == 1 else x for x in entries])
    return base64.b64encode(entries.words.astype("<f4").tobytes()).decode("ascii")


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
