"""What ``scope`` prints of how far a claim goes: its ranges, the preconditions that it needs, its tolerances."""

from collections.abc import Iterator, Sequence
from fractions import Fraction

from mechverify.report.text.scope_lengths import length_lines, lengths_settled
from mechverify.report.text.scope_suggested import suggested_lines, suggested_settled
from mechverify.report.view import Line
from mechverify.report.words.clean import one_line
from mechverify.report.words.numbers import equation, named_values, short_number, value_text
from mechverify.results import Counterexample
from mechverify.scope_results import Loosened, Needed, NeededReport, RangeExtent, Reach, ScopeReport
from mechverify.tighten_results import Tightened
from mechverify.verdict import Verdict


def ends_settled(report: ScopeReport) -> bool:
    """Whether both ends of everything that was asked were found, as close as they are to be."""
    reaches = [one.reach for one in report.extents or ()]
    each = () if report.needed is None else report.needed.each
    reaches += [loose.reach for one in each for loose in one.loosened]
    needed = all(one.needed is not None for one in each)
    suggested = report.suggested is None or suggested_settled(report.suggested)
    suggested = suggested and (report.lengths is None or lengths_settled(report.lengths))
    return suggested and needed and all(r.settled for r in reaches) and all(one.enough for one in report.tightest or ())


def ends_lines(report: ScopeReport) -> Iterator[Line]:
    """A line or two for each of them."""
    if report.extents is not None:
        yield from _extents(report.extents)
    if report.needed is not None:
        yield from _needed(report.needed, report.preconditions)
    if report.suggested is not None:
        yield from suggested_lines(report.suggested)
    if report.lengths is not None:
        yield from length_lines(report.lengths)
    for one in report.tightest or ():
        yield from _tightest(one)


def _extents(found: Sequence[RangeExtent]) -> Iterator[Line]:
    if not found:
        yield Line("extends to", "no input has a range")
    before = ""
    for label, text in _merged([one for one in found if not _says_nothing_new(one, found)]):
        yield Line(label if label != before else "", text, strong=True)
        before = label
    for bound, words in (("high", "highest value"), ("low", "lowest value"), ("both", "largest magnitude")):
        nowhere = [one for one in found if one.bound == bound and one.reach.proved is None]
        failing = [", ".join(map(one_line, one.inputs)) for one in nowhere if one.reach.refuted is not None]
        if failing:
            yield Line("fails", f"even with the {words} of {' or of '.join(failing)} alone moved in as far as it goes")
        unknown = [", ".join(map(one_line, one.inputs)) for one in nowhere if one.reach.refuted is None]
        if unknown:
            yield Line("open", f"even with the {words} of {' or of '.join(unknown)} alone moved in as far as it goes")


def _merged(found: Sequence[RangeExtent]) -> Iterator[tuple[str, str]]:
    """A label and a text for each range that goes as far as it was found to go, single inputs of which the same is said
    together.
    """
    texts: dict[tuple[str, str, bool], list[str]] = {}
    for one in found:
        if one.reach.proved is not None:
            low, high = one.declared
            wider = one.reach.proved <= low if one.bound == "low" else one.reach.proved >= high
            alone = any(set(other.inputs) > set(one.inputs) for other in found)
            capped = one.reach.ended_by == "precondition"
            key = ("extends to" if wider or capped else "holds for", _range(one, one.reach.proved), alone)
            texts.setdefault(key, []).append(", ".join(map(one_line, one.inputs)))
    for (label, text, alone), names in texts.items():
        yield label, f"{' or '.join(names)}{' alone' if alone else ''} {text}"


def _says_nothing_new(one: RangeExtent, found: Sequence[RangeExtent]) -> bool:
    """Whether inputs among which these are go as far."""
    for other in found:
        if other.bound == one.bound and set(other.inputs) > set(one.inputs) and one.reach.refuted is None:
            ends = (other.reach.proved, one.reach.proved)
            if None not in ends and ends[0] == ends[1] and one.reach.ended_by == other.reach.ended_by:
                return True
    return False


def range_text(one: RangeExtent) -> str:
    """``x, y from 0 to 1,234 (1,235 fails: x = 1235, y = 0)``."""
    names = ", ".join(map(one_line, one.inputs))
    if one.reach.proved is None:
        found = one.reach.witness
        where = "" if found is None else f": {_where(found.counterexample)} breaks it"
        return f"nothing was proved for {names}{where}"
    return f"{names} {_range(one, one.reach.proved)}"


