"""What ``tighten`` prints: both ends of every tolerance of a claim."""

from collections.abc import Iterator

from mechverify.report.exit_codes import ExitCode
from mechverify.report.text.claims import console_of, line_of, printed
from mechverify.report.view import Line
from mechverify.report.words.clean import one_line
from mechverify.report.words.numbers import named_values, plural, seconds_text, value_text
from mechverify.report.words.wording import share
from mechverify.spec.text import number_text
from mechverify.tighten_results import BrokenEnd, ProvedEnd, Tightened, TightenReport

_LEFT = 9
_UNNAMED = "the bound"


def tighten_exit_code(report: TightenReport) -> int:
    """0 where both ends of every tolerance are as close as was asked; 3 where not; 4 for an ERROR."""
    if report.failed:
        return ExitCode.FAILED
    close = bool(report.bounds) and all(one.enough for one in report.bounds)
    return ExitCode.AS_EXPECTED if close and report.problem is None else ExitCode.UNDECIDED


def tighten_text(report: TightenReport, *, width: int, colour: bool) -> str:
    """The whole answer, at most ``width`` columns wide."""
    console = console_of(width, colour=colour)
    console.print(f"How close is it?  {one_line(str(report.path))}", style="bold")
    console.print(f"{one_line(report.claim)} ({report.arithmetic}): {one_line(report.sentence)}")
    console.print()
    for one in report.bounds:
        for line in _lines(one, report):
            console.print(line_of(line, _LEFT))
        console.print()
    if report.problem is not None:
        console.print(("ERROR: " if report.failed else "") + one_line(report.problem), style="bold red")
    console.print(f"{seconds_text(report.seconds)}, seed {report.seed}.", style="dim")
    return printed(console)


def _lines(one: Tightened, report: TightenReport) -> Iterator[Line]:
    name = one.bound if one.bound.isidentifier() else _UNNAMED
    yield Line("in the spec", f"{name} = {value_text(one.allowed)}")
    yield from _proved(one.proved, name, report)
    yield from _broken(one, name, report)
    if one.proved is not None and one.broken is not None and one.proved.value > one.broken.difference:
        ends = f"from {value_text(one.broken.difference)} to below {value_text(one.proved.value)}"
        yield Line("open", f"{ends}: neither proved nor broken")
    if not one.enough:
        yield Line("", f"Not within {share(report.within.numerator, report.within.denominator)}. {_todo(one)}")


def _todo(one: Tightened) -> str:
    if one.broken is None:
        return "No input that breaks a smaller one was confirmed."
    return "Give more with --timeout."


def _proved(end: ProvedEnd | None, name: str, report: TightenReport) -> Iterator[Line]:
    if end is None:
        yield Line("proved", f"for no {_noun(name)} that was tried", strong=True)
        return
    steps = "" if end.steps is None else f", {plural(end.steps, 'step')}"
    yield Line("proved", f"for every {_noun(name)} >= {number_text(end.value)}", strong=True)
    yield Line("", f"checked{steps}, found by {end.engine} in {seconds_text(end.seconds)}")
    yield from _certificate(str(end.certificate) if end.certificate else None, number_text(end.value), name, report)


def _broken(one: Tightened, name: str, report: TightenReport) -> Iterator[Line]:
    end = one.broken
    if end is None:
        yield Line("broken", f"for no {_noun(name)} that was tried", strong=True)
        return
    found = end.counterexample
    yield Line("broken", f"at {name} = {number_text(end.value)}, by {named_values(found.inputs)}", strong=True)
    for variable, inputs in found.sources.items():
        yield Line("", f"with {one_line(variable)} from {named_values(inputs)}", strong=True)
    yield Line("", _difference(one, end))
    yield from _certificate(str(end.certificate) if end.certificate else None, number_text(end.value), name, report)


def _noun(name: str) -> str:
    """The tolerance after "every" and "no"."""
    return "bound" if name == _UNNAMED else name


def _difference(one: Tightened, end: BrokenEnd) -> str:
    what = "difference" if one.distance else "value"
    where = "" if end.runtime is None else f" in {end.runtime}"
    robust = "; every execution breaks it" if end.counterexample.robust else ""
    return f"{what} {value_text(end.difference)}{where}{robust}"


def _certificate(path: str | None, value: str, name: str, report: TightenReport) -> Iterator[Line]:
    if path is None:
        return
    yield Line("certificate", one_line(path))
    if name != _UNNAMED:
        claim = one_line(report.claim)
        text = f"mechverify check {path} --spec {report.path}#{claim} --set {name}={value}"
        yield Line("", one_line(text))
