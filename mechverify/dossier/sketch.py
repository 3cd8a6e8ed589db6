"""What a certificate does, counted."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from mechverify.dossier_results import Sketch

_BRANCHING = ("split", "phase", "case", "substitute", "members", "forget", "define", "rescale")


def sketch_of(certificate: Mapping[str, Any]) -> Sketch:
    """The steps of a certificate by their kind, and of a modular one those of each lemma."""
    kind = str(certificate["kind"])
    if kind == "modular":
        lists = [*certificate["lemmas"], certificate["last"]]
        names = [*(str(one["name"]) for one in certificate["structure"]["variables"]), "the claim"]
        counts = Counter(word for steps in lists for word in _words(steps))
        lemmas = {name: len(steps) for name, steps in zip(names, lists, strict=True)}
        return Sketch(kind, dict(sorted(counts.items())), _parts(counts), lemmas)
    counts = Counter(_words(certificate.get("steps", ())))
    return Sketch(kind, dict(sorted(counts.items())), _parts(counts))


def _words(steps: Sequence[Any]) -> list[str]:
    return [str(step[0]) for step in steps]


def _parts(counts: Mapping[str, int]) -> int:
    return sum(count for word, count in counts.items() if word not in _BRANCHING)
