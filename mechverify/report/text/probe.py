"""What ``probe`` prints: a table of wrong explanations, those that survive with what that means, and the controls."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from mechverify.probe_results import Apart, Outcome, Probed, ProbeReport
from mechverify.report.exit_codes import ExitCode, claim_exit_code
from mechverify.report.text.claims import VERDICT_STYLES, console_of, printed, render_claim
from mechverify.report.words import wording
from mechverify.report.words.clean import one_line
from mechverify.report.words.numbers import equation, named_values, plural, seconds_text, short_number, value_text
from mechverify.results import ClaimResult, Counterexample
from mechverify.verdict import Reason, Verdict

if TYPE_CHECKING:
    from rich.console import Console

_ORDER: tuple[Outcome, ...] = ("caught", "survives", "open", "within", "equivalent")
_STYLES: dict[Outcome, str] = {
    "caught": "green", "survives": "bold red", "open": "bold yellow", "within": "dim", "equivalent": "dim",
}  # fmt: skip
_ELSEWHERE = ("variable moved", "mechanism", "parent")
_MEANINGS = {
    "inputs swapped": "the claim does not tell the two apart",
    "variable deleted": "the claim does not need what {name} says",
    "variable moved": "the claim does not say where {name} lies: it is true of that place too",
    "constant": "the claim does not pin this constant down",
    "operator": "the claim does not tell the two operations apart",
    "mechanism": "the claim is true of that mechanism too",
    "parent": "the claim does not tell the two parents apart",
    "re-encoded": "the claim does not say what the site of {name} holds: it is true of another encoding too",
    "best constant": "the claim is true of an explanation that says the same of every input",
    "shuffled weights": "the claim says little of what the network learned: it is true of the shuffled one too",
}


def probe_exit_code(report: ProbeReport) -> int:
    """0 where nothing wrong survives; 3 where something does or stays open; of a claim that is not proved, its own."""
    if report.interrupted:
        return ExitCode.INTERRUPTED
    if report.claim.verdict is not Verdict.PROVED:
        return _unproved(report.claim)
    tried = (*report.mutants, *report.controls)
    if any(p.result is not None and _broke(p.result) for p in tried):
        return ExitCode.FAILED
    if any(p.outcome in ("survives", "open") for p in tried):
        return ExitCode.UNDECIDED
    return ExitCode.AS_EXPECTED if report.mutants else ExitCode.NOTHING


def _unproved(claim: ClaimResult) -> ExitCode:
    code = claim_exit_code(claim)
    if code is ExitCode.AS_EXPECTED:
        return ExitCode.DISAGREES if claim.verdict is Verdict.REFUTED else ExitCode.UNDECIDED
    return code


def _broke(result: ClaimResult) -> bool:
    return result.verdict is Verdict.ERROR and result.reason is not Reason.UNSUPPORTED


def probe_text(report: ProbeReport, *, width: int, colour: bool) -> str:
    """The whole answer, at most ``width`` columns wide."""
    if report.claim.verdict is not Verdict.PROVED:
        shown = render_claim(report.claim, width=width, colour=colour)
        return f"{shown}\nNothing to probe: only a claim that is proved can be put to wrong explanations.\n"
    console = console_of(width, colour=colour)
    _say(console, f"Would a wrong explanation be caught?  {one_line(str(report.path))}", "bold")
    claim = report.claim
    _say(console, f"{claim.verdict.value}  {one_line(claim.name)}: {one_line(claim.says or claim.sentence)}")
    console.print()
    if report.mutants:
        _table(console, report.mutants)
        console.print()
    for one in (*report.mutants, *report.controls):
        if one.outcome in ("survives", "open"):
            _say(console, _told(one), "bold red" if one.outcome == "survives" else "bold yellow")
            console.print()
    if report.controls:
        _say(console, "Controls", "bold")
        _table(console, report.controls)
        console.print()
    if report.edges:
        _say(console, "Edges", "bold")
        for line in _edges(report):
            _say(console, line)
        console.print()
    code = probe_exit_code(report)
    for line in _summary(report):
        _say(console, line, "bold green" if code == ExitCode.AS_EXPECTED else "bold")
    return printed(console)


def _table(console: "Console", probed: Sequence[Probed]) -> None:
    from rich.box import SIMPLE_HEAD  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    with_samples = any(p.result is not None and p.result.sampled is not None for p in probed)
    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="dim")
    for heading in ("outcome", "kind", "what is wrong", "verdict"):
        table.add_column(heading, overflow="fold", no_wrap=heading in ("outcome", "verdict"))
    if with_samples:
        table.add_column("sampled", justify="right", no_wrap=True)
    for one in sorted(probed, key=_rank):
        verdict = "" if one.result is None else one.result.verdict.value
        style = "" if one.result is None else VERDICT_STYLES[one.result.verdict]
        if one.outcome == "equivalent":
            verdict, style = "same", "dim"
        cells = [
            Text(one.outcome or "not made", style="" if one.outcome is None else _STYLES[one.outcome]),
            Text(one.kind),
            Text(_wrong(one)),
            Text(verdict, style=style),
        ]
        table.add_row(*cells, *([Text(_share(one))] if with_samples else []))
    console.print(table)


def _rank(one: Probed) -> int:
    return len(_ORDER) if one.outcome is None else _ORDER.index(one.outcome)


def _wrong(one: Probed) -> str:
    text = f"{one.variable}: {one.change}" if one.variable else one.change
    return one_line(text if one.problem is None else f"{text}: {one.problem}")


def _share(one: Probed) -> str:
    found = None if one.result is None else one.result.sampled
    return "" if found is None else wording.share(found.agreed, found.samples)


def _told(one: Probed) -> str:
    """A survivor: what was changed, what that means, and how far it is from the original."""
    if one.outcome == "open":
        verdict = "" if one.result is None else f" ({one.result.verdict.value})"
        reason = "" if one.result is None or one.result.reason is None else f", {one.result.reason.value}"
        return f"Open{verdict}{reason}: {_wrong(one)}: neither caught nor shown to survive."
    meaning = _MEANINGS[one.kind].format(name=one_line(one.variable))
    return f"Survives: {_wrong(one)}: {meaning}.{_apart(one.apart)}"


def _apart(apart: Apart | None) -> str:
    if apart is None:
        return ""
    parts = []
    if apart.at:
        where = ", ".join(equation(one_line(name), value_text(value)) for name, value in list(apart.at.items())[:12])
        parts.append(f"the two say different things at {where}")
    if not apart.differing:
        parts.append("the two were not proved to be the same")
    if apart.samples:
        share = wording.share(apart.differing, apart.samples)
        text = f"they differ on {share} of {plural(apart.samples, 'random input')}"
        if apart.differing and apart.largest is not None:
            text += f", by up to {short_number(Fraction(apart.largest).limit_denominator(10**6))}"
        parts.append(text)
    text = "; ".join(parts)
    return f" {text[0].upper()}{text[1:]}."


def _edges(report: ProbeReport) -> Iterator[str]:
    """Of each edge whether the answer changes where the variable ignores the parent."""
    for one in report.edges:
        name, parent = one_line(one.variable), one_line(one.change)
        match one.outcome:
            case "caught":
                found = None if one.result is None else one.result.counterexample
                at = "" if found is None else f": with that of another input the claim fails at {_cut_at(found)}"
                yield f"needed: {name} reads {parent}{at}"
            case "equivalent":
                yield f"unnecessary: {name} reads {parent}, and the answer is the same whatever {parent} is"
            case "within":
                yield f"unnecessary: {name} reads {parent}, which changes the answer by less than the claim allows"
            case "survives":
                yield f"not told: {name} reads {parent}; the claim holds without that, and does not say it is needed"
            case _:
                yield f"open: {name} reads {parent}; neither was settled in time"
    if report.uncut:
        yield f"{plural(report.uncut, 'more edge')} not tried."


def _cut_at(found: Counterexample) -> str:
    return named_values(found.inputs) or "the only input"


def _summary(report: ProbeReport) -> Iterator[str]:
    wrong = [m for m in report.mutants if m.outcome not in ("equivalent", "within")]
    caught, within = len(report.of("caught")), len(report.of("within"))
    models = [m for m in report.of("equivalent") if m.same_model]
    values = [m for m in report.of("equivalent") if not m.same_model]
    if not report.mutants:
        yield "The claim speaks of no part of the explanation that could be changed."
    elif wrong:
        text = f"{caught} of {plural(len(wrong), 'wrong explanation')} {'is' if caught == 1 else 'are'} caught"
        survive, left = len(report.of("survives")), len(report.of("open"))
        text += f"; {survive} {'survives' if survive == 1 else 'survive'}" if survive else ""
        text += f"; {left} {'stays' if left == 1 else 'stay'} open" if left else ""
        yield f"{text}."
    missed = len(report.missed_by_sampling())
    if missed:
        agree, them = ("agrees", "it") if missed == 1 else ("agree", "them")
        yield f"{missed} of those caught {agree} on every random input tried: sampling would have let {them} pass."
    if models:
        verb = "is the same causal model" if len(models) == 1 else "are the same causal model"
        yield f"Not counted: {plural(len(models), 'mutant')} that provably {verb}, whatever values its mechanisms read."
    if values:
        verb = "says" if len(values) == 1 else "say"
        same = "the same as the original on every value that the claim's runs reach"
        text = f"Not counted: {plural(len(values), 'mutant')} that provably {verb} {same}"
        yield f"{text}; as a causal model {'it' if len(values) == 1 else 'they'} may differ."
        of_values = report.claim.notion in ("outputs", "values") and report.claim.sampled is None
        if of_values and any(m.kind in _ELSEWHERE for m in values):
            yield "Values alone do not tell those apart; a claim with an intervention might."
    if within:
        verb = "differs" if within == 1 else "differ"
        yield f"Not counted: {plural(within, 'mutant')} that provably {verb} by no more than the claim's tolerance."
    for one in report.controls:
        if one.outcome in ("survives", "open"):
            yield f"The control `{one.kind}` {'survives' if one.outcome == 'survives' else 'stays open'}."
    if report.possible > len(report.mutants):
        yield f"{len(report.mutants)} of {plural(report.possible, 'mutant')} were tried; --mutants N tries more."
    if report.interrupted:
        yield "Interrupted: not everything was tried."
    yield f"{seconds_text(report.seconds)} in all."


def _say(console: "Console", text: str, style: str = "") -> None:
    from rich.text import Text  # noqa: PLC0415

    console.print(Text(text, style=style, overflow="fold"))
