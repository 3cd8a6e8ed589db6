"""Small claims whose ranges and preconditions are varied."""

from pathlib import Path

from onnx_making import make_model, node, save

from mechverify.deciding.options import VerifyOptions
from mechverify.scope.variants import Variants
from mechverify.spec.read import read_spec
from mechverify.verification.loading import load_models
from mechverify.verification.selection import member_named

SPEC = """mechverify: 1
title: t
model: {program: 'p.py:f', arithmetic: %s}
inputs: {%s}
%s
explanation: {variables: {out: {located_at: output}}}
claims: {c: {always: '%s', expect: open}}
"""


def variants_of(
    folder: Path,
    claim: str,
    inputs: str,
    *,
    body: str = "x",
    preconditions: str = "",
    arithmetic: str = "integer",
    arguments: str = "x",
) -> Variants:
    (folder / "p.py").write_text(f"def f({arguments}):\n    out = {body}\n    return out\n")
    given = f"preconditions: {{{preconditions}}}" if preconditions else ""
    (folder / "s.yaml").write_text(SPEC % (arithmetic, inputs, given, claim))
    spec = read_spec(folder / "s.yaml")
    found, family = member_named(spec, "c")
    options = VerifyOptions(certificates=folder / "certificates")
    return Variants(spec, load_models(spec, allow_code=False), found, "c", family, options)


def with_network(folder: Path, claim: str, inputs: str, arithmetic: str) -> Variants:
    """The claim about a network that hands back its input."""
    name, shape = "x", [1, 1]
    save(make_model([node("Relu", [name], ["out"])], {name: shape}, ["out"], {}), folder / "m.onnx")
    text = SPEC.replace("program: 'p.py:f'", "onnx: m.onnx, feed: {x: [x]}").replace("located_at: output", "located_at: 'out[0]'")
    (folder / "s.yaml").write_text(text % (arithmetic, inputs, "", claim))
    spec = read_spec(folder / "s.yaml")
    found, family = member_named(spec, "c")
    return Variants(spec, load_models(spec, allow_code=False), found, "c", family, VerifyOptions())
