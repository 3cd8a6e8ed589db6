"""``mechverify report``: pages for outsiders who have to judge an explanation."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mechverify.cli import arguments
from mechverify.cli.arguments import make_options, with_options

if TYPE_CHECKING:
    from mechverify.dossier_results import SpecDossier

_DEFAULT = Path("report.html")


@click.command(short_help="Write a page on which anybody can judge an explanation.")
@arguments.spec_paths("write {file} --claim {claim}")
@with_options(
    click.option(
        "-o",
        "--output",
        type=click.Path(path_type=Path),
        default=_DEFAULT,
        show_default=True,
        metavar="FILE.html|FOLDER",
        help="One file with all specs, or a folder with an index and a page for each.",
    ),
    click.option(
        "--mutants",
        type=click.IntRange(min=0),
        default=12,
        show_default=True,
        help="How many wrong explanations to put to each proved claim; 0: none.",
    ),
    arguments.claim_option,
    arguments.set_option,
    arguments.require_option,
    arguments.timeout_option,
    arguments.jobs_option,
    arguments.seed_option,
    arguments.arithmetic_option,
    arguments.iia_samples_option,
    *arguments.cache_options,
    arguments.allow_code_option,
)
def report(
    paths: tuple[Path, ...],
    output: Path,
    mutants: int,
    claims: tuple[str, ...],
    settings: tuple[tuple[str, str], ...],
    require: str,
    timeout: float,
    jobs: int,
    seed: int,
    arithmetic: str | None,
    iia_samples: int,
    cache: Path | None,
    no_cache: bool,  # noqa: FBT001
    allow_code: bool,  # noqa: FBT001
) -> int:
    """Verify the specs at PATH and write what was found as a page of HTML that needs nothing else.

    It is written for readers without training in interpretability: what is claimed, on which inputs, where it fails,
    how sure that is, what was not checked, and how to check it. The exit code is that of `verify`.
    """
    from mechverify import api
    from mechverify.cache.place import default_folder
    from mechverify.cli.output import width_of, write_out
    from mechverify.cli.progress import shown_progress
    from mechverify.cli.spec_paths import find_specs
    from mechverify.dossier_results import Dossiers
    from mechverify.errors import UsageError
    from mechverify.report.exit_codes import exit_code
    from mechverify.report.page.files import is_one_file, page_names, refuse_unwritable, write_page, write_pages
    from mechverify.report.text.report import end_text, spec_text
    from mechverify.results import Report

    refuse_unwritable(output)
    options = make_options(
        paths,
        claims=claims,
        settings=settings,
        require=require,
        timeout=timeout,
        jobs=jobs,
        seed=seed,
        arithmetic=arithmetic,
        iia_samples=iia_samples,
        cache=None if no_cache else cache or default_folder(),
        allow_code=allow_code,
    )
    specs = find_specs(paths).specs
    if not specs:
        raise UsageError(f"there is no spec in {', '.join(map(str, paths))}")
    width, names = width_of(sys.stdout), iter(page_names(specs))
    with shown_progress() as display:

        def finished(spec: "SpecDossier") -> None:
            if not is_one_file(output):
                write_page(Dossiers(spec.tool, (spec,)), output, next(names))
            write_out(spec_text(spec, width=width))

        found = api.dossiers(specs, options, mutants, display, finished)
    written = write_pages(found, output)
    write_out(end_text(written, one_file=is_one_file(output)))
    return exit_code(Report(found.tool, tuple(one.result for one in found.specs), found.interrupted))
