"""``mechverify verify``: the main job."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mechverify.cli import arguments
from mechverify.cli.arguments import make_options, with_options

if TYPE_CHECKING:
    from mechverify.results import SpecResult


@click.command(short_help="Prove or refute every claim of the given specs.")
@arguments.spec_paths("write {file} --claim {claim}")
@with_options(
    arguments.claim_option,
    arguments.set_option,
    arguments.require_option,
    arguments.proof_option,
    arguments.timeout_option,
    arguments.jobs_option,
    arguments.seed_option,
    arguments.arithmetic_option,
    arguments.certificates_option,
    arguments.iia_samples_option,
    click.option(
        "--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="Write the results here too."
    ),
    arguments.allow_code_option,
    click.option("--verbose", "-v", is_flag=True, help="Show each proof, its cost, and what it rests on."),
)
def verify(
    paths: tuple[Path, ...],
    claims: tuple[str, ...],
    settings: tuple[tuple[str, str], ...],
    require: str,
    proof: str,
    timeout: float,
    jobs: int,
    seed: int,
    arithmetic: str | None,
    certificates: Path | None,
    iia_samples: int,
    json_file: Path | None,
    allow_code: bool,  # noqa: FBT001
    verbose: bool,  # noqa: FBT001
) -> int:
    """Prove or refute every claim of the specs at PATH: files, or folders to look through."""
    from mechverify.cli.output import colour_of, width_of, write_out
    from mechverify.cli.verification import run_verification
    from mechverify.report.exit_codes import exit_code
    from mechverify.report.text.claims import render_end, render_spec

    options = make_options(
        paths,
        claims=claims,
        settings=settings,
        require=require,
        proof=proof,
        timeout=timeout,
        jobs=jobs,
        seed=seed,
        arithmetic=arithmetic,
        certificates=certificates,
        iia_samples=iia_samples,
        allow_code=allow_code,
    )
    width, colour = width_of(sys.stdout), colour_of(sys.stdout)

    def show(spec: "SpecResult") -> None:
        write_out(render_spec(spec, width=width, colour=colour, verbose=verbose))

    report = run_verification(paths, options, json_file, show)
    write_out(render_end(report, width=width, colour=colour, verbose=verbose, certificates=certificates))
    return exit_code(report)
