"""The same claim in another arithmetic: a proof of one is offered to the kernel for the other at the same time."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from mechverify.engines.certificates.preparation import remembered_data
from mechverify.engines.certificates.problem import proof_certificate
from mechverify.engines.certificates.translation import translated
from mechverify.engines.engine import ProofFound
from mechverify.engines.processes.kernel import KernelAnswer, PendingCheck
from mechverify.graph.graph import Obligation


class Twin:
    """An obligation that differs from another in its rounding alone, and at most one check of it under way.

    Leaving its ``with`` block ends that check.
    """

    def __init__(self, obligation: Obligation, check_seconds: float) -> None:
        self.obligation = obligation
        self._check_seconds = check_seconds
        self._certificate: Mapping[str, Any] | None = None
        self._pending: PendingCheck | None = None

    def __enter__(self) -> "Twin":
        return self

    def __exit__(self, *_: object) -> None:
        self._drop()

    def offer(self, first: Obligation, proof: ProofFound, inhabitant: Sequence[Fraction]) -> None:
        """Start a check of the steps of a proof of the ``first``, if they have a counterpart here."""
        ours = self.counterpart(first, proof)
        if ours is None:
            return
        self._drop()
        certificate = proof_certificate(remembered_data(self.obligation), ours, inhabitant)
        self._certificate, self._pending = certificate, PendingCheck(certificate, self._check_seconds)

    def counterpart(self, first: Obligation, proof: ProofFound) -> ProofFound | None:
        """A proof of the first as steps about this one; only the kernel can say whether they prove it."""
        return None if proof.empty else translated(proof, first, self.obligation)

    def answer(self, certificate: Mapping[str, Any]) -> KernelAnswer | None:
        """The kernel's answer about this very certificate, waited for; None if it is not the one under way."""
        if self._pending is None or self._certificate != certificate:
            return None
        try:
            return self._pending.answer()
        finally:
            self._drop()

    def _drop(self) -> None:
        if self._pending is not None:
            self._pending.__exit__()
        self._pending = self._certificate = None
