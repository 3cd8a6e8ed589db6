"""Made-up dossiers for the tests of pages, and texts that want more than to be read."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from probe_samples import CONSTANT, GOOD, SURVIVOR
from report_samples import COUNTEREXAMPLE, EVERY_CLAIM, SPEC

from mechverify.dossier_results import (
    CertificateFile,
    ClaimDossier,
    ConditionCard,
    Constant,
    ConstantNetwork,
    Dossiers,
    Ease,
    InputCard,
    ModelCard,
    Program,
    Share,
    Shown,
    Sketch,
    SpecDossier,
    ToleranceShare,
    VariableCard,
)
from mechverify.mapping.map import Amount, Condition, ScopeInput, ScopeMap, ScopePart, ScopeSize
from mechverify.results import ClaimResult

ZERO, TEN = Fraction(0), Fraction(10)
CLEAN = "plain words"

HOSTILE = (
    "<script>alert(1)</script>", "</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg onload=alert(1)>",
    '"><script>alert(1)</script>', "'><b>", "' onmouseover='alert(1)", '" onfocus="alert(1)" autofocus="', "</title><h1>x",
    "</style><script>alert(1)</script>", "<!--", "-->", "<!--<script>", "]]>", "<![CDATA[x", "&lt;script&gt;", "&#60;b&#62;", "&amp;",
    "{{ 7 * 7 }}", "{% raw %}", "{# no #}", "{{ page.__class__ }}", "${7*7}", "`${alert(1)}`", "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>", "http://evil.test/x.js", "//evil.test/x", "<iframe src='//evil.test'></iframe>",
    "<meta http-equiv=refresh content='0;url=//evil.test'>", "<base href='//evil.test/'>", "<link rel=stylesheet href=//evil.test>",
    "<form action=//evil.test><input>", "<textarea>", "</textarea>", "<plaintext>", "<style>*{display:none}</style>", "\\u003cscript\\u003e",
    "\u202eevil\u202c", "\u2066left\u2069", "\u200b\u200e\u200f", "\ufeffbom", "\u2028line\u2029", "\u061c", "\u00ad", "\U000e0041tag",
    "\x1b[2J\x1b[31mred", "\x1b]0;owned\x07", "\x9b31m", "\x1b]8;;http://evil.test\x07x\x1b]8;;\x07", "\x08\x08\x08", "\r\nnew", "\x00nul",
    "\x7f\x85", "::error file=x::y", "%0A::set-output", "a" * 5000, "<" * 500, "𝕏🦊é漢字", "=cmd|'/c calc'!A0",
)  # fmt: skip

MAP = ScopeMap(
    (ScopeInput("x_1", True, ZERO, TEN), ScopeInput("x_2", True, ZERO, TEN)),
    (
        ScopeSize("inside", "proved", Amount(0, Fraction(66), Fraction(66))),
        ScopeSize("inside", "refuted", Amount(0, Fraction(55), Fraction(55))),
    ),
    (
        ScopePart(
            "inside", "proved", Amount(0, Fraction(66), Fraction(66)),
            (Condition((("x_1", Fraction(1)), ("x_2", Fraction(-1))), ">=", ZERO),), ((0.0, 0.0), (10.0, 0.0), (10.0, 10.0)),
        ),
        ScopePart(
            "inside", "refuted", Amount(0, Fraction(55), Fraction(55)),
            (Condition((("x_1", Fraction(1)), ("x_2", Fraction(-1))), "<=", Fraction(-1)),), ((0.0, 1.0), (9.0, 10.0), (0.0, 10.0)),
        ),
    ),
    2, 10, True, "cd" * 32, 12,
)  # fmt: skip


def program(name: str = "x") -> Program:
    """``relu(x_1 - x_2)`` beside ``x_1 - x_2``, for two integers up to 10."""
    problem = {
        "inputs": [["x_1", "integer", "0", "10"], ["x_2", "integer", "0", "10"]],
        "nodes": [
            ["input", 0], ["input", 1], ["affine", "exact", "0", [["1", 0], ["-1", 1]]], ["relu", 2], ["eq", 2, 3],
            ["bool", "true"],
        ],
    }  # fmt: skip
    runs = {"": (("x_1", 0), ("x_2", 1))}
    return Program(problem, runs, (), {}, (Shown(name, (("network", (3,)),), (2,)),), (("network.y", (3,)),), 5, 5, 4)


def spec_dossier(text: str = CLEAN, claims_of: Sequence[ClaimResult] = EVERY_CLAIM[:3]) -> SpecDossier:
    """Some claims, all that there is to tell of each, and a text wherever a spec's author writes one."""

    def put(value: Any) -> Any:
        return replace(value, name=f"{value.name} {text}", says=text, sentence=text, detail=text, notes=(text,))

    conditions = (ConditionCard(text, f"x_1 == {text}", False), ConditionCard("found", text, True))
    found = replace(
        COUNTEREXAMPLE,
        failing=text,
        undefined=text,
        sources={text: {text: Fraction(1)}},
        rows=(replace(COUNTEREXAMPLE.rows[1], name=text, models={text: Fraction(1), "b": Fraction(2)}),),
    )
    ease = Ease(
        Share(3, 4), (Constant(text, text, Share(2, 4)),),
        ConstantNetwork({(text, text): Fraction(1)}, Share(1, 4)), Share(4, 4), None,
        (ToleranceShare(text, Fraction(1, 4), text, ZERO, TEN),), 0,
    )  # fmt: skip
    probe = replace(
        GOOD,
        mutants=(*GOOD.mutants, replace(SURVIVOR, variable=text, change=text)),
        controls=(*GOOD.controls, replace(CONSTANT, change=text, result=None, outcome=None, problem=text)),
    )
    claims = [
        ClaimDossier(
            put(one),
            conditions=conditions,
            map=MAP if one is claims_of[1] else None,
            sketch=Sketch("proof", {"leaf": 3, "phase": 2}, 3),
            certificates=(CertificateFile(f"{text}.json", b"{}", f'{{"answer": "valid {text}"}}'),),
            examples=(found,),
            ease=ease,
            probe=probe,
            program=program(text),
        )
        for one in claims_of
    ]
    claims[1] = replace(claims[1], result=replace(claims[1].result, counterexample=found), program=None, without_program=text)
    result = replace(
        SPEC,
        path=Path(f"specs/{text.replace('/', '_')[:60]}.yaml"),
        title=text,
        summary=text,
        trusted=(text,),
        claims=tuple(one.result for one in claims),
    )
    card = VariableCard("answer", text, text, (text,), text, ("gap", text), False, (text,), (text,))
    return SpecDossier(
        f"mechverify {text}",
        result,
        f"mechverify: 1\ntitle: {text}\n",
        (InputCard(text, f"all integers {text}"), InputCard("x_2", "all integers x_2")),
        (ModelCard(text, "onnx", text, "ab" * 32, None, 29, "float32", text),),
        (VariableCard("gap", None, "x_1 - x_2", (), None, (text, "x_2"), False, (), ()), card),
        tuple(claims),
        "print('checker')\n",
    )


def dossiers(*specs: SpecDossier) -> Dossiers:
    """A run over these."""
    return Dossiers("mechverify 0.1.0", specs or (spec_dossier(),))
