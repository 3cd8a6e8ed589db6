"""Prove or refute mechanistic explanations of neural networks, with certificates that anyone can check.

``verify`` decides a claim about a module in memory, ``verify_file`` the claims of a spec; ``scope_file`` says where one
of these holds; ``strategies`` gives Hypothesis strategies from a spec's inputs. docs/python.md shows them.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mechverify import strategies
    from mechverify.interface.scope_file import FileScope, scope_file
    from mechverify.interface.verify import Verification, verify
    from mechverify.interface.verify_file import FileVerification, verify_file
    from mechverify.verdict import Verdict

__version__ = "0.1.0"
__all__ = [
    "FileScope",
    "FileVerification",
    "Verdict",
    "Verification",
    "__version__",
    "scope_file",
    "strategies",
    "verify",
    "verify_file",
]

_PLACES = {
    "FileScope": "mechverify.interface.scope_file",
    "FileVerification": "mechverify.interface.verify_file",
    "Verdict": "mechverify.verdict",
    "Verification": "mechverify.interface.verify",
    "scope_file": "mechverify.interface.scope_file",
    "verify": "mechverify.interface.verify",
    "verify_file": "mechverify.interface.verify_file",
}


def __getattr__(name: str) -> Any:
    """Load the parts that need heavy packages only when they are used."""
    from importlib import import_module  # noqa: PLC0415

    if name in _PLACES:
        return getattr(import_module(_PLACES[name]), name)
    if name == "strategies":
        return import_module("mechverify.strategies")
    raise AttributeError(f"module 'mechverify' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, "__doc__"]
