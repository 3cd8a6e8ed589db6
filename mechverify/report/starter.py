"""The specs that ``init`` writes, commented for their first reader."""

import json
import re
from collections.abc import Mapping
from keyword import iskeyword
from math import prod

from mechverify.errors import UsageError
from mechverify.report.words.clean import one_line
from mechverify.report.words.numbers import plural
from mechverify.spec.expression.parsing import RESERVED
from mechverify.spec.expression.tokens import WORDS

_SHOWN_ACTIVATIONS = 40
_LONGEST_NAME = 80
_WORDS = RESERVED | WORDS | {"network", "answer"}

_HEAD = """\
# yaml-language-server: $schema=schema.json
# Write schema.json with `mechverify schema > schema.json`: an editor then completes and checks this file.
mechverify: 1
"""

PROGRAM = '''\
"""A tiny integer program, to be replaced by yours: it adds two numbers by way of their difference."""


def add(x_1, x_2):
    difference = x_1 - x_2
    answer = 2 * x_1 - difference
    return answer
'''


def program_spec(program_file: str) -> str:
    """A spec about the function ``add`` of ``PROGRAM``."""
    return f"""{_HEAD}\
title: The program adds two numbers by way of their difference
summary: |
  One paragraph for a reader who knows nothing of the model: what it does, and how this spec says that it does it.

model:
  program: {program_file}:add    # or `onnx: FILE.onnx`
  arithmetic: integer            # float32 (networks), real (ideal arithmetic) or integer

# Every input and its range. A verdict speaks of all of them.
inputs:
  x_1: {{integers: 0 .. 1000}}
  x_2: {{integers: 0 .. 1000}}

# When the explanation is meant to hold. A claim may drop one with `without: [same]`.
preconditions:
  same: x_1 == x_2

# The explanation: for each variable what it is (`value`) and where the model keeps it (`located_at`).
explanation:
  variables:
    difference:
      says: how far apart the two inputs are
      value: x_1 - x_2
      located_at: difference
    answer:
      says: the number it returns
      value: 2 * x_1 - difference
      located_at: answer

claims:
  doubles:
    says: When both inputs are equal, the answer is twice the first.
    always: network.answer == 2 * x_1
  adds:
    says: Whatever the inputs, the answer is their sum.
    without: [same]
    always: network.answer == x_1 + x_2
  always_doubles:
    says: Without the precondition the first claim is wrong; the counterexample is wanted, and stays on record.
    without: [same]
    always: network.answer == 2 * x_1
    expect: refuted
"""


def onnx_spec(
    file: str,
    inputs: Mapping[str, tuple[tuple[int, ...], str]],
    activations: Mapping[str, tuple[int, ...]],
    outputs: tuple[str, ...],
) -> str:
    """A spec about an ONNX model: ``inputs`` maps a name to its shape and type, the batch axis left out.

    Raises UsageError for a model without inputs or outputs.
    """
    return _network_spec("onnx", file, "", inputs, activations, outputs)


def torch_spec(
    location: str,
    inputs: Mapping[str, tuple[tuple[int, ...], str]],
    activations: Mapping[str, tuple[int, ...]],
    outputs: tuple[str, ...],
) -> str:
    """A spec about a PyTorch module, with a feed; arguments as for ``onnx_spec``."""
    more = """\
  # weights: weights.safetensors # by safetensors.torch.save_file(module.state_dict(), "weights.safetensors")
  # The module is put into evaluation mode. Verifying runs its Python: mechverify verify --allow-code
"""
    return _network_spec("torch", location, more, inputs, activations, outputs)


def _network_spec(
    kind: str,
    file: str,
    more: str,
    inputs: Mapping[str, tuple[tuple[int, ...], str]],
    activations: Mapping[str, tuple[int, ...]],
    outputs: tuple[str, ...],
) -> str:
    if not inputs or not outputs:
        raise UsageError(f"{file} has no inputs or no outputs, so nothing can be said of it")
    answer = outputs[0]
    names = _spec_names(tuple(inputs))
    fed = [name for name in inputs if names[name] != name or kind == "torch"]
    feed = "".join(f"    {_scalar(name)}: {names[name]}\n" for name in fed)
    site = _scalar(answer + "[0]" * len(activations[answer]))
    shown = [f"#   {one_line(name)}{_shape(shape)}" for name, shape in activations.items()]
    if len(shown) > _SHOWN_ACTIVATIONS:
        shown = [*shown[:_SHOWN_ACTIVATIONS], f"#   and {len(shown) - _SHOWN_ACTIVATIONS} more"]
    listed = "\n".join(shown)
    declared = "\n".join(f"  {_input(names[name], shape, kind)}" for name, (shape, kind) in inputs.items())
    return f"""{_HEAD}\
title: What this model does
summary: |
  One paragraph for a reader who knows nothing of the model: what it does, and how this spec says that it does it.

model:
  {kind}: {_scalar(file)}
{more}  arithmetic: float32            # or real: ideal arithmetic on the exact weights
{"  feed:" + chr(10) + feed if feed else ""}
# Every input and its range. A verdict speaks of all of them: set these to what the model is meant for.
inputs:
{declared}

# When the explanation is meant to hold, for instance `same: x[0] == x[1]`.
preconditions: {{}}

# Activations that `located_at` may name, with their shapes; units by index or slice, as in hidden[0] or hidden[0:2].
{listed}
explanation:
  variables:
    answer:
      says: what the model answers
      located_at: {site}
      # value: ...               # what it should be, from the inputs and other variables

claims:
  bounded:
    says: The answer stays below a million. Replace this with what you believe of the model.
    always: abs(network.answer) <= 1000000
"""


def _spec_names(names: tuple[str, ...]) -> Mapping[str, str]:
    """A name that the spec language allows for each model input, unlike all others."""
    taken: dict[str, str] = {}
    for name in names:
        plain = re.sub(r"\W", "_", name, flags=re.ASCII)[:_LONGEST_NAME] or "x"
        if plain[0].isdigit() or iskeyword(plain) or plain in _WORDS:
            plain = f"x_{plain}"
        while plain in taken.values():
            plain += "_"
        taken[name] = plain
    return taken


def _scalar(text: str) -> str:
    """A YAML scalar: plain where that is safe, otherwise in double quotes."""
    plain = re.fullmatch(r"[A-Za-z_][\w./-]*(\[0\])*", text, flags=re.ASCII)
    return text if plain and text.lower() not in ("true", "false", "null") else json.dumps(text)


def _shape(shape: tuple[int, ...]) -> str:
    return f"  shape {list(shape)}, {plural(prod(shape), 'unit')}" if shape else "  a single unit"


def _input(name: str, shape: tuple[int, ...], kind: str) -> str:
    values = "integers: 0 .. 9" if kind == "integer" else "integers: 0 .. 1" if kind == "bool" else "reals: 0 .. 1"
    return f"{name}: {{{values}, shape: {list(shape)}}}" if shape else f"{name}: {{{values}}}"
