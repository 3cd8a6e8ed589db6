"""Faults planted in the kernel's step `rescale`, one side condition at a time: executions drawn apart see each of them.

A fault is another text of one function, put in the place of its code. Beside it stand what is odd about the problems
that show it, and a seed a little before the first of these.
"""

import inspect
import random
import textwrap
from typing import Any

import pytest
from scale_executions import ODD, contradictions, random_case

from mechverify.kernel.rules import rescale
from mechverify.kernel.scales import anew, parts, signs

_A = anew.Anew

FAULTS: dict[str, tuple[Any, str, str, str, int]] = {
    "a number that may have no value cancels": (
        parts.parts_of,
        "signs[v] < SureSign.VALUED",
        "False",
        "no value",
        17,
    ),
    "a divisor of any sign": (signs._quotient_sign, "known[1] is SureSign.POSITIVE", "True", "divisor", 17),
    "a root of any sum": (signs._root_sign, "known[0] >= SureSign.NOT_NEGATIVE", "True", "root", 5),
    "a sum with a negative constant": (signs._sum_sign, "node.constant < 0 or ", "", "root", 0),
    "a product as positive as its best factor": (
        signs._product_sign,
        "return min(known)",
        "return max(known)",
        "product of divisors",
        8,
    ),
    "arguments that may have no value": (
        signs.sign_of,
        "min(known, default=SureSign.VALUED) is SureSign.UNKNOWN",
        "False",
        "no value",
        17,
    ),
    "rounded nodes are sure": (signs.sign_of, "node.rounded or ", "", "rounded share", 48),
    "nodes of no sure value are one": (_A.emit, "sign is SureSign.UNKNOWN", "False", "root", 5),
    "something beside the squares": (
        _A._squares,
        '(node.op == "affine" and node.constant != 0)',
        "False",
        "epsilon",
        20,
    ),
    "a product of two numbers for a square": (
        _A._squares,
        "product.args[0] != product.args[1]",
        "False",
        "product",
        20,
    ),
    "a rounded square": (_A._squares, "or product.rounded ", "", "rounded square", 17),
    "a rounded sum of squares": (_A._squares, "node.rounded or ", "", "rounded sum", 17),
    "a rounded quotient": (_A._vector, " or node.rounded", "", "rounded quotient", 17),
    "one of several divisors": (_A._compared, "len(parts) > 1", "False", "second divisor", 10),
    "a side of a comparison has the other sign": (
        _A._compared,
        "left.get(d, ZERO), -1)",
        "left.get(d, ZERO), 1)",
        "nothing",
        0,
    ),
    "a factor is lost on the way": (parts.parts_of, "divisor, factor * w)", "divisor, w)", "nothing", 9),
    "a constant is lost on the way": (parts.parts_of, "factor * node.constant", "0", "bias", 0),
    "the squares lose their weights": (_A._share_of_length, "((w, self.emit", "((1, self.emit", "nothing", 3),
    "what is divided keeps its divisor": (
        _A._share_of_length,
        "self._form(top), below",
        "args[0], below",
        "nothing",
        30,
    ),
    "of equal terms one is left": (_A._sum, "merged.get(a, 0) + w", "w", "nothing", 16),
    "a sum is its only term": (_A._sum, "node.constant == 0 and ", "", "bias", 13),
    "a number is less than itself": (_A._folded, 'int(node.op != "lt")', "1", "nothing", 0),
    "nobody shows that a divisor is positive": (
        rescale.rescale,
        "if positive else [rest]",
        "if False else [rest]",
        "divisor",
        17,
    ),
    "a divisor that is zero": (rescale._all_positive, 'Node("lt"', 'Node("le"', "divisor", 17),
}


@pytest.mark.parametrize("odd", ODD)
def test_without_a_fault_nothing_is_contradicted(odd: str) -> None:
    cases = [random_case(random.Random(seed), odd) for seed in range(6)]
    assert next(contradictions(cases, 0), None) is None


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_is_seen(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    function, old, new, odd, first = FAULTS[name]
    text = textwrap.dedent(inspect.getsource(function))
    assert text.count(old) == 1
    made: dict[str, Any] = {}
    changed = compile("from __future__ import annotations\n" + text.replace(old, new), "fault", "exec")
    exec(changed, function.__globals__, made)  # noqa: S102
    monkeypatch.setattr(function, "__code__", made[function.__name__].__code__)
    cases = (random_case(random.Random(seed), odd) for seed in range(first, first + 100))
    assert next(contradictions(cases, 0), None) is not None


@pytest.mark.campaign
def test_four_thousand_problems_are_contradicted_nowhere() -> None:
    for odd in ODD:
        assert next(contradictions((random_case(random.Random(s), odd) for s in range(300)), 1), None) is None
