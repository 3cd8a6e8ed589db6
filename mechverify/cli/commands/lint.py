"""``mechverify lint``: mistakes and doubtful places in specs, without verifying anything."""

from collections.abc import Sequence
from pathlib import Path

import click

from mechverify.cli import arguments
from mechverify.cli.arguments import make_options, with_options
from mechverify.errors import Diagnostic


@click.command(short_help="Find mistakes in specs without verifying them.")
@arguments.spec_paths("write {file}; lint looks at all of it")
@with_options(
    arguments.set_option,
    click.option(
        "--suggested",
        type=arguments.EXISTING_FILE,
        metavar="FILE",
        help="What `scope --only suggested --json FILE` left: a condition that it suggested has to be marked.",
    ),
    arguments.allow_code_option,
)
def lint(
    paths: tuple[Path, ...],
    settings: tuple[tuple[str, str], ...],
    suggested: Path | None,
    allow_code: bool,  # noqa: FBT001
) -> int:
    """Report every mistake in the specs at PATH, and what is allowed but doubtful (`warning:`, which does not fail)."""
    from mechverify.cli.output import write_out
    from mechverify.cli.spec_paths import find_specs
    from mechverify.report.exit_codes import ExitCode
    from mechverify.report.text.lint import is_warning, lint_text

    options = make_options(paths, settings=settings, allow_code=allow_code)
    found = find_specs(paths)
    results: Sequence[tuple[Path, tuple[Diagnostic, ...]]] = ()
    if found.specs:
        from mechverify import api

        results = api.lint_paths(found.specs, options, suggested)
    write_out(lint_text(results, found.barren))
    if any(not is_warning(d) for _, diagnostics in results for d in diagnostics):
        return ExitCode.MISTAKE
    return ExitCode.NOTHING if found.barren or not results else ExitCode.AS_EXPECTED
