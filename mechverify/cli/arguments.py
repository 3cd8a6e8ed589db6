"""Options that several commands share, and the options object that they become."""

from collections.abc import Callable
from functools import reduce
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mechverify.cli.reader_settings import code_allowed_by_settings

if TYPE_CHECKING:
    from mechverify.pipeline.options import VerifyOptions

Decorator = Callable[[Any], Any]
EXISTING_FILE = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)


class Setting(click.ParamType):
    """``name=number``; the number is left as text, to be read exactly."""

    name = "name=number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        """The pair. Fails on anything that is no assignment to a name."""
        if isinstance(value, tuple):
            return value
        name, equals, number = (part.strip() for part in str(value).partition("="))
        if not equals or not name.isidentifier() or not number:
            self.fail(f"{value!r} does not set a parameter; write it like n=64", param, ctx)
        return name, number


class Seconds(click.ParamType):
    """A positive, finite number of seconds."""

    name = "seconds"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The number. Fails on anything else."""
        try:
            seconds = float(value)
        except ValueError:
            seconds = -1.0
        if not isfinite(seconds) or seconds <= 0:
            self.fail(f"{value!r} is no positive number of seconds", param, ctx)
        return seconds


class SpecAndClaim(click.ParamType):
    """``SPEC#CLAIM``: an existing file and the name of a claim in it."""

    name = "spec#claim"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[Path, str]:
        """The pair. Fails without a claim or without the file."""
        if isinstance(value, tuple):
            return value
        file, mark, claim = str(value).rpartition("#")
        if not mark or not file or not claim:
            self.fail(f"{value!r} names no claim; write it like specs/double.yaml#doubles", param, ctx)
        return Path(EXISTING_FILE.convert(file, param, ctx)), claim


set_option = click.option(
    "--set", "settings", type=Setting(), multiple=True, metavar="NAME=NUMBER", help="Give a parameter another value."
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
timeout_option = click.option(
    "--timeout", type=Seconds(), default=60.0, show_default=True, help="Limit for each claim."
)
jobs_option = click.option(
    "--jobs", "-j", type=click.IntRange(min=1), default=2, show_default=True, help="Claims at a time."
)
seed_option = click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, help="For all that is random."
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


def with_options(*options: Decorator) -> Decorator:
    """Several options as one decorator, listed by ``--help`` in this order."""
    return lambda command: reduce(lambda inner, option: option(inner), reversed(options), command)


def make_options(
    *,
    settings: tuple[tuple[str, str], ...] = (),
    allow_code: bool = False,
    **others: Any,
) -> "VerifyOptions":
    """The options of a run. Raises UsageError for a parameter set twice, or unreadable settings of the reader's own."""
    from mechverify.errors import UsageError
    from mechverify.pipeline.options import VerifyOptions

    names = [name for name, _ in settings]
    for name in names:
        if names.count(name) > 1:
            raise UsageError(f"--set gives {name} more than one value")
    allowed = allow_code or code_allowed_by_settings(Path.cwd())
    return VerifyOptions(settings=dict(settings), allow_code=allowed, **others)
