"""Mistakes and doubtful places of a spec, found without solving anything."""

from collections.abc import Iterator
from pathlib import Path

from mechverify.errors import Diagnostic, SpecError
from mechverify.explanation.obligations import diagnostic
from mechverify.pipeline.loading import load_models
from mechverify.pipeline.options import VerifyOptions
from mechverify.pipeline.plan import plan, with_arithmetic
from mechverify.spec import expression as ex
from mechverify.spec.read import read_spec
from mechverify.spec.spec import Claim, Spec
from mechverify.spec.text import children


def lint_spec(path: Path, options: VerifyOptions) -> tuple[Diagnostic, ...]:
    """All mistakes; or, where there are none, warnings (their message starts with ``warning:``)."""
    try:
        spec = with_arithmetic(read_spec(path, settings=options.settings), options.arithmetic)
        plan(spec, load_models(spec, allow_code=options.allow_code), options, ideal=False)
    except SpecError as problem:
        return problem.diagnostics
    return tuple(warnings(spec))


def warnings(spec: Spec) -> Iterator[Diagnostic]:
    """What is allowed but doubtful: exact equality on rounded values, claims not decided yet, claims without
    ``says``."""
    rounded = {m.name for m in spec.models if m.arithmetic == "float32"}
    for claim in spec.claims:
        if claim.condition is not None:
            yield from _equalities(spec, claim, rounded)
        for part in claim.unsupported:
            yield diagnostic(
                spec,
                part.span,
                f"warning: `{part.key}` is read but not decided yet: {claim.name} will be OPEN (unsupported)",
            )


def _equalities(spec: Spec, claim: Claim, rounded: set[str]) -> Iterator[Diagnostic]:
    if claim.condition is None:
        return
    for e in walk(claim.condition.expression):
        if isinstance(e, ex.Compare) and any(op in ("==", "!=") for op in e.ops):
            sides = [s for operand in e.operands for s in walk(operand, through_calls=False)]
            if any(isinstance(s, ex.Attribute) and s.owner in rounded and not _exact(spec, s.name) for s in sides):
                yield diagnostic(
                    spec,
                    e.span,
                    "warning: an exact equality on a value that float32 rounds",
                    "compare within a tolerance, abs(a - b) <= 0.001, or round(...) first",
                )


def _exact(spec: Spec, name: str) -> bool:
    """Whether a variable's decoding ends in a truth value or a whole number, so that equality means something."""
    decoded = [v.read_as.expression for v in spec.variables if v.name == name and v.read_as is not None]
    return any(
        isinstance(e, ex.Compare | ex.Boolean) or (isinstance(e, ex.Call) and e.function in _ROUNDING_CALLS) for e in
        decoded
    )


_ROUNDING_CALLS = frozenset(("round", "floor", "argmax", "position", "count", "len"))


def walk(e: ex.Expression, *, through_calls: bool = True) -> Iterator[ex.Expression]:
    """An expression and all parts of it; without ``through_calls``, not what is inside a call that gives an integer."""
    yield e
    if through_calls or not (isinstance(e, ex.Call) and e.function in _ROUNDING_CALLS):
        for part in children(e):
            yield from walk(part, through_calls=through_calls)
