"""Every key of a spec, once: the reader takes its tables from here, and so does the JSON Schema for editors."""

from dataclasses import dataclass
from typing import Literal

Shape = Literal[
    "version", "text", "word", "path", "expression", "condition", "conditions", "constant", "constants",
    "list", "range", "ranges", "shape", "names", "names or all", "true", "site", "feed", "families", "distribution",
    "settings", "domains", "carry", "direction", "directions", "lines",
    "parameters", "model", "models", "inputs", "explanation", "variables", "claims",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Key:
    """One key: what its value looks like, what it is for, the words it is limited to, and what to do where it is
    missing."""

    name: str
    shape: Shape
    about: str
    required: bool = False
    words: tuple[str, ...] = ()
    add: str | None = None


ARITHMETICS = ("float32", "real", "integer")
EXPECTATIONS = ("proved", "refuted", "partly", "likely", "open", "vacuous", "held")
# What else people write for a verdict. `disproved` is nearer to `proved` than to what it means.
MEANT = {
    **dict.fromkeys(("true", "holds", "valid", "verified", "proven", "pass", "passes"), "proved"),
    **dict.fromkeys(("false", "fails", "fail", "disproved", "disproven", "broken", "counterexample"), "refuted"),
    **dict.fromkeys(("unknown", "unproved", "unproven", "undecided", "timeout"), "open"),
}
MODEL_KINDS = ("onnx", "torch", "program")
CLAIM_KINDS = ("always", "usually", "on_average", "ignores", "faithful")

SPEC = (
    Key(
        "mechverify",
        "version",
        "The version of the spec language: 1.",
        required=True,
        add="add the line 'mechverify: 1' at the top",
    ),
    Key("title", "text", "What the spec shows, in one line.", required=True),
    Key("summary", "text", "One paragraph for a reader who knows no machine learning."),
    Key("use", "names", "Files in this folder whose sections are shared; this spec's own keys win."),
    Key("parameters", "parameters", "Named constants for any expression; --set n=64 replaces one."),
    Key("model", "model", "The model to explain; claims call it network."),
    Key("models", "models", "Several models by name, instead of model."),
    Key("inputs", "inputs", "The inputs and their domains.", required=True),
    Key("preconditions", "conditions", "Named conditions on the inputs, under which every claim is made."),
    Key("distribution", "distribution", "How the inputs are distributed, for usually and on_average."),
    Key("explanation", "explanation", "The causal model and where the network carries its variables."),
    Key("claims", "claims", "What is asserted of model and explanation, by name."),
)

MODEL = (
    Key("onnx", "path", "An ONNX file, relative to this file."),
    Key("torch", "text", "package.module:factory, called to make a torch module (needs --allow-code)."),
    Key("program", "text", "file.py:function, an integer Python program; it is read, never run as code."),
    Key("weights", "path", "A safetensors file for a torch model."),
    Key("origin", "text", "Where the model is from: who published it, or that it was made for this spec."),
    Key("arithmetic", "word", "What the claims mean by the model's numbers.", words=ARITHMETICS),
    Key("feed", "feed", "What each model input is fed, where the spec's inputs are not already the model's."),
    Key("repeat", "constant", "How often an onnx model that is one step is run; its feeds may speak of `step`."),
    Key("carry", "carry", "What a repeated step hands to the next: {state: next_state}, an input and a tensor."),
)

INPUT = (
    Key("integers", "ranges", "Every integer from low to high: 0 .. 1000000; or a range for each element, in a list."),
    Key("reals", "ranges", "Every real number of the closed interval: 0 .. 1; or one for each element, in a list."),
    Key("one_of", "list", "One of these numbers."),
    Key("simplex", "constant", "So many probabilities, from 0 up, that sum to 1."),
    Key("shape", "shape", "The lengths of a vector or tensor of such inputs: [4]."),
    Key("sparse", "constant", "How many entries of a vector are not 0 at most; `_which` and `_strength` are inputs."),
)

DOMAIN = tuple(key for key in INPUT if key.name in ("integers", "reals", "one_of"))

EXPLANATION = (
    Key("variables", "variables", "The variables of the causal model and the named observations of the network."),
    Key("cases", "names", "Variables or preconditions that a proof may split on."),
)

VARIABLE = (
    Key("says", "text", "What the variable means, in words."),
    Key("value", "expression", "The mechanism: how it is computed from inputs and other variables."),
    Key("located_at", "site", "The site: hidden[0], {direction: [...], of: hidden[0:2]}, or one for each model."),
    Key("read_as", "expression", "The decoding from the site's value, called it; default: it. `?` asks for a fit."),
    Key("write_as", "expression", "For do: the site's value that is read as a value, called it."),
    Key("within", "constant", "How far a modular proof may suppose the decoded site to be from the value."),
)

DIRECTION = (
    Key("direction", "direction", "The direction's components, or a file that has them.", required=True),
    Key("of", "text", "The units that it is a direction of: hidden[0:2].", required=True),
)

SUBSPACE = (
    Key("directions", "directions", "Several directions, each a list of components, or a file.", required=True),
    Key("of", "text", "The units that they are directions of: hidden[0:2].", required=True),
)

ONE_LINE = (
    Key("file", "path", "A safetensors file, relative to this file.", required=True),
    Key("tensor", "text", "The tensor's name in the file.", required=True),
    Key("row", "constant", "The row of a matrix that is the direction, from 0."),
    Key("column", "constant", "The column of a matrix that is the direction, from 0."),
)

SOME_LINES = (
    Key("file", "path", "A safetensors file, relative to this file.", required=True),
    Key("tensor", "text", "The tensor's name in the file.", required=True),
    Key("rows", "lines", "The rows that are the directions: all, 0 .. 3, or [3, 17]."),
    Key("columns", "lines", "The columns that are the directions: all, 0 .. 3, or [3, 17]."),
)

CONDITION = (
    Key("condition", "condition", "The condition itself.", required=True),
    Key("suggested", "true", "`mechverify scope --only suggested` found it; reports say so."),
)

TABLE = (
    Key("table", "path", "A CSV file with a line of names, relative to this file.", required=True),
    Key("column", "text", "The column that has the values.", required=True),
    Key("weight", "text", "The column that says how much each row counts; default: 1."),
)

NORMAL = (
    Key("mean", "constant", "The mean, before the tails beyond the input's range are cut off.", required=True),
    Key("deviation", "constant", "The standard deviation, above 0.", required=True),
)

EXPONENTIAL = (
    Key("mean", "constant", "The mean distance from the low end of the input's range, above 0.", required=True),
)

CLAIM = (
    Key("says", "text", "The claim in words."),
    Key("always", "condition", "Holds for every input that meets the preconditions."),
    Key("usually", "condition", "Holds for at least a share of the inputs, see probability."),
    Key("on_average", "condition", "A comparison of an average over the inputs with a constant."),
    Key("ignores", "names", "Observations that do not change under the claim's resample."),
    Key("faithful", "true", "Interchange over every subset of inputs and located variables, with the rest resampled."),
    Key("probability", "constant", "With usually: at least this share, from 0 to 1."),
    Key("distribution", "distribution", "How inputs are distributed for this claim, where that differs."),
    Key("samples", "constant", "With usually and on_average: how many inputs are drawn where sampling decides."),
    Key("seed", "constant", "With samples: where the draws begin, fixed before they are made."),
    Key("confidence", "constant", "With usually and on_average: how sure the interval of a sample is (0.99)."),
    Key("tolerance", "constant", "With ignores and faithful: how far the two that are compared may differ."),
    Key("without", "names", "Preconditions that this claim drops."),
    Key("also", "conditions", "Named conditions that this claim adds."),
    Key("interchange", "names or all", "Variables and inputs that take their values from runs on other inputs."),
    Key("resample", "names", "Inputs, located variables, rest or each, taken from any other admissible run."),
    Key("set", "settings", "What sites are set to: {'hidden[0]': 0}, a mean, or an expression of the inputs."),
    Key("add", "settings", "What is added to what sites read: {'hidden[0]': 0.5}."),
    Key("do", "domains", "Variables whose sites are set to any value of a range: {state: 0 .. 3}."),
    Key("for", "families", "Indices of a family of claims: {i: 0 .. 3}."),
    Key("expect", "word", "The verdict that is expected; default: proved.", words=EXPECTATIONS),
)

EVERY_NAME = frozenset(
    key.name
    for table in (
        *(SPEC, MODEL, INPUT, EXPLANATION, VARIABLE, DIRECTION),
        *(SUBSPACE, ONE_LINE, SOME_LINES, CONDITION, TABLE, NORMAL, EXPONENTIAL, CLAIM),
    )
    for key in table
)
