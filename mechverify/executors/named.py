"""The executor that a reader names: ``dask:ADDRESS``, or ``module:factory`` for any other."""

from concurrent.futures import Executor
from importlib import import_module
from typing import Any

from mechverify.errors import UsageError

_DASK = "dask"
_CONNECTING = 30
_FORM = "write dask:ADDRESS, or module:factory for a function without arguments that returns an executor"


def split_name(name: str) -> tuple[str, str]:
    """The two parts of ``dask:ADDRESS`` or ``module:factory``. Raises UsageError for anything else."""
    before, colon, after = name.partition(":")
    if not colon or not after or not all(part.isidentifier() for part in before.split(".")):
        raise UsageError(f"--executor {name!r} names no executor: {_FORM}")
    if before != _DASK and not after.isidentifier():
        raise UsageError(f"--executor {name!r} names no function: {_FORM}")
    return before, after


def executor_named(name: str) -> Executor:
    """Connect to it, or make it. Raises UsageError with what went wrong."""
    before, after = split_name(name)
    try:
        made = _dask(after) if before == _DASK else getattr(import_module(before), after)()
    except UsageError:
        raise
    except Exception as problem:
        raise UsageError(f"--executor {name}: {type(problem).__name__}: {problem}") from problem
    if not isinstance(made, Executor):
        raise UsageError(f"--executor {name}: a {type(made).__name__} is no concurrent.futures.Executor")
    return made


def _dask(address: str) -> Executor:
    try:
        from distributed import Client  # noqa: PLC0415
    except ImportError as missing:
        raise UsageError("--executor dask:... needs Dask: python -m pip install 'mechverify[dask]'") from missing
    connect: Any = Client
    place = {"scheduler_file" if address.endswith(".json") else "address": address}
    client = connect(**place, timeout=_CONNECTING, set_as_default=False)
    made: Executor = client.get_executor(pure=False)
    return made
