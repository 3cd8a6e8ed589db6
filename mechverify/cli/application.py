"""The command ``mechverify`` and the table of its commands."""

import click

from mechverify import __version__
from mechverify.cli.commands.check import check
from mechverify.cli.commands.explain import explain
from mechverify.cli.commands.init import init
from mechverify.cli.commands.lint import lint
from mechverify.cli.commands.lock import lock
from mechverify.cli.commands.probe import probe
from mechverify.cli.commands.replay import replay
from mechverify.cli.commands.report import report
from mechverify.cli.commands.schema import schema
from mechverify.cli.commands.scope import scope
from mechverify.cli.commands.tighten import tighten
from mechverify.cli.commands.verify import verify

COMMANDS: tuple[click.Command, ...] = (
    verify, lint, lock, check, replay, probe, scope, tighten, report, init, schema, explain,
)  # fmt: skip

# click keeps the lines of a paragraph that opens with this character.
_EPILOG = """\b
Exit codes:
    0  every claim as expected
    1  a claim refuted, or proved where refutation was expected
    2  a mistake in the command line, a spec or a model
    3  open, partly, vacuous, or only held or likely; nothing refuted
    4  mechverify failed, or a certificate was rejected
    5  nothing to check
  130  interrupted"""


class _InOrder(click.Group):
    """Lists commands in the order of the table, the main one first."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return [command.name or "" for command in COMMANDS]


@click.group(cls=_InOrder, epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="mechverify")
@click.option("--debug", is_flag=True, help="Print a traceback when mechverify itself fails.")
def application(debug: bool) -> None:  # noqa: FBT001
    """Prove or refute mechanistic explanations of neural networks, with certificates that anyone can check."""


for _command in COMMANDS:
    application.add_command(_command)
