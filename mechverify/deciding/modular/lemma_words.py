"""What is said of a modular proof that failed: where a lemma breaks, and what to do."""

from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction

from mechverify.deciding.decision import Decision, Point
from mechverify.deciding.modular.relations import Guess
from mechverify.engines.affine.layout import cone
from mechverify.explanation.structures.structure import ClaimStructure
from mechverify.graph.graph import Obligation
from mechverify.results import Lemma, Value
from mechverify.spec.text import number_text
from mechverify.verdict import Reason, Verdict

NOT_MODULAR = "Leave --proof out, or take `--proof direct`."
_SHOWN = 4


def breaking_point(structure: ClaimStructure, obligation: Obligation, point: Point) -> Mapping[str, Value]:
    """What a point at which a lemma is false says of all that its claim speaks of.

    Inputs have their own names, ``x (swapped)`` where they are taken from another run and ``x (rest)`` where that
    supplies the rest; sites and values are called ``site v`` and ``value v``, with an index where they are vectors.
    """
    spoken = cone(obligation.graph, (obligation.claim,))
    size, swapped = len(structure.inputs), len(structure.swapped)
    runs = size * (1 + swapped + (1 if _has_rest(structure, obligation) else 0))
    names = {i.name for i in obligation.graph.inputs}
    found: dict[str, Value] = {}
    for k, (given, value) in enumerate(zip(obligation.graph.inputs, point, strict=True)):
        if k in spoken:
            name = structure.inputs[k % size].name + _run_words(k // size, swapped)
            name = name if k < runs else _plain(given.name, names)
            found[name] = value
    return found


def _plain(name: str, names: Collection[str]) -> str:
    start = name.removesuffix("[0]")
    return name if f"{start}[1]" in names else start


def _has_rest(structure: ClaimStructure, obligation: Obligation) -> bool:
    """Whether a lemma speaks of a run that supplies the rest; the last lemma does not."""
    return any(i.name == f"o.{structure.inputs[0].name}" for i in obligation.graph.inputs)


def _run_words(run: int, swapped: int) -> str:
    return "" if run == 0 else " (swapped)" if run <= swapped else " (rest)"


def relation_words(guess: Guess) -> str:
    """What was supposed of a variable, where that can be said in short."""
    name = guess.variable.name
    if guess.gaps is None or not guess.gaps or all(guess.variable.truths):
        return f"the relation supposed of {name}"
    gap = max(guess.gaps)
    same = f"network.{name} == {name}" if gap == 0 else f"abs(network.{name} - {name}) <= {_short(gap)}"
    return f"the relation supposed, {same},"


def _short(value: Fraction) -> str:
    text = number_text(value)
    return text if len(text) <= 12 else f"{float(value):.3g}"


def what_helps(structure: ClaimStructure, failed: Sequence[Lemma]) -> str:
    """What may make a modular proof of lemmas that failed, in words that a sentence may open or end with."""
    first = next((one for one in failed if one.verdict is Verdict.REFUTED), failed[0])
    variable = next((v for v in structure.variables if v.name == first.name), None)
    names = [v.name for v in structure.variables]
    if variable is not None:
        names = [structure.variables[p].name for p in variable.parents] or [variable.name]
    return f"declare `within` for {_listed(names)}, or put sites that only hold together into one variable"


def what_to_do(helps: str, whole: Decision) -> str:
    """The same as advice to someone who asked for a modular proof."""
    more = "give more with --timeout, " if whole.reason in (Reason.WORK, Reason.TIME) else ""
    words = f"{more}{helps}, or take `--proof direct`."
    return words[0].upper() + words[1:]


def _listed(names: Sequence[str]) -> str:
    shown = list(names) if len(names) <= _SHOWN else [*names[:_SHOWN], f"{len(names) - _SHOWN} more"]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
