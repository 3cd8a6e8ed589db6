"""Conditions that the program suggested and that a spec has taken over: whether they are marked as that."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mechverify.errors import Diagnostic, UsageError
from mechverify.explanation.obligations import diagnostic
from mechverify.spec.spec import Spec
from mechverify.spec.text import expression_text

_MOST_BYTES = 64 << 20


def suggested_in(path: Path) -> frozenset[str]:
    """The conditions that a JSON file of ``scope`` suggests, as text. Raises UsageError where it is no such file."""
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise ValueError("it is too large")
        data: Any = json.loads(path.read_text(encoding="utf-8"))
        claims = [claim for spec in data["specs"] for claim in spec["claims"]]
        found = [one["condition"] for claim in claims for one in (claim["scope"] or {}).get("suggested") or ()]
        if not all(isinstance(text, str) for text in found):
            raise ValueError("a condition is a text")
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as problem:
        raise UsageError(f"{path} is no JSON that `scope --only suggested --json` wrote: {problem}") from None
    return frozenset(found)


def unmarked_conditions(spec: Spec, suggested: frozenset[str]) -> Iterator[Diagnostic]:
    """A mistake for each condition of a spec that says what was suggested, and has no mark."""
    for condition in (*spec.preconditions, *(one for claim in spec.claims for one in claim.also)):
        text = expression_text(condition.condition.expression)
        if text in suggested and not condition.suggested:
            words = f"'{condition.name}' is what mechverify suggested, and is not marked as that"
            mark = f'{condition.name}: {{condition: "{text}", suggested: true}}'
            yield diagnostic(spec, condition.span, words, f"write {mark}")
