"""A report in which every text that a stranger can choose is a hostile one."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from hostile_strings import HOSTILE
from report_samples import COUNTEREXAMPLE, claim

from mechverify.caution import Caution
from mechverify.errors import Diagnostic
from mechverify.results import Report, SpecResult
from mechverify.spec.expression.syntax import Span
from mechverify.verdict import Reason, Verdict


def hostile_spec(text: str) -> SpecResult:
    """A spec whose title, claims, warnings, path and counterexample say this."""
    shown = replace(
        COUNTEREXAMPLE, inputs={text: Fraction(1)}, failing=text, undefined=text, rows=(), sources={text: {text: Fraction(2)}}
    )
    caution = Caution(text, text, text, Span(3, 4))
    common = {"says": text, "sentence": text, "detail": text, "as_expected": False, "warnings": (caution,), "notes": (text,)}
    claims = (
        claim(name=f"a{text}", verdict=Verdict.REFUTED, counterexample=shown, **common),
        claim(name=f"b{text}", verdict=Verdict.OPEN, reason=Reason.WORK, group=text, **common),
        claim(name=f"b{text}", verdict=Verdict.ERROR, group=text, **common),
        claim(name=f"c{text}", says=text, sentence=text),
    )
    path = Path("specs") / f"{text.replace('/', '_').replace(chr(0), '')}.yaml"
    return SpecResult(path, text, text, (), claims, (text,), None, (caution,))


def hostile_mistakes(text: str) -> SpecResult:
    """A spec with a mistake that says this."""
    path = Path("specs") / f"{text.replace('/', '_').replace(chr(0), '')}.yml"
    return SpecResult(path, None, None, (Diagnostic(str(path), 2, 3, text, text, text),), ())


def hostile_report() -> Report:
    """All of them."""
    return Report("mechverify 0.1.0", tuple(s for t in HOSTILE for s in (hostile_spec(t), hostile_mistakes(t))))
