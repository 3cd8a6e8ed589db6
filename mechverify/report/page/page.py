"""The page: dossiers to HTML. Templates and the page's style and scripts stand in ``parts/``."""

import base64
import gzip
import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from mechverify.dossier_results import CertificateFile, ClaimDossier, Dossiers, SpecDossier, VariableCard
from mechverify.report.lay import claim as lay_claim
from mechverify.report.lay import spec as lay_spec
from mechverify.report.lay.glossary import GLOSSARY
from mechverify.report.lay.proof import proof_idea
from mechverify.report.page.causal import Drawing, causal_drawing
from mechverify.report.page.playground import Playground
from mechverify.report.page.tables import (
    EaseRow,
    Point,
    ProbeTable,
    ease_rows,
    point,
    probe_table,
)
from mechverify.report.picture.svg import scope_svg
from mechverify.report.view import scope_lines
from mechverify.report.words.clean import clean, one_line
from mechverify.report.words.numbers import value_text
from mechverify.results import ClaimResult
from mechverify.scope_results import ScopeReport

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

CHECKER_NAME = "mechverify_check.py"
_MOST_EXCEPTIONS = 5
_MOST_LOOKED = 6
_POWER = re.compile(r"\b10\^([0-9]+)")
_PLACES = {"where": "where it holds", "outside": "outside of its conditions"}
_PLAIN = " !$'()*+,/:;=?@[]^`{|}~"  # what needs no escape in the address of a picture


@dataclass(frozen=True, slots=True)
class Download:
    """A file in the page: its name, its address, its SHA-256, and what the checker prints of it."""

    name: str
    address: str
    sha256: str
    answer: str | None = None


@dataclass(frozen=True, slots=True)
class ClaimPart:
    """All that a page shows of one claim, in the order of its sections."""

    id: str
    name: str
    verdict: str
    sentence: str
    kind: str
    kind_words: str
    says: str | None
    formally: str
    expectation: str | None
    detail: str | None
    domain: tuple[str, ...]
    sure: str
    not_claimed: tuple[str, ...]
    conditions: tuple[Any, ...]
    where: tuple[tuple[str, str], ...]
    warnings: tuple[str, ...]
    picture: str | None
    picture_words: str
    counterexample: Point | None
    exceptions: tuple[Point, ...]
    examples: tuple[Point, ...]
    listed: Any
    ease: tuple[EaseRow, ...]
    remarked: bool
    probe: ProbeTable | None
    idea: tuple[str, ...]
    play: bool
    no_play: str | None
    downloads: tuple[Download, ...]


@dataclass(frozen=True, slots=True)
class Looked:
    """How claims look at a variable's place (``compared by``, ``replaced by``): their names and verdicts, and how many
    more there are."""

    how: str
    claims: tuple[tuple[str, str], ...]
    more: int


@dataclass(frozen=True, slots=True)
class SpecPart:
    """All that a page shows of one spec. ``errors``: of one with mistakes, and then nothing else."""

    id: str
    path: str
    title: str
    about: str | None
    errors: tuple[str, ...]
    summary: str
    flaw: str | None
    flaw_example: str | None
    reach: str
    claims: tuple[ClaimPart, ...]
    drawing: Drawing | None
    located: str | None
    resampled: bool
    trusted: tuple[tuple[str, str], ...]
    variables: tuple[tuple[VariableCard, tuple[Looked, ...]], ...]
    compared: str | None
    unchecked: tuple[str, ...]
    spec: SpecDossier
    text: str


@dataclass(frozen=True, slots=True)
class Page:
    """A page with some specs; ``checker`` is offered for download."""

    title: str
    tool: str
    specs: tuple[SpecPart, ...]
    interrupted: bool
    checker: Download | None
    playground: Playground = field(default_factory=Playground)


