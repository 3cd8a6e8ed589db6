"""What ``explain SPEC#CLAIM`` prints: the claim, what it means, the idea of its proof, where it holds, and caveats."""

from collections.abc import Iterator
from textwrap import wrap

from mechverify.dossier_results import ClaimDossier, SpecDossier
from mechverify.report.lay.claim import HEADLINES, expectation, how_sure, kind, not_claimed, verdict_sentence
from mechverify.report.lay.proof import proof_idea
from mechverify.report.lay.spec import unchecked
from mechverify.report.view import scope_lines
from mechverify.report.words.clean import clean, one_line
from mechverify.report.words.numbers import equation, named_values, value_text
from mechverify.results import Counterexample

_LABEL = 14


def explained_text(spec: SpecDossier, *, width: int) -> str:
    """The one claim of a dossier, in plain words."""
    (claim,) = spec.claims
    result = claim.result
    head = f"{result.verdict.value}  {one_line(str(spec.result.path))}#{one_line(result.name)}"
    lines = [head, f"{HEADLINES[result.verdict]}.", ""]
    for label, text in _entries(spec, claim):
        body = [part for line in clean(text).split("\n") for part in _wrapped(line, width)] or [""]
        lines.append(f"{label:<{_LABEL}}{body[0]}")
        lines += [" " * _LABEL + rest for rest in body[1:]]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _wrapped(line: str, width: int) -> list[str]:
    return wrap(line, max(width - _LABEL, 20), break_on_hyphens=False)


def _entries(spec: SpecDossier, claim: ClaimDossier) -> Iterator[tuple[str, str]]:
    result = claim.result
    if result.says is not None:
        yield "claim", one_line(result.says)
    yield "formally" if result.says is not None else "claim", one_line(result.sentence)
    yield "kind", " ".join((f"{kind(result)[0]}.", kind(result)[1]))
    yield "verdict", verdict_sentence(result)
    yield "how sure", how_sure(result)
    if result.detail is not None:
        yield "detail", one_line(result.detail)
    announced = expectation(result)
    if announced is not None:
        yield "announced", announced
    for condition in claim.conditions:
        found = "the program found it" if condition.suggested else "the author wrote it"
        yield "condition", f"{one_line(condition.name)}: {one_line(condition.text)} ({found})"
    for line in scope_lines(result):
        yield line.label, line.text
    if result.counterexample is not None:
        yield from _counterexample(result.counterexample)
    yield from _labelled("proof idea", proof_idea(claim))
    yield from _labelled("not claimed", not_claimed(result))
    yield from _labelled("not checked", unchecked(spec))
    yield from _labelled("warning", tuple(one_line(caution.text) for caution in result.warnings))


def _counterexample(found: Counterexample) -> Iterator[tuple[str, str]]:
    yield "breaks at", named_values(found.inputs) or "the only input"
    for name, inputs in found.sources.items():
        yield "", f"with {one_line(name)} from {named_values(inputs)}"
    for row in found.rows:
        said = [equation(one_line(owner), value_text(value)) for owner, value in row.models.items()]
        said = said or [equation("network", value_text(row.network))]
        yield "", f"{one_line(row.name)}: {', '.join([*said, equation('explanation', value_text(row.explanation))])}"


def _labelled(label: str, texts: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for k, text in enumerate(texts):
        yield "" if k else label, text
