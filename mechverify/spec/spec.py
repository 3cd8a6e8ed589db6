"""What a spec file says, as frozen data. Every part remembers its line and column."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal

from mechverify.spec.expression.syntax import Expression, ListDisplay, Span

ONLY_MODEL = "network"  # the name of the single model of a spec
REST = "rest"  # in `resample`: all that reaches a site otherwise than from its variable's parents
EACH = "each"  # the same, every unit of it by itself

Arithmetic = Literal["float32", "real", "integer"]
Expectation = Literal["proved", "refuted", "partly", "likely", "open", "vacuous", "held"]


@dataclass(frozen=True, slots=True)
class SourceExpression:
    """An expression with its source text."""

    expression: Expression
    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class NamedCondition:
    """A precondition, or one added by a claim's ``also``. ``suggested``: the program found it, nobody predicted it."""

    name: str
    condition: SourceExpression
    span: Span
    suggested: bool = False


@dataclass(frozen=True, slots=True)
class InputDeclaration:
    """One spec input. ``integers``/``reals``: closed bounds low, high. ``one_of``: the listed values. ``shape`` () is
    a scalar.

    Elements of a shaped input are the spec inputs ``x[0]``, ``x[0][1]``, ... of one graph input each. ``entries`` are
    the bounds of each of them, in order, where they differ; low and high are then the least and the greatest.
    """

    name: str
    kind: Literal["integers", "reals", "one_of"]
    low: Fraction | None
    high: Fraction | None
    values: tuple[Fraction, ...]
    shape: tuple[int, ...]
    span: Span
    entries: tuple[tuple[Fraction, Fraction], ...] = ()

    def bounds(self, place: int = 0) -> tuple[Fraction, Fraction] | None:
        """The closed bounds of an element by its flat place; None for ``one_of``."""
        if self.low is None or self.high is None:
            return None
        return self.entries[place] if self.entries else (self.low, self.high)


@dataclass(frozen=True, slots=True)
class MadeVector:
    """A vector that is made of inputs: the ``value`` that its name stands for, the ``condition`` that these meet, and
    what it is, as in "all ...". The ranges of those of its inputs that are ``fixed`` go with its length.
    """

    name: str
    value: ListDisplay
    condition: Expression | None
    inputs: tuple[str, ...]
    fixed: tuple[str, ...]
    says: str
    span: Span

    @property
    def length(self) -> int:
        """The number of its elements."""
        return len(self.value.items)


@dataclass(frozen=True, slots=True)
class FeedItem:
    """What one model input is fed: an expression over the spec's inputs (nested list displays for tensors)."""

    model_input: str
    value: SourceExpression


@dataclass(frozen=True, slots=True)
class Repeat:
    """A network that is one step, run so many ``times``: each input that is carried takes what another tensor had in
    the step before, first what it is fed.
    """

    times: int
    carry: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ModelDeclaration:
    """A model of the spec; ``name`` is ``network`` for the single ``model:``.

    Of one that is ``repeat``-ed ``feed`` has an item for each step (``x#0``, ``x#1``, ...), and one for the start of
    what is carried. ``location`` is the text of ``onnx:``, ``torch:`` (``package.module:factory``) or ``program:``
    (``file.py:function``). ``weights`` is a safetensors file. ``root`` is the folder that relative paths start from:
    that of the file that says so. ``places`` are where ``location`` and ``weights`` stand. ``origin`` is what the
    author says of where the model is from.
    """

    name: str
    kind: Literal["onnx", "torch", "program"]
    location: str
    weights: str | None
    arithmetic: Arithmetic
    feed: tuple[FeedItem, ...]
    root: Path
    span: Span
    places: tuple[Span, ...] = ()
    repeat: Repeat | None = None
    origin: str | None = None

    @property
    def location_span(self) -> Span:
        """Where the file or the factory is named."""
        return self.places[0] if self.places else self.span


@dataclass(frozen=True, slots=True)
class SiteUnits:
    """``hidden[0:2]``, ``output``: a named activation of a model, constant indices (ints and slices as written)."""

    model: str
    activation: str
    indices: tuple[int | tuple[int | None, int | None, int | None], ...]
    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class TensorLines:
    """Where directions were read from: ``file`` as the spec writes it, the tensor, and which rows or columns of it
    (``row 17``), or nothing for a vector.
    """

    file: str
    tensor: str
    lines: str


@dataclass(frozen=True, slots=True)
class SiteDirection:
    """``{direction: [0.6, 0.8], of: hidden[0:2]}``: the number d . h."""

    direction: tuple[Fraction, ...]
    of: SiteUnits
    span: Span
    read_from: TensorLines | None = None

    @property
    def rows(self) -> tuple[tuple[Fraction, ...], ...]:
        """The direction as the only one of several."""
        return (self.direction,)


@dataclass(frozen=True, slots=True)
class SiteSubspace:
    """``{directions: [[1, 0, 1], [0, 1, 0]], of: hidden[0:3]}``: the vector of the numbers d . h, one for each.

    The directions ``rows`` are linearly independent.
    """

    rows: tuple[tuple[Fraction, ...], ...]
    of: SiteUnits
    span: Span
    read_from: TensorLines | None = None


Site = SiteUnits | SiteDirection | SiteSubspace


