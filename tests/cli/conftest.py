"""A stand-in for ``mechverify.api``, and the command line run in this process."""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import mechverify
from mechverify.__main__ import main


@dataclass
class Run:
    """What one command line did."""

    code: int
    out: str
    err: str


@dataclass
class FakeApi:
    """What the commands called, and what they are to be answered: a value, or an exception to raise."""

    answer: Any = None
    calls: list[tuple[Any, ...]] = field(default_factory=list)

    def __call__(self, *arguments: Any) -> Any:
        self.calls.append(arguments)
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer(*arguments) if callable(self.answer) else self.answer


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> FakeApi:
    fake = FakeApi()
    module = ModuleType("mechverify.api")
    for name in ("verify_paths", "replay", "probe", "scope", "scope_over", "tighten", "check_certificate_file", "lint_paths", "dossiers",
                 "claim_dossier"):
        setattr(module, name, fake)
    monkeypatch.setitem(sys.modules, "mechverify.api", module)
    monkeypatch.setattr(mechverify, "api", module, raising=False)
    return fake


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Run]:
    """Run ``mechverify`` with these arguments in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COLUMNS", raising=False)

    def invoke(*arguments: object) -> Run:
        code = main([str(a) for a in arguments])
        captured = capsys.readouterr()
        return Run(code, captured.out, captured.err)

    return invoke
