"""What was established of each claim, as frozen data: the only thing that reports see.

Numbers that a report prints are exact (``Fraction``) wherever they stem from exact arithmetic.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

from mechverify.caution import Caution
from mechverify.errors import Diagnostic
from mechverify.mapping.map import ScopeMap
from mechverify.probability.bracket import Bracket
from mechverify.spec.expression.complexity import Size
from mechverify.verdict import Assurance, Reason, Verdict

# What a verdict is about.
Notion = Literal[
    "the explanation alone",
    "outputs",
    "values",
    "set by the claim",
    "any value, reached or not",
    "interchange",
    "nothing else matters, taken together",
    "nothing else matters, each unit by itself",
]
Value = Fraction | bool | tuple["Value", ...] | float | None


@dataclass(frozen=True, slots=True)
class InputCounts:
    """How many admissible inputs, bracketed (equal ends: exact). None: not countable (reals)."""

    total: tuple[int, int] | None = None
    proved: tuple[int, int] | None = None
    refuted: tuple[int, int] | None = None
    open: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Region:
    """A box of inputs: the closed bounds of those that it narrows, how many admissible inputs lie in it (bracketed;
    None: not counted), and its exact share, of all admissible inputs or (``of_box``) of the box of all inputs.
    """

    where: Mapping[str, tuple[Fraction, Fraction]]
    inputs: tuple[int, int] | None
    share: Fraction
    of_box: bool


@dataclass(frozen=True, slots=True)
class Regions:
    """Where a claim is proved and where it stays open, each part once, the largest first."""

    proved: tuple[Region, ...] = ()
    open: tuple[Region, ...] = ()


@dataclass(frozen=True, slots=True)
class Replay:
    """The witness run in one real runtime. ``shows`` tells whether the claim is broken there; ``untold`` that this
    cannot be said, since the claim compares what is irrational with what the runtime computed.

    ``bits`` has the activations that were read, big-endian in hexadecimal; ``batch`` how many inputs ran together.
    """

    runtime: str
    version: str
    batching: str
    shows: bool
    values: Mapping[str, Value]
    bits: Mapping[str, str] = field(default_factory=dict)
    batch: int = 1
    untold: bool = False


@dataclass(frozen=True, slots=True)
class VariableRow:
    """One variable at the witness: what the network's site says and what the explanation says.

    With several models, ``models`` has what each says, and ``network`` is the first one's. ``within``: how far apart
    the claim allows the two to be, where it says so.
    """

    name: str
    says: str | None
    network: Value
    explanation: Value
    models: Mapping[str, Value] = field(default_factory=dict)
    within: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Counterexample:
    """A witness. ``robust``: it breaks the claim in every execution. ``failing``: the parts of the claim that are
    false there. ``undefined``: why the claim has no value there, where that is how it breaks."""

    inputs: Mapping[str, Value]
    rows: tuple[VariableRow, ...]
    replays: tuple[Replay, ...]
    robust: bool
    failing: str | None = None
    sources: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    undefined: str | None = None


@dataclass(frozen=True, slots=True)
class Proof:
    """The certificate behind a verdict and what it cost. ``pointwise``: some of its steps evaluate every point.
    ``certificate_sha256`` is that of the certificate without what it says about itself, ``sha256`` that of its problem.
    """

    engine: str
    certificate: Path | None
    sha256: str | None
    steps: int | None
    operations: int | None
    size_bytes: int | None
    seconds: float
    check_seconds: float | None
    uses: tuple[str, ...] = ()
    pointwise: bool = False
    certificate_sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Lemma:
    """One lemma of a modular proof: that of a variable's mechanism, or the last one, which derives the claim. A lemma
    that is REFUTED has a point at which its relation is not kept, ``breaks_at``; that is no counterexample of the
    claim.
    """

    name: str
    verdict: Verdict
    assurance: Assurance | None
    steps: int | None = None
    detail: str | None = None
    reason: Reason | None = None
    breaks_at: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BruteForce:
    """What running everything would take: model runs, and terms for them, as the kernel counts its work."""

    inputs: int
    operations: int


@dataclass(frozen=True, slots=True)
class Sampled:
    """At how many of ``samples`` random admissible inputs a claim with an intervention holds: no evidence, only a
    figure to compare with. ``asked`` is the number wanted, ``copies`` how many runs one sample has inputs for.
    """

    agreed: int
    samples: int
    asked: int
    copies: int
    seed: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Closeness:
    """The largest of what a tolerance of the claim bounds that was found. ``bound`` is its text in the spec,
    ``allowed`` its value; ``distance``: what it bounds is a difference. ``inputs`` and ``sources`` are where it was
    found, ``point`` the same as the graph's inputs; ``runtime`` is what showed it, of a float32 claim.
    """

    bound: str
    allowed: Fraction
    found: Fraction
    distance: bool
    inputs: Mapping[str, Value]
    sources: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    runtime: str | None = None
    point: tuple[Fraction, ...] = ()


@dataclass(frozen=True, slots=True)
class Sample:
    """What draws from the inputs say, conditioned on the preconditions. ``asked`` inputs were wanted and ``drawn`` got;
    the claim held at ``hits`` of them in every one of ``runtimes`` (none: by exact evaluation), and at the others not
    in all. ``interval`` is the confidence interval, of the share or of the average; its two ends fail, for all
    ``shared`` claims of a family together, with a probability of at most 1 - ``confidence``. ``fixed``: the spec fixed
    seed and size before.
    """

    hits: int
    drawn: int
    asked: int
    seed: int
    fixed: bool
    confidence: Fraction
    shared: int
    interval: Bracket
    runtimes: tuple[str, ...] = ()
    mean: Fraction | None = None
    values: Bracket | None = None


@dataclass(frozen=True, slots=True)
class ExceptionShown:
    """An input at which a claim fails that holds usually, and ``why`` this one is shown. ``share``: how probable it is,
    given the preconditions; None where single inputs have no mass. ``beyond``: by how much it fails, where the claim is
    one comparison.
    """

    why: str
    found: Counterexample
    share: Fraction | None = None
    beyond: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Exceptions:
    """The inputs that break a claim that holds usually. ``total`` is how many have a probability (None: not counted);
    ``complete``: all of them are listed.
    """

    total: Bracket | None
    listed: tuple[ExceptionShown, ...]
    complete: bool


@dataclass(frozen=True, slots=True)
class Chance:
    """How probable a claim is, or how large its average. ``wanted`` is the share that ``usually`` asks for, and 0 for
    an ``average``, whose number is the larger side of its comparison less the smaller one. ``exact``: from a map that
    the kernel accepted, the part that stays open counted for neither side. ``same_work``: about how wide the confidence
    interval would be of so many draws as would take the map's evaluations. ``distribution``: each input that is not
    uniform, in words.
    """

    wanted: Fraction
    average: bool = False
    exact: Bracket | None = None
    holds: Bracket | None = None
    admitted: Bracket | None = None
    admitted_if_holds: Bracket | None = None
    lift: Bracket | None = None
    same_work: tuple[int, float] | None = None
    sample: Sample | None = None
    distribution: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ClaimResult:
    """The verdict on one claim (one member of a family). ``advice``: what to do about this very claim, where more can
    be said than of every claim with its verdict. ``rests_on``: the parts that have to be trusted for it, those in
    ``assumptions`` among them. ``group``: the name in the spec of a family that it is a member of. ``warnings``: what
    it fails to test. ``regions``: of one that is not decided on all inputs, on which. ``work``: the steps counted, the
    same in every run; ``cut_short``: a ceiling of seconds ended something before its work was done. ``suggested``: the
    preconditions that the spec marks as found by the program. ``chance`` and ``exceptions``: of one of the kinds
    ``usually`` and ``on_average``. ``scope``: on how many inputs it holds, None where that was not asked for, or says
    nothing new.
    ``formal``: the SHA-256 of what it says formally, whatever the words.
    """

    name: str
    line: int
    says: str | None
    sentence: str
    notion: Notion
    verdict: Verdict
    assurance: Assurance | None
    reason: Reason | None
    detail: str | None
    expect: str
    as_expected: bool
    arithmetic: str
    ideal_verdict: Verdict | None
    counts: InputCounts
    seconds: float
    counterexample: Counterexample | None = None
    proof: Proof | None = None
    brute_force: BruteForce | None = None
    explanation_size: int | None = None
    assumptions: tuple[str, ...] = ()
    rests_on: tuple[str, ...] = ()
    smallest_margin: Value = None
    table: tuple[tuple[tuple[str, Value], ...], ...] = ()
    notes: tuple[str, ...] = ()
    advice: str | None = None
    lemmas: tuple[Lemma, ...] = ()
    sampled: Sampled | None = None
    group: str | None = None
    warnings: tuple[Caution, ...] = ()
    closeness: tuple[Closeness, ...] = ()
    regions: Regions | None = None
    work: int | None = None
    cut_short: bool = False
    suggested: tuple[str, ...] = ()
    chance: Chance | None = None
    exceptions: Exceptions | None = None
    scope: ScopeMap | None = None
    formal: str | None = None


@dataclass(frozen=True, slots=True)
class Decoding:
    """The ``read_as`` of a variable beside its mechanism (None: the variable only observes). ``steps`` is how many
    comparisons, choices, products of site values and the like it has beyond an affine map; ``doubtful``: it could do
    the mechanism's work itself. ``at_inputs``: it computes something, as its mechanism does, from what the model is
    given, before the model has computed anything.
    """

    variable: str
    size: Size
    mechanism: Size | None
    steps: int
    at_inputs: bool = False

    @property
    def doubtful(self) -> bool:
        """At the model's inputs, or larger than the mechanism and more than an affine map with one threshold."""
        return self.at_inputs or (self._larger and self.steps > 1)

    @property
    def _larger(self) -> bool:
        return self.mechanism is not None and self.size.total > self.mechanism.total


