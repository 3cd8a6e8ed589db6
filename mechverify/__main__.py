"""Where every run of the command line begins, and the one place that turns errors into exit codes."""

import sys

if __name__ == "__main__" and not sys.flags.safe_path and sys.path[:1]:
    # `python -m` puts the current folder first: files there would stand in for the packages that are imported below.
    del sys.path[0]

import gc
import os
import signal
from collections.abc import Sequence
from types import FrameType

import click

from mechverify.errors import MechverifyError, SpecError
from mechverify.report.ci.commands import under_github, without_commands
from mechverify.report.exit_codes import ExitCode
from mechverify.report.words.clean import clean

# Of new objects; by default 700, and 10 of these. Imports make many and leave next to no garbage.
_COLLECTED_AFTER = (250_000, 20, 20)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code. Prints a traceback only with ``--debug``."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # matrices are small, and engines are processes of their own
    if arguments is None:  # the process is ours alone
        gc.set_threshold(*_COLLECTED_AFTER)
        signal.signal(signal.SIGTERM, _as_interrupt)
    from mechverify.cli.application import application  # noqa: PLC0415

    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        outcome = application.main(given, prog_name="mechverify", standalone_mode=False)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except (click.Abort, KeyboardInterrupt):
        _say("mechverify: interrupted")
        return ExitCode.INTERRUPTED
    except click.ClickException as mistake:
        mistake.show()
        return ExitCode.MISTAKE
    except MechverifyError as error:
        _say(_described(error))
        return error.exit_code
    except OSError as error:
        _say(f"mechverify: {error}")
        return ExitCode.FAILED
    except Exception as error:
        if "--debug" in given:
            raise
        _say(
            f"mechverify: unexpected {type(error).__name__}: {error}\n"
            "    This is a mistake in mechverify, and nothing is claimed of your spec. Please report it; "
            "`mechverify --debug ...` prints the details."
        )
        return ExitCode.FAILED
    return outcome if isinstance(outcome, int) else ExitCode.AS_EXPECTED


def _as_interrupt(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
    """What ends a job, a pipeline or ``timeout``, sends SIGTERM: it leaves what was found, as Ctrl-C does."""
    if callable(signal.getsignal(signal.SIGINT)):
        signal.raise_signal(signal.SIGINT)
    else:  # in the background of a shell, which has SIGINT ignored
        raise KeyboardInterrupt


def _described(error: MechverifyError) -> str:
    if isinstance(error, SpecError):
        return str(error)
    hint = getattr(error, "hint", None)
    return f"mechverify: {error}" + (f"\n    hint: {hint}" if hint else "")


def _say(message: str) -> None:
    shown = clean(message)
    click.echo(without_commands(shown) if under_github() else shown, err=True)


if __name__ == "__main__":
    sys.exit(main())
