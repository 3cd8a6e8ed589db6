"""``mechverify tighten``: the least tolerance for which a claim can be proved."""

import sys
from fractions import Fraction
from pathlib import Path

import click

from mechverify.cli import arguments
from mechverify.cli.arguments import make_options, spec_and_claim, with_options


def _share(ctx: click.Context, param: click.Parameter, value: str) -> Fraction:
    """A number such as ``0.01`` or ``1%``, between 0 and 1."""
    text = value.strip()
    try:
        share = Fraction(text.removesuffix("%").strip()) / (100 if text.endswith("%") else 1)
    except (ValueError, ZeroDivisionError):
        raise click.BadParameter(f"{value!r} is no share; write it like 1% or 0.01", ctx, param) from None
    if not 0 <= share < 1:
        raise click.BadParameter(f"{value!r} is not between 0 and 100%", ctx, param)
    return share


@click.command(short_help="Find the least tolerance for which one claim can be proved.")
@click.argument("target", callback=spec_and_claim, metavar="SPEC#CLAIM")
@with_options(
    click.option(
        "--within",
        callback=_share,
        default="1%",
        metavar="SHARE",
        show_default=True,
        help="How close the proved and the broken tolerance are to be.",
    ),
    arguments.set_option,
    arguments.proof_option,
    click.option(
        "--timeout",
        type=float,
        callback=arguments.positive_seconds,
        default=120.0,
        metavar="SECONDS",
        show_default=True,
        help="Limit for all searches together; checks come on top.",
    ),
    arguments.seed_option,
    arguments.arithmetic_option,
    arguments.certificates_option,
    arguments.json_option,
    arguments.allow_code_option,
)
def tighten(
    target: tuple[Path, str],
    within: Fraction,
    settings: tuple[tuple[str, str], ...],
    proof: str,
    timeout: float,
    seed: int,
    arithmetic: str | None,
    certificates: Path | None,
    json_file: Path | None,
    allow_code: bool,  # noqa: FBT001
) -> int:
    """For a claim such as `abs(network.v - v) <= t`: the least t that can be proved, and the largest that is broken.

    Proofs are checked by the kernel, counterexamples are replayed. Exit code 0: both ends were found, as close as
    --within asks; 3: they are further apart, or one is missing.
    """
    from mechverify import api
    from mechverify.cli.output import colour_of, width_of, write_out
    from mechverify.cli.result_files import check_folder
    from mechverify.report.json.claims import write_atomically
    from mechverify.report.json.tighten import tighten_json
    from mechverify.report.text.tighten import tighten_exit_code, tighten_text

    spec, claim = target
    check_folder(json_file)
    options = make_options(
        (spec,),
        settings=settings,
        proof=proof,
        timeout=timeout,
        seed=seed,
        arithmetic=arithmetic,
        certificates=certificates,
        allow_code=allow_code,
    )
    report = api.tighten(spec, claim, options, within)
    if json_file is not None:
        write_atomically(json_file, tighten_json(report))
    write_out(tighten_text(report, width=width_of(sys.stdout), colour=colour_of(sys.stdout)))
    return tighten_exit_code(report)
