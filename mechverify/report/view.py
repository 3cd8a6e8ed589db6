"""One claim laid out for a reader, without width or colour: lines and tables that terminal and notebook both draw."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from mechverify.report.words import wording
from mechverify.report.words.chance import chance_lines, exception_lines, same_work
from mechverify.report.words.clean import clean, one_line
from mechverify.report.words.numbers import (
    bytes_text,
    equation,
    named_values,
    plural,
    rough_size,
    seconds_text,
    value_text,
)
from mechverify.report.words.scope import sized, summary
from mechverify.results import ClaimResult, Counterexample, Lemma, Proof, Value, VariableRow
from mechverify.verdict import Reason, Verdict

DIFFERS = "≠"
ALLOWED = "≈"  # the claim allows the difference, or rounding explains it
_SHOWN_ROWS = 64
_SHOWN_AT_LEMMA = 6
_SHOWN_REGIONS = 4
_SHOWN_RUNS = 12
_NOT_FOUND = (Verdict.OPEN, Verdict.HELD, Verdict.LIKELY, Verdict.ERROR)


@dataclass(frozen=True, slots=True)
class Line:
    """A labelled line. ``strong``: not to be dimmed."""

    label: str
    text: str
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Columns with headings. ``marks`` says of each row, in a word or nothing, how network and explanation differ.
    After the first column, ``values`` columns are numbers; None: all columns are.
    """

    label: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    marks: tuple[str, ...] = ()
    note: str | None = None
    values: int | None = None


@dataclass(frozen=True, slots=True)
class ClaimView:
    """A claim's first line (verdict, name, facts, expectation) and what stands beneath it."""

    verdict: Verdict
    as_expected: bool
    name: str
    facts: tuple[str, ...]
    expectation: str | None
    blocks: tuple[Line | Table, ...]


def _said(row: VariableRow) -> tuple[Value, ...]:
    """What the network says of a variable, or each of several models, and then the explanation."""
    return (*(row.models.values() or (row.network,)), row.explanation)


def _mark(row: VariableRow) -> str:
    """The sign of a difference between those that speak of the variable; its size where rounded values look alike, and
    where the claim allows it.
    """
    spoken = [value for value in _said(row) if value is not None]
    if all(value == spoken[0] for value in spoken):
        return ""
    if row.within is not None and (far := _distance(spoken)) is not None and far <= row.within:
        return f"{ALLOWED} by {rough_size(far)}"
    a, b = spoken[0], next(value for value in spoken if value != spoken[0])
    alike = value_text(a).removeprefix("≈ ") == value_text(b).removeprefix("≈ ")
    if not alike or not (isinstance(a, Fraction) and isinstance(b, Fraction)):
        return DIFFERS
    return f"{DIFFERS} by {rough_size(a - b)}"


def _distance(values: Sequence[Value]) -> Fraction | None:
    """How far apart numbers are; None for other values."""
    numbers = [v for v in values if isinstance(v, Fraction)]
    return max(numbers) - min(numbers) if len(numbers) == len(values) else None


def _marks(rows: tuple[VariableRow, ...]) -> tuple[str, ...]:
    """A mark for each row. Beside differences that can be seen, one that only rounding explains is no reason."""
    marks = [_mark(row) for row in rows]
    if DIFFERS not in marks:
        return tuple(marks)
    return tuple(mark.replace(DIFFERS, ALLOWED) if mark.startswith(f"{DIFFERS} by") else mark for mark in marks)


def _variables(rows: tuple[VariableRow, ...]) -> Table | None:
    if not rows:
        return None
    owners = tuple(one_line(name) for name in rows[0].models) or ("network",)
    cells: list[tuple[str, ...]] = [(one_line(r.name), *map(value_text, _said(r))) for r in rows]
    header: tuple[str, ...] = ("variable", *owners, "explanation")
    values = len(owners) + 1
    if any(r.says for r in rows):
        header = (*header, "says")
        cells = [(*cell, one_line(r.says or "")) for cell, r in zip(cells, rows, strict=True)]
    return Table("", header, tuple(cells), _marks(rows), values=values)


