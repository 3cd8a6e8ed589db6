"""Proofs by induction of programs that read their inputs one after the other."""
