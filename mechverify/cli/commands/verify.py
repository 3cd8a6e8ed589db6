"""``mechverify verify``: the main job."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mechverify.cli import arguments
from mechverify.cli.arguments import file_options, files_of, make_options, with_options
from mechverify.report.registry import FILE_FORMATS

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
    arguments.time_option,
    arguments.memory_option,
    arguments.jobs_option,
    arguments.seed_option,
    arguments.arithmetic_option,
    arguments.certificates_option,
    *arguments.cache_options,
    arguments.executor_option,
    arguments.iia_samples_option,
    click.option("--no-scope", is_flag=True, help="Do not say on how many inputs each claim holds."),
    *file_options(FILE_FORMATS),
    click.option("--locked", is_flag=True, help="Fail where less is established than the lock file says."),
    arguments.lock_file_option,
    click.option("--github", is_flag=True, help="Annotations and a summary for GitHub Actions."),
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
    time: float | None,
    memory: int | None,
    jobs: int,
    seed: int,
    arithmetic: str | None,
    certificates: Path | None,
    cache: Path | None,
    no_cache: bool,  # noqa: FBT001
    executor: str | None,
    iia_samples: int,
    no_scope: bool,  # noqa: FBT001
    allow_code: bool,  # noqa: FBT001
    verbose: bool,  # noqa: FBT001
    github: bool,  # noqa: FBT001
    locked: bool,  # noqa: FBT001
    lock_file: Path,
    **files: Path | None,
) -> int:
    """Prove or refute every claim of the specs at PATH: files, or folders to look through."""
    from mechverify.cache.place import default_folder
    from mechverify.cli.locking import LockFile
    from mechverify.cli.output import colour_of, width_of, write_out
    from mechverify.cli.verification import run_verification
    from mechverify.report.exit_codes import exit_code
    from mechverify.report.text.claims import render_end, render_spec

    lock = LockFile.read(lock_file) if locked else None
    options = make_options(
        paths,
        claims=claims,
        settings=settings,
        require=require,
        proof=proof,
        timeout=timeout,
        time=time,
        memory=memory,
        jobs=jobs,
        seed=seed,
        arithmetic=arithmetic,
        certificates=certificates,
        cache=None if no_cache else cache or default_folder(),
        executor=executor,
        iia_samples=iia_samples,
        scope=not no_scope,
        allow_code=allow_code,
    )
    width, colour = width_of(sys.stdout), colour_of(sys.stdout)

    def show(spec: "SpecResult") -> None:
        write_out(render_spec(spec, width=width, colour=colour, verbose=verbose), github=github)

    report = run_verification(paths, options, files_of(FILE_FORMATS, files), show)
    end = render_end(report, width=width, colour=colour, verbose=verbose, certificates=certificates)
    write_out(end, github=github)
    code = exit_code(report)
    if lock is not None:
        from mechverify.report.exit_codes import ExitCode, worst
        from mechverify.report.text.lock import locked_text

        found = lock.compared(report, paths, claims)
        write_out(locked_text(found, len(lock.of(paths)), lock_file, verbose=verbose), github=github)
        code = worst([ExitCode(code), *(ExitCode.DISAGREES for one in found if one.weaker)])
    if github:
        from mechverify.cli.github import tell_github

        tell_github(report)
    return code
