"""`substitute` with a pair of opposite facts: accepted where they pin a form to zero, rejected otherwise."""

from typing import Any

import pytest

from mechverify.kernel.api import check_data

# p (a - b) + q (c - d) == 0 only if a == b and c == d, for p, q coprime and larger than the range.
P, Q = 11, 13


def certificate(steps: list[Any], high: str = "9", kind: str = "integer") -> dict[str, Any]:
    nodes: list[Any] = [["input", k] for k in range(4)]
    nodes += [
        ["affine", "exact", "0", [[str(P), 0], [str(-P), 1], [str(Q), 2], [str(-Q), 3]]],
        ["const", "0"],
        ["eq", 4, 5],
        ["eq", 0, 1],
        ["eq", 2, 3],
        ["and", [7, 8]],
        ["not", 6],
        ["or", [10, 9]],
        ["bool", "true"],
    ]
    problem = {
        "format": "mechverify-problem 2",
        "inputs": [[name, kind, "0", high] for name in "abcd"],
        "nodes": nodes,
        "assumption": 12,
        "claim": 11,
    }
    return {
        "format": "mechverify-certificate 1",
        "kind": "proof",
        "problem": problem,
        "precision": 96,
        "steps": steps,
        "inhabitant": ["0", "0", "0", "0"],
        "about": {},
    }


FORM = [[str(P), 0], [str(-P), 1], [str(Q), 2], [str(-Q), 3]]
# a U = (1, 0, 0, 0) for a = (11, -11, 13, -13); the last three columns span the solutions.
U = [["6", "-13", "1", "0"], ["0", "0", "1", "0"], ["-5", "11", "0", "1"], ["0", "0", "0", "1"]]
V = [["11", "-11", "13", "-13"], ["5", "-5", "6", "-6"], ["0", "1", "0", "0"], ["0", "0", "0", "1"]]
# y_2 = 5 (a - b) + 6 (c - d)
MULTIPLE = [["5", 0], ["-5", 1], ["6", 2], ["-6", 3]]


def proof(pair: Any = None, u: Any = None, v: Any = None) -> list[Any]:
    """Fact 0 is the assumption, fact 1 one side of the first split, fact 2 of the second."""
    return [
        ["split", FORM, "-1"],
        ["leaf", [], [[6, "low", [[1, "1"]]]]],
        ["split", FORM, "0"],
        ["substitute", [1, 2] if pair is None else pair, "lattice", u or U, v or V],
        ["split", MULTIPLE, "-1"],
        ["leaf"],
        ["split", MULTIPLE, "0"],
        ["leaf"],
        ["leaf"],
        ["leaf", [], [[6, "high", [[2, "1"]]]]],
    ]


def test_a_form_pinned_to_zero_is_substituted() -> None:
    assert check_data(certificate(proof())).answer == "valid"


def test_rejected_where_the_claim_is_false() -> None:
    """Up to 13 the forms collide: 11 * 13 = 13 * 11."""
    assert check_data(certificate(proof(), high="13")).answer == "invalid"


PAIRS = [[1, 1], [2, 2], [0, 2], [1, 0], [0, 0], [1], [], [1, 2, 2], [1, 7], [-1, 2], ["1", 2], [1.5, 2]]


@pytest.mark.parametrize("pair", PAIRS)
def test_rejected_where_the_facts_are_not_opposite(pair: Any) -> None:
    assert check_data(certificate(proof(pair))).answer in ("invalid", "unreadable")


@pytest.mark.parametrize("first", ["-2", "-3", "-14"])
def test_rejected_where_a_gap_is_left_between_the_facts(first: str) -> None:
    """form >= -1 and form <= 0 pin nothing."""
    steps = proof()
    steps[0] = ["split", FORM, first]
    assert check_data(certificate(steps)).answer == "invalid"


OTHERS = [
    [["11", 0], ["-11", 1], ["13", 2]],
    [["11", 0], ["-11", 1], ["13", 2], ["-12", 3]],
    [["-11", 0], ["11", 1], ["-13", 2], ["13", 3]],
]


@pytest.mark.parametrize("second", OTHERS)
def test_rejected_where_the_second_form_is_another(second: Any) -> None:
    steps = proof()
    steps[2] = ["split", second, "0"]
    assert check_data(certificate(steps)).answer == "invalid"


def test_rejected_where_the_pair_goes_the_same_way() -> None:
    """2 form >= 0 and form >= 0 are no equality."""
    double = [[str(2 * P), 0], [str(-2 * P), 1], [str(2 * Q), 2], [str(-2 * Q), 3]]
    steps = [
        ["split", FORM, "-1"],
        ["leaf", [], [[6, "low", [[1, "1"]]]]],
        ["split", double, "-1"],
        ["leaf"],
        ["substitute", [1, 2], "lattice", U, V],
        ["leaf"],
    ]
    assert check_data(certificate(steps)).answer == "invalid"


def test_rejected_for_reals() -> None:
    assert check_data(certificate(proof(), kind="real")).answer == "invalid"
