"""Modular proofs (SEMANTICS 23, ``docs/modular.md``)."""
