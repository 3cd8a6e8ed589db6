"""``mechverify explain``: one claim in plain words, or which float32 executions a verdict covers."""

import sys

import click

from mechverify.cli import arguments
from mechverify.cli.arguments import make_options, spec_and_claim, with_options


@click.command(short_help="Explain one claim in plain words, or print which float32 executions a verdict covers.")
@click.argument("subjects", nargs=-1, metavar="[SPEC#CLAIM | OPERATION...]")
@with_options(
    arguments.set_option,
    arguments.timeout_option,
    arguments.seed_option,
    arguments.arithmetic_option,
    arguments.allow_code_option,
)
@click.pass_context
def explain(
    ctx: click.Context,
    subjects: tuple[str, ...],
    settings: tuple[tuple[str, str], ...],
    timeout: float,
    seed: int,
    arithmetic: str | None,
    allow_code: bool,  # noqa: FBT001
) -> int:
    """Verify one claim and tell it in plain words: what it means, the idea of its proof, where it holds, and what was
    not checked. The exit code is that of `verify`.

    With operations, or nothing, print which executions each float32 bound covers and the error it allows: for those
    named, or for all. An operation may be named as ONNX or PyTorch names it: Gemm, Linear, aten.addmm.
    """
    from mechverify.cli.output import width_of, write_out

    width = min(width_of(sys.stdout), 100)
    if any("#" in one for one in subjects):
        from mechverify import api
        from mechverify.report.exit_codes import claim_exit_code
        from mechverify.report.text.explained import explained_text

        if len(subjects) > 1:
            raise click.UsageError("Explain one claim at a time.")
        found = spec_and_claim(ctx, ctx.command.params[0], subjects[0])
        if found is None:
            raise click.UsageError("Name a claim: SPEC#CLAIM.")
        spec, claim = found
        options = make_options(
            (spec,),
            settings=settings,
            timeout=timeout,
            seed=seed,
            arithmetic=arithmetic,
            allow_code=allow_code,
        )
        told = api.claim_dossier(spec, claim, options)
        write_out(explained_text(told, width=width))
        return claim_exit_code(told.claims[0].result)
    from mechverify.models.onnx.rewrites import LISTED
    from mechverify.models.operation_words import aten_operations, onnx_operations, rows_of
    from mechverify.report.text.explain import Reading, explain_text

    reading = Reading(rows_of, {"ONNX": onnx_operations(), "PyTorch": aten_operations()}, LISTED)
    write_out(explain_text(subjects, reading, width=width))
    return 0
