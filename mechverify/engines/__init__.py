"""Searching for proofs and counterexamples. Nothing an engine says is believed: it hands in a certificate."""
