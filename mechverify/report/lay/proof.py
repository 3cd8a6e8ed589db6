"""The idea of a proof in plain words, from the counts of its steps."""

from collections.abc import Iterator

from mechverify.dossier_results import ClaimDossier, Sketch
from mechverify.report.words.clean import one_line
from mechverify.report.words.numbers import count_text, plural
from mechverify.verdict import Verdict

_CUTS = {
    "split": ("straight cut through the inputs", "straight cuts through the inputs"),
    "phase": (
        "question whether a unit of the network, or a larger-of-two, is on one side or on the other",
        "questions whether a unit of the network, or a larger-of-two, is on one side or on the other",
    ),
    "case": (
        "question whether a condition of the explanation or of the claim is true",
        "questions whether a condition of the explanation or of the claim is true",
    ),
    "members": ("step that takes the claim apart into its members", "steps that take the claim apart into its members"),
    "substitute": (
        "step that uses an equation among the inputs to do without one of them",
        "steps that use an equation among the inputs to do without one of them",
    ),
    "forget": (
        "step that proves a fact about the inside first and then uses nothing but that fact",
        "steps that prove a fact about the inside first and then use nothing but that fact",
    ),
    "define": ("helping quantity", "helping quantities"),
    "rescale": (
        "step that leaves out what cancels and takes equal quantities for one",
        "steps that leave out what cancels and take equal quantities for one",
    ),
}

_ENDS = {
    "separable": "what each input adds to a sum was bounded by itself, and these bounds show it",
    "positivstellensatz": "a sum of squares and products, which cannot be negative, shows it",
}


def proof_idea(claim: ClaimDossier) -> tuple[str, ...]:
    """How the verdict was reached, a sentence each; nothing where nothing was established."""
    return tuple(_idea(claim))


def _idea(claim: ClaimDossier) -> Iterator[str]:
    result, sketch = claim.result, claim.sketch
    if result.verdict is Verdict.REFUTED and result.counterexample is not None:
        yield "One counterexample suffices. The search looked for inputs at which network and explanation part."
        if result.counterexample.robust:
            yield "The one shown breaks the claim whatever way the network's sums are rounded."
        return
    if sketch is None:
        if result.verdict is Verdict.HELD:
            yield "Every input was run, one after the other."
        return
    if sketch.kind == "modular":
        yield from _modular(sketch)
        return
    if sketch.kind == "empty":
        yield "It is shown that no input meets the conditions."
    elif sketch.kind == "map":
        yield (
            "All inputs were cut into parts. On each part it is shown that the claim holds everywhere, or nowhere; the "
            "sizes of the parts were then added up."
        )
    elif result.verdict is Verdict.VACUOUS:
        yield "It is shown that what the claim replaces is the same before and after."
    yield from _parts(sketch)
    brute = result.brute_force
    if brute is not None and result.verdict is Verdict.PROVED and sketch.steps:
        total = sum(sketch.steps.values())
        yield f"That took {plural(total, 'step')}. Running every case would take {count_text(brute.inputs)} runs."


def _parts(sketch: Sketch) -> Iterator[str]:
    steps = sketch.steps
    cuts = [f"{plural(steps[word], *forms)}" for word, forms in _CUTS.items() if steps.get(word)]
    points, leaves = steps.get("enumerate", 0), steps.get("leaf", 0)
    if cuts:
        yield f"The inputs were split into {plural(sketch.parts, 'part')}, by {_joined(cuts)}."
    elif leaves == 1 and not points:
        yield "No case had to be told from another: one computation covers all inputs at once."
    if sketch.kind == "map":
        return
    if leaves and cuts:
        where = "On each part" if leaves == sketch.parts else f"On {plural(leaves, 'part')}"
        yield (
            f"{where} the network and the explanation can be enclosed between straight lines, and these show that the "
            "claim cannot fail there."
        )
    elif leaves:
        yield (
            "Network and explanation were enclosed between straight lines, and these show that the claim cannot fail."
        )
    for word, words in _ENDS.items():
        if steps.get(word):
            yield f"On {plural(steps[word], 'part')} {words}."
    if points:
        where = "a part" if points == 1 else f"{count_text(points)} parts"
        yield f"Where a part has few inputs, each of them was computed exactly: that is so of {where}."


def _modular(sketch: Sketch) -> Iterator[str]:
    names = [one_line(name) for name in sketch.lemmas]
    yield (
        "The network was cut at the places of the explanation. For each part of the explanation it is proved by itself "
        "that the piece of the network before it does what the explanation says."
    )
    parts = [f"{one_line(n)}: {plural(count, 'step')}" for n, count in sketch.lemmas.items()]
    yield f"These are {plural(max(len(names) - 1, 0), 'lemma')}; a last step puts them together ({'; '.join(parts)})."


def _joined(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
