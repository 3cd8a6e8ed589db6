"""SEMANTICS 23, on the kernel's level: the trap of cutting only the parents' sites.

Sites h0 = x_1 (variable w) and h1 = x_2 (variable p), output h1 + (h0 - x_1), explained as p. Transplanting w from a
source with another x_1 moves the output, and the explanation says that it does not.
"""

from itertools import product
from typing import Any

import pytest

from mechverify.kernel.api import check_data, last_problem, lemma_problem, read_relations, read_structure

INPUTS = [["x_1", "integer", "0", "1"], ["x_2", "integer", "0", "1"]]
TRUE = {"nodes": [["bool", "true"]], "roots": [0]}
EQUAL = {"nodes": [["input", 0], ["input", 1], ["eq", 0, 1]], "roots": [2]}
COPY = {"nodes": [["input", 0], ["bool", "true"]], "roots": [0, 1]}
LEAKS = {  # the output, by what its piece is given: x_1, x_2, then the sites of its parents
    "parents w, p": ([0, 1], [["affine", "exact", "0", [["1", 3], ["1", 2], ["-1", 0]]]]),
    "parent p": ([1], [["affine", "exact", "0", [["1", 2], ["1", 3], ["-1", 0]]]]),
    "parent p, h0 recomputed": ([1], [["affine", "exact", "0", [["1", 2], ["1", 0], ["-1", 0]]]]),
}


def site(k: int) -> dict[str, Any]:
    return {"nodes": [["input", k]], "roots": [0]}


def structure(leak: str, *, rest: bool = False) -> dict[str, Any]:
    """The claim is that the output is the explanation's answer, whichever of w, p and the answer are transplanted."""
    parents, nodes = LEAKS[leak]
    given = [["input", k] for k in range(3 if leak == "parent p, h0 recomputed" else 4)]
    output = {"nodes": [*given, ["affine", "exact", "0", [[w, a] for w, a in nodes[0][3]]]], "roots": [len(given)]}
    answer = {"nodes": [["input", len(parents) - 1], ["bool", "true"]], "roots": [0, 1]}
    one = {"sites": 1, "values": 1}
    return {
        "format": "mechverify-structure 1",
        "inputs": INPUTS,
        "assumption": TRUE,
        "swapped": [],
        "rest": rest,
        "variables": [
            {"name": "w", "parents": [], "reads": [0], "network": site(0), "mechanism": COPY, **one},
            {"name": "p", "parents": [], "reads": [1], "network": site(1), "mechanism": COPY, **one},
            {"name": "answer", "parents": parents, "reads": [], "network": output, "mechanism": answer, **one},
        ],
        "claim": {"nodes": [["input", 6], ["input", 9], ["eq", 0, 1]], "roots": [2]},
    }


def relation(holds: Any = EQUAL, low: str = "0", high: str = "1") -> dict[str, Any]:
    return {"sites": [["real", low, high]], "values": [["integer", "0", "1"]], "holds": holds}


def certificate(made: Any, relations: Any, lemmas: Any, last: Any) -> dict[str, Any]:
    return {
        "format": "mechverify-certificate 1",
        "kind": "modular",
        "structure": made,
        "precision": 96,
        "relations": relations,
        "lemmas": lemmas,
        "last": last,
        "inhabitant": ["0", "0"],
    }


def substituted(problem: Any) -> list[Any]:
    """Steps: each site is its value, then every point."""
    sites = [i for i, (name, *_) in enumerate(problem["inputs"]) if name.startswith("site")]
    fact = len(problem["nodes"][problem["assumption"]][1]) - len(sites)
    return [*(["substitute", fact + n, "solve", p] for n, p in enumerate(sites)), ["enumerate"]]


def transplanted(base: tuple[int, int], source: tuple[int, int], chosen: frozenset[str]) -> tuple[int, int]:
    """The network's output and the explanation's answer, by hand, with the chosen sites from the source."""
    h0 = source[0] if "w" in chosen else base[0]
    h1 = source[1] if "p" in chosen else base[1]
    return h1 + (h0 - base[0]), source[1] if "p" in chosen else base[1]


def test_the_explanation_is_wrong() -> None:
    points = list(product((0, 1), repeat=2))
    assert all(len(set(transplanted(b, s, frozenset("p")))) == 1 for b in points for s in points)
    assert transplanted((0, 0), (1, 0), frozenset("w")) == (1, 0)


@pytest.mark.parametrize("rest", [False, True])
def test_the_honest_structure_takes_no_certificate(rest: bool) -> None:
    """Its lemma has to hold for every x_1 of the base beside every site of w, whatever the relations are."""
    made = structure("parents w, p", rest=rest)
    equal = [relation(), relation(), relation()]
    tried = 0
    for first, low, high in product((EQUAL, TRUE), ("-1", "0"), ("1", "2")):
        for third in (relation(), relation(TRUE), relation(EQUAL, "-1", "2"), relation(TRUE, "-1", "2")):
            relations = [relation(first, low, high), relation(), third]
            problem = lemma_problem(read_structure(made), read_relations(relations, read_structure(made)), 2)
            last = last_problem(read_structure(made), read_relations(relations, read_structure(made)))
            for steps in ([["leaf"]], [["enumerate"]], substituted(problem), []):
                for end in ([["leaf"]], substituted(last), [["enumerate"]]):
                    found = check_data(certificate(made, relations, [[["leaf"]], [["leaf"]], steps], end))
                    assert found.answer == "invalid", (relations, steps, end)
                    tried += 1
    assert tried > 300
    found = check_data(certificate(made, equal, [[["leaf"]], [["leaf"]], substituted(problem)], [["leaf"]]))
    assert "the lemma of variable 2, 'answer'" in (found.reason or ""), found


def test_cutting_the_parents_sites_alone_cannot_be_written() -> None:
    """The output depends on h0, and a piece sees the sites of its parents only."""
    found = check_data(certificate(structure("parent p"), [relation()] * 3, [[["leaf"]]] * 3, [["leaf"]]))
    assert found.answer == "unreadable"
    assert "the network of 'answer', node 3" in (found.reason or "")


def test_what_the_kernel_cannot_see() -> None:
    """A structure that recomputes h0 from the base is another network's: there w reaches nothing, and the claim holds.

    The kernel accepts it. That a structure is the network's, every aligned site cut, is for its compiler to see to.
    """
    made = structure("parent p, h0 recomputed")
    read = read_structure(made)
    relations = [relation()] * 3
    lemma, last = (
        lemma_problem(read, read_relations(relations, read), 2),
        last_problem(read, read_relations(relations, read)),
    )
    found = check_data(certificate(made, relations, [[["leaf"]], [["leaf"]], substituted(lemma)], substituted(last)))
    assert found.answer == "valid", found
