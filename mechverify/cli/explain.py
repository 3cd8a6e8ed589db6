"""``mechverify explain``: which float32 executions a verdict covers."""

import sys

import click


@click.command(short_help="Print which float32 executions a verdict covers.")
@click.argument("operations", nargs=-1, metavar="[OPERATION]...")
def explain(operations: tuple[str, ...]) -> None:
    """Print which executions each float32 bound covers and the error it allows: for all operations, or those named."""
    from mechverify.cli.output import width_of, write_out
    from mechverify.report.explain_text import explain_text

    write_out(explain_text(operations, width=min(width_of(sys.stdout), 100)))
