"""A step of a proof as a rule sees it, and strict access to its fields. A malformed step is invalid."""

from collections.abc import Callable
from dataclasses import dataclass

from .fault import InvalidError, UnreadableError
from .numbers.number import Number, parse_number
from .reading.reader import Json, as_index, as_list


@dataclass(frozen=True, slots=True)
class Step:
    """The raw fields of a step, the name of its rule first, and a counter of the terms that are read for it."""

    fields: list[Json]
    count: Callable[[int], None]

    def arity(self, least: int, most: int | None = None) -> None:
        """Check the number of fields after the name."""
        if not least <= len(self.fields) - 1 <= (least if most is None else most):
            raise InvalidError("the step has the wrong number of fields")

    @staticmethod
    def invalid(reason: str) -> InvalidError:
        """The error to raise for a side condition that fails."""
        return InvalidError(reason)


def step_list(raw: Json, length: int | None = None) -> list[Json]:
    """A list field."""
    try:
        return as_list(raw, "a field of the step", length)
    except UnreadableError as error:
        raise InvalidError(str(error)) from None


def step_index(raw: Json, below: int) -> int:
    """An index field, 0 .. below - 1."""
    try:
        return as_index(raw, "an index of the step", below)
    except UnreadableError as error:
        raise InvalidError(str(error)) from None


def step_number(raw: Json) -> Number:
    """A number field."""
    try:
        return parse_number(raw)
    except UnreadableError as error:
        raise InvalidError(str(error)) from None
