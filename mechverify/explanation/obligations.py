"""From a claim to its obligation."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from pathlib import Path

from mechverify.errors import Diagnostic, SpecError
from mechverify.explanation.asserted import asserted, spare_of
from mechverify.explanation.causal import CausalGraph
from mechverify.explanation.compiled import CompiledClaim, Driven
from mechverify.explanation.dependence import seen_in
from mechverify.explanation.formulas.expressions import ExpressionError
from mechverify.explanation.formulas.symbolic import ShapeMismatchError, Value, leaves, scalar
from mechverify.explanation.interventions import apart_name, before_name, parents_of, resampled_label
from mechverify.explanation.prune import prune
from mechverify.explanation.runs import Runs, runs_of, transplants_of
from mechverify.explanation.sites import unit_text
from mechverify.graph.builder import GraphBuilder
from mechverify.models.model import Model, NodeArray
from mechverify.spec.expression.syntax import Span
from mechverify.spec.spec import Claim, NamedCondition, Spec, conditions_of
from mechverify.spec.text import attributes_in


def members(claim: Claim) -> Iterator[tuple[str, dict[str, int]]]:
    """The names and index values of a claim's family: one without ``for:``, else ``each_input[i=0]`` and so on."""
    if not claim.families:
        yield claim.name, {}
        return
    for values in product(*(f.values for f in claim.families)):
        family = dict(zip((f.name for f in claim.families), values, strict=True))
        yield f"{claim.name}[{', '.join(f'{k}={v}' for k, v in family.items())}]", family


def conditions(spec: Spec, claim: Claim) -> tuple[NamedCondition, ...]:
    """The preconditions that a claim is under: the spec's without those it drops, then its own."""
    return conditions_of(spec, claim)


def suggested_conditions(spec: Spec, claim: Claim) -> tuple[str, ...]:
    """The names of those that the spec marks as found by the program."""
    return tuple(condition.name for condition in conditions(spec, claim) if condition.suggested)


def compile_claim(
    spec: Spec,
    models: Mapping[str, Model],
    claim: Claim,
    name: str,
    family: Mapping[str, int],
    *,
    ideal: bool = False,
    base: CausalGraph | None = None,
) -> CompiledClaim:
    """Compile one member of a claim. ``ideal`` replaces float32 by real arithmetic; ``base`` is a causal
    graph of this spec in that arithmetic, to save building the models again.

    The obligation's assumption is the conjunction of the input domains and the preconditions. A point where a
    precondition is undefined counts as admissible and as breaking the claim, so that nothing is proved past it
    (SEMANTICS 2). Raises SpecError for what does not fit: names of sites, shapes, constants.
    """
    try:
        causal = CausalGraph(spec, models, family, ideal=ideal) if base is None else base.for_family(family)
        return _compile(causal, claim, name)
    except ExpressionError as problem:
        raise SpecError((diagnostic(spec, problem.span, problem.message, problem.hint),)) from None
    except ShapeMismatchError as problem:
        raise SpecError((diagnostic(spec, claim.span, str(problem)),)) from None


def base_graph(spec: Spec, models: Mapping[str, Model], *, ideal: bool = False) -> CausalGraph:
    """The causal graph that all claims of a spec start from. Raises SpecError where feeds and models do not fit."""
    try:
        return CausalGraph(spec, models, {}, ideal=ideal)
    except ExpressionError as problem:
        raise SpecError((diagnostic(spec, problem.span, problem.message, problem.hint),)) from None


def site_problems(causal: CausalGraph) -> tuple[Diagnostic, ...]:
    """A mistake for every site that its model does not have, and every decoding that does not fit it."""
    found: list[Diagnostic] = []
    for model in causal.spec.models:
        for variable in causal.spec.variables:
            if variable.site_in(model.name) is None:
                continue
            try:
                causal.network(model.name, variable.name, variable.span)
            except ExpressionError as problem:
                found.append(diagnostic(causal.spec, problem.span, problem.message, problem.hint))
            except ShapeMismatchError as problem:
                found.append(diagnostic(causal.spec, variable.span, str(problem)))
    return tuple(dict.fromkeys(found))


def diagnostic(spec: Spec, span: Span, message: str, hint: str | None = None) -> Diagnostic:
    """A diagnostic at a place in the spec file, or in the shared file that the place is in, with the line's text."""
    path = spec.path if span.path is None else Path(span.path)
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except OSError:
        lines = []
    source = lines[span.line - 1] if 0 < span.line <= len(lines) else None
    return Diagnostic(str(path), span.line, span.column, message, hint, source)


