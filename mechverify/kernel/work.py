"""How much work one certificate may ask for. Counted, not timed: every machine gives the same answer."""

from .fault import InvalidError
from .numbers.number import MAX_BITS

MAX_OPERATIONS = 1_000_000_000
LONG_BITS = 1 << 13
MAX_LONG_WORK = 1 << 32


class Work:
    """`operations` counts evaluations of nodes; `long` the arithmetic on numbers of more than 8192 bits, in products of
    64-bit words."""

    def __init__(self) -> None:
        self.operations = 0
        self.long = 0

    def count(self, operations: int) -> None:
        """Add evaluations of nodes, before they are done. Raises `InvalidError` beyond 1,000,000,000."""
        self.operations += operations
        if self.operations > MAX_OPERATIONS:
            raise InvalidError(f"more than {MAX_OPERATIONS} evaluations of nodes are asked for")

    def long_number(self, bits: int, terms: int = 1) -> None:
        """Add one operation on `terms` numbers of up to `bits` bits. Raises `InvalidError` beyond 131,072 bits, and
        beyond 2^32 products of words in all."""
        if bits > MAX_BITS:
            raise InvalidError(f"a number has grown beyond {MAX_BITS} bits")
        words = bits >> 6
        self.long += words * (words + terms)
        if self.long > MAX_LONG_WORK:
            raise InvalidError(f"too much arithmetic on numbers of more than {LONG_BITS} bits")
