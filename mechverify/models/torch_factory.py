"""Modules from a factory function and a safetensors file. Running a factory runs code, so the reader must allow it."""

import importlib
import json
import sys
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from mechverify.errors import ModelError, UsageError
from mechverify.models.limits import MAX_FILE_BYTES, MAX_PARAMETERS

_MAX_HEADER = 16 * 2**20
_ITEM_BYTES = {"F32": 4, "I64": 8, "I32": 4, "BOOL": 1}


def load_module(location: str, weights: Path | None, root: Path, *, allow_code: bool) -> Any:
    """Call ``package.module:factory``, found from ``root``, load the weights strictly and set evaluation mode.

    Raises ModelError without ``allow_code``, for a factory that fails, and for a weights file that does not fit.
    """
    if not allow_code:
        raise ModelError(
            f"torch: {location} would run Python code of the model's author",
            "pass --allow-code, or set `allow-code = true` under [tool.mechverify] in your own pyproject.toml",
        )
    import torch

    module = _factory(location, root)()
    if not isinstance(module, torch.nn.Module):
        raise ModelError(f"{location} returned {type(module).__name__}, not a torch.nn.Module")
    if weights is not None:
        load_weights(module, weights)
    module.eval()
    return module


def _factory(location: str, root: Path) -> Any:
    name, _, attribute = location.partition(":")
    if not attribute or not all(part.isidentifier() for part in (*name.split("."), attribute)):
        raise ModelError(f"torch: {location!r} is not of the form package.module:factory")
    folder = str(Path(root).resolve())
    sys.path.insert(0, folder)
    try:
        module = importlib.import_module(name)
        found = getattr(module, attribute, None)
    except ModuleNotFoundError as error:
        hint = f"modules are imported from the spec's folder, {folder}, and from what is installed"
        raise ModelError(f"torch: {location}: there is no module {error.name!r}", hint) from error
    except Exception as error:
        raise ModelError(f"torch: {location}: {type(error).__name__}: {error}") from error
    finally:
        sys.path.remove(folder)
    if not callable(found):
        near = get_close_matches(attribute, [n for n in vars(module) if not n.startswith("_")], n=1, cutoff=0.6)
        message = f"torch: {location}: {name} has no function or class {attribute!r}"
        raise ModelError(message, f"did you mean {near[0]!r}?" if near else None)

    def call() -> Any:
        try:
            return found()
        except Exception as error:
            raise ModelError(f"torch: {location}(): {type(error).__name__}: {error}") from error

    return call


def load_weights(module: Any, path: Path) -> None:
    """Load a safetensors file into a module: every name and shape must fit. Raises ModelError."""
    import torch
    from safetensors import SafetensorError
    from safetensors.torch import load

    content = check_safetensors(path)
    try:
        tensors: Mapping[str, torch.Tensor] = load(content)
    except (SafetensorError, ValueError, KeyError) as error:
        raise ModelError(f"{path}: {error}") from error
    try:
        module.load_state_dict(dict(tensors), strict=True)
    except RuntimeError as error:
        raise ModelError(f"{path}: the weights do not fit the module: {error}") from error


def save_weights(module: Any, path: Path) -> None:
    """Write a module's parameters and buffers as safetensors, to be read by ``load_weights``.

    Raises UsageError if the file exists already or cannot be written.
    """
    from safetensors.torch import save

    content = save({name: t.detach().cpu().clone().contiguous() for name, t in module.state_dict().items()})
    try:
        with path.open("xb") as stream:
            stream.write(content)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from error


def check_safetensors(path: Path) -> bytes:
    """The content of a safetensors file whose header says exactly what is there. Raises ModelError."""
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise ModelError(f"{path}: more than {MAX_FILE_BYTES:,} bytes")
        content = path.read_bytes()
    except OSError as error:
        raise ModelError(f"{path}: cannot be read: {error.strerror}") from error
    size = int.from_bytes(content[:8], "little")
    if len(content) < 8 or size > min(_MAX_HEADER, len(content) - 8):
        raise ModelError(f"{path}: not a safetensors file: the header's length is wrong")
    try:
        header = json.loads(content[8 : 8 + size], object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{path}: not a safetensors file: {error}") from error
    if not isinstance(header, dict):
        raise ModelError(f"{path}: not a safetensors file: the header is no object")
    ends = []
    for name, entry in header.items():
        if name != "__metadata__":
            ends.append(_extent(path, name, entry))
    place = 0
    for start, end in sorted(ends):
        if start != place:
            raise ModelError(f"{path}: tensors overlap or leave a gap at byte {place}")
        place = end
    if place != len(content) - 8 - size:
        raise ModelError(f"{path}: {len(content) - 8 - size} bytes of data, the header tells of {place}")
    return content


def _extent(path: Path, name: str, entry: Any) -> tuple[int, int]:
    what = f"{path}: tensor {name!r}"
    if not isinstance(entry, dict) or set(entry) != {"dtype", "shape", "data_offsets"}:
        raise ModelError(f"{what}: a malformed entry")
    dtype, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    if dtype not in _ITEM_BYTES:
        raise ModelError(f"{what} has element type {dtype!r}, which is not modelled")
    if not isinstance(shape, list) or not isinstance(offsets, list) or len(offsets) != 2:
        raise ModelError(f"{what}: a malformed entry")
    if not all(type(v) is int and v >= 0 for v in [*shape, *offsets]):
        raise ModelError(f"{what}: shape {shape}, offsets {offsets}")
    count = 1
    for extent in shape:
        count *= extent
    if count > MAX_PARAMETERS or offsets[1] - offsets[0] != count * _ITEM_BYTES[dtype]:
        raise ModelError(f"{what}: {count} elements in {offsets[1] - offsets[0]} bytes")
    return offsets[0], offsets[1]


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name appears twice")
    return found
