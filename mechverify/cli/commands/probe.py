"""``mechverify probe``: would a wrong explanation be caught?"""

import sys
from pathlib import Path

import click

from mechverify.cli import arguments
from mechverify.cli.arguments import make_options, spec_and_claim, with_options

_SECONDS = 10.0


@click.command(short_help="Put one claim to wrong explanations: would it tell them?")
@click.argument("target", callback=spec_and_claim, metavar="SPEC#CLAIM")
@with_options(
    click.option(
        "--mutants", type=click.IntRange(min=1), default=24, show_default=True, help="How many to try at most."
    ),
    arguments.set_option,
    arguments.require_option,
    click.option(
        "--timeout",
        type=float,
        callback=arguments.positive_seconds,
        default=_SECONDS,
        metavar="SECONDS",
        show_default=True,
        help="Limit for each mutant.",
    ),
    arguments.jobs_option,
    arguments.seed_option,
    arguments.arithmetic_option,
    arguments.iia_samples_option,
    arguments.json_option,
    arguments.allow_code_option,
)
def probe(
    target: tuple[Path, str],
    mutants: int,
    settings: tuple[tuple[str, str], ...],
    require: str,
    timeout: float,
    jobs: int,
    seed: int,
    arithmetic: str | None,
    iia_samples: int,
    json_file: Path | None,
    allow_code: bool,  # noqa: FBT001
) -> int:
    """Change the explanation of a proved claim in one place after the other and verify the claim again.

    A claim that says much of its explanation is refuted for nearly all of these. Exit code 0: no wrong explanation
    survives; 3: one does, or stays open.
    """
    from mechverify import api
    from mechverify.cli.output import colour_of, width_of, write_out
    from mechverify.cli.progress import shown_progress
    from mechverify.cli.result_files import check_folder
    from mechverify.report.json.claims import write_atomically
    from mechverify.report.json.probe import probe_json
    from mechverify.report.text.probe import probe_exit_code, probe_text

    spec, claim = target
    check_folder(json_file)
    if json_file is not None and json_file.is_file():
        json_file.unlink()
    options = make_options(
        (spec,),
        settings=settings,
        require=require,
        timeout=timeout,
        jobs=jobs,
        seed=seed,
        arithmetic=arithmetic,
        iia_samples=iia_samples,
        allow_code=allow_code,
    )
    with shown_progress() as tell:
        report = api.probe(spec, claim, options, mutants, tell)
    if json_file is not None:
        write_atomically(json_file, probe_json(report))
    write_out(probe_text(report, width=width_of(sys.stdout), colour=colour_of(sys.stdout)))
    return probe_exit_code(report)
