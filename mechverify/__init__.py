"""Prove or refute mechanistic explanations of neural networks, with certificates that anyone can check."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mechverify import strategies
    from mechverify.interface import Verification, verify

__version__ = "0.1.0"
__all__ = ["Verification", "__version__", "strategies", "verify"]


def __getattr__(name: str) -> Any:
    """Load the parts that need heavy packages only when they are used."""
    from importlib import import_module  # noqa: PLC0415

    if name in ("verify", "Verification"):
        return getattr(import_module("mechverify.interface"), name)
    if name == "strategies":
        return import_module("mechverify.strategies")
    raise AttributeError(f"module 'mechverify' has no attribute {name!r}")
