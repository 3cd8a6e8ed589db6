"""Hypothesis strategies for results of a run: whatever a report may have to show."""

from pathlib import Path
from typing import get_args

from any_numbers import rationals
from any_values import spec_values, words
from hypothesis import strategies as st

from mechverify.caution import Caution
from mechverify.errors import Diagnostic
from mechverify.results import (
    BruteForce,
    ClaimResult,
    Counterexample,
    InputCounts,
    Notion,
    Proof,
    Region,
    Regions,
    Replay,
    Report,
    SpecResult,
    VariableRow,
)
from mechverify.spec.expression.syntax import Span
from mechverify.verdict import Assurance, Reason, Verdict

maybe = st.none() | words
counts = st.integers(0, 10**60)
brackets = st.none() | st.tuples(counts, counts).map(lambda pair: (min(pair), max(pair)))
seconds = st.floats(0, 1e7)
assignments = st.dictionaries(words, spec_values, max_size=4)
counterexamples = st.builds(
    Counterexample,
    assignments,
    st.lists(st.builds(VariableRow, words, maybe, spec_values, spec_values), max_size=3).map(tuple),
    st.lists(st.builds(Replay, words, words, words, st.booleans(), assignments), max_size=3).map(tuple),
    st.booleans(),
    maybe,
    st.dictionaries(words, assignments, max_size=2),
)
sizes = st.none() | st.integers(0, 2**52)
proofs = st.builds(
    Proof,
    words,
    st.none() | st.just(Path("c.json")),
    maybe,
    sizes,
    sizes,
    sizes,
    seconds,
    st.none() | seconds,
    st.lists(words, max_size=3).map(tuple),
)
ends = st.tuples(rationals, rationals)
regions = st.lists(
    st.builds(Region, st.dictionaries(words, ends, max_size=2), brackets, st.fractions(0, 1), of_box=st.booleans()),
    max_size=6,
).map(tuple)
cautions = st.builds(Caution, words, words, words, st.just(Span(1, 1)))
claims = st.builds(
    ClaimResult,
    name=words,
    line=st.integers(1, 10**6),
    says=maybe,
    sentence=words,
    notion=st.sampled_from(get_args(Notion)),
    verdict=st.sampled_from(Verdict),
    assurance=st.none() | st.sampled_from(Assurance),
    reason=st.none() | st.sampled_from(Reason),
    detail=maybe,
    expect=st.sampled_from(["proved", "refuted", "partly", "likely", "open", "vacuous", "held"]),
    as_expected=st.booleans(),
    arithmetic=st.sampled_from(["float32", "real", "integer"]),
    ideal_verdict=st.none() | st.sampled_from(Verdict),
    counts=st.builds(InputCounts, brackets, brackets, brackets, brackets),
    seconds=seconds,
    counterexample=st.none() | counterexamples,
    proof=st.none() | proofs,
    brute_force=st.none() | st.builds(BruteForce, counts, counts),
    explanation_size=sizes,
    assumptions=st.lists(words, max_size=2).map(tuple),
    smallest_margin=spec_values,
    table=st.lists(st.lists(st.tuples(words, spec_values), max_size=3).map(tuple), max_size=3).map(tuple),
    notes=st.lists(words, max_size=2).map(tuple),
    warnings=st.lists(cautions, max_size=2).map(tuple),
    regions=st.none() | st.builds(Regions, regions, regions),
    suggested=st.lists(words, max_size=2).map(tuple),
)
diagnostics = st.builds(Diagnostic, words, st.integers(1, 99), st.integers(1, 20), words, maybe, maybe)
specs = st.builds(
    SpecResult,
    st.just(Path("s.yaml")),
    maybe,
    maybe,
    st.lists(diagnostics, max_size=2).map(tuple),
    st.lists(claims, max_size=2).map(tuple),
    st.lists(words, max_size=3).map(tuple),
    warnings=st.lists(cautions, max_size=2).map(tuple),
)
reports = st.builds(Report, words, st.lists(specs, max_size=2).map(tuple), st.booleans())