def page_html(found: Dossiers) -> str:
    """One file with all specs, the same bytes for the same results."""
    playground = Playground()
    specs = tuple(_spec(one, f"s{k + 1}", playground) for k, one in enumerate(found.specs))
    title = specs[0].title if len(specs) == 1 else f"{len(specs)} explanations of networks, judged"
    texts = [one.checker for one in found.specs if one.checker is not None]
    checker = _packed(CHECKER_NAME, texts[0]) if texts else None
    page = Page(title, found.tool, specs, found.interrupted, checker, playground)
    return _render("page.html.jinja", page=page, data=playground.text(), glossary=GLOSSARY)


def index_html(found: Dossiers, names: Sequence[str]) -> str:
    """An index of pages with these file names, one for each spec."""
    playground = Playground()
    specs = tuple(_spec(one, f"s{k + 1}", playground) for k, one in enumerate(found.specs))
    return _render("index.html.jinja", tool=found.tool, pages=list(zip(names, specs, strict=True)))


def _render(template: str, **values: Any) -> str:
    style, scripts = _part("style.css"), _part("compute.js") + _part("play.js")
    digests = {"style_digest": _digest(style), "script_digest": _digest(scripts)}
    return _environment().get_template(template).render(style=style, script=scripts, **digests, **values)


