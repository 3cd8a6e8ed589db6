"""Numbers of a decoding that are left to be fitted: ``read_as: it * ?``."""

import re
from dataclasses import replace

from mechverify.spec.expression import syntax as ex
from mechverify.spec.expression.rewrite import replaced
from mechverify.spec.text import walk
from mechverify.spec.yaml.positions import Located

HOLE = "?"
_STAND_IN = "_"  # a name of one letter, so that places in the text stay what they are
_CHOICE = re.compile(r"\?[^\[\]]*:")


def readable_with_holes(source: Located) -> Located:
    """The text with each ``?`` as a name, unless it is part of ``c ? a : b``."""
    if HOLE not in source.text or _CHOICE.search(source.text):
        return source
    return replace(source, text=source.text.replace(HOLE, _STAND_IN))


def with_holes(e: ex.Expression) -> ex.Expression:
    """The expression that was read from such a text, its holes named as such."""

    def named(part: ex.Expression) -> ex.Expression | None:
        return replace(part, name=HOLE) if isinstance(part, ex.Name) and part.name == _STAND_IN else None

    return replaced(e, named)


def holes_in(e: ex.Expression) -> tuple[ex.Name, ...]:
    """The holes, in the order of the text."""
    return tuple(part for part in walk(e) if isinstance(part, ex.Name) and part.name == HOLE)


def filled(e: ex.Expression, parts: tuple[ex.Expression, ...]) -> ex.Expression:
    """The expression with its holes replaced, in the order of the text."""
    rest = iter(parts)
    return replaced(e, lambda part: next(rest) if isinstance(part, ex.Name) and part.name == HOLE else None)
