"""``mechverify init``: a commented spec to start from."""

from pathlib import Path

import click

from mechverify.cli.arguments import EXISTING_FILE


@click.command(short_help="Write a commented spec to start from.")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), metavar="NEW.yaml")
@click.option("--onnx", "model", type=EXISTING_FILE, metavar="MODEL.onnx", help="A spec about this model.")
@click.option(
    "--torch", "location", metavar="MODULE:FACTORY",
    help="A spec about the PyTorch module that this makes: package.module:factory or file.py:factory, "
    "from the folder of NEW.yaml. Runs its Python.",
)
def init(file: Path, model: Path | None, location: str | None) -> None:
    """Write a commented spec to NEW.yaml, about a model or about a tiny program written beside it."""
    from mechverify.cli.new_files import starter_files, write_new_files
    from mechverify.cli.output import write_out

    files = starter_files(file, model, location)
    write_new_files(files)
    names = " and ".join(str(path) for path in files)
    leave = "" if location is None else "--allow-code "
    write_out(f"Wrote {names}. Next: mechverify verify {leave}{file}\n")
