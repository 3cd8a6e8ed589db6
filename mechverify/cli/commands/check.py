"""``mechverify check``: a certificate, by the kernel alone."""

import sys
from pathlib import Path

import click

from mechverify.cli import arguments
from mechverify.cli.arguments import make_options, spec_and_claim, with_options


@click.command(short_help="Check a certificate file with the kernel alone.")
@click.argument("certificate", type=click.Path(path_type=Path))
@with_options(
    click.option(
        "--spec",
        "target",
        callback=spec_and_claim,
        metavar="SPEC#CLAIM",
        help="Compile this claim again and see that the certificate is about it.",
    ),
    arguments.set_option,
    arguments.arithmetic_option,
    arguments.allow_code_option,
    click.option(
        "--timeout",
        type=float,
        callback=arguments.positive_seconds,
        default=600.0,
        metavar="SECONDS",
        show_default=True,
        help="Limit for the kernel.",
    ),
)
def check(
    certificate: Path,
    target: tuple[Path, str] | None,
    settings: tuple[tuple[str, str], ...],
    arithmetic: str | None,
    allow_code: bool,  # noqa: FBT001
    timeout: float,
) -> int:
    """Run the kernel on CERTIFICATE, in a process of its own, and print what it states and whether it is valid.

    Exit code 0: valid; 4: rejected, or about another statement than the spec's; 3: it rests on a runtime's word that
    the kernel cannot confirm, or the kernel had not finished within its limit; 2: no certificate.
    """
    from mechverify import api
    from mechverify.cli.output import width_of, write_out
    from mechverify.report.text.check import check_exit_code, check_text
    from mechverify.report.words.statement import certificate_statement

    spec, claims = (None, ()) if target is None else (target[0], (target[1],))
    named = () if spec is None else (spec,)
    options = make_options(
        named,
        claims=claims,
        settings=settings,
        arithmetic=arithmetic,
        allow_code=allow_code,
        check_seconds=timeout,
    )
    answer = api.check_certificate_file(certificate, spec, options)
    statement = certificate_statement(certificate, answer)
    write_out(check_text(answer, statement, target, width=width_of(sys.stdout)))
    return check_exit_code(answer)
