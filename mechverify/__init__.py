"""Prove or refute mechanistic explanations of neural networks, with certificates that anyone can check."""

__version__ = "0.1.0"
