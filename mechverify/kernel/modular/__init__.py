"""Modular proofs of interchange claims: a structure, relations and their lemmas. `docs/modular.md` describes them."""

from .derive import last_problem, lemma_problem
from .piece import Piece
from .relations import Relation, read_relations
from .structure import Structure, Variable, read_structure, structure_sha256

__all__ = [
    "Piece",
    "Relation",
    "Structure",
    "Variable",
    "last_problem",
    "lemma_problem",
    "read_relations",
    "read_structure",
    "structure_sha256",
]