def doubt(decoding: Decoding) -> str:
    """What is wrong with a doubtful decoding, in words."""
    if decoding.at_inputs:
        return (
            f"the decoding of {decoding.variable} computes it from the model's own inputs: it does the mechanism's "
            "work itself, and the network has no part in it"
        )
    mechanism = Size() if decoding.mechanism is None else decoding.mechanism
    return (
        f"the decoding of {decoding.variable} has {decoding.size.total} operations and constants, the mechanism that "
        f"it decodes {mechanism.total}, and it is {decoding.steps} steps beyond an affine map: it could do the "
        "mechanism's work itself"
    )


@dataclass(frozen=True, slots=True)
class Extent:
    """The size of one model: numbers in its weights, in the inputs, and in every other activation that a site may name
    (``units``; a tensor with several names once), of which ``located`` lie at a site of the explanation.
    """

    model: str
    weights: int
    inputs: int
    units: int
    located: int


@dataclass(frozen=True, slots=True)
class Alignment:
    """The explanation's size beside that of its models."""

    variables: int
    size: Size
    decodings: tuple[Decoding, ...]
    models: tuple[Extent, ...]


# How many sampled inputs a model is compared at, unless it is large.
MOST_COMPARED = 1024


@dataclass(frozen=True, slots=True)
class Compared:
    """On how many sampled inputs the models were compared with their runtimes, tensor by tensor.

    ``most`` is how many inputs models of this size are given; ``turning`` of the inputs lie where a switch, a
    comparison, a rounding or a table changes sides. Of the ``switches`` of the graph, ``looked_at`` were searched for
    and ``both`` were seen on both sides. ``intermediates`` and ``values`` count tensors (for programs: places) and
    numbers.
    """

    inputs: int
    most: int
    turning: int
    switches: int
    looked_at: int
    both: int
    intermediates: int
    values: int


