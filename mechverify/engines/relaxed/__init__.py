"""Proofs by cases that a linear relaxation turns on."""
