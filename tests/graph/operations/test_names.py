"""An operation is known in its record, and elsewhere only where a rule is about that operation and no other.

What a graph is made of whatever it computes (inputs, constants, sums, choices, comparisons, connectives) may be named
anywhere: a new operation is none of these.
"""

import ast

from doc_blocks import ROOT

from mechverify.graph.operations.table import OPERATIONS

SOURCE = ROOT / "mechverify"
SKELETON = frozenset(("affine", "ite"))
FUNCTIONS = frozenset(n for n, o in OPERATIONS.items() if o.takes and not o.boolean) - SKELETON
RECORDS = ("graph/operations/", "kernel/")
MADE_OF = {
    "models/": "readers: frameworks have operations of these names, and the graph's are what they are made of",
    "spec/": "the language has functions of these names, and the second evaluator shares no code",
}
RULES = {
    "engines/affine/numbers/table.py": "the kernel's affine bounds in float64; others by interval",
    "engines/affine/numbers/quotients.py": "shares of a sum of exponentials",
    "engines/affine/numbers/smooth.py": "lines above and below curves, and where these end",
    "engines/ranges/node_bounds.py": "the kernel's rounding errors and enclosures; others by their record",
    "dossier/program.py": "what a page computes, operation by operation",
    "engines/algebra/knowledge.py": "quotients and logarithms as polynomials with conditions",
    "engines/attention/classes.py": "quotients of sums, and the greatest of several tokens",
    "engines/attention/columns.py": "the kernel's columns of products, quotients and look-ups in float64",
    "engines/attention/differences.py": "exponentials of one input each",
    "engines/attention/engine.py": "quotients: what it is worth trying for",
    "engines/attention/equal_tokens.py": "quotients: what it is worth trying for",
    "engines/attention/reasons.py": "the greatest of several numbers, which a truth hangs on",
    "mapping/sums.py": "quotients of sums of functions of one input each",
    "engines/exhaustive.py": "exponentials, which many points at once are worth it for",
    "engines/relaxed/orders.py": "the largest of several numbers, which its proofs define",
    "mapping/cutting.py": "where a piece of an operation ends; one without a rule is cut at its inputs",
    "engines/smt/smtlib.py": "how an operation is said to solvers; others are anything in their interval",
}
CALLS = {
    "explanation/formulas/functions.py": "functions of a spec that take vectors too",
    "explanation/mutants/expressions.py": "calls of a spec's functions, and by what a mutant replaces them",
    "explanation/structures/aims.py": "calls of a spec's functions",
    "findings/closeness.py": "calls of a spec's functions",
    "scope/loosening.py": "calls of a spec's functions",
    "scope/suggesting/predicates.py": "calls of a spec's functions",
    "scope/suggesting/terms.py": "calls of a spec's functions",
    "verification/lint.py": "calls of a spec's functions",
}

OTHER_WORDS = {
    "report/picture/svg.py": "the ends of strokes are round",
}
SUBJECTS = {
    "engines/algebra/engine.py": "products, quotients, roots and logarithms: what it is worth trying for",
    "engines/differences/engine.py": "pairs of relus in networks without products",
    "engines/exact_leaves.py": "products that cancel",
    "engines/induction/cuts.py": "quotients rounded down",
    "engines/induction/engine.py": "quotients rounded down",
    "engines/induction/prover.py": "products, and quotients rounded down",
    "engines/integers/points.py": "values of integers in 64 bits; an operation without a rule has none",
    "engines/scale_removal.py": "quotients by roots",
    "explanation/mutants/equivalence.py": "the distance of two values",
    "graph/builder.py": "methods for those that readers use most, and rules to simplify them",
}


def named() -> dict[str, set[str]]:
    """The names of operations that stand as text in the files of the package, outside their records."""
    found: dict[str, set[str]] = {}
    for file in sorted(SOURCE.rglob("*.py")):
        place = file.relative_to(SOURCE).as_posix()
        if place.startswith(RECORDS):
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and node.value in FUNCTIONS:
                found.setdefault(place, set()).add(str(node.value))
    return found


def test_no_other_file_names_an_operation() -> None:
    elsewhere = {f for f in named() if not f.startswith(tuple(MADE_OF))}
    assert elsewhere == {*RULES, *CALLS, *OTHER_WORDS}


def taken() -> dict[str, set[str]]:
    """The records of single operations that files import."""
    records = {n.upper() for n in FUNCTIONS}
    found: dict[str, set[str]] = {}
    for file in sorted(SOURCE.rglob("*.py")):
        place, text = file.relative_to(SOURCE).as_posix(), file.read_text(encoding="utf-8")
        if "mechverify.graph.operations." not in text:
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("mechverify.graph.operations."):
                names = records & {alias.name for alias in node.names}
                if names and not place.startswith(RECORDS):
                    found.setdefault(place, set()).update(names)
    return found


def test_only_what_is_about_an_operation_takes_its_record() -> None:
    assert {f for f in taken() if not f.startswith(tuple(MADE_OF))} == set(SUBJECTS)


def test_rules_of_engines_are_for_operations_that_there_are() -> None:
    from mechverify.engines.affine.numbers.table import NUMBER_RULES
    from mechverify.engines.ranges import node_bounds
    from mechverify.engines.smt import smtlib

    for rules in (NUMBER_RULES, node_bounds._RULES, smtlib._RULES):
        assert set(rules) <= set(OPERATIONS)