@dataclass(frozen=True, slots=True)
class SpecResult:
    """One spec file: either its mistakes, or a result for each claim. ``warnings``: what it fails to test.
    ``parameters`` are those in force; ``declared`` has the spec's own value of each that ``--set`` gave another one.
    """

    path: Path
    title: str | None
    summary: str | None
    errors: tuple[Diagnostic, ...]
    claims: tuple[ClaimResult, ...]
    trusted: tuple[str, ...] = ()
    alignment: Alignment | None = None
    warnings: tuple[Caution, ...] = ()
    parameters: Mapping[str, Fraction] = field(default_factory=dict)
    declared: Mapping[str, Fraction] = field(default_factory=dict)
    compared: Compared | None = None


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What became of claims that were ``sent`` to other machines: how many ``brought`` steps or witnesses, of how many
    nothing came in time (``late``), what went wrong with others, and why claims were not sent at all (``kept_here``).
    """

    sent: int
    brought: int
    late: int = 0
    failures: tuple[str, ...] = ()
    kept_here: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """A whole run. ``out_of_time``: its own limit ended it before every spec was looked at."""

    tool: str
    specs: tuple[SpecResult, ...]
    interrupted: bool = False
    out_of_time: bool = False
    elsewhere: Elsewhere | None = None


@dataclass(frozen=True, slots=True)
class CheckReport:
    """The kernel's answer on one certificate file.

    ``kind`` is the certificate's (``proof``, ``empty``, ``witness``, ``replayed``, ``modular``). ``sha256`` is the
    identity of its problem, or of its structure where it is modular. ``spec_matches``: whether the claim that was named
    compiles to this very statement; None when no spec was given. ``moves_nothing``: the statement is not the claim's
    but that moving this name moves nothing, which makes the claim VACUOUS. ``unfinished``: the kernel had not answered
    when ``limit``, the seconds that it was given, were used up. ``follows``: what a map says of the claim that was
    named. ``held``: the claim compiles to the statement with these inputs held at one value each, a slice of it.
    """

    path: Path
    answer: Literal["valid", "invalid", "unconfirmed", "unreadable", "unfinished"]
    kind: str | None
    sha256: str | None
    steps: int | None
    operations: int | None
    reason: str | None
    at: str | None
    seconds: float
    spec_matches: bool | None = None
    moves_nothing: str | None = None
    limit: float | None = None
    follows: ClaimResult | None = None
    held: Mapping[str, Fraction] | None = None


# What a front end is told while work goes on: (spec path, claim name, stage, fraction or None).
Progress = Mapping[str, Any]
