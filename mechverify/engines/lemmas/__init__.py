"""Proofs by a lemma for each cut of a graph that reads its inputs one after the other."""