def site_units(site: Site) -> SiteUnits:
    """The units that a site lies in."""
    return site if isinstance(site, SiteUnits) else site.of


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable of the explanation. Without ``located_at`` it claims no place; without ``value`` it only observes
    the network.

    With several models, ``located_at`` is the site in the first of them that has one, and ``elsewhere`` holds those
    in the others. ``within`` is how far a modular proof may suppose the decoded site to be from the value; None leaves
    that to the proof. ``write_as`` gives the site's value from the decoded one, ``it``.
    """

    name: str
    says: str | None
    value: SourceExpression | None
    located_at: Site | None
    read_as: SourceExpression | None
    span: Span
    elsewhere: tuple[Site, ...] = ()
    within: Fraction | None = None
    write_as: SourceExpression | None = None

    def site_in(self, model: str) -> Site | None:
        """The variable's site in a model, or None."""
        sites = (*(() if self.located_at is None else (self.located_at,)), *self.elsewhere)
        return next((s for s in sites if site_units(s).model == model), None)


@dataclass(frozen=True, slots=True)
class TableColumn:
    """Where weights were counted: ``file`` as the spec writes it, the column of values, and that of weights if any."""

    file: str
    column: str
    weight: str | None


@dataclass(frozen=True, slots=True)
class Distribution:
    """How one input is distributed, each of its elements alike and independently of all others.

    ``weights`` are values of it in ascending order with what each counts, above 0. ``normal`` has ``mean`` and
    ``deviation``; ``exponential`` is of the distance from the low end of the input's range, of that ``mean`` before it
    is cut off at the high end. Both are cut off at the ends of the range.
    """

    input: str
    kind: Literal["uniform", "weights", "normal", "exponential"]
    span: Span
    weights: tuple[tuple[Fraction, Fraction], ...] = ()
    mean: Fraction = Fraction(0)
    deviation: Fraction = Fraction(1)
    counted_in: TableColumn | None = None


@dataclass(frozen=True, slots=True)
class FamilyIndex:
    """``for: {i: 0 .. 3}``: the index and its values."""

    name: str
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ClaimPart:
    """What a claim says beside its condition: a kind or an intervention, with the names that it mentions."""

    key: str
    names: tuple[str, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Setting:
    """What a claim does to one site in every run that it speaks of: ``set`` it to a ``value`` (None: to the mean of
    what it holds), ``add`` a value to what it reads, or ``do``: set it so that its decoding reads any value of a
    ``domain``.

    ``name`` is that of a variable, or the text of a site that no variable names, which then is in ``place``.
    ``stands_for`` has for values of ``do`` the site's values that are read as them. ``sources``: the site is an edge,
    in each model what the units of ``place`` read of these units and of nothing else.
    """

    kind: Literal["set", "add", "do"]
    name: str
    span: Span
    value: SourceExpression | None = None
    domain: InputDeclaration | None = None
    stands_for: tuple[tuple[Fraction, Fraction], ...] = ()
    place: Variable | None = None
    sources: tuple[SiteUnits, ...] = ()

    def source_in(self, model: str) -> SiteUnits | None:
        """What an edge reads in a model; None where the site is no edge."""
        return next((one for one in self.sources if one.model == model), None)


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim (or family of claims, when ``families`` is not empty).

    ``group`` is the name in the text where that stands for several claims, as with ``interchange: all``.
    ``distribution`` are those of inputs that are not uniform, the spec's own among them; ``samples``, ``seed`` and
    ``confidence`` are None where the spec fixes none. ``settings`` are what it does to sites by ``set``, ``add`` and
    ``do``.
    """

    name: str
    says: str | None
    kind: Literal["always", "usually", "on_average", "ignores", "faithful"]
    condition: SourceExpression | None
    without: tuple[str, ...]
    also: tuple[NamedCondition, ...]
    families: tuple[FamilyIndex, ...]
    expect: Expectation
    parts: tuple[ClaimPart, ...]
    span: Span
    probability: Fraction | None = None
    tolerance: Fraction | None = None
    group: str | None = None
    distribution: tuple[Distribution, ...] = ()
    samples: int | None = None
    seed: int | None = None
    confidence: Fraction | None = None
    settings: tuple[Setting, ...] = ()

    @property
    def family(self) -> str | None:
        """The name in the text where that stands for several verdicts."""
        return self.group or (self.name if self.families else None)


@dataclass(frozen=True, slots=True)
class Spec:
    """A whole spec: parameters already given their values (``--set`` included), shared sections already merged.

    ``declared`` has the spec's own value of each parameter that ``--set`` gave another one. ``unspoken`` are the
    parameters of this file, with their places, that no expression speaks of. ``vectors`` are made of inputs. ``named``
    are the other files that it names: shared ones, models, weights, tensors and tables.
    """

    path: Path
    title: str
    summary: str
    parameters: tuple[tuple[str, Fraction], ...]
    models: tuple[ModelDeclaration, ...]
    inputs: tuple[InputDeclaration, ...]
    preconditions: tuple[NamedCondition, ...]
    variables: tuple[Variable, ...]
    cases: tuple[str, ...]
    claims: tuple[Claim, ...]
    declared: tuple[tuple[str, Fraction], ...] = ()
    unspoken: tuple[tuple[str, Span], ...] = ()
    vectors: tuple[MadeVector, ...] = ()
    named: tuple[Path, ...] = ()

    @property
    def ranged(self) -> tuple[InputDeclaration, ...]:
        """The inputs whose range could be another one."""
        fixed = {name for vector in self.vectors for name in vector.fixed}
        return tuple(one for one in self.inputs if one.name not in fixed)


def conditions_of(spec: Spec, claim: Claim) -> tuple[NamedCondition, ...]:
    """The preconditions that a claim is under: the spec's without those it drops, then its own."""
    return (*(p for p in spec.preconditions if p.name not in claim.without), *claim.also)
