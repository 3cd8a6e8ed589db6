"""A claim cut at its sites, for modular proofs (``docs/modular.md``)."""
