"""The driver: reads a certificate file, walks the proof tree with an explicit stack, and answers."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .cursor import Step
from .fault import InvalidError, UnreadableError
from .map.tree import check_map
from .modular.compose import Composition, lemmas_of, read_composition, run_to_inhabit
from .numbers.number import Number, parse_number
from .plan import Prepared
from .reading.node import Problem
from .reading.problem import read_problem
from .reading.reader import Json, as_list, as_object, as_text, read_json
from .rules.case import case
from .rules.define import define
from .rules.enumerate import enumerate_points
from .rules.forget import forget
from .rules.leaf import leaf
from .rules.members import members
from .rules.phase import phase
from .rules.positivstellensatz import positivstellensatz
from .rules.rescale import rescale
from .rules.separable import separable
from .rules.split import split
from .rules.substitute import substitute
from .rules.witness import check_inhabitant, check_replayed, check_witness
from .state import State
from .work import Work

CERTIFICATE_FORMAT = "mechverify-certificate 1"
LEAST_PRECISION, MOST_PRECISION = 32, 4096
MAX_STEPS = 10_000_000

RULES: dict[str, Callable[[State, Step], list[State]]] = {
    "split": split,
    "phase": phase,
    "case": case,
    "substitute": substitute,
    "enumerate": enumerate_points,
    "define": define,
    "forget": forget,
    "members": members,
    "rescale": rescale,
    "separable": separable,
    "leaf": leaf,
    "positivstellensatz": positivstellensatz,
}

_COMMON = frozenset({"format", "kind"})
_FIELDS = {
    "proof": frozenset({"problem", "precision", "steps", "inhabitant"}),
    "empty": frozenset({"problem", "precision", "steps"}),
    "witness": frozenset({"problem", "point"}),
    "replayed": frozenset({"problem", "point", "replay"}),
    "map": frozenset({"problem", "steps", "sizes"}),
    "modular": frozenset({"structure", "precision", "relations", "lemmas", "last", "inhabitant"}),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What the kernel says of a file. `at` is the index of the step at fault; `operations` counts terms (`work.py`).

    For a modular certificate `problem_sha256` is the structure's digest, `steps` and `operations` are sums over all
    lemmas, and `at` counts the steps of the lemma that the reason names.
    """

    answer: str
    kind: str | None = None
    problem_sha256: str | None = None
    steps: int = 0
    operations: int = 0
    reason: str | None = None
    at: int | None = None

    @property
    def exit_code(self) -> int:
        """0 valid, 1 invalid, 2 unreadable, 3 unconfirmed."""
        return {"valid": 0, "invalid": 1, "unconfirmed": 3}.get(self.answer, 2)

    def line(self) -> str:
        """The answer as one line of JSON."""
        names = ("answer", "kind", "problem_sha256", "steps", "operations", "reason", "at")
        return json.dumps({name: getattr(self, name) for name in names}, ensure_ascii=True)


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate file whose form has been checked; the steps have not. `subject` is what it is about."""

    kind: str
    subject: Problem | Composition
    precision: int
    steps: list[Json]
    point: list[Number]
    sizes: list[Json]

    @property
    def sha256(self) -> str:
        """The identity of the statement."""
        return self.subject.sha256

    @property
    def total(self) -> int:
        """The number of steps, over all lemmas."""
        return self.subject.total if isinstance(self.subject, Composition) else len(self.steps)


def apply_step(state: State, raw: Json, count: Callable[[int], None]) -> list[State]:
    """The children that a step leaves on a path, none where it settles the path. Raises `InvalidError`."""
    if type(raw) is not list or not raw or type(raw[0]) is not str:
        raise InvalidError("a step is a list that begins with a rule's name")
    if state.closed:
        if raw != ["leaf"]:
            raise InvalidError('the branch is closed: the step must be ["leaf"]')
        return []
    rule = RULES.get(raw[0])
    if rule is None:
        raise InvalidError(f"unknown step {raw[0][:40]!r}")
    return rule(state, Step(raw, count))


class Walk:
    """One pass over the steps: the lemma it is in, if any, how far it has come, and the work done."""

    def __init__(self) -> None:
        self.lemma: str | None = None
        self.at: int | None = None
        self.work = Work()

    def place(self, reason: str) -> str:
        """The reason, with the lemma it belongs to."""
        return reason if self.lemma is None else f"{self.lemma}: {reason}"

    def following(self, steps: list[Json]) -> Iterator[Json]:
        """The steps, `at` going with them."""
        for self.at, raw in enumerate(steps):
            yield raw
        self.at = len(steps)

    def run(self, prepared: Prepared, steps: list[Json]) -> None:
        """Check the proof tree; every branch must end, and no step may be left over. Raises `InvalidError`."""
        stack = [State.start(prepared)]
        for self.at, raw in enumerate(steps):
            if not stack:
                raise InvalidError("steps are left over")
            state = stack.pop()
            self.work.count(len(state.live) + len(state.facts) + len(state.known))
            stack.extend(reversed(apply_step(state, raw, self.work.count)))
        self.at = len(steps)
        if stack:
            raise InvalidError("branches are left open")
        self.at = None


def read_certificate(data: bytes) -> Certificate:
    """Read a file. Raises `UnreadableError`."""
    raw = read_json(data)
    kind = raw.get("kind") if type(raw) is dict else None
    if type(kind) is not str or kind not in _FIELDS:
        raise UnreadableError(f"the kind must be one of {', '.join(_FIELDS)}")
    fields = as_object(raw, "the file", _COMMON | _FIELDS[kind], frozenset({"about"}))
    if fields["format"] != CERTIFICATE_FORMAT:
        raise UnreadableError(f"the format must be {CERTIFICATE_FORMAT!r}")
    precision, steps = fields.get("precision", LEAST_PRECISION), as_list(fields.get("steps", []), "steps")
    if type(precision) is not int or not LEAST_PRECISION <= precision <= MOST_PRECISION:
        raise UnreadableError(f"precision must be an integer in {LEAST_PRECISION} .. {MOST_PRECISION}")
    raw_point = fields.get("inhabitant", fields.get("point", []))
    point = [parse_number(x) for x in as_list(raw_point, "a point")]
    subject = read_composition(fields) if kind == "modular" else read_problem(fields["problem"])
    if kind != "map" and isinstance(subject, Problem) and subject.domain is not None:
        raise UnreadableError("only the problem of a map has a domain")
    sizes = as_list(fields.get("sizes", []), "sizes")
    certificate = Certificate(as_text(kind, "kind"), subject, precision, steps, point, sizes)
    if certificate.total > MAX_STEPS:
        raise UnreadableError(f"more than {MAX_STEPS} steps")
    return certificate


def check_bytes(data: bytes) -> Answer:
    """Check one certificate file. Never raises for what the file contains."""
    walk = Walk()
    kind: str | None = None
    digest: str | None = None
    total = 0
    try:
        certificate = read_certificate(data)
        kind, digest, total = certificate.kind, certificate.sha256, certificate.total
        answer = _check(certificate, walk)
    except UnreadableError as error:
        return Answer("unreadable", kind, digest, total, walk.work.operations, str(error))
    except InvalidError as error:
        return Answer("invalid", kind, digest, total, walk.work.operations, walk.place(str(error)), walk.at)
    except (RecursionError, MemoryError, ArithmeticError, ValueError) as error:
        reason = walk.place(f"out of resources: {type(error).__name__}")
        return Answer("invalid", kind, digest, total, walk.work.operations, reason, walk.at)
    remark = "a runtime's word, which the kernel cannot confirm" if answer == "unconfirmed" else None
    return Answer(answer, kind, digest, total, walk.work.operations, remark)


def _check(certificate: Certificate, walk: Walk) -> str:
    subject = certificate.subject
    if isinstance(subject, Composition):
        _compose(certificate, subject, walk)
        return "valid"
    prepared = Prepared(subject, certificate.precision, empty=certificate.kind == "empty", work=walk.work)
    if certificate.kind == "witness":
        check_witness(prepared, certificate.point)
        return "valid"
    if certificate.kind == "replayed":
        check_replayed(prepared, certificate.point)
        return "unconfirmed"
    if certificate.kind == "map":
        check_map(prepared, walk.following(certificate.steps), certificate.sizes)
        walk.at = None
        return "valid"
    if certificate.kind == "proof":
        check_inhabitant(prepared, certificate.point)
    elif certificate.kind != "empty":
        raise InvalidError("unknown kind")
    walk.run(prepared, certificate.steps)
    return "valid"


def _compose(certificate: Certificate, composition: Composition, walk: Walk) -> None:
    """Check the inhabitant, then every lemma. Raises `InvalidError`."""
    check_inhabitant(Prepared(run_to_inhabit(composition.structure), work=walk.work), certificate.point)
    for lemma in lemmas_of(composition):
        walk.lemma, walk.at = lemma.name, None
        walk.run(Prepared(lemma.problem(), certificate.precision, work=walk.work), lemma.steps)
    walk.lemma = None