def _range(one: RangeExtent, proved: Fraction) -> str:
    low, high = one.ends(proved)
    return f"from {_number(low)} to {_number(high)}{_end(one.reach)}"


def _end(reach: Reach) -> str:
    """What ends it."""
    match reach.ended_by:
        case "limit":
            return ", the most that is tried"
        case "precondition":
            return f": {_listed(reach.names)} {'lets' if len(reach.names) == 1 else 'let'} in no more"
        case "arithmetic":
            return f"; no further, since there {one_line(reach.detail or 'it cannot be told')}"
    if reach.witness is None or reach.refuted is None:
        return "; no more could be proved, and nothing that breaks it was found"
    how = {"undefined": "has no value", "rounding": "fails by rounding"}.get(reach.ended_by, "fails")
    gap = "" if reach.exact else "; open between them"
    return f" ({_number(reach.refuted)} {how}: {_where(reach.witness.counterexample)}){gap}"


def _needed(found: NeededReport, names: Sequence[str]) -> Iterator[Line]:
    if not names:
        yield Line("needs", "nothing: it has no preconditions")
        return
    if found.verdict is not Verdict.PROVED:
        yield Line("needs", f"not asked: with all its preconditions it is {found.verdict.value}")
        return
    label = "needs"
    for one in found.each:
        if one.needed is not False:
            yield from _one_needed(one, label)
            label = ""
    spare = [one.name for one in found.each if one.needed is False]
    if spare:
        yield Line("no need of", _spare(spare, found))


def _one_needed(one: Needed, label: str) -> Iterator[Line]:
    if one.witness is not None:
        where = _where(one.witness.counterexample)
        yield Line(label, f"{one_line(one.name)} (without it: {where})", strong=True)
    else:
        yield Line(label, f"perhaps {one_line(one.name)}: neither proved nor refuted without it")
    for loose in one.loosened:
        yield Line("", _loosened(loose))


def _loosened(one: Loosened) -> str:
    """``abs(x_1 - x_2) <= k: holds up to k = 591, fails at 592 (x_1 = 0, x_2 = 592)``."""
    reach, form = one.reach, one_line(one.form)
    if reach.proved is None:
        return f"{form}: nothing but what is written was proved"
    way = "down" if reach.refuted is not None and reach.refuted < reach.proved else "up"
    holds = f"{form}: holds {way} to {equation('k', value_text(reach.proved))}"
    if reach.witness is None or reach.refuted is None:
        return f"{holds}{', the most that is tried' if reach.ended_by == 'limit' else '; no more could be proved'}"
    gap = "" if reach.exact else "; open between them"
    return f"{holds}, fails at {value_text(reach.refuted)} ({_where(reach.witness.counterexample)}){gap}"


def _spare(spare: Sequence[str], found: NeededReport) -> str:
    names = _listed(spare)
    if len(spare) == 1:
        return f"{names}: it is proved without it"
    if set(found.together) == set(spare):
        return f"{names}: it is proved without all of them"
    rest = "; not without all of them" if found.exclusive else ""
    together = f", and without {_listed(found.together)} together" if len(found.together) > 1 else ""
    return f"{names}: it is proved without each of them{together}{rest}"


def _tightest(one: Tightened) -> Iterator[Line]:
    name = one.bound if one.bound.isidentifier() else "the bound"
    proved = f"no {name} was proved" if one.proved is None else equation(name, value_text(one.proved.value))
    broken = "no witness against a smaller one"
    if one.broken is not None:
        what = "difference" if one.distance else "value"
        where = _where(one.broken.counterexample)
        same = one.proved is not None and one.proved.value == one.broken.difference
        size = f"that is the {what}" if same else f"the {what} is {value_text(one.broken.difference)}"
        broken = f"{size} at {where}"
    yield Line("tightest", f"{proved} ({broken}); in the spec {value_text(one.allowed)}", strong=True)


def _where(found: Counterexample) -> str:
    """The inputs of a witness, those of other runs too."""
    base = named_values(found.inputs) or "the only input"
    others = (f"{one_line(name)} from {named_values(inputs)}" for name, inputs in found.sources.items())
    return ", with ".join((base, *others))


def _listed(names: Sequence[str]) -> str:
    shown = [one_line(name) for name in names]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def _number(value: Fraction) -> str:
    return f"{int(value):,}" if value.denominator == 1 else short_number(value)