def _counterexample(
    found: Counterexample, *, refuted: bool, rounds: bool, average: bool = False
) -> list[Line | Table]:
    """``average``: it is the input that counts most against one."""
    where = named_values(found.inputs) or "the only input"
    blocks: list[Line | Table] = [Line("worst at" if average else "breaks at", where, strong=True)]
    if not refuted:
        blocks = [Line("suspect", f"only ideal arithmetic is known to break it, at {where}", strong=True)]
    for variable, inputs in list(found.sources.items())[:_SHOWN_RUNS]:
        blocks.append(Line("", f"with {one_line(variable)} from {named_values(inputs)}", strong=True))
    if len(found.sources) > _SHOWN_RUNS:
        blocks.append(Line("", f"and {plural(len(found.sources) - _SHOWN_RUNS, 'more run')}", strong=True))
    table = _variables(found.rows)
    if table is not None:
        blocks.append(table)
    if found.failing is not None:
        label = "false there" if found.undefined is None else "no value"
        blocks.append(Line(label, one_line(found.failing), strong=True))
    if found.undefined is not None:
        blocks.append(Line("", f"undefined: {one_line(found.undefined)}", strong=True))
    seen = wording.seen_in(found.replays, rounds=rounds and found.undefined is None)
    if found.robust:
        every = "every execution counts against it" if average else "every execution breaks it"
        seen = every + (f"; {seen}" if seen else "")
    if seen is not None:
        blocks.append(Line("seen in", one_line(seen)))
    return blocks


def _proof(proof: Proof, claim: ClaimResult) -> list[Line | Table]:
    if claim.verdict in _NOT_FOUND and claim.reason is not Reason.ASSURANCE:
        return []
    parts = [f"found by {one_line(proof.engine)} in {seconds_text(proof.seconds)}"]
    if proof.check_seconds is not None and claim.verdict is not Verdict.PARTLY:  # each part is checked by itself
        parts.append(f"checked in {seconds_text(proof.check_seconds)}")
    if proof.size_bytes is not None:
        parts.append(bytes_text(proof.size_bytes))
    blocks: list[Line | Table] = [Line("witness" if claim.verdict is Verdict.REFUTED else "proof", ", ".join(parts))]
    if proof.certificate is not None:
        blocks.append(Line("certificate", one_line(str(proof.certificate))))
    if proof.sha256 is not None:
        blocks.append(Line("sha256", one_line(proof.sha256)))
    return blocks


def value_table(rows: tuple[tuple[tuple[str, Value], ...], ...]) -> Table | None:
    """All computations of a small domain, one row each; None where there are none."""
    header = tuple(dict.fromkeys(name for row in rows for name, _ in row))
    if not header:
        return None
    cells = []
    for row in rows[:_SHOWN_ROWS]:
        values = dict(row)
        cells.append(tuple(value_text(values[h]) if h in values else "" for h in header))
    more = len(rows) - _SHOWN_ROWS
    note = f"and {more} more" if more > 0 else None
    return Table("every run", tuple(one_line(h) for h in header), tuple(cells), note=note)


def _lemma_point(lemma: Lemma, *, verbose: bool) -> str:
    if not lemma.breaks_at:
        return ""
    shown = [equation(one_line(name), value_text(value)) for name, value in lemma.breaks_at.items()]
    more = 0 if verbose else len(shown) - _SHOWN_AT_LEMMA
    if more > 0:
        return f" at {', '.join(shown[:_SHOWN_AT_LEMMA])} and {more} more"
    return f" at {', '.join(shown)}"


def _lemmas(claim: ClaimResult, *, verbose: bool) -> list[Line]:
    """The lemmas of a modular proof in one line; one that is not proved has a line of its own, in the reader's way."""
    proved = [one for one in claim.lemmas if one.verdict is Verdict.PROVED]
    lines = []
    if proved:
        texts = (f"{one_line(one.name)} ({one.steps} {'step' if one.steps == 1 else 'steps'})" for one in proved)
        lines.append(Line("lemmas", ", ".join(texts)))
    for one in claim.lemmas:
        if one.verdict is not Verdict.PROVED:
            detail = f": {clean(one.detail).strip()}" if one.detail else ""
            detail += _lemma_point(one, verbose=verbose)
            lines.append(Line("no lemma", f"{one_line(one.name)} {one.verdict.value}{detail}", strong=True))
    return lines


