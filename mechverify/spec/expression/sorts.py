"""What an expression's value can be, as far as the reader knows: a number, a truth value, a vector, or (for a site)
unknown."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Number:
    """One exact number."""


@dataclass(frozen=True, slots=True)
class Truth:
    """True or false."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """Anything: the value of a site, whose shape only the model knows."""


@dataclass(frozen=True, slots=True)
class Vector:
    """A list of values of one sort; ``length`` None where it is not known."""

    element: "Sort"
    length: int | None


Sort = Number | Truth | Unknown | Vector

NUMBER, TRUTH, UNKNOWN = Number(), Truth(), Unknown()


def tensor(shape: tuple[int, ...]) -> Sort:
    """The sort of a shaped input: nested vectors of numbers."""
    sort: Sort = NUMBER
    for length in reversed(shape):
        sort = Vector(sort, length)
    return sort


def described(sort: Sort) -> str:
    """The sort in words."""
    match sort:
        case Number():
            return "a number"
        case Truth():
            return "a truth value"
        case Vector(length=None):
            return "a vector"
        case Vector(length=length):
            return f"a vector of {length}"
    return "a value"


def unified(left: Sort, right: Sort) -> Sort | None:
    """The sort that covers both, or None where a value cannot be both."""
    if isinstance(left, Unknown) or left == right:
        return right
    if isinstance(right, Unknown):
        return left
    if isinstance(left, Vector) and isinstance(right, Vector):
        element = unified(left.element, right.element)
        if element is None or None not in (left.length, right.length):
            return None if element is None or left.length != right.length else Vector(element, left.length)
        return Vector(element, None)
    return None
