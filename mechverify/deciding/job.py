"""What there is to decide of one claim."""

from collections.abc import Mapping
from dataclasses import dataclass

from mechverify.deciding.options import VerifyOptions
from mechverify.explanation.compiled import CompiledClaim
from mechverify.models.model import Model


@dataclass(frozen=True, slots=True)
class Job:
    """A claim with all that is needed to decide it; ``ideal`` is the same claim in real arithmetic, for a float32
    one."""

    compiled: CompiledClaim
    ideal: CompiledClaim | None
    models: Mapping[str, Model]
    options: VerifyOptions