def _regions(claim: ClaimResult, *, verbose: bool) -> list[Line]:
    """Where a claim is proved and where it is open."""
    if claim.regions is None:
        return []
    if not claim.regions.proved:
        return [Line("open", "on all inputs: it is proved on no part of them", strong=True)]
    found = []
    for label, regions in (("proved", claim.regions.proved), ("open", claim.regions.open)):
        shown = regions if verbose else regions[:_SHOWN_REGIONS]
        texts = [wording.region(one) for one in shown]
        rest = regions[len(shown) :]
        if rest:
            texts.append(wording.more_regions(rest))
        labels = [label, *("" for _ in texts[1:])]
        found += [Line(each, one_line(text), strong=label == "open") for each, text in zip(labels, texts, strict=False)]
    return found


def scope_lines(claim: ClaimResult) -> list[Line]:
    """On how many inputs it holds: of those that meet the preconditions, unless it is proved on all, and of the
    others. What is not counted exactly but for its open part is left out.
    """
    if claim.scope is None:
        return []
    told = dict(zip(("where", "outside"), summary(claim.scope), strict=False))
    if claim.verdict is Verdict.PROVED and len(told) > 1:
        del told["where"]
    places = {"where": "inside", "outside": "outside"}
    return [Line(label, one_line(text)) for label, text in told.items() if sized(claim.scope, places[label])]


def notion_lines(claim: ClaimResult, *, verbose: bool) -> list[Line]:
    """What kind of agreement the verdict is about, and in which arithmetic."""
    if not verbose:
        return [Line("notion", one_line(wording.notion_and_arithmetic(claim)))]
    return [Line("notion", wording.notion(claim)), Line("arithmetic", one_line(wording.arithmetic(claim)))]


def _exceptions(claim: ClaimResult) -> Iterator[tuple[str, str]]:
    weighed = claim.chance is not None and bool(claim.chance.distribution)
    return exception_lines(claim.exceptions, average=_averages(claim), weighed=weighed)


def claim_view(claim: ClaimResult, *, verbose: bool = False) -> ClaimView:
    """Everything a reader is shown of one claim; ``verbose`` adds the proof's particulars and the assumptions."""
    optional: list[Line | Table | None] = [
        Line("says", clean(claim.says).strip(), strong=True) if claim.says else None,
        Line("formally", clean(claim.sentence).strip()) if claim.sentence else None,
        _optional_line("suggested", wording.suggested(claim)),
        _optional_line("meaning", wording.meaning(claim)),
        Line("detail", clean(claim.detail).strip(), strong=True) if claim.detail else None,
        *(Line(label, text, strong=True) for label, text in chance_lines(claim)),
        *(
            _counterexample(
                claim.counterexample,
                refuted=claim.verdict is Verdict.REFUTED,
                rounds=claim.arithmetic != "integer",
                average=_averages(claim),
            )
            if claim.counterexample is not None
            else ()
        ),
        *(Line(*words) for words in _exceptions(claim)),
        *scope_lines(claim),
        *_regions(claim, verbose=verbose),
        _optional_line("margin", wording.margin(claim)),
        *(Line("largest", one_line(wording.closest(one))) for one in claim.closeness),
        *notion_lines(claim, verbose=verbose),
        Line("uses", one_line("; ".join(claim.proof.uses))) if claim.proof is not None and claim.proof.uses else None,
        _optional_line("sampled", wording.sampled(claim)),
        _optional_line("every run", wording.every_run(claim)),
        value_table(claim.table),
        *_lemmas(claim, verbose=verbose),
        *(Line("warning", clean(one.text).strip(), strong=True) for one in claim.warnings),
        *(Line("note", clean(note).strip()) for note in claim.notes),
    ]
    if verbose:
        optional.append(_optional_line("sampling", same_work(claim)))
        optional += [] if claim.proof is None else _proof(claim.proof, claim)
        optional.append(_optional_line("cost", wording.operations(claim)))
        size = claim.explanation_size
        optional.append(None if size is None else Line("size", f"explanation of size {size}"))
        optional += [Line("assumes", clean(a).strip()) for a in claim.assumptions]
    return ClaimView(
        claim.verdict,
        claim.as_expected,
        one_line(claim.name),
        tuple(one_line(f) for f in wording.facts(claim)),
        wording.expectation(claim),
        tuple(block for block in optional if block is not None),
    )


def _averages(claim: ClaimResult) -> bool:
    return claim.chance is not None and claim.chance.average


def _optional_line(label: str, text: str | None) -> Line | None:
    return None if text is None else Line(label, text)
