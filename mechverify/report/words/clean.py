"""Foreign text made safe to show: a spec's title must not move the cursor or reverse the line."""

import unicodedata


def clean(text: str) -> str:
    """The text with control and format characters (newline apart, tab as four blanks) spelled out as escapes."""
    return "".join(_shown(c) for c in text)


def _shown(character: str) -> str:
    if character == "\n":
        return character
    if character == "\t":
        return "    "
    # Zero-width joiners shape emoji and Indic scripts; every other format character can hide or reorder text.
    if character != "\u200d" and unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp"):
        return ascii(character)[1:-1]
    return character


def one_line(text: str) -> str:
    """Cleaned, with every run of blanks and newlines made one blank."""
    return " ".join(clean(text).split())
