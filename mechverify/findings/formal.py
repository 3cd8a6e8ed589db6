"""The identity of what a claim says formally: the same where only words, places in the file or its layout change."""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from fractions import Fraction
from pathlib import PurePath
from typing import Any

from mechverify.spec.expression.syntax import Span
from mechverify.spec.spec import Claim, Spec

# Words for people, places, what is expected, and text whose meaning stands beside it.
_WORDS = frozenset(
    ("says", "title", "summary", "origin", "text", "expect", "suggested", "read_from", "counted_in", "root", "path")
)


def formal_sha256(spec: Spec, claim: Claim, name: str) -> str:
    """The SHA-256, in hexadecimal, of one member of a claim with all that it is about but the weights of its models:
    parameters, declarations of models, inputs, preconditions and explanation. A model's file is named from the folder
    of the spec, wherever that is.
    """
    parts = (spec.parameters, spec.models, spec.inputs, spec.preconditions, spec.variables, spec.cases, spec.vectors)
    told = [_plain(parts), _plain(claim), name, *_folders(spec)]
    return hashlib.sha256(json.dumps(told).encode("ascii")).hexdigest()


def _folders(spec: Spec) -> list[list[str]]:
    """The folders that models' paths start from, of those that a file in another folder than the spec's declares."""
    here = spec.path.parent
    found = ((model.name, os.path.relpath(model.root, here).replace(os.sep, "/")) for model in spec.models)
    return [[name, folder] for name, folder in found if folder != "."]


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        kept = ((f.name, getattr(value, f.name)) for f in fields(value) if f.name not in _WORDS)
        said = {name: _plain(one) for name, one in kept if not _is_place(one)}
        return [type(value).__name__, said]
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value if not isinstance(one, Span)]
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, Fraction):
        return f"{value.numerator:x}/{value.denominator:x}"
    if value is None or isinstance(value, bool | int | str):
        return value
    raise TypeError(f"a spec holds a {type(value).__name__}, which has no formal meaning")


def _is_place(value: Any) -> bool:
    return isinstance(value, Span | PurePath) or (
        isinstance(value, tuple) and bool(value) and all(isinstance(one, Span) for one in value)
    )