def _compile(causal: CausalGraph, claim: Claim, name: str) -> CompiledClaim:
    spec, family, ideal = causal.spec, causal.family, causal.ideal
    b = causal.builder
    runs = runs_of(causal, claim)
    holds: dict[str, int] = {}
    defined: dict[str, int] = {}
    for source, run in runs.plain():
        for condition in conditions(spec, claim):
            compiled = run.compile(condition.condition)
            node = scalar(compiled.value)
            if not b.node(node).is_boolean:
                raise ExpressionError(condition.span, f"the condition {condition.name} is a number, not a truth value")
            of = f"source of {source}" if source in runs.plan.swapped else source
            key = f"{condition.name} ({of})" if source else condition.name
            holds[key], defined[key] = node, compiled.defined
    wanted = asserted(runs, claim)
    goal = scalar(wanted.value)
    all_defined = b.all(list(defined.values()))
    undefined = b.negate(all_defined)
    parts = [b.any((undefined, h)) for h in holds.values()]
    domain = [d for _, run in runs.plain() for d in run.domain]
    assumption = b.all([*domain, *parts])
    claim_defined = b.all((all_defined, wanted.defined))
    claim_node = b.all((all_defined, wanted.defined, goal))
    explanation = {
        v.name: runs.changed.value(v.name, v.span).value for v in spec.variables if v.value is not None
    }
    network = _network(runs, runs.changed, {m.name: m.name for m in spec.models})
    beside: dict[tuple[str, str], Value] = {}
    if claim.kind == "ignores":
        beside = _network(runs, runs.base, {m.name: before_name(m.name) for m in spec.models})
    elif runs.apart is not None:
        beside = _network(runs, runs.apart, {m.name: apart_name(m.name) for m in spec.models})
    named = {**holds, **explanation}
    swaps = tuple(runs.swaps[n] for n in runs.plan.swapped) if runs.plan.chosen else ()
    cases = (*swaps, *(node for case in spec.cases if case in named for node in leaves(named[case])))
    unmoved = {name: _unmoved(runs, name, label) for name, label in _moved(runs, spec)}
    unmoved_sites = {name: _unmoved_site(runs, name, label) for name, label in _moved_sites(runs, spec)}
    unmoved |= {name: _unmoved_value(runs, name) for name in _compared_with_base(runs, runs.settings.values)}
    unmoved_sites |= {name: _unmoved_setting(runs, name) for name in _compared_with_base(runs, runs.settings.wanted)}
    counted, admitted = b.all(domain), b.all(parts)
    graph = b.graph()
    premises = dict(zip(holds, parts, strict=True))
    return CompiledClaim(
        spec=spec,
        claim=claim,
        name=name,
        family=dict(family),
        arithmetic=arithmetic_of(spec, claim, ideal=ideal),
        obligation=prune(graph, assumption, claim_node, premises, cases),
        graph=graph,
        inputs=dict(causal.inputs),
        network=network,
        explanation=explanation,
        beside=beside,
        preconditions=holds,
        precondition_defined=defined,
        assumption=assumption,
        claim_node=claim_node,
        claim_defined=claim_defined,
        counted=counted,
        admitted=admitted,
        moved=seen_in(runs, claim, wanted),
        driven=tuple(_driven(runs, [name for name, _ in _moved_sites(runs, spec)])),
        sources={label: dict(run.inputs) for label, run in runs.others.items()},
        fed=dict(causal.fed),
        traces=dict(causal.traces),
        left_out=runs.left_out,
        settings=runs.settings,
        spare=scalar(spare_of(runs, claim).value) if claim.kind == "on_average" else None,
        unmoved={n: prune(graph, assumption, node, premises, ()) for n, node in unmoved.items()},
        unmoved_sites={n: prune(graph, assumption, node, premises, ()) for n, node in unmoved_sites.items()},
    )


def _network(runs: Runs, run: CausalGraph, names: Mapping[str, str]) -> dict[tuple[str, str], Value]:
    """What the sites say in one run, by the name that each model has there."""
    only = None if run.runs_models else run.seen_apart
    return {
        (shown, v.name): run.network(owner, v.name, v.span).value
        for owner, shown in names.items()
        for v in runs.base.spec.variables
        if v.site_in(owner) is not None and (only is None or (owner, v.name) in only)
    }


def _moved(runs: Runs, spec: Spec) -> list[tuple[str, str]]:
    """What is swapped, and the inputs that are resampled, with the label of the run that they are taken from. A site
    that is resampled may move although the variable's causal value does not.
    """
    inputs = {i.name for i in spec.inputs}
    resampled = [(name, resampled_label(name)) for name in runs.plan.resampled if name in inputs]
    return [*((name, name) for name in runs.plan.swapped), *resampled]


def _unmoved(runs: Runs, name: str, label: str) -> int:
    """Whether what is taken from a source is defined and what the base has there anyway (SEMANTICS 14)."""
    span = Span(1, 1)
    here, there = runs.base.value(name, span), runs.others[label].value(name, span)
    same = _same(runs.base.builder, leaves(here.value), leaves(there.value))
    return runs.base.builder.all([here.defined, there.defined, same])


def _moved_sites(runs: Runs, spec: Spec) -> list[tuple[str, str]]:
    """The variables whose sites are set, with the label of the run that they are set from."""
    inputs = {i.name for i in spec.inputs}
    found = [*((name, name) for name in runs.plan.swapped), *((n, resampled_label(n)) for n in runs.plan.resampled)]
    return [(name, label) for name, label in found if name not in inputs]


