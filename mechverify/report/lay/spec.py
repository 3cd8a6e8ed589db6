"""A whole spec in plain words: the verdict on it, what has to be trusted, and what was not checked."""

from collections.abc import Iterator, Sequence

from mechverify.dossier_results import SpecDossier, VariableCard
from mechverify.report.lay.claim import NOTHING_ELSE, is_about_causes
from mechverify.report.words.clean import one_line
from mechverify.report.words.numbers import named_values, value_text
from mechverify.report.words.wording import rough_share
from mechverify.results import ClaimResult
from mechverify.verdict import Verdict

_ALL = {
    Verdict.PROVED: ("is proved true", "are proved true"),
    Verdict.REFUTED: ("is false", "are false"),
    Verdict.HELD: ("held on every input that was run", "held on every input that was run"),
    Verdict.PARTLY: ("is proved for some inputs only", "are proved for some inputs only"),
    Verdict.LIKELY: ("is likely but not proved", "are likely but not proved"),
    Verdict.OPEN: ("is not known to be true or false", "are not known to be true or false"),
    Verdict.VACUOUS: ("is empty", "are empty"),
    Verdict.ERROR: ("could not be judged", "could not be judged"),
}
_TRUSTED = (
    ("spec compiler", "translates the spec into arithmetic"),
    ("reader", "reads the model file"),
    ("float errors", "says how far rounding can go"),
    ("kernel", "checks the proofs, in exact arithmetic"),
    ("Python", "runs all of it"),
    ("encoding", "translates the question for the solvers"),
    ("evaluator", "says what a claim means at one input"),
    ("probability", "adds up what parts of the inputs weigh"),
    ("onnxruntime", "ran the network"),
    ("torch", "ran the network"),
)
_MOST_NAMED = 12


def summary(claims: Sequence[ClaimResult]) -> str:
    """How many claims have which verdict, in one sentence."""
    total = len(claims)
    if not total:
        return "Nothing is claimed here."
    counts = [(v, sum(one.verdict is v for one in claims)) for v in _ALL]
    found = [(v, n) for v, n in counts if n]
    if len(found) == 1:
        verdict, n = found[0]
        words = _ALL[verdict][n != 1]
        return f"The one claim made here {words}." if n == 1 else f"All {n} claims made here {words}."
    parts = [f"{n} {_ALL[v][n != 1]}" for v, n in found]
    return f"Of {total} claims, {', '.join(parts[:-1])} and {parts[-1]}."


def flaw(claims: Sequence[ClaimResult]) -> str | None:
    """What is wrong with the explanation, where a claim about causes fails; None where none does."""
    causes = [one for one in claims if is_about_causes(one.notion)]
    failed = [one for one in causes if one.verdict is Verdict.REFUTED]
    if not failed:
        return None
    fits = any(one.verdict is Verdict.PROVED and not is_about_causes(one.notion) for one in claims)
    rest = any(one.verdict is Verdict.PROVED for one in causes)
    subject = "it" if fits else "the explanation"
    what = f"{'a part of ' if rest else ''}what {subject} says about the inside of the network is wrong."
    begin = f"The explanation fits the network's answers, but {what}" if fits else f"{what[0].upper()}{what[1:]}"
    return f"{begin} When a value inside is replaced, the network does not react as the explanation says."


def flaw_example(spec: SpecDossier) -> str | None:
    """A case that shows it: the counterexample of the first claim about causes that fails."""
    for claim in spec.claims:
        result = claim.result
        found = result.counterexample
        if found is None or result.verdict is not Verdict.REFUTED or not is_about_causes(result.notion):
            continue
        read = {v.name for v in spec.variables if result.name in v.read_by or result.group in v.read_by}
        apart = [r for r in found.rows if not r.models and None not in (r.network, r.explanation) and r.name in read]
        row = next((r for r in apart if r.network != r.explanation), None)
        if row is None:
            continue
        sources = [f"the value of {one_line(n)} taken from {named_values(i)}" for n, i in found.sources.items()]
        given = ", with ".join([named_values(found.inputs), *sources])
        said = f"the network says {value_text(row.network)} and the explanation {value_text(row.explanation)}"
        return f"For example, on {given}: for {one_line(row.name)}, {said}."
    return None


def spoken_of(claim: ClaimResult, variables: Sequence[VariableCard]) -> frozenset[str] | None:
    """The variables whose places a claim compares or replaces; None where none is known."""
    own = {claim.name, claim.group}
    return frozenset(v.name for v in variables if own & {*v.read_by, *v.set_by}) or None


