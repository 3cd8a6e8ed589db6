"""``mechverify schema``: the JSON Schema of specs, for editors."""

import click


@click.command(short_help="Print the JSON Schema of specs, for editors.")
def schema() -> None:
    """Print the JSON Schema of specs. Editors use it to complete and check a spec as it is written."""
    from mechverify.cli.output import write_out
    from mechverify.report.text.schema import schema_text

    write_out(schema_text())