def _driven(runs: Runs, names: Sequence[str]) -> Iterator[Driven]:
    """The units under the directions that are set in the claim's runs, and those that it sets to values of its own; a
    unit that is taken from another run by itself holds what some run has there.
    """
    several = len(runs.base.spec.models) > 1
    told = {one.name for one in runs.plan.settings if one.kind != "do"}
    for owner, settings in _settings(runs, [*names, *runs.plan.set_names]):
        before = runs.base.activations[owner]
        for set_there, activations in settings:
            variables = (*runs.base.spec.variables, *runs.plan.places)
            for one, owners in transplants_of(variables, set_there, owner, before):
                clean, changed = (run[one.activation] for run in (before, activations))
                for place in one.positions():
                    if one.plain(place) is None or owners[one.plain(place) or 0] in told:
                        pairs = zip(owners, one.readings, strict=True)
                        over = [n for n, reading in pairs if place in dict(reading.terms)]
                        text = unit_text(one.activation, one.shape, place)
                        unit = f"{owner}: {text}" if several else text
                        nodes = (int(each.reshape(-1)[place]) for each in (clean, changed))
                        yield Driven(unit, tuple(dict.fromkeys(over)), *nodes)


def _settings(
    runs: Runs, names: Sequence[str]
) -> Iterator[tuple[str, list[tuple[tuple[str, ...], Mapping[str, NodeArray]]]]]:
    """For each model the runs of it in which something is set: the variables whose sites are, and its activations."""
    apart = [run.seen_apart for run in runs.seen()]
    for model in runs.base.spec.models:
        owner = model.name
        found = [(tuple(names), run.activations[owner]) for run in runs.seen() if run.runs_models]
        for name in runs.plan.own_runs():
            held = (*names, *parents_of(runs.base.spec, name, owner).located)
            for seen in apart:
                whole = seen.get((owner, name), {})
                if set(whole) >= set(runs.base.activations[owner]):  # else no more than the site of a name that is set
                    found.append((tuple(dict.fromkeys(held)), whole))
        yield owner, found


def _unmoved_site(runs: Runs, name: str, label: str) -> int:
    """Whether a site holds on a source what it holds on the base anyway, in every model that has it (SEMANTICS 28).

    Runs round independently: of a rounded site that is so only where it is one constant.
    """
    variable = next(v for v in runs.base.spec.variables if v.name == name)
    same = []
    for model in runs.base.spec.models:
        site = variable.site_in(model.name)
        if site is not None:
            here, there = (run.site_nodes(site, model.name) for run in (runs.base, runs.others[label]))
            same.append(_same(runs.base.builder, here, there))
    return runs.base.builder.all(same)


def _compared_with_base(runs: Runs, names: Iterable[str]) -> list[str]:
    """The settings that change nothing if they are what the base run has. Where something else is moved, a site may be
    held at what the base run has; what is added is not compared.
    """
    added = {one.name for one in runs.plan.settings if one.kind == "add"}
    edges = {one.name for one in runs.plan.settings if one.sources}
    return [name for name in names if name in added or not (runs.others or name in edges)]


def _unmoved_value(runs: Runs, name: str) -> int:
    """Whether a value that a variable is set to is the one that it has anyway."""
    here, there = runs.base.value(name, Span(1, 1)), runs.settings.values[name]
    return runs.base.builder.all([here.defined, _same(runs.base.builder, leaves(here.value), leaves(there.value))])


def _unmoved_setting(runs: Runs, name: str) -> int:
    """Whether a site that the claim sets holds that anyway, in every model that has it; what is added is zero."""
    b = runs.base.builder
    variable = next(v for v in (*runs.base.spec.variables, *runs.plan.places) if v.name == name)
    same = []
    for owner, wanted in runs.settings.wanted[name].items():
        site = variable.site_in(owner)
        if site is not None:
            here = [b.const(0)] * len(wanted.nodes) if wanted.shift else runs.base.site_nodes(site, owner)
            same.append(_same(b, here, wanted.nodes))
    return b.all(same)


def _same(b: GraphBuilder, here: Iterable[int], there: Iterable[int]) -> int:
    pairs = zip(here, there, strict=True)
    return b.all([b.iff(x, y) if b.node(x).is_boolean else b.eq(x, y) for x, y in pairs])


def arithmetic_of(spec: Spec, claim: Claim, *, ideal: bool = False) -> str:
    """The arithmetic that a verdict is of: float32 if any model that the claim speaks of rounds, else that of the
    models. A claim that speaks of no model is of the arithmetic of all.
    """
    spoken = set() if claim.condition is None else {o for o, _ in attributes_in(claim.condition.expression)}
    kinds = {m.arithmetic for m in spec.models if not spoken or m.name in spoken}
    if ideal:
        kinds = {"real" if k == "float32" else k for k in kinds}
    for kind in ("float32", "real", "integer"):
        if kind in kinds:
            return kind
    return "real"
