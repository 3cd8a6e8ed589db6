"""Options that several commands share, and the options object that they become."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mechverify.reader_settings import trusted_folders
from mechverify.report.registry import FileFormat

if TYPE_CHECKING:
    from mechverify.deciding.options import VerifyOptions

_LEAST_MEMORY = 64 << 20
Decorator = Callable[[Any], Any]
EXISTING_FILE = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)


class _SpecPath(click.Path):
    """A file or folder that is there. ``FILE#CLAIM`` is refused with the way to say that."""

    def __init__(self, claim_hint: str) -> None:
        super().__init__(exists=True, path_type=Path)
        self._claim_hint = claim_hint

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        file, mark, claim = str(value).rpartition("#")
        if mark and file and not Path(value).exists() and Path(file).exists():
            todo = self._claim_hint.format(file=file, claim=claim)
            self.fail(f"{value!r} names a claim, and here stand files and folders: {todo}", param, ctx)
        return super().convert(value, param, ctx)


def spec_paths(claim_hint: str) -> Decorator:
    """The argument of one or more specs and folders; ``claim_hint`` says what to write for ``FILE#CLAIM``."""
    return click.argument("paths", nargs=-1, required=True, type=_SpecPath(claim_hint), metavar="PATH...")


def _settings(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Each ``name=number`` as a pair; the number is left as text, to be read exactly."""
    pairs: list[tuple[str, str]] = []
    for value in values:
        name, equals, number = (part.strip() for part in value.partition("="))
        if not equals or not name.isidentifier() or not number:
            raise click.BadParameter(f"{value!r} does not set a parameter; write it like n=64", ctx, param)
        if name in dict(pairs):
            raise click.BadParameter(f"{name} is given more than one value", ctx, param)
        pairs.append((name, number))
    return tuple(pairs)


def _bytes(ctx: click.Context, param: click.Parameter, value: str | None) -> int | None:
    """A size in bytes, with K, M or G for the powers of 1024."""
    if value is None:
        return None
    found = re.fullmatch(r"(\d{1,6})([KMG])(?:i?B)?", value.strip(), re.IGNORECASE)
    size = 0 if found is None else int(found[1]) << {"K": 10, "M": 20, "G": 30}[found[2].upper()]
    if size < _LEAST_MEMORY:
        raise click.BadParameter(f"{value!r} is no size of 64M at least; write it like 4G or 512M", ctx, param)
    return size


def positive_seconds(ctx: click.Context, param: click.Parameter, value: float) -> float:
    """A finite number above zero."""
    if not isfinite(value) or value <= 0:
        raise click.BadParameter(f"{value} is no positive number of seconds", ctx, param)
    return value


def spec_and_claim(ctx: click.Context, param: click.Parameter, value: str | None) -> tuple[Path, str] | None:
    """``SPEC#CLAIM`` as an existing file and the name of a claim."""
    if value is None:
        return None
    file, mark, claim = value.rpartition("#")
    if not mark or not file or not claim:
        raise click.BadParameter(f"{value!r} names no claim; write it like specs/double.yaml#doubles", ctx, param)
    return Path(EXISTING_FILE.convert(file, param, ctx)), claim


set_option = click.option(
    "--set",
    "settings",
    callback=_settings,
    multiple=True,
    metavar="NAME=NUMBER",
    help="Give a parameter another value.",
)
allow_code_option = click.option(
    "--allow-code", is_flag=True, help="Run the Python that a `torch:` model names. Only for specs that you trust."
)
require_option = click.option(
    "--require",
    type=click.Choice(["checked", "agreed", "solver"]),
    default="agreed",
    show_default=True,
    help="The least assurance that counts as PROVED.",
)
proof_option = click.option(
    "--proof",
    type=click.Choice(["auto", "direct", "modular"]),
    default="auto",
    show_default=True,
    help="How to prove claims with interventions: over all runs at once, or by a lemma for each mechanism.",
)
timeout_option = click.option(
    "--timeout",
    type=float,
    callback=positive_seconds,
    default=60.0,
    metavar="SECONDS",
    show_default=True,
    help="Limit for the search on each claim; checks come on top.",
)
time_option = click.option(
    "--time",
    type=float,
    callback=lambda ctx, param, value: None if value is None else positive_seconds(ctx, param, value),
    metavar="SECONDS",
    help="Limit for the whole run; what is not decided then stays open.",
)
memory_option = click.option(
    "--memory", callback=_bytes, metavar="SIZE", help="Limit for each process of a claim or an engine, such as 4G."
)
jobs_option = click.option(
    "--jobs", "-j", type=click.IntRange(min=1), default=2, show_default=True, help="Claims at a time."
)
seed_option = click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, help="For all that is random."
)
iia_samples_option = click.option(
    "--iia-samples",
    type=click.IntRange(min=0),
    default=10_000,
    metavar="N",
    show_default=True,
    help="Random inputs to try each claim with an intervention on, beside its verdict; 0: none.",
)
cache_options = (
    click.option(
        "--cache",
        type=click.Path(file_okay=False, path_type=Path),
        metavar="FOLDER",
        envvar="MECHVERIFY_CACHE",
        help="Where to look for what earlier runs found, and to keep it; by default in your cache folder.",
    ),
    click.option(
        "--no-cache", is_flag=True, envvar="MECHVERIFY_NO_CACHE", help="Find everything anew, and keep nothing."
    ),
)
executor_option = click.option(
    "--executor",
    metavar="NAME",
    help="Other machines to search on: dask:ADDRESS, or module:factory.",
)
json_option = click.option(
    "--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="Write the results here too."
)
certificates_option = click.option(
    "--certificates",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Leave a certificate file for every verdict that has one.",
)
claim_option = click.option(
    "--claim", "claims", multiple=True, metavar="NAME", help="Only this claim; may be repeated."
)
arithmetic_option = click.option(
    "--arithmetic",
    type=click.Choice(["float32", "real", "integer"]),
    help="Use this arithmetic instead of the spec's.",
)


lock_file_option = click.option(
    "--lock-file",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("mechverify.lock"),
    show_default=True,
    metavar="FILE",
    help="The lock file; specs are named from its folder.",
)


def with_options(*options: Decorator) -> Decorator:
    """Several options as one decorator, listed by ``--help`` in this order."""
    return lambda command: reduce(lambda inner, option: option(inner), reversed(options), command)


def file_options(formats: Sequence[FileFormat]) -> tuple[Decorator, ...]:
    """An option for each format of files, whose file ``files_of`` finds among the arguments."""
    kind = click.Path(dir_okay=False, path_type=Path)
    return tuple(click.option(one.option, _parameter(one), type=kind, help=one.words) for one in formats)


def files_of(formats: Sequence[FileFormat], arguments: Mapping[str, Path | None]) -> dict[FileFormat, Path]:
    """The files to write, by their formats."""
    given = ((one, arguments[_parameter(one)]) for one in formats)
    return {one: path for one, path in given if path is not None}


def _parameter(one: FileFormat) -> str:
    return f"{one.name}_file"


def make_options(
    paths: Sequence[Path], *, settings: tuple[tuple[str, str], ...] = (), **others: Any
) -> "VerifyOptions":
    """The options of a run over these specs and folders. Raises UsageError for unreadable settings of the reader's own.
    """
    from mechverify.deciding.options import VerifyOptions

    return VerifyOptions(settings=dict(settings), trusted=trusted_folders(paths), **others)
