"""A claim compiled: its obligation, and the wider graph for showing what happens at a point."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from mechverify.explanation.formulas.symbolic import Value
from mechverify.explanation.intervening.left_out import LeftOut
from mechverify.explanation.intervening.settings import Settings
from mechverify.graph.graph import Graph, Obligation
from mechverify.models.model import NodeArray
from mechverify.models.traced import Trace
from mechverify.spec.spec import Claim, Spec


@dataclass(frozen=True, slots=True)
class Driven:
    """A unit that an intervention on directions changes as a whole: the nodes of what it holds in the base run and in
    the changed one, and the variables whose directions lie over it.
    """

    unit: str
    names: tuple[str, ...]
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Moved:
    """Something that a claim moves, and what of it reaches what the claim asserts. ``value``: whether the explanation's
    value does; None where the explanation is not moved. ``units``: of the site, or of the input as the models see it,
    each unit by its text, and whether it does.
    """

    name: str
    value: bool | None
    units: Mapping[str, bool]


@dataclass(frozen=True, slots=True)
class CompiledClaim:
    """One member of a claim's family.

    ``obligation`` has only the nodes that matter to it. ``graph`` has everything: ``network`` and ``explanation`` give
    each variable's value there, and ``precondition_defined`` the node that says where evaluating a precondition is
    defined. ``sources`` has the inputs of the runs that values are moved from, by label; ``network`` and
    ``explanation`` are then those of the changed run, and ``beside`` has what the network says in a second run that the
    claim speaks of: the base run for ``ignores``, the one with the rest resampled for ``faithful``, under that run's
    name of the model. ``unmoved`` says of each moved value that it is always what the base run has anyway, and
    ``unmoved_sites`` the same of what each moved site holds. ``driven`` are the units in ``graph`` that lie under
    directions which are set. ``moved`` says what of all that is moved reaches what the claim asserts, where the graph
    shows it as it is. ``claim_defined`` says where all that the claim evaluates is defined. ``assumption`` is
    ``counted``, which is false of values that an input does not list, and ``admitted``, the preconditions. ``fed`` has
    what each model is fed on the base inputs, by its own names, and ``traces`` are the models there with their
    intermediates. ``left_out`` has what comes from a run of its own with ``each``, ``settings`` what the claim sets
    sites to. ``spare`` is the number in ``graph`` whose average an ``on_average`` claim says to be at least 0.
    """

    spec: Spec
    claim: Claim
    name: str
    family: Mapping[str, int]
    arithmetic: str
    obligation: Obligation
    graph: Graph
    inputs: Mapping[str, Value]
    network: Mapping[tuple[str, str], Value]
    explanation: Mapping[str, Value]
    preconditions: Mapping[str, int]
    precondition_defined: Mapping[str, int]
    assumption: int
    claim_node: int
    claim_defined: int
    counted: int
    admitted: int
    sources: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    unmoved: Mapping[str, Obligation] = field(default_factory=dict)
    unmoved_sites: Mapping[str, Obligation] = field(default_factory=dict)
    beside: Mapping[tuple[str, str], Value] = field(default_factory=dict)
    driven: tuple[Driven, ...] = ()
    moved: tuple[Moved, ...] | None = None
    fed: Mapping[str, Mapping[str, NodeArray]] = field(default_factory=dict)
    traces: Mapping[str, Trace] = field(default_factory=dict)
    left_out: tuple[LeftOut, ...] = ()
    settings: Settings = field(default_factory=Settings)
    spare: int | None = None

    @property
    def intervened(self) -> bool:
        """Whether the claim speaks of runs with something changed in them."""
        return bool(self.sources or self.settings.wanted)
