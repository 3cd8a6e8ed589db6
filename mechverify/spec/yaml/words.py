"""What is wrong with a text that is no YAML, in plain words: the parser's own speak of its inner states."""

import re

_INDENTED = (
    "this line is not indented like those that it belongs to",
    "keys of one mapping start in the same column, and what belongs to a key stands further right",
)
_CONTENT = "put quotes around an expression that has brackets or commas inside [ ] or { }"
_PROBLEMS = {
    "found unexpected end of stream": ("a text in quotes is never closed", "add the closing quote"),
    "expected the node content": ("expected a value here", _CONTENT),
    "chomping or indentation indicators": (
        "a text cannot start with '|' or '>' here",
        "an absolute value is written abs(x); put quotes around a text",
    ),
    "could not find expected ':'": ("a key has no ':' after it", "write 'key: value'"),
}


def plain_words(problem: str, text: str, index: int) -> tuple[str, str | None]:
    """What is wrong at ``index`` and what to do, from the ``problem`` that ruamel.yaml names there."""
    start = text.rfind("\n", 0, index) + 1
    before = text[start:index]
    if text[index : index + 1] == "\t":
        return "a tab cannot indent", "indent with spaces, not tabs"
    if problem.startswith("expected <block end>"):
        if before.strip():
            return "the value ends before this", "put quotes around the whole text, or remove what is left over"
        return _INDENTED if text[index : index + 1] not in ("]", "}", ",") else ("this bracket closes nothing", None)
    if "mapping values are not allowed" in problem:
        return _colon(before, text[:start])
    if match := re.search(r"expected ',' or '(.)'", problem):
        if not before.strip() or not text[index:].strip():
            return "a bracket is never closed", f"add the '{match[1]}' that is missing"
        return f"expected ',' or '{match[1]}' here", _CONTENT
    if "cannot start any token" in problem:
        sign = text[index : index + 1]
        return f"a text cannot start with '{sign}'", "put quotes around a text that starts with this character"
    said = (words for part, words in _PROBLEMS.items() if part in problem)
    return next(said, (problem, None))


def _colon(before: str, above: str) -> tuple[str, str]:
    """A ':' that cannot stand where it does; ``before`` is the line up to it, ``above`` the lines before that."""
    if ": " in before and re.search(r": .*\S \? ", before):
        return "a second ': ' in one line", "a choice is written 'a if c else b', not c ? a : b"
    if ": " in before:
        return "a second ': ' in one line", "put quotes around a text that contains ': '"
    lines = [line for line in above.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    if lines and ":" not in lines[-1]:
        return "the line above has no ':'", "write 'key: value', or 'key:' with what belongs to it further right below"
    return _INDENTED
