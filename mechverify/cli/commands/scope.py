"""``mechverify scope``: on which inputs a claim holds."""

import sys
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mechverify.cli import arguments
from mechverify.cli.arguments import make_options, spec_and_claim, with_options

if TYPE_CHECKING:
    from mechverify.scope_results import Section

_MOST_VALUES = 1000
_FILE = click.Path(dir_okay=False, path_type=Path)


def _values(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> dict[str, Fraction]:
    """Each ``name=number``; the name of an input of another run has spaces and a colon in it."""
    found: dict[str, Fraction] = {}
    for value in values:
        name, equals, number = (part.strip() for part in value.rpartition("="))
        try:
            exact = Fraction(number)
        except (ValueError, ZeroDivisionError):
            raise click.BadParameter(f"{value!r} sets no input; write it like x_3=0", ctx, param) from None
        if not equals or not name:
            raise click.BadParameter(f"{value!r} sets no input; write it like x_3=0", ctx, param)
        if name in found:
            raise click.BadParameter(f"{value!r} sets {name}, which is set to {found[name]} already", ctx, param)
        found[name] = exact
    return found


_Axes = tuple[str, ...]
_Values = tuple[str, tuple[Fraction, ...]]


def _over(ctx: click.Context, param: click.Parameter, value: str | None) -> tuple[_Axes, _Values | None]:
    """``x_1,x_2``: the inputs of a picture; ``n=1..64`` or ``n=1,2,5``: a parameter and its values."""
    if value is None:
        return (), None
    name, equals, text = (part.strip() for part in value.partition("="))
    if not equals:
        axes = tuple(part.strip() for part in value.split(","))
        if len(axes) > 2 or not all(axes) or len(set(axes)) < len(axes):
            raise click.BadParameter(f"{value!r} is not one input or two, such as x_1,x_2", ctx, param)
        return axes, None
    if not name.isidentifier():
        raise click.BadParameter(f"{value!r} names no values of a parameter; write them like n=1..64", ctx, param)
    found: list[Fraction] = []
    for part in text.split(","):
        first, dots, last = part.partition("..")
        try:
            ends = Fraction(first.strip()), Fraction(last.strip() if dots else first.strip())
        except (ValueError, ZeroDivisionError):
            raise click.BadParameter(f"{part!r} is no number and no range such as 1..64", ctx, param) from None
        if dots and (ends[0].denominator != 1 or ends[1].denominator != 1 or ends[0] > ends[1]):
            raise click.BadParameter(f"{part!r} is no range of integers such as 1..64", ctx, param)
        if len(found) + ends[1] - ends[0] >= _MOST_VALUES:
            raise click.BadParameter(f"more than {_MOST_VALUES} values", ctx, param)
        found.extend(Fraction(n) for n in range(int(ends[0]), int(ends[1]) + 1)) if dots else found.append(ends[0])
    return (), (name, tuple(dict.fromkeys(found)))


def _sections(ctx: click.Context, param: click.Parameter, value: str | None) -> tuple["Section", ...] | None:
    """The names of what is asked, in the order of the answer."""
    from mechverify.scope_results import SECTIONS

    if value is None:
        return None
    names = [part.strip() for part in value.split(",")]
    unknown = next((name for name in names if name not in SECTIONS), None)
    if unknown is not None:
        raise click.BadParameter(f"{unknown!r} is none of {', '.join(SECTIONS)}", ctx, param)
    return tuple(one for one in SECTIONS if one in names)


@click.command(short_help="Where one claim holds: a map of its inputs, how far it goes, what it needs.")
@click.argument("target", callback=spec_and_claim, metavar="SPEC#CLAIM")
@with_options(
    arguments.set_option,
    arguments.arithmetic_option,
    click.option(
        "--only",
        "asked",
        callback=_sections,
        metavar="SECTION,...",
        help="Ask this alone: map, extents, preconditions, suggested, length, tightest. Otherwise all but suggested and"
        " length; of a --slice the map.",
    ),
    click.option(
        "--without",
        "dropped",
        multiple=True,
        metavar="NAME",
        help="With --only suggested: look for what could stand in the place of this precondition, or of `all`.",
    ),
    click.option(
        "--timeout",
        type=float,
        callback=arguments.positive_seconds,
        default=120.0,
        metavar="SECONDS",
        show_default=True,
        help="Limit for all searches but that for the map; checks come on top.",
    ),
    click.option(
        "--parts",
        type=click.IntRange(min=1),
        default=20_000,
        metavar="N",
        show_default=True,
        help="Stop after cutting the domain into so many parts; what is undecided then stays open.",
    ),
    click.option(
        "--slice",
        "fixed",
        callback=_values,
        multiple=True,
        metavar="INPUT=VALUE",
        help="Hold an input at one value; may be repeated.",
    ),
    click.option(
        "--over",
        callback=_over,
        metavar="INPUTS|NAME=VALUES",
        help="x_1,x_2: the map and its picture over these inputs, all others held at one value. n=1..64 or n=1,2,5: a "
        "table over values of a parameter: the verdict, or with --only extents how far the highest value of all inputs "
        "goes.",
    ),
    click.option("-o", "--output", "picture_file", type=_FILE, metavar="FILE.svg", help="Draw the map here."),
    arguments.json_option,
    arguments.certificates_option,
    arguments.seed_option,
    arguments.allow_code_option,
)
def scope(
    target: tuple[Path, str],
    settings: tuple[tuple[str, str], ...],
    arithmetic: str | None,
    asked: tuple["Section", ...] | None,
    dropped: tuple[str, ...],
    timeout: float,
    parts: int,
    fixed: dict[str, Fraction],
    over: tuple[_Axes, _Values | None],
    picture_file: Path | None,
    json_file: Path | None,
    certificates: Path | None,
    seed: int,
    allow_code: bool,  # noqa: FBT001
) -> int:
    """Cut all inputs of a claim into parts on which it is proved, refuted or open, and count them. Say how far the
    ranges of the inputs can be moved, which preconditions are needed, and which tolerance would do.

    Inputs that do not meet the preconditions are told apart. The kernel checks every part, that together they are the
    whole domain, and the counts; every end is a checked proof or a replayed counterexample. Exit code 0: all that was
    asked is settled; 3: something is open.
    """
    from mechverify import api
    from mechverify.cli.output import colour_of, width_of, write_out
    from mechverify.cli.result_files import check_folder
    from mechverify.report.json.claims import write_atomically
    from mechverify.report.json.scope import scope_json
    from mechverify.report.json.scope_over import over_json
    from mechverify.report.picture.svg import scope_svg
    from mechverify.report.text.scope import scope_exit_code, scope_text
    from mechverify.report.text.scope_over import over_exit_code, over_text

    spec, claim = target
    check_folder(json_file)
    check_folder(picture_file, "-o")
    options = make_options(
        (spec,),
        settings=settings,
        arithmetic=arithmetic,
        certificates=certificates,
        timeout=timeout,
        seed=seed,
        allow_code=allow_code,
    )
    axes, values = over
    if (fixed or axes) and asked is not None and asked != ("map",):
        option = "--slice" if fixed else "--over over inputs"
        raise click.UsageError(f"{option} is for the map alone: give it with --only map, or no --only.")
    if dropped and "suggested" not in (asked or ()):
        raise click.UsageError("--without is for what is suggested: give it with --only suggested.")
    if values is not None:
        if fixed or picture_file is not None or asked not in (None, ("extents",)):
            raise click.UsageError("--over over a parameter goes with --only extents, and with neither --slice nor -o.")
        rows = api.scope_over(spec, claim, options, *values, asked)
        if json_file is not None:
            write_atomically(json_file, over_json(rows))
        write_out(over_text(rows, width=width_of(sys.stdout), colour=colour_of(sys.stdout)))
        return over_exit_code(rows)
    report = api.scope(spec, claim, options, parts, fixed, asked, dropped, axes)
    picture = scope_svg(report) if picture_file is not None else None
    if picture_file is not None and picture is not None:
        write_atomically(picture_file, picture)
    if json_file is not None:
        write_atomically(json_file, scope_json(report))
    write_out(scope_text(report, width=width_of(sys.stdout), colour=colour_of(sys.stdout)))
    if picture_file is not None and picture is None:
        write_out(f"No picture in {picture_file}: that is for maps over one or two inputs.\n")
    return scope_exit_code(report)
