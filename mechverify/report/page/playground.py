"""What the page's script is given of each claim that it can compute."""

import base64
import gzip
import json
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from mechverify.dossier_results import ClaimDossier, Program, VariableCard
from mechverify.mapping.map import ScopeMap
from mechverify.report.lay.spec import spoken_of
from mechverify.report.words.clean import one_line
from mechverify.report.words.scope import amount_text
from mechverify.results import Counterexample, Value

_LABELS = {"proved": "the claim is proved", "refuted": "the claim fails everywhere", "open": "nothing is known"}


class Playground:
    """The claims of a page, each by the identity of its place in it; their matrices of weights are kept once."""

    def __init__(self) -> None:
        self._blocks: dict[str, int] = {}
        self._plays: dict[str, Any] = {}

    def add(self, place: str, claim: ClaimDossier, variables: Sequence[VariableCard] = ()) -> None:
        """A claim that has a program, of an explanation with these variables."""
        program = claim.program
        if program is None:
            return
        problem = dict(program.problem)
        spoken = spoken_of(claim.result, variables)
        found = self._blocks
        blocks = [[columns, found.setdefault(text, len(found))] for columns, text in problem.get("blocks", ())]
        kept = {key: problem[key] for key in ("inputs", "tables", "nodes") if key in problem}
        kept["inputs"] = [[one_line(name), *rest] for name, *rest in kept["inputs"]]
        self._plays[place] = {
            "problem": {**kept, **({"blocks": blocks} if blocks else {})},
            "runs": [[one_line(label), [[one_line(n), k] for n, k in pairs]] for label, pairs in program.runs.items()],
            "selectors": [[one_line(name), place] for name, place in program.selectors],
            "listed": {str(k): [str(v) for v in values] for k, values in program.listed.items()},
            "shown": [
                {
                    "name": one_line(one.name),
                    "models": [[one_line(owner), list(nodes)] for owner, nodes in one.models],
                    "explanation": None if one.explanation is None else list(one.explanation),
                    "spoken": spoken is None or one.name in spoken,
                }
                for one in program.shown
            ],
            "names": {"network": "network"},
            "outputs": [[one_line(name), list(nodes)] for name, nodes in program.outputs],
            "admitted": program.admitted,
            "defined": program.defined,
            "holds": program.holds,
            "kind": claim.kind,
            "verdict": claim.result.verdict.value,
            "presets": list(_presets(claim, program)),
            "regions": [] if claim.map is None else list(_regions(claim.map, program)),
        }

    @property
    def empty(self) -> bool:
        """Whether there is no claim in it."""
        return not self._plays

    def text(self) -> str:
        """All of it as JSON, compressed, in base64; ``mtime`` 0 keeps the bytes the same."""
        data = {"blocks": list(self._blocks), "plays": self._plays}
        written = json.dumps(data, separators=(",", ":"), sort_keys=True)
        return base64.b64encode(gzip.compress(written.encode(), 9, mtime=0)).decode()


def _presets(claim: ClaimDossier, program: Program) -> Iterator[dict[str, Any]]:
    """Inputs that can be chosen: the counterexample, those that break a claim that holds usually, and examples."""
    result = claim.result
    if result.counterexample is not None:
        yield {"label": "the counterexample", "values": _values(result.counterexample, program)}
    if result.exceptions is not None:
        for k, one in enumerate(result.exceptions.listed[:3]):
            yield {"label": f"exception {k + 1}", "values": _values(one.found, program)}
    for k, example in enumerate(claim.examples):
        yield {"label": f"example {k + 1}", "values": _values(example, program)}


def _values(found: Counterexample, program: Program) -> dict[str, str]:
    """The inputs of a point by their place, as they are typed."""
    values: dict[str, str] = {}
    for label, pairs in program.runs.items():
        given = found.inputs if not label else found.sources.get(label, {})
        flat = {name: value for top, whole in given.items() for name, value in _flat(top, whole)}
        values |= {str(place): str(Fraction(flat[name])) for name, place in pairs if name in flat}
    for name, place in program.selectors:
        values[str(place)] = "1" if name in found.sources else "0"
    return values


def _flat(name: str, value: Value) -> Iterator[tuple[str, Fraction | bool | float]]:
    if isinstance(value, tuple):
        for k, item in enumerate(value):
            yield from _flat(f"{name}[{k}]", item)
    elif value is not None:
        yield name, value


def _regions(found: ScopeMap, program: Program) -> Iterator[dict[str, Any]]:
    """The parts of the map, with their conditions over the places of the inputs."""
    places: Mapping[str, int] = {i[0]: k for k, i in enumerate(program.problem["inputs"])}
    for part in found.parts:
        if part.place not in ("inside", "outside") or any(n not in places for c in part.where for n, _ in c.terms):
            continue
        where = [[[[places[n], str(w)] for n, w in c.terms], c.relation, str(c.bound)] for c in part.where]
        size = amount_text(part.amount) + (" inputs" if not part.amount.dimension else "")
        of = f" of {size}" if part.amount.low == part.amount.high else ""
        words = f"It lies in a part{of} on which {_LABELS[part.verdict]}."
        yield {"where": where, "verdict": part.verdict, "words": words}
