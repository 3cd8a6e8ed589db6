"""``mechverify explain``: which float32 executions a verdict covers."""

import sys

import click


@click.command(short_help="Print which float32 executions a verdict covers.")
@click.argument("operations", nargs=-1, metavar="[OPERATION]...")
def explain(operations: tuple[str, ...]) -> None:
    """Print which executions each float32 bound covers and the error it allows: for all operations, or those named.

    An operation may be named as ONNX or PyTorch names it: Gemm, Linear, aten.addmm.
    """
    from mechverify.cli.output import width_of, write_out
    from mechverify.models.onnx.rewrites import LISTED
    from mechverify.models.operation_words import aten_operations, onnx_operations, rows_of
    from mechverify.report.text.explain import Reading, explain_text

    reading = Reading(rows_of, {"ONNX": onnx_operations(), "PyTorch": aten_operations()}, LISTED)
    write_out(explain_text(operations, reading, width=min(width_of(sys.stdout), 100)))
