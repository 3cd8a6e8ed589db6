"""Moments of a program: a variable right after one of its assignments, ``carry#0`` after the first."""

from collections.abc import Collection


def moment(variable: str, number: int) -> str:
    """The name of a variable right after its assignment number ``number``, from 1. A parameter's own value is the
    first.
    """
    return f"{variable}#{number - 1}"


def parsed(name: str) -> tuple[str, int] | None:
    """The variable and the number of the assignment, from 1; None for a name of another form."""
    variable, hash_sign, number = name.rpartition("#")
    return (variable, int(number) + 1) if hash_sign and number.isascii() and number.isdecimal() else None


def moments_in(names: Collection[str]) -> tuple[str, ...]:
    """Those of some names that are moments, each once."""
    return tuple(name for name in dict.fromkeys(names) if parsed(name) is not None)
