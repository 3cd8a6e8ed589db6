"""The parts of a spec as they are told: inputs, models, variables, preconditions."""

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from mechverify.dossier_results import ConditionCard, InputCard, ModelCard, VariableCard
from mechverify.explanation.interventions import interventions_of, read_by
from mechverify.explanation.obligations import conditions
from mechverify.models.model import Model
from mechverify.spec.sentence import domain_text
from mechverify.spec.spec import (
    ONLY_MODEL,
    Claim,
    ModelDeclaration,
    Site,
    SiteDirection,
    SiteUnits,
    Spec,
    Variable,
    site_units,
)
from mechverify.spec.text import names_in


def input_cards(spec: Spec) -> tuple[InputCard, ...]:
    """The inputs with their ranges."""
    return tuple(InputCard(declared.name, domain_text(declared)) for declared in spec.inputs)


def model_cards(spec: Spec, models: Mapping[str, Model]) -> tuple[ModelCard, ...]:
    """The models with the digests of their files."""
    return tuple(_model(one, models[one.name]) for one in spec.models)


def _model(one: ModelDeclaration, model: Model) -> ModelCard:
    file = one.location.partition(":")[0] if one.kind == "program" else one.location
    own = None if one.kind == "torch" else _sha256(one.root / file)
    weights = None if one.weights is None else _sha256(one.root / one.weights)
    return ModelCard(one.name, one.kind, one.location, own, weights, model.parameter_count, one.arithmetic, one.origin)


def _sha256(path: Path) -> str | None:
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return None


def variable_cards(spec: Spec, models: Mapping[str, Model]) -> tuple[VariableCard, ...]:
    """The variables of the explanation, with the claims that read and set their places."""
    known = {*(i.name for i in spec.inputs), *(v.name for v in spec.variables)}
    read = {claim.name: read_by(spec, claim) for claim in spec.claims}
    moved = {claim.name: frozenset(moves_of(spec, claim)) for claim in spec.claims}
    outputs = {(owner, name) for owner, model in models.items() for name in model.outputs}
    return tuple(_variable(v, known, outputs, read, moved) for v in spec.variables)


def _variable(
    v: Variable,
    known: set[str],
    outputs: set[tuple[str, str]],
    read: Mapping[str, frozenset[str]],
    moved: Mapping[str, frozenset[str]],
) -> VariableCard:
    parents = () if v.value is None else tuple(sorted(names_in(v.value.expression) & known))
    return VariableCard(
        v.name,
        v.says,
        None if v.value is None else v.value.text,
        tuple(_places(v)),
        None if v.read_as is None else v.read_as.text,
        parents,
        bool(units := [site_units(site) for site in _sites(v)])
        and all((one.model, one.activation) in outputs for one in units),
        tuple(name for name, names in read.items() if v.name in names),
        tuple(name for name, names in moved.items() if v.name in names),
    )


def _sites(v: Variable) -> tuple[Site, ...]:
    return (*(() if v.located_at is None else (v.located_at,)), *v.elsewhere)


def _places(v: Variable) -> Iterator[str]:
    for site in _sites(v):
        owner = site_units(site).model
        yield _site(site) if owner == ONLY_MODEL else f"{owner}: {_site(site)}"


def _site(site: Site) -> str:
    if isinstance(site, SiteUnits):
        return site.text
    what = "a direction in" if isinstance(site, SiteDirection) else f"{len(site.rows)} directions in"
    return f"{what} {site.of.text}"


def moves_of(spec: Spec, claim: Claim) -> tuple[str, ...]:
    """The names that a claim takes from another run, or sets."""
    plan = interventions_of(spec, claim)
    return tuple(dict.fromkeys((*plan.swapped, *plan.resampled, *(one.name for one in claim.settings))))


def resamples_of(claim: Claim) -> tuple[str, ...]:
    """What a claim resamples, as it is written there; of one that asks for all of it, the rest."""
    if claim.kind == "faithful":
        return ("rest",)
    return next((part.names for part in claim.parts if part.key == "resample"), ())


def condition_cards(spec: Spec, claim: Claim) -> tuple[ConditionCard, ...]:
    """The preconditions that a claim is under."""
    return tuple(ConditionCard(c.name, c.condition.text, c.suggested) for c in conditions(spec, claim))
