"""``mechverify lock``: what is established today, for later runs to be held to."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mechverify.cli import arguments
from mechverify.cli.arguments import make_options, with_options

if TYPE_CHECKING:
    from mechverify.results import SpecResult


@click.command(short_help="Lock what is established, for `verify --locked`.")
@arguments.spec_paths("lock all of {file}")
@with_options(
    arguments.lock_file_option,
    arguments.require_option,
    arguments.proof_option,
    arguments.timeout_option,
    arguments.jobs_option,
    arguments.seed_option,
    *arguments.cache_options,
    arguments.executor_option,
    arguments.allow_code_option,
)
def lock(
    paths: tuple[Path, ...],
    lock_file: Path,
    require: str,
    proof: str,
    timeout: float,
    jobs: int,
    seed: int,
    cache: Path | None,
    no_cache: bool,  # noqa: FBT001
    executor: str | None,
    allow_code: bool,  # noqa: FBT001
) -> int:
    """Verify every claim of the specs at PATH and write what is established of each into the lock file. Claims of other
    specs stay in it. Where a claim is not as its spec expects, nothing is written.
    """
    from mechverify.cache.place import default_folder
    from mechverify.cli.locking import LockFile
    from mechverify.cli.output import colour_of, width_of, write_out
    from mechverify.cli.result_files import check_folder
    from mechverify.cli.verification import run_verification
    from mechverify.lock.file import lock_text
    from mechverify.report.exit_codes import ExitCode, exit_code
    from mechverify.report.json.claims import write_atomically
    from mechverify.report.text.claims import render_end, render_spec
    from mechverify.report.words.numbers import plural

    check_folder(lock_file, "--lock-file")
    known = LockFile.read(lock_file) if lock_file.exists() else LockFile(lock_file, {})
    options = make_options(
        paths,
        require=require,
        proof=proof,
        timeout=timeout,
        jobs=jobs,
        seed=seed,
        cache=None if no_cache else cache or default_folder(),
        executor=executor,
        allow_code=allow_code,
        iia_samples=0,
    )
    width, colour = width_of(sys.stdout), colour_of(sys.stdout)

    def show(spec: "SpecResult") -> None:
        write_out(render_spec(spec, width=width, colour=colour))

    report = run_verification(paths, options, {}, show)
    write_out(render_end(report, width=width, colour=colour))
    code = exit_code(report)
    if code != ExitCode.AS_EXPECTED:
        write_out(f"Nothing is locked: {lock_file} is as it was.\n")
        return code
    claims = known.updated(report)
    write_atomically(lock_file, lock_text(claims))
    write_out(f"Locked: {lock_file} has {plural(len(claims), 'claim')}.\n")
    return code
