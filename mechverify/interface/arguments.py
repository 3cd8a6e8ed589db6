"""What the functions of the Python interface are given: of the kinds that they say, else a mistake in one line."""

import math
from collections.abc import Mapping
from difflib import get_close_matches
from numbers import Integral, Real
from pathlib import Path
from typing import Any

from mechverify.errors import UsageError

_MAPPINGS = {
    "inputs": 'from names to bounds, as in inputs={"x": (0, 9)}',
    "sites": 'from names to places, as in sites={"answer": "output[0]"}, which the claim speaks of as network.answer',
    "read_as": 'from names of sites to decodings, as in read_as={"answer": "it * 1000"}',
    "explanation": 'from names to values, as in explanation={"answer": "2 * x"}',
    "feed": 'from the model\'s inputs to expressions, as in feed={"x": "[a, b]"}',
    "held": 'from inputs to values, as in held={"x_3": 0}',
    "settings": 'from parameters to numbers, as in settings={"n": 64}',
}


def check_spec_file(path: Path, function: str) -> None:
    """Raise UsageError for a path at which there is no file."""
    if path.is_dir():
        raise UsageError(f"{path} is a folder; {function} takes one spec")
    if not path.exists():
        near = get_close_matches(path.name, [p.name for p in path.parent.glob("*.y*ml")], n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise UsageError(f"there is no file {path} (seen from {Path.cwd()}){hint}")


def check_mappings(**given: object) -> None:
    """Raise UsageError for what is no mapping from names; None stands for an empty one."""
    for name, value in given.items():
        if value is None or (isinstance(value, Mapping) and all(isinstance(key, str) for key in value)):
            continue
        found = "a mapping from other than texts" if isinstance(value, Mapping) else _found(value)
        raise UsageError(f"{name} is a mapping {_MAPPINGS[name]}; {found} was given")


def check_names_given(**given: object) -> None:
    """Raise UsageError for what is neither a name nor a list of names."""
    for name, value in given.items():
        texts = isinstance(value, list | tuple | set | frozenset) and all(isinstance(v, str) for v in value)
        if not isinstance(value, str) and not texts:
            raise UsageError(f'{name} is a name or a list of names, as in {name}=["answer"]; {_found(value)} was given')


def check_numbers(timeout: object, **whole: object) -> None:
    """Raise UsageError for a ``timeout`` that is no number of seconds above 0, and for others that are not whole."""
    if not _is(timeout, Real) or not 0 < _number(timeout) < math.inf:
        raise UsageError(f"timeout is a number of seconds above 0, as in timeout=60; {_found(timeout)} was given")
    for name, value in whole.items():
        if not _is(value, Integral) or (name == "jobs" and _number(value) < 1):
            raise UsageError(f"{name} is a whole number; {_found(value)} was given")


def check_switches(**given: object) -> None:
    """Raise UsageError for what is neither True nor False."""
    for name, value in given.items():
        if not isinstance(value, bool):
            raise UsageError(f"{name} is True or False; {_found(value)} was given")


def _is(value: object, kind: type[Any]) -> bool:
    return isinstance(value, kind) and not isinstance(value, bool)


def _number(value: Any) -> float:
    return float(value)


def _found(value: object) -> str:
    """A value in a few words."""
    if isinstance(value, list | tuple | set | frozenset):
        return f"a {type(value).__name__}"
    text = repr(value)
    return text if len(text) <= 60 else f"an object of the type {type(value).__name__}"
