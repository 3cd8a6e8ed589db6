"""What a verdict on a claim is about."""

from collections.abc import Mapping

from mechverify.models.model import Model
from mechverify.results import Notion
from mechverify.spec.spec import EACH, REST, Claim, Spec, site_units
from mechverify.spec.text import attributes_in


def notion_of(spec: Spec, claim: Claim, models: Mapping[str, Model]) -> Notion:
    """``values``: the claim speaks, without an intervention, of a site that is none of its model's outputs.
    ``taken together``: all that the explanation leaves out comes from one other run, so that what cancels out there is
    not seen; ``each unit by itself``: from a run for each (SEMANTICS 36). ``reached or not``: about values that no
    admissible input may bring about (SEMANTICS 37).
    """
    names = {part.key: part.names for part in claim.parts}
    if never_reads(claim):
        return "the explanation alone"
    if EACH in names.get("resample", ()):
        return "nothing else matters, each unit by itself"
    if "faithful" in names or REST in names.get("resample", ()):
        return "nothing else matters, taken together"
    kinds = {one.kind for one in claim.settings}
    if "do" in kinds:
        return "any value, reached or not"
    if "interchange" in names:
        return "interchange"
    if kinds:
        return "set by the claim"
    return "values" if _reads_inside(spec, claim, models) else "outputs"


def never_reads(claim: Claim) -> bool:
    """Whether no site of a model stands in what the claim asserts."""
    return claim.condition is not None and not attributes_in(claim.condition.expression)


def _reads_inside(spec: Spec, claim: Claim, models: Mapping[str, Model]) -> bool:
    if claim.condition is None or any(part.key == "resample" for part in claim.parts):
        return False
    sites = {(m.name, v.name): v.site_in(m.name) for m in spec.models for v in spec.variables}
    spoken = ((owner, sites.get((owner, name))) for owner, name in attributes_in(claim.condition.expression))
    return any(site is not None and site_units(site).activation not in models[owner].outputs for owner, site in spoken)
