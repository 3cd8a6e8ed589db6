"""Expression text to tokens: names, numbers and signs, each with its place. What is not of the language is refused
with a hint."""

import re
from dataclasses import dataclass
from typing import Literal

from mechverify.spec.source import Report
from mechverify.spec.yaml.positions import Located

MAX_CHARACTERS = 20_000
MAX_TOKENS = 5_000
MAX_DIGITS = 1_000
MAX_EXPONENT = 400

Kind = Literal["number", "name", "word", "sign"]

WORDS = frozenset({"and", "or", "not", "if", "else", "for", "in"})
_SPACE = re.compile(r"[ \t\r\n]+")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NUMBER = re.compile(r"(?:[0-9](?:_?[0-9])*)?(?:\.(?:[0-9](?:_?[0-9])*)?)?(?:[eE][+-]?[0-9](?:_?[0-9])*)?", re.ASCII)
_WORD = re.compile(r"\w+")
_STARTS_NUMBER = re.compile(r"\.?[0-9]")
_MAGNITUDE = re.compile(r"\|([^|]+)\|(?!\|)")
_SIGN = re.compile(r"\*\*|//|==|!=|<=|>=|[-+*/%<>()\[\],:.]")

_WRONG_SIGNS = (
    ("&&", "'and' joins truth values"),
    ("||", "'or' joins truth values"),
    ("=>", "write 'greater or equal' as >=, and 'a implies b' as 'not a or b'"),
    ("->", "write 'a implies b' as 'not a or b'"),
    ("=<", "write 'less or equal' as <="),
    ("<>", "write 'not equal' as !="),
    ("===", "use == to compare"),
    (":=", "use == to compare"),
    ("^", "use ** for powers"),
    ("&", "use 'and' to join conditions"),
    ("|", "use 'or' to join conditions, abs(x) for a magnitude"),
    ("?", "write 'a if c else b' for c ? a : b"),
    ("~", "use 'not' to negate a condition"),
    ("!", "use 'not' to negate a condition, != for unequal"),
    ("=", "use == to compare"),
    ("@", "use dot(a, b) for a product of vectors"),
    ("≤", "write <="),
    ("≥", "write >="),
    ("≠", "write !="),
    ("×", "write *"),
    ("·", "write *"),
    ("−", "write the hyphen-minus -"),
    ("∧", "write 'and'"),
    ("∨", "write 'or'"),
    ("¬", "write 'not'"),
    ("√", "write sqrt(x)"),
    ("#", "an expression holds no comments; put them on lines of their own, above it"),
    ('"', "an expression holds no strings"),
    ("'", "an expression holds no strings"),
    ("{", "an expression holds no sets or mappings; a list is [a, b]"),
    ("}", "an expression holds no sets or mappings; a list is [a, b]"),
    (";", "one expression only"),
    ("\\", "lines are joined without a backslash"),
)
_REFUSED_WORDS = {
    "is": "use == to compare",
    "lambda": "functions cannot be defined here",
    "None": "there is no None: every value is a number, a truth value or a vector",
    "implies": "write 'a implies b' as 'not a or b'",
    "xor": "write 'a xor b' as '(a and not b) or (b and not a)'",
    "AND": "write 'and'",
    "OR": "write 'or'",
    "NOT": "write 'not'",
    **dict.fromkeys(
        [
            "as",
            "assert",
            "async",
            "await",
            "break",
            "class",
            "continue",
            "def",
            "del",
            "elif",
            "except",
            "finally",
            "from",
            "global",
        ]
    ),
    **dict.fromkeys(["import", "nonlocal", "pass", "raise", "return", "try", "while", "with", "yield"]),
}


@dataclass(frozen=True, slots=True)
class Token:
    """One word, number or sign, at ``index`` of the expression's text."""

    kind: Kind
    text: str
    index: int


def tokenize(source: Located, report: Report) -> list[Token] | None:
    """The tokens, or None with the mistakes reported."""
    text = source.text
    if len(text) > MAX_CHARACTERS:
        report.error(
            source.mark(0), f"an expression of more than {MAX_CHARACTERS} characters", "name its parts as variables"
        )
        return None
    tokens: list[Token] = []
    index, right = 0, True
    while index < len(text):
        if space := _SPACE.match(text, index):
            index = space.end()
            continue
        token = _token(source, index, report)
        if token is None:
            right = False
            break
        tokens.append(token)
        index += len(token.text)
        if len(tokens) > MAX_TOKENS:
            report.error(
                source.mark(index),
                f"an expression of more than {MAX_TOKENS} words and signs",
                "name its parts as variables",
            )
            return None
    return tokens if right else None


def _token(source: Located, index: int, report: Report) -> Token | None:
    text = source.text
    if _STARTS_NUMBER.match(text, index):
        return _number(source, index, report)
    if found := _NAME.match(text, index):
        word = found.group()
        if word in _REFUSED_WORDS:
            report.error(source.mark(index), f"'{word}' is not part of the expression language", _REFUSED_WORDS[word])
            return None
        return Token("word" if word in WORDS else "name", word, index)
    if magnitude := _magnitude(text, index):
        report.error(source.mark(index), "'|' is not part of the expression language", magnitude)
        return None
    for sign, hint in _WRONG_SIGNS:
        if text.startswith(sign, index) and not text.startswith(("==", "!="), index):
            report.error(source.mark(index), f"'{sign}' is not part of the expression language", hint)
            return None
    if text.startswith("===", index):
        report.error(source.mark(index), "'===' is not part of the expression language", "use == to compare")
        return None
    if found := _SIGN.match(text, index):
        return Token("sign", found.group(), index)
    report.error(
        source.mark(index), f"'{text[index]}' is not part of the expression language", _letter_hint(text[index])
    )
    return None


def _magnitude(text: str, index: int) -> str | None:
    """What to write for the ``|a - b|`` that opens at a place where a value stands, where one does."""
    before, found = text[:index].rstrip(), _MAGNITUDE.match(text, index)
    if found is None or (before and (before[-1].isalnum() or before[-1] in "_)]|")):
        return None
    inside = " ".join(found.group(1).split())
    return f"write abs({inside}) for |{inside}|"


def _letter_hint(character: str) -> str | None:
    return "names are made of the letters a to z, digits and _" if character.isalnum() else None


def _number(source: Located, index: int, report: Report) -> Token | None:
    found = _NUMBER.match(source.text, index)
    text = found.group() if found else ""
    after = source.text[index + len(text) : index + len(text) + 1]
    problem, hint = number_problem(text), None
    word = _WORD.match(source.text, index)
    if word is not None and word.group() in report.spoiled:
        return None
    if after.isalnum() or after == "_":
        problem = f"'{text}{after}' is neither a number nor a name"
        hint = f"write the product as {text} * {after}..." if after.isalpha() else None
        if text == "0" and after in "xXoObB":
            hint = "numbers are decimal"
    if problem is not None:
        report.error(source.mark(index), problem, hint)
        return None
    return Token("number", text, index)


def number_problem(text: str) -> str | None:
    """Why the text of a decimal literal is refused, or None."""
    mantissa, _, exponent = text.lower().partition("e")
    if len(mantissa) > MAX_DIGITS:
        return f"a number of more than {MAX_DIGITS} digits"
    if len(exponent) > 20 or abs(int(exponent or "0")) > MAX_EXPONENT:
        return f"the exponent of a number is at most {MAX_EXPONENT} in magnitude"
    if len(mantissa) > 1 and mantissa[0] == "0" and mantissa[1] in "0123456789_" and mantissa.strip("0_"):
        return f"'{mantissa[:20]}' starts with a zero"
    return None
