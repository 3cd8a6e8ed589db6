"""Workflow commands of GitHub Actions in text that is no command of ours: what a spec says must not be one."""

import os
import re

_COMMAND = re.compile(r"^\s*:(?=:)|#(?=#\[)", re.MULTILINE)


def under_github() -> bool:
    """Whether GitHub Actions reads what is printed."""
    return os.environ.get("GITHUB_ACTIONS") == "true"


def without_commands(text: str) -> str:
    """The text with the beginnings of workflow commands spelled out."""
    return _COMMAND.sub(lambda found: f"{found[0][:-1]}\\x{ord(found[0][-1]):02x}", text)
