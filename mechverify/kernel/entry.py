"""The command line of the kernel: one file in, one line out."""

import sys

from .check import Answer, check_bytes
from .reading.reader import MAX_BYTES


def main(arguments: list[str]) -> int:
    """Check the file named by the only argument, print the answer, return the exit code."""
    answer = _answer(arguments)
    sys.stdout.write(answer.line() + "\n")
    sys.stdout.flush()
    return answer.exit_code


def _answer(arguments: list[str]) -> Answer:
    if len(arguments) != 1:
        return Answer("unreadable", reason="usage: FILE")
    try:
        with open(arguments[0], "rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        return Answer("unreadable", reason=f"cannot read the file: {type(error).__name__}")
    except MemoryError:
        return Answer("unreadable", reason="out of memory")
    return check_bytes(data)
