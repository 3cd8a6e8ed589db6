"""Mistakes and doubtful places of a spec, found without deciding any claim."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from mechverify.caution import Caution
from mechverify.deciding.options import VerifyOptions
from mechverify.errors import Diagnostic, SpecError
from mechverify.explanation.causal import CausalGraph
from mechverify.explanation.obligations import diagnostic
from mechverify.findings.cautions.spec import spec_cautions
from mechverify.findings.fitting import refuse_unfitted
from mechverify.models.model import Model
from mechverify.spec.expression import syntax as ex
from mechverify.spec.expression.syntax import Span
from mechverify.spec.read import read_spec
from mechverify.spec.spec import Claim, SourceExpression, Spec
from mechverify.spec.swappable import swappable
from mechverify.spec.text import attributes_in, children, names_in
from mechverify.verification.loading import load_models
from mechverify.verification.plan import Planned, graph_of, plan, with_arithmetic
from mechverify.verification.suggested import unmarked_conditions


def lint_spec(
    path: Path, options: VerifyOptions, suggested: frozenset[str] = frozenset()
) -> tuple[Diagnostic, ...]:
    """All mistakes; or, where there are none, warnings (their message starts with ``warning:``). ``suggested`` are
    conditions that the program suggested: one of the spec without its mark is a mistake.
    """
    try:
        spec = with_arithmetic(read_spec(path, settings=options.settings), options.arithmetic)
        models = load_models(spec, allow_code=options.allow_code, trusted=options.trusted)
        refuse_unfitted(spec, models)
        base = graph_of(spec, models)
        planned = plan(spec, models, options, ideal=False, warn=True, base=base)
    except SpecError as problem:
        return problem.diagnostics
    unmarked = tuple(unmarked_conditions(spec, suggested))
    if unmarked:
        return unmarked
    return tuple(warnings(base, planned, options.seed))


def warnings(base: CausalGraph, planned: Sequence[Planned], seed: int) -> Iterator[Diagnostic]:
    """What is allowed but doubtful: no claims at all, inputs and parameters that nothing uses, preconditions that no
    input meets, exact equality on rounded values, variables that an interchange moves and the claim leaves out
    (SEMANTICS 21), what a claim fails to test, decodings that could do the mechanism's work.
    """
    spec = base.spec
    if not spec.claims:
        words = "warning: this spec has no claims, so there is nothing to verify"
        yield diagnostic(spec, Span(1, 1), words, "add the section `claims`; a file that others `use` needs none")
    yield from _unused(spec, base.models)
    for caution in (*_never_met(spec, seed), *spec_cautions(base, spec.claims), *_of_claims(planned)):
        yield diagnostic(spec, caution.span, f"warning: {caution.words}", caution.todo)
    rounded = {m.name for m in spec.models if m.arithmetic == "float32"}
    for _, group in _groups(spec):
        yield from _equalities(spec, group[0], rounded)
    for name, group in _groups(spec):
        yield from _left_out(spec, name, group)


def _unused(spec: Spec, models: Mapping[str, Model]) -> Iterator[Diagnostic]:
    used = {name for source in _expressions(spec) for name in names_in(source.expression)}
    used |= {name for claim in spec.claims for part in claim.parts for name in part.names}
    for declaration in spec.models:
        fed = {item.model_input for item in declaration.feed}
        used |= {i.name for i in models[declaration.name].inputs if i.name not in fed}
    used |= {name for one in spec.vectors if one.name in used for name in one.inputs}
    for declared in spec.inputs:
        if declared.name not in used:
            yield diagnostic(
                spec,
                declared.span,
                f"warning: nothing uses the input {declared.name}: no model, explanation, precondition or claim",
                "remove it, or feed it to the model; as it is, it only makes the inputs more",
            )
    for name, span in spec.unspoken:
        yield diagnostic(
            spec,
            span,
            f"warning: nothing uses the parameter {name}: no expression speaks of it",
            "remove it, or write its name where its value stands",
        )


def _never_met(spec: Spec, seed: int) -> Iterator[Caution]:
    if spec.preconditions or any(claim.also for claim in spec.claims):
        from mechverify.findings.cautions.unmet import never_met  # noqa: PLC0415 - the engines are loaded only where needed

        yield from never_met(spec, seed)


def _of_claims(planned: Sequence[Planned]) -> Iterator[Caution]:
    """The warnings of the claims: for the members of a family one of each kind, with the first that it is about."""
    groups: dict[str, list[Planned]] = {}
    for one in planned:
        groups.setdefault(one.claim.group or one.claim.name, []).append(one)
    for name, members in groups.items():
        found: dict[tuple[str, str], list[tuple[Planned, Caution]]] = {}
        for one in members:
            for caution in one.warnings:
                words = caution.words if len(members) == 1 else ""
                found.setdefault((caution.kind, words), []).append((one, caution))
        for about in found.values():
            first, caution = about[0]
            count = len({id(one) for one, _ in about})
            subject = f"{count:,} of the {len(members):,} members of {name} ({first.name})"
            subject = name if len(members) == 1 else subject
            yield replace(caution, words=f"{subject}: {caution.words}")


def _groups(spec: Spec) -> list[tuple[str, list[Claim]]]:
    """The claims of each name in the text: all members of ``interchange: all`` together."""
    found: dict[str, list[Claim]] = {}
    for claim in spec.claims:
        found.setdefault(claim.group or claim.name, []).append(claim)
    return list(found.items())


def _left_out(spec: Spec, name: str, group: Sequence[Claim]) -> Iterator[Diagnostic]:
    """One warning for a claim, or for all members of a group, that leave out what they move."""
    found = [(claim, *_moved_silently(spec, claim)) for claim in group]
    found = [(claim, moved, silent) for claim, moved, silent in found if silent]
    if not found:
        return
    claim, moved, silent = found[0]
    if len(group) == 1:
        subject = f"{name} moves {', '.join(moved)}"
    else:
        each = [v.name for v in spec.variables if any(v.name in names for _, _, names in found)]
        more = ", ..." if len(found) > 1 else ""
        subject = f"{len(found):,} of the {len(group):,} members of {name} ({claim.name}{more}) move what others follow"
        silent = each
    yield diagnostic(
        spec,
        claim.span,
        f"warning: {subject}, and `always` says nothing of what that does to {', '.join(silent)}",
        f"add for example `and network.{silent[0]} == {silent[0]}`",
    )


def _moved_silently(spec: Spec, claim: Claim) -> tuple[list[str], list[str]]:
    """What a claim moves, and the located variables that follow from it and that the claim does not name."""
    parts = {part.key: part.names for part in claim.parts}
    everything = swappable(tuple(i.name for i in spec.inputs), spec.variables)
    faithful = claim.kind == "faithful"
    moved = set(everything) if faithful else set(parts.get("interchange", ()))
    if not moved or claim.condition is None:
        return [], []
    below = set(moved)
    for _ in spec.variables:
        below |= {v.name for v in spec.variables if v.value is not None and names_in(v.value.expression) & below}
    named = {name for _, name in attributes_in(claim.condition.expression)}
    located = [v.name for v in spec.variables if v.value is not None and v.located_at is not None]
    silent = [name for name in located if name in below - (set() if faithful else moved) - named]
    return [n for n in everything if n in moved], silent


def _expressions(spec: Spec) -> Iterator[SourceExpression]:
    """Everything in the spec that may speak of an input."""
    yield from (item.value for model in spec.models for item in model.feed)
    yield from (v.value for v in spec.variables if v.value is not None)
    yield from (p.condition for p in spec.preconditions)
    yield from (c.condition for claim in spec.claims for c in claim.also)
    yield from (claim.condition for claim in spec.claims if claim.condition is not None)
    yield from (one.value for claim in spec.claims for one in claim.settings if one.value is not None)


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
    """Whether a variable's decoding gives truth values or whole numbers, so that equality means something."""
    decoded = [v.read_as.expression for v in spec.variables if v.name == name and v.read_as is not None]
    return any(_is_exact(e) for e in decoded)