def _digest(text: str) -> str:
    """What a content security policy says of an element's text."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def _part(name: str) -> str:
    return (files("mechverify.report.page") / "parts" / name).read_text(encoding="utf-8")


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, FunctionLoader, StrictUndefined  # noqa: PLC0415 - takes a tenth of a second

    environment = Environment(
        loader=FunctionLoader(_part),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_safe,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["powers"] = _powers
    return environment


def _safe(value: Any) -> Any:
    """Foreign text with control and format characters spelled out; what the templates mark as safe stays."""
    if isinstance(value, str) and not hasattr(value, "__html__"):
        return clean(value)
    return value


def _powers(text: str) -> "Markup":
    """Text with ``10^24`` as ten to a raised number."""
    from markupsafe import Markup, escape  # noqa: PLC0415 - comes with jinja2

    return Markup(_POWER.sub(r"10<sup>\1</sup>", str(escape(clean(text)))))  # noqa: S704 - escaped, and digits


def _spec(one: SpecDossier, place: str, playground: Playground) -> SpecPart:
    result = one.result
    title = one_line(result.title or result.path.name)
    claims = [claim.result for claim in one.claims]
    return SpecPart(
        place,
        one_line(result.path.name),
        title,
        None if result.summary is None else " ".join(result.summary.split()),
        tuple(error.render() for error in result.errors),
        lay_spec.summary(claims),
        lay_spec.flaw(claims),
        lay_spec.flaw_example(one),
        lay_spec.reach(claims),
        tuple(_claim(claim, one, f"{place}-c{k + 1}", playground) for k, claim in enumerate(one.claims)),
        causal_drawing(one),
        lay_spec.located_text(one),
        any({"rest", "each"} & set(claim.resamples) for claim in one.claims),
        lay_spec.trusted(one),
        tuple((v, tuple(_looked(v, one))) for v in one.variables),
        _compared(one),
        lay_spec.unchecked(one),
        one,
        one.text,
    )


def _looked(v: VariableCard, spec: SpecDossier) -> Iterator[Looked]:
    for how, names in (("compared by", v.read_by), ("replaced by", v.set_by)):
        found = [(one_line(name), verdict.value) for name, verdict in lay_spec.verdicts_on(names, spec)]
        if found:
            yield Looked(how, tuple(found[:_MOST_LOOKED]), max(len(found) - _MOST_LOOKED, 0))


def _compared(one: SpecDossier) -> str | None:
    found = one.result.compared
    if found is None:
        return None
    return (
        f"The network as read here was compared with the software that runs it on {found.inputs:,} inputs, at "
        f"{found.intermediates:,} places inside: no difference beyond rounding."
    )


def _claim(one: ClaimDossier, spec: SpecDossier, place: str, playground: Playground) -> ClaimPart:
    result = one.result
    kind, kind_words = lay_claim.kind(result)
    playground.add(f"{place}-play", one, spec.variables)
    spoken = lay_spec.spoken_of(result, spec.variables)
    picture = _picture(one, spec)
    counterexample = None
    if result.counterexample is not None:
        title = "The simplest counterexample found" if result.verdict.value == "REFUTED" else "A suspect, not confirmed"
        counterexample = point(title, result.counterexample, breaks=True, spoken=spoken)
    exceptions = result.exceptions.listed[:_MOST_EXCEPTIONS] if result.exceptions is not None else ()
    ease = () if one.ease is None else ease_rows(one.ease)
    where = tuple((_PLACES.get(line.label, line.label), line.text) for line in scope_lines(result))
    return ClaimPart(
        place,
        one_line(result.name),
        result.verdict.value,
        lay_claim.verdict_sentence(result),
        kind,
        kind_words,
        None if result.says is None else one_line(result.says),
        one_line(result.sentence),
        lay_claim.expectation(result),
        None if result.detail is None else one_line(result.detail),
        (*_domain(spec), *(one_line(c.text) for c in one.conditions)),
        lay_claim.how_sure(result),
        lay_claim.not_claimed(result),
        one.conditions,
        where,
        tuple(one_line(caution.text) for caution in result.warnings),
        None if picture is None else f"data:image/svg+xml,{quote(picture, safe=_PLAIN)}",
        "; ".join(f"{place}: {text}" for place, text in where),
        counterexample,
        tuple(point(f"An exception: {one_line(e.why)}", e.found, breaks=True) for e in exceptions),
        tuple(point(f"Example {k + 1}", e, breaks=False, spoken=spoken) for k, e in enumerate(one.examples)),
        _table(result),
        ease,
        any(row.remark for row in ease),
        None if one.probe is None else probe_table(one.probe),
        proof_idea(one),
        one.program is not None,
        None if one.without_program is None else one_line(one.without_program),
        tuple(_download(file) for file in one.certificates),
    )


def _domain(spec: SpecDossier) -> Iterator[str]:
    """The ranges of the inputs; those that have one range stand together."""
    by_range: dict[tuple[str, str], list[str]] = {}
    for card in spec.inputs:
        before, found, after = card.domain.partition(f" {card.name} ")
        by_range.setdefault((before, after) if found else (card.domain, ""), []).append(card.name)
    for (before, after), names in by_range.items():
        yield one_line(f"{before} {', '.join(names)} {after}" if after else before)


def _picture(one: ClaimDossier, spec: SpecDossier) -> str | None:
    """The map of a claim over one input or two, as ``scope`` draws it."""
    if one.map is None:
        return None
    result, conditions = one.result, tuple(c.text for c in one.conditions)
    path = spec.result.path
    return scope_svg(
        ScopeReport(spec.tool, path, result.name, result.sentence, result.arithmetic, conditions, {}, one.map, 0.0)
    )


def _table(result: ClaimResult) -> Any:
    """All computations of a small domain."""
    if not result.table:
        return None
    header = tuple(dict.fromkeys(name for row in result.table for name, _ in row))
    rows = [[value_text(dict(row).get(name)) for name in header] for row in result.table]
    return [one_line(name) for name in header], rows


def _download(file: CertificateFile) -> Download:
    digest = hashlib.sha256(file.data).hexdigest()
    return Download(one_line(file.name), _address("application/json", file.data), digest, file.answer)


def _packed(name: str, text: str) -> Download:
    """A file compressed, as it is three times as long; ``mtime`` 0 keeps its bytes the same."""
    data = gzip.compress(text.encode(), 9, mtime=0)
    return Download(name, _address("application/gzip", data), hashlib.sha256(text.encode()).hexdigest())


def _address(kind: str, data: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"
