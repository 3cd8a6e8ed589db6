"""A claim's structure and the relations of a modular proof as the data of ``docs/modular.md``, and the lemmas that the
kernel derives from them as obligations."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from mechverify.engines.certificates.problem import node_data, node_of
from mechverify.explanation.structures.pieces import Piece
from mechverify.explanation.structures.structure import ClaimStructure
from mechverify.graph.graph import Graph, Input, Obligation
from mechverify.kernel.api import (
    CERTIFICATE_FORMAT,
    Relation,
    Structure,
    format_number,
    last_problem,
    lemma_problem,
    parse_number,
    read_relations,
    read_structure,
    run_problem,
    spelled_out,
)

STRUCTURE_FORMAT = "mechverify-structure 1"


@dataclass(frozen=True, slots=True)
class Related:
    """What a proof supposes of a variable: kind and bounds of its site and value components (as inputs without a
    name), and a condition on both."""

    sites: tuple[Input, ...]
    values: tuple[Input, ...]
    holds: Piece


def structure_data(structure: ClaimStructure) -> dict[str, Any]:
    """The structure as the kernel reads it."""
    return {
        "format": STRUCTURE_FORMAT,
        "inputs": [[i.name, *_kind_data(i)] for i in structure.inputs],
        "assumption": _piece_data(structure.assumption),
        "swapped": list(structure.swapped),
        "rest": structure.rest,
        "variables": [
            {
                "name": v.name,
                "parents": list(v.parents),
                "reads": list(v.reads),
                "sites": v.sites,
                "values": len(v.truths),
                "network": _piece_data(v.network),
                "mechanism": _piece_data(v.mechanism),
            }
            for v in structure.variables
        ],
        "claim": _piece_data(structure.claim),
    }


def relation_data(related: Related) -> dict[str, Any]:
    """The relation of one variable as the kernel reads it."""
    return {
        "sites": [_kind_data(i) for i in related.sites],
        "values": [_kind_data(i) for i in related.values],
        "holds": _piece_data(related.holds),
    }


@dataclass(frozen=True, slots=True)
class Lemmas:
    """The lemmas of a structure under relations that may be refined one after the other."""

    data: Mapping[str, Any]
    structure: Structure

    @staticmethod
    def of(structure: ClaimStructure) -> "Lemmas":
        """The lemmas of a claim's structure. Raises UnreadableError where the kernel does not take it."""
        data = structure_data(structure)
        return Lemmas(data, read_structure(data))

    def runs(self) -> Obligation:
        """The admissible runs of one input."""
        return obligation_of(run_problem(self.structure))

    def lemma(self, related: Sequence[Related], index: int) -> Obligation:
        """The lemma of a variable; ``related`` are those of all variables up to it. Raises UnreadableError."""
        return obligation_of(lemma_problem(self.structure, self._known(related), index))

    def last(self, related: Sequence[Related]) -> Obligation:
        """The last lemma. Raises UnreadableError."""
        return obligation_of(last_problem(self.structure, self._known(related)))

    def certificate(
        self, related: Sequence[Related], steps: Sequence[Sequence[Any]], precision: int, inhabitant: Sequence[Fraction]
    ) -> dict[str, Any]:
        """The certificate of the whole; ``steps`` of each variable's lemma and then of the last."""
        return {
            "format": CERTIFICATE_FORMAT,
            "kind": "modular",
            "structure": dict(self.data),
            "precision": precision,
            "relations": [relation_data(one) for one in related],
            "lemmas": [list(each) for each in steps[:-1]],
            "last": list(steps[-1]),
            "inhabitant": [format_number(x) for x in inhabitant],
            "about": {},
        }

    def _known(self, related: Sequence[Related]) -> tuple[Relation, ...]:
        head = Structure(
            self.structure.inputs,
            self.structure.assumption,
            self.structure.swapped,
            self.structure.rest,
            self.structure.variables[: len(related)],
            self.structure.claim,
            self.structure.data,
            self.structure.sha256,
        )
        return read_relations([relation_data(one) for one in related], head)


def obligation_of(problem: Mapping[str, Any]) -> Obligation:
    """A kernel problem as an obligation with the very same nodes."""
    inputs = tuple(
        Input(name, kind, Fraction(parse_number(low)), Fraction(parse_number(high)))
        for name, kind, low, high in problem["inputs"]
    )
    nodes = tuple(node_of(raw) for raw in spelled_out(problem))
    return Obligation(Graph(inputs, nodes), problem["assumption"], problem["claim"])


def _kind_data(one: Input) -> list[str]:
    return [one.kind, format_number(one.low), format_number(one.high)]


def _piece_data(piece: Piece) -> dict[str, Any]:
    return {"nodes": [node_data(n) for n in piece.nodes], "roots": list(piece.roots)}