def _is_exact(e: ex.Expression) -> bool:
    """Whether an expression gives what no rounding of its parts changes but at a threshold."""
    match e:
        case ex.Number() | ex.Truth() | ex.Compare() | ex.Boolean():
            return True
        case ex.Unary(operand=operand):
            return e.op == "not" or _is_exact(operand)
        case ex.Conditional(then=then, otherwise=otherwise):
            return _is_exact(then) and _is_exact(otherwise)
        case ex.Binary(left=left, right=right):
            return _is_exact(left) and _is_exact(right)
        case ex.ListDisplay(items=items):
            return all(map(_is_exact, items))
        case ex.Comprehension(element=element):
            return _is_exact(element)
        case ex.Name(name=name):
            return name != "it"
        case ex.Call(function=function, arguments=arguments):
            return function in _ROUNDING_CALLS or (function in _KEEPING_CALLS and all(map(_is_exact, arguments)))
        case _:
            return False


_ROUNDING_CALLS = frozenset(("round", "floor", "argmax", "position", "count", "len"))
_KEEPING_CALLS = frozenset(("abs", "min", "max", "sum", "all", "any"))


def walk(e: ex.Expression, *, through_calls: bool = True) -> Iterator[ex.Expression]:
    """An expression and all parts of it; without ``through_calls``, not what is inside a call that gives an integer."""
    yield e
    if through_calls or not (isinstance(e, ex.Call) and e.function in _ROUNDING_CALLS):
        for part in children(e):
            yield from walk(part, through_calls=through_calls)
