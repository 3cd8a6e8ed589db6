"""Directions in few words: where they are from, how many numbers, how long they are."""

from collections.abc import Sequence
from decimal import Context, Decimal
from fractions import Fraction

from mechverify.spec.spec import Site, SiteDirection, SiteUnits

_MANY = 4


def read_from_text(site: Site) -> str | None:
    """``row 17 of W_dec in sae.safetensors: a direction of 64 numbers in hidden[0:64], norm 1.0003``; None for a site
    whose numbers, if any, stand in the spec.
    """
    if isinstance(site, SiteUnits) or site.read_from is None:
        return None
    origin = site.read_from
    which = f"{origin.lines} of {origin.tensor}" if origin.lines else origin.tensor
    count = len(site.rows[0])
    numbers = f"{count} number{'' if count == 1 else 's'}"
    norms = [norm_text(row) for row in site.rows[:_MANY]] + (["..."] if site.rows[_MANY:] else [])
    if isinstance(site, SiteDirection):
        what = f"a direction of {numbers} in {site.of.text}, norm {norms[0]}"
    else:
        many = f"{len(site.rows)} direction{'' if len(site.rows) == 1 else 's'}"
        what = f"{many} of {numbers} in {site.of.text}, norms {', '.join(norms)}"
    return f"{which} in {origin.file}: {what}"


def norm_text(vector: Sequence[Fraction]) -> str:
    """The Euclidean norm to five significant digits."""
    square = sum((v * v for v in vector), Fraction(0))
    context = Context(prec=20, Emax=999_999, Emin=-999_999)
    root = context.sqrt(context.divide(Decimal(square.numerator), Decimal(square.denominator)))
    return f"{Context(prec=5).plus(root).normalize():g}"
