"""``mechverify replay``: the counterexample of one claim, run in the runtimes at hand."""

import sys
from pathlib import Path

import click

from mechverify.cli import arguments
from mechverify.cli.arguments import make_options, spec_and_claim, with_options


@click.command(short_help="Run one claim's counterexample in every runtime at hand.")
@click.argument("target", callback=spec_and_claim, metavar="SPEC#CLAIM")
@with_options(
    arguments.set_option,
    arguments.timeout_option,
    arguments.seed_option,
    arguments.arithmetic_option,
    arguments.allow_code_option,
)
def replay(
    target: tuple[Path, str],
    settings: tuple[tuple[str, str], ...],
    timeout: float,
    seed: int,
    arithmetic: str | None,
    allow_code: bool,  # noqa: FBT001
) -> int:
    """Find the counterexample of a claim and show, variable by variable, what each runtime makes of it."""
    from mechverify import __version__, api
    from mechverify.cli.output import colour_of, width_of, write_out
    from mechverify.report.exit_codes import exit_code
    from mechverify.report.text.claims import render_report
    from mechverify.report.text.replay import replay_text
    from mechverify.results import Report, SpecResult

    spec, claim = target
    options = make_options(
        (spec,),
        claims=(claim,),
        settings=settings,
        timeout=timeout,
        seed=seed,
        arithmetic=arithmetic,
        allow_code=allow_code,
    )
    result = api.replay(spec, claim, options)
    report = Report(f"mechverify {__version__}", (SpecResult(spec, None, None, (), (result,)),))
    width = width_of(sys.stdout)
    write_out(render_report(report, width=width, colour=colour_of(sys.stdout), verbose=True))
    write_out("\n" + replay_text(result, width=width))
    return exit_code(report)
