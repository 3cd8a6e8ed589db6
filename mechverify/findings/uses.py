"""What a proof rests on: the preconditions without which its steps no longer go through."""

from collections.abc import Mapping
from typing import Any

from mechverify.deciding.decision import Decision
from mechverify.engines.processes.kernel import check_certificate
from mechverify.explanation.compiled import CompiledClaim
from mechverify.explanation.obligations import conditions
from mechverify.graph.graph import Obligation
from mechverify.verdict import Verdict

_MOST_OPERATIONS = 30_000  # of the kernel, about a second
_SECONDS = 20.0
NO_INTERNALS = "no internals"
CASES = "the explanation's cases"
NOT_KNOWN = "not known: no certificate"
LEMMAS = "a lemma for each mechanism"
PARTS = "a map of all inputs"


def proof_uses(compiled: CompiledClaim, decision: Decision) -> tuple[str, ...]:
    """The preconditions that a proof needs, and whether it splits on what the explanation says.

    The preconditions named suffice together: one after the other is replaced by true, and stays so if the kernel still
    accepts the same steps. Where a check has many operations, for modular proofs, and for maps that do not prove the
    claim outside the preconditions too, all preconditions are named; without a certificate it is not known what is
    needed, and none is.
    """
    if decision.verdict is not Verdict.PROVED:
        return ()
    if decision.certificate is None:
        return (NOT_KNOWN,)
    if decision.certificate["kind"] == "modular":
        return (*(c.name for c in conditions(compiled.spec, compiled.claim)), LEMMAS)
    if decision.certificate["kind"] == "map":
        everywhere = all(one[0] != "outside" or one[1] == "proved" for one in decision.certificate["sizes"])
        named = () if everywhere else conditions(compiled.spec, compiled.claim)
        return (*(c.name for c in named), PARTS)
    names = needed_preconditions(compiled.obligation, decision)
    split = any(s[0] == "case" and s[1] in compiled.obligation.cases for s in decision.certificate["steps"])
    return (*names, CASES if split else NO_INTERNALS)


def evaluates_points(decision: Decision) -> bool:
    """Whether a step of the certificate evaluates the points of a box one by one."""
    steps = decision.certificate.get("steps", ()) if decision.certificate is not None else ()
    return any(step[0] == "enumerate" for step in steps)


def needed_preconditions(obligation: Obligation, decision: Decision) -> tuple[str, ...]:
    """Preconditions of a proved obligation that suffice together for its certificate; all of them without one."""
    names = tuple(obligation.preconditions)
    if decision.certificate is None or (decision.operations or 0) > _MOST_OPERATIONS:
        return names
    return _still_needed(obligation, decision.certificate, names)


def _still_needed(obligation: Obligation, certificate: Mapping[str, Any], names: tuple[str, ...]) -> tuple[str, ...]:
    needed = []
    for name in names:
        weaker = _weakened(certificate, obligation.preconditions[name])
        if check_certificate(weaker, _SECONDS).answer == "valid":
            certificate = weaker
        else:
            needed.append(name)
    return tuple(needed)


def _weakened(certificate: Mapping[str, Any], precondition: int) -> dict[str, Any]:
    """The certificate of a problem without one precondition."""
    problem = certificate["problem"]
    nodes = _Nodes(problem)
    assumption = _without(nodes, problem["assumption"], precondition)
    return {**certificate, "problem": {**problem, "nodes": nodes.written, "assumption": assumption}}


class _Nodes:
    """The nodes of a problem by their numbers; more can be added, and none of those in rows is asked for."""

    def __init__(self, problem: Mapping[str, Any]) -> None:
        self.written = list(problem["nodes"])
        self._count = 0
        self._at: dict[int, Any] = {}
        for raw in self.written:
            self._at[self._count] = raw
            self._count += len(raw[3]) if raw[0] == "rows" else 1

    def __getitem__(self, index: int) -> Any:
        return self._at[index]

    def add(self, raw: list[Any]) -> int:
        """Append a node and return its number."""
        self.written.append(raw)
        self._at[self._count] = raw
        self._count += 1
        return self._count - 1


def _without(nodes: _Nodes, assumption: int, dropped: int) -> int:
    """The assumption with one conjunct made of as many trues as it has facts, so that facts keep their numbers."""
    true = nodes.add(["bool", "true"])
    if assumption == dropped:
        return nodes.add(["and", [true] * _facts(nodes, dropped)])
    if nodes[assumption][0] != "and":
        return assumption
    args = list(nodes[assumption][1])
    if dropped in args:
        args[args.index(dropped)] = nodes.add(["and", [true] * _facts(nodes, dropped)])
    return nodes.add(["and", args])


def _facts(nodes: _Nodes, node: int) -> int:
    return sum(_facts(nodes, a) for a in nodes[node][1]) if nodes[node][0] == "and" else 1
