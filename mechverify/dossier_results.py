"""Everything that a page for outsiders tells of a spec, beyond the verdicts: data for reports, no words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal

from mechverify.mapping.map import ScopeMap
from mechverify.probe_results import ProbeReport
from mechverify.results import ClaimResult, Counterexample, SpecResult, Value


@dataclass(frozen=True, slots=True)
class ModelCard:
    """One model of a spec. ``sha256`` is that of its file; None where it is no file. ``weights_sha256``: of the file
    that its weights were read from, where that is another one. ``origin``: what the author says of where it is from.
    """

    name: str
    kind: Literal["onnx", "torch", "program"]
    location: str
    sha256: str | None
    weights_sha256: str | None
    weights: int
    arithmetic: str
    origin: str | None = None


@dataclass(frozen=True, slots=True)
class VariableCard:
    """One variable of the explanation: its mechanism and decoding as texts of the spec, its places in the models, and
    the inputs and variables that its mechanism reads. ``answers``: all its places are outputs. ``read_by`` and
    ``set_by`` are the claims that compare what its place holds, and that replace it.
    """

    name: str
    says: str | None
    value: str | None
    places: tuple[str, ...]
    read_as: str | None
    parents: tuple[str, ...]
    answers: bool
    read_by: tuple[str, ...]
    set_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ConditionCard:
    """A precondition of a claim. ``suggested``: the program found it."""

    name: str
    text: str
    suggested: bool


@dataclass(frozen=True, slots=True)
class Share:
    """At ``held`` of ``tried`` random admissible inputs a claim held."""

    held: int
    tried: int


@dataclass(frozen=True, slots=True)
class Constant:
    """The share with a variable of the explanation replaced by the constant ``value`` that does best."""

    replaced: str
    value: str
    share: Share


@dataclass(frozen=True, slots=True)
class ConstantNetwork:
    """The share with a network that says the same of every input, what this one says of the input that does best:
    ``says`` by model and variable."""

    says: Mapping[tuple[str, str], Value]
    share: Share


@dataclass(frozen=True, slots=True)
class ToleranceShare:
    """A tolerance beside the range of what the network was seen to say of a variable."""

    bound: str
    allowed: Fraction
    variable: str
    low: Fraction
    high: Fraction


@dataclass(frozen=True, slots=True)
class Ease:
    """How easily a claim is passed, on random inputs: by constants, by a network that is constant, and by the network
    with shuffled weights (None: ``unshuffled`` says why)."""

    original: Share
    constants: tuple[Constant, ...]
    constant_network: ConstantNetwork | None
    shuffled: Share | None
    unshuffled: str | None
    tolerances: tuple[ToleranceShare, ...]
    seed: int


@dataclass(frozen=True, slots=True)
class Sketch:
    """What a certificate's steps do: how many of each, and how many parts the inputs end up in. ``conditions`` are the
    switches and conditions that cases are made of, in words where they have any; ``lemmas`` the steps of each lemma.
    """

    kind: str
    steps: Mapping[str, int]
    parts: int
    lemmas: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page shows of one variable: nodes of a program, none for what is not said. ``models`` by the name that
    each has in the claim."""

    name: str
    models: tuple[tuple[str, tuple[int, ...]], ...]
    explanation: tuple[int, ...] | None


@dataclass(frozen=True, slots=True)
class Program:
    """A claim as a straight line of scalar operations, a kernel problem, and which of its nodes are to be shown.
    ``admitted``, ``defined`` and ``holds`` are boolean nodes; ``runs`` has the inputs of each run, by its label ("" for
    the base run), as pairs of their name in the spec and their place among the problem's inputs.
    """

    problem: Mapping[str, Any]
    runs: Mapping[str, tuple[tuple[str, int], ...]]
    selectors: tuple[tuple[str, int], ...]
    listed: Mapping[int, tuple[Fraction, ...]]
    shown: tuple[Shown, ...]
    outputs: tuple[tuple[str, tuple[int, ...]], ...]
    admitted: int
    defined: int
    holds: int


@dataclass(frozen=True, slots=True)
class CertificateFile:
    """A certificate's bytes under a file name, and what the checker prints of it; None where it was not run."""

    name: str
    data: bytes
    answer: str | None


@dataclass(frozen=True, slots=True)
class ClaimDossier:
    """One claim. ``examples`` are inputs at which the models were run. ``without_program`` says why a page cannot
    compute the claim itself."""

    result: ClaimResult
    kind: str = "always"
    conditions: tuple[ConditionCard, ...] = ()
    resamples: tuple[str, ...] = ()
    moves: tuple[str, ...] = ()
    map: ScopeMap | None = None
    sketch: Sketch | None = None
    certificates: tuple[CertificateFile, ...] = ()
    examples: tuple[Counterexample, ...] = ()
    ease: Ease | None = None
    probe: ProbeReport | None = None
    program: Program | None = None
    without_program: str | None = None


@dataclass(frozen=True, slots=True)
class InputCard:
    """An input of a spec with its range in words."""

    name: str
    domain: str


@dataclass(frozen=True, slots=True)
class SpecDossier:
    """One spec: its result, which for one with mistakes is all there is."""

    tool: str
    result: SpecResult
    text: str = ""
    inputs: tuple[InputCard, ...] = ()
    models: tuple[ModelCard, ...] = ()
    variables: tuple[VariableCard, ...] = ()
    claims: tuple[ClaimDossier, ...] = ()
    checker: str | None = None


@dataclass(frozen=True, slots=True)
class Dossiers:
    """What a run of ``report`` found."""

    tool: str
    specs: tuple[SpecDossier, ...]
    interrupted: bool = False
