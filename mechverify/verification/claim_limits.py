"""What the process of one claim is given at most."""

_OVERHEAD_SECONDS = 600.0
MEMORY = 12 << 30


def claim_seconds(timeout: float) -> float:
    """The seconds of a claim's process, checks by the kernel included."""
    return 3 * timeout + _OVERHEAD_SECONDS