def verdicts_on(names: Sequence[str], spec: SpecDossier) -> tuple[tuple[str, Verdict], ...]:
    """The claims of these names, and the members of families of them, with their verdicts."""
    results = [one.result for one in spec.claims]
    return tuple((one.name, one.verdict) for one in results if one.name in names or one.group in names)


def reach(claims: Sequence[ClaimResult]) -> str:
    """How deep the proved claims go, in one sentence."""
    proved = [one for one in claims if one.verdict is Verdict.PROVED]
    notions = {one.notion for one in proved}
    if notions & set(NOTHING_ELSE):
        return "What is proved goes as deep as claims can: causes inside the network, and that nothing else matters."
    if notions & {"interchange", "any value, reached or not"}:
        return "What is proved includes causes: what happens when values inside the network are replaced."
    if "values" in notions:
        return "What is proved is about values that can be read inside the network, not about what it does with them."
    if "outputs" in notions:
        return "What is proved is about the network's answers alone. It says nothing about how the network gets there."
    if "set by the claim" in notions:
        return "What is proved is about a network in which a value was set by hand."
    return "Nothing is proved about the network."


def unchecked(spec: SpecDossier) -> tuple[str, ...]:
    """What was not checked."""
    return tuple(_unchecked(spec))


def _unchecked(spec: SpecDossier) -> Iterator[str]:
    claims = [one.result for one in spec.claims]
    yield "Inputs outside the ranges and conditions given above."
    for verdict, words in (
        (Verdict.OPEN, "It is not known whether this holds"),
        (Verdict.PARTLY, "On a part of the inputs it is not known whether this holds"),
        (Verdict.ERROR, "This could not be judged"),
        (Verdict.VACUOUS, "This tests nothing"),
    ):
        names = [one_line(one.name) for one in claims if one.verdict is verdict]
        if names:
            yield f"{words}: {_listed(names)}."
    yield from _inside(claims)
    unplaced = [one_line(v.name) for v in spec.variables if v.value is not None and not v.places]
    if unplaced:
        yield f"Where in the network these parts of the explanation are: {_listed(unplaced)}. None has a place."
    inside = [v for v in spec.variables if v.places and v.value is not None and not v.answers]
    placed = [one_line(v.name) for v in inside if not v.set_by]
    if placed:
        yield f"Whether the network uses what is held at the places of {_listed(placed)}: no claim replaces it."
    units = located(spec)
    if units is not None and units[0] < units[1]:
        left = units[1] - units[0]
        proved = {word for one in spec.claims if one.result.verdict is Verdict.PROVED for word in one.resamples}
        if "each" in proved:
            pass
        elif "rest" in proved:
            yield f"The {left:,} units that the explanation does not name one by one: they were replaced all together."
        else:
            yield f"The {left:,} of {units[1]:,} units that the explanation does not name: no proved claim sets them."
    suggested = {c.name for one in spec.claims for c in one.conditions if c.suggested}
    if suggested:
        yield (
            f"Whether anybody had foreseen these conditions: {_listed([one_line(n) for n in sorted(suggested)])}. The "
            "program found them."
        )
    for note in dict.fromkeys(note for one in claims for note in one.notes):
        yield one_line(note)
    yield "Whether the network was trained on good data, and whether its answers are of any use."


def _inside(claims: Sequence[ClaimResult]) -> Iterator[str]:
    """What is left open about the inside of the network, where no claim about causes is proved."""
    causes = [one for one in claims if is_about_causes(one.notion)]
    if any(one.verdict is Verdict.PROVED for one in causes):
        return
    failed = [one_line(one.name) for one in causes if one.verdict is Verdict.REFUTED]
    if failed:
        yield f"How the network does work inside. That it does not work as {_listed(failed)} says was checked."
    else:
        yield "Whether the network works inside as the explanation says: no proved claim replaces a value inside of it."


def _listed(names: Sequence[str]) -> str:
    shown = list(names[:_MOST_NAMED])
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def trusted(spec: SpecDossier) -> tuple[tuple[str, str], ...]:
    """What has to be trusted, each part with what it does, where that is known."""
    return tuple((one_line(part), _does(part)) for part in spec.result.trusted)


def _does(part: str) -> str:
    return next((words for word, words in _TRUSTED if word in part), "")


def located(spec: SpecDossier) -> tuple[int, int] | None:
    """Of all units of the models how many lie at a place of the explanation, and how many there are."""
    if spec.result.alignment is None or not spec.result.alignment.models:
        return None
    models = spec.result.alignment.models
    return sum(one.located for one in models), sum(one.units for one in models)


def located_text(spec: SpecDossier) -> str | None:
    """``5 of 7 (71%)``."""
    found = located(spec)
    if found is None or not found[1]:
        return None
    return f"{found[0]:,} of {found[1]:,} ({rough_share(*found)})"
