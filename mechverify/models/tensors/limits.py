"""How large a model may become before reading it is refused."""

from dataclasses import dataclass

from mechverify.errors import ModelError
from mechverify.graph.builder import GraphBuilder

MAX_FILE_BYTES = 512 * 2**20
MAX_PARAMETERS = 20_000_000
MAX_NODES = 5_000_000
MAX_TERMS = 20_000_000
MAX_ELEMENTS = 20_000_000
MAX_INPUTS = 1_000_000


@dataclass(slots=True)
class Meter:
    """Counts what one run of a model adds to a graph."""

    builder: GraphBuilder
    start: int
    terms: int = 0

    def charge(self, nodes: int, terms: int = 0) -> None:
        """Refuse before ``nodes`` more nodes with ``terms`` terms in all are built. Raises ModelError."""
        self.terms += terms
        self.expect(nodes, 0)

    def expect(self, nodes: int, terms: int) -> None:
        """Refuse what would exceed the limits, before any of it is built. Raises ModelError."""
        if len(self.builder) - self.start + nodes > MAX_NODES:
            raise ModelError(
                f"the model needs more than {MAX_NODES:,} scalar operations", "verify a smaller part of the model"
            )
        if self.terms + terms > MAX_TERMS:
            raise ModelError(
                f"the model needs more than {MAX_TERMS:,} scalar products", "verify a smaller part of the model"
            )


def check_elements(count: int, what: str) -> None:
    """Refuse a tensor that is too large to hold. Raises ModelError."""
    if count > MAX_ELEMENTS:
        raise ModelError(f"{what} would have {count:,} elements, more than {MAX_ELEMENTS:,}")
