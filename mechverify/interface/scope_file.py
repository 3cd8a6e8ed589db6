"""``mechverify.scope_file``: where one claim of a spec file holds, in one call."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal

from mechverify.api import scope
from mechverify.deciding.options import VerifyOptions
from mechverify.errors import UsageError
from mechverify.interface.arguments import (
    check_mappings,
    check_names_given,
    check_numbers,
    check_spec_file,
    check_switches,
)
from mechverify.mapping.map import ScopeMap
from mechverify.reader_settings import trusted_folders
from mechverify.report.json.claims import Json
from mechverify.report.json.scope import scope_data
from mechverify.report.notebook import scope_html
from mechverify.report.picture.svg import scope_svg
from mechverify.report.text.scope import scope_exit_code, scope_text
from mechverify.scope_results import SECTIONS, ScopeReport, Section

_WIDTH = 100


@dataclass(frozen=True, slots=True)
class FileScope:
    """Where a claim holds, readable in a terminal and, with the picture of its map, in a notebook."""

    report: ScopeReport

    @property
    def map(self) -> ScopeMap | None:
        """Its inputs in parts, which the kernel has checked; None where that was not asked for, or not made."""
        return self.report.map

    @property
    def settled(self) -> bool:
        """Whether ``mechverify scope`` would end in 0."""
        return scope_exit_code(self.report) == 0

    @property
    def picture(self) -> str | None:
        """The text of the SVG file of a map over one or two inputs; None of others."""
        return scope_svg(self.report)

    @property
    def json(self) -> Json:
        """What ``mechverify scope --json`` writes."""
        return scope_data(self.report)

    def __repr__(self) -> str:
        return scope_text(self.report, width=_WIDTH, colour=False)

    def _repr_html_(self) -> str:
        return scope_html(self.report)


def scope_file(
    path: str | Path,
    claim: str,
    *,
    only: str | Sequence[str] | None = None,
    held: Mapping[str, object] | None = None,
    over: str | Sequence[str] = (),
    settings: Mapping[str, object] | None = None,
    arithmetic: Literal["real", "float32"] | None = None,
    allow_code: bool = False,
    certificates: str | Path | None = None,
    parts: int = 20_000,
    timeout: float = 120.0,
    seed: int = 0,
) -> FileScope:
    """Where one claim holds: by default its map, how far ranges go, which preconditions it needs, and the tightest
    tolerance; ``only`` some of these sections. The arguments are the options of ``mechverify scope``; ``held`` are
    inputs at one value each (``--slice``), ``over`` the one or two inputs of the picture. An interrupt gives what was
    found before.

    Raises SpecError for a spec with mistakes; UsageError for a file that is not there, a claim that the spec does not
    have, and what is no section, input or value.
    """
    check_spec_file(Path(path), "scope_file")
    check_names_given(over=over, **({} if only is None else {"only": only}))
    check_mappings(settings=settings, held=held)
    check_switches(allow_code=allow_code)
    check_numbers(timeout, parts=parts, seed=seed)
    options = VerifyOptions(
        settings={name: str(value) for name, value in (settings or {}).items()},
        arithmetic=arithmetic,
        timeout=timeout,
        seed=seed,
        certificates=None if certificates is None else Path(certificates),
        allow_code=allow_code,
        trusted=trusted_folders([Path(path)]),
    )
    fixed = {name: _exact(name, value) for name, value in (held or {}).items()}
    axes = (over,) if isinstance(over, str) else tuple(over)
    if len(axes) > 2 or len(set(axes)) < len(axes):
        raise UsageError(f"over is one input or two of them, as in over=['x_1', 'x_2']; {list(axes)} was given")
    asked = _sections(only)
    if (fixed or axes) and asked not in (None, ("map",)):
        raise UsageError("held and over are for the map alone: give them with only='map', or no only")
    return FileScope(scope(Path(path), claim, options, parts, fixed, asked, (), axes))


def _sections(only: str | Sequence[str] | None) -> tuple[Section, ...] | None:
    if only is None:
        return None
    names = (only,) if isinstance(only, str) else tuple(only)
    unknown = next((name for name in names if name not in SECTIONS), None)
    if unknown is not None:
        raise UsageError(f"{unknown!r} is none of {', '.join(SECTIONS)}")
    return tuple(one for one in SECTIONS if one in names)


def _exact(name: str, value: object) -> Fraction:
    """A number as it is written: 0.1 is a tenth."""
    try:
        return Fraction(str(value))
    except (ValueError, ZeroDivisionError):
        raise UsageError(f"held gives {name} no number: {value!r}") from None
