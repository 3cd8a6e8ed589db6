"""What a modular certificate states, in words, read from its structure and nothing else."""

from collections.abc import Mapping, Sequence
from typing import Any

from mechverify.report.words.formula import Words, rounds
from mechverify.report.words.numbers import plural

_SHOWN_NAMES = 8


def structure_words(structure: Mapping[str, Any]) -> str:
    """The statement of a well-formed structure (``docs/modular.md``).

    The claim's formula says ``x`` for a base input, ``x (swapped)`` for what the network gets in its place,
    ``network.v`` for a site's value and ``v`` for that of the causal model.
    """
    inputs, variables, swapped = structure["inputs"], structure["variables"], structure["swapped"]
    assumption = Words({"inputs": inputs, "nodes": structure["assumption"]["nodes"]})
    claim = Words({"inputs": [[name] for name in _arguments(structure)], "nodes": structure["claim"]["nodes"]})
    given = assumption.text(structure["assumption"]["roots"][0])
    rounded = claim.rounds or any(rounds(n) for v in variables for n in v["network"]["nodes"])
    names = _some([one["name"] for one in variables])
    parts = [f"For every input{assumption.domain(': ')}{'' if given == 'true' else f' with {given}'}"]
    if variables:
        each = "every subset of the variables" if len(variables) > 1 else "the variable"
        parts.append(f", with {each} {names} set, or not, to what an input of its own gives it")
    if swapped:
        each = " each" if len(swapped) > 1 else ""
        parts.append(f", with {_some([inputs[k][0] for k in swapped])}{each} taken from an input of its own")
    if structure["rest"]:
        parts.append(", with each site read plainly, or with all that reaches it otherwise")
        parts.append(" taken from yet another such input")
    if rounded:
        parts.append(", in every execution within the float32 errors")
    made = f" The network, cut into {plural(len(variables), 'piece')}, and the causal model are in the certificate."
    text = claim.text(structure["claim"]["roots"][0])
    return f"{''.join(parts)}: {text}.{assumption.legend()}{claim.legend()}{made}"


def _arguments(structure: Mapping[str, Any]) -> list[str]:
    """The names of the claim's arguments."""
    names = [entry[0] for entry in structure["inputs"]]
    found = names + [f"{name} (swapped)" if k in structure["swapped"] else name for k, name in enumerate(names)]
    for prefix, key in (("network.", "sites"), ("", "values")):
        for one in structure["variables"]:
            count = one[key]
            found += [prefix + one["name"] + (f"[{i}]" if count > 1 else "") for i in range(count)]
    return found


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN_NAMES} more" if len(names) > _SHOWN_NAMES else ""
    return ", ".join(names[:_SHOWN_NAMES]) + more
