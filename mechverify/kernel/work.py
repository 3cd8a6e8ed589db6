"""How much work one certificate may ask for. Counted, not timed: every machine gives the same answer.

The unit is a term, one number that an operation reads or writes: about a microsecond at most, and far less where
many are summed at once.

- A node of k arguments is evaluated at a point in 1 + k terms, on the box of a leaf in (1 + k) (1 + n) terms, n the
  number of parameters of more than one value: each form has so many columns.
- A multiplier of a leaf counts 1 + n; a row or a polynomial of a leaf what it has terms.
- A point of `enumerate` counts one, and so does what is put back from a table.
- A step counts the parameters, facts and known nodes of its path; one that makes another problem its nodes as well.
"""

from .fault import InvalidError
from .numbers.number import MAX_BITS

MAX_OPERATIONS = 100_000_000_000
LONG_BITS = 1 << 13
MAX_LONG_WORK = 1 << 32


class Work:
    """`operations` counts terms; `long` the arithmetic on numbers of more than 8192 bits, in products of
    64-bit words."""

    def __init__(self) -> None:
        self.operations = 0
        self.long = 0

    def count(self, operations: int) -> None:
        """Add terms, before the work on them is done. Raises `InvalidError` beyond 100,000,000,000."""
        self.operations += operations
        if self.operations > MAX_OPERATIONS:
            raise InvalidError(f"more than {MAX_OPERATIONS} terms are asked for")

    def long_number(self, bits: int, terms: int = 1) -> None:
        """Add one operation on `terms` numbers of up to `bits` bits. Raises `InvalidError` beyond 131,072 bits, and
        beyond 2^32 products of words in all."""
        if bits > MAX_BITS:
            raise InvalidError(f"a number has grown beyond {MAX_BITS} bits")
        words = bits >> 6
        self.long += words * (words + terms)
        if self.long > MAX_LONG_WORK:
            raise InvalidError(f"too much arithmetic on numbers of more than {LONG_BITS} bits")
