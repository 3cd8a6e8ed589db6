"""The results as JUnit XML: a test case for each claim, which fails where the claim is not as the spec expects.

There is no standard; what is written is what GitLab, Jenkins and GitHub's actions read alike. GitLab shows the content
of a failure and not its message, and takes test cases of one class and name for one.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from mechverify.report.ci.findings import Finding, claim_finding, claim_text, findings, of_spec
from mechverify.report.text.claims import render_claim
from mechverify.report.words.clean import clean, one_line
from mechverify.results import ClaimResult, Report, SpecResult

_WIDTH = 100
_THE_SPEC, _THE_RUN = "(the spec)", "(the run)"
_AS_ERROR = frozenset(("mistake", "code-not-allowed", "nothing-to-check", "interrupted", "out-of-time", "error"))


def report_junit(report: Report) -> str:
    """The text of the file: a suite for each spec."""
    root = Element("testsuites", name=_legal(report.tool))
    for spec in report.specs:
        _suite(root, spec)
    placeless = [one for one in findings(report) if one.path is None]
    if placeless:
        suite = SubElement(root, "testsuite", name=_legal(report.tool))
        for one in placeless:
            _fail(_case(suite, "mechverify", _THE_RUN, None), one, one.text)
        _count(suite)
    _count(root)
    indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{tostring(root, encoding="unicode")}\n'


def _suite(root: Element, spec: SpecResult) -> None:
    suite = SubElement(root, "testsuite", name=_legal(spec.path.as_posix()))
    class_name = spec.path.with_suffix("").as_posix()
    whole = [one for one in of_spec(spec) if one.kind.name in ("mistake", "code-not-allowed", "nothing-to-check")]
    for one in whole:
        _fail(_case(suite, class_name, _THE_SPEC, one.path), one, _placed(one))
    for claim in spec.claims:
        case = _case(suite, class_name, claim.name, spec.path, claim.seconds)
        found = claim_finding(spec.path, claim)
        if found is None:
            SubElement(case, "system-out").text = _legal(claim_text(claim))
        else:
            _fail(case, found, _whole(spec.path, claim))
    _count(suite)


def _case(suite: Element, class_name: str, name: str, path: Path | None, seconds: float = 0.0) -> Element:
    names = {case.get("name") for case in suite}
    wanted = unique = _legal(one_line(name)) or "?"
    number = 1
    while unique in names:
        number += 1
        unique = f"{wanted} ({number})"
    case = SubElement(suite, "testcase", classname=_legal(one_line(class_name)), name=unique, time=f"{seconds:.3f}")
    if path is not None:
        case.set("file", _legal(path.as_posix()))
    return case


def _fail(case: Element, one: Finding, content: str) -> None:
    tag = "error" if one.kind.name in _AS_ERROR else "failure"
    SubElement(case, tag, message=_legal(one.summary), type=one.kind.name).text = _legal(content)


def _placed(one: Finding) -> str:
    return f"{clean(str(one.path))}:{one.line}:{one.column or 1}: {one.text}"


def _whole(path: Path, claim: ClaimResult) -> str:
    return f"{clean(str(path))}:{claim.line}\n{render_claim(claim, width=_WIDTH)}"


def _count(element: Element) -> None:
    cases = list(element.iter("testcase"))
    element.set("tests", str(len(cases)))
    element.set("failures", str(_having(cases, "failure")))
    element.set("errors", str(_having(cases, "error")))
    element.set("time", f"{sum(float(case.get('time', '0')) for case in cases):.3f}")


def _having(cases: Sequence[Element], tag: str) -> int:
    return sum(case.find(tag) is not None for case in cases)


def _legal(text: str) -> str:
    """Text that XML 1.0 can hold and a terminal can show."""
    return "".join(_characters(clean(text)))


def _characters(text: str) -> Iterator[str]:
    for character in text:
        code = ord(character)
        yield f"\\u{code:04x}" if code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF else character
