"""Modules from a factory function and a safetensors file. Running a factory runs code, so the reader must allow it."""

import inspect
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from math import prod
from pathlib import Path
from typing import Any

from mechverify.errors import CodeNotAllowedError, ModelError, UsageError, WeightsError
from mechverify.models.tensors.limits import MAX_FILE_BYTES, MAX_PARAMETERS
from mechverify.models.torch.importing import import_from
from mechverify.models.torch.prints import prints_aside
from mechverify.spec.tensor_file import TensorFileError, header_size, parse_header

_PICKLE = (
    "this is what torch.save writes, a pickle that may run code; write the weights by "
    "safetensors.torch.save_file(module.state_dict(), 'weights.safetensors')"
)
_OTHER_WEIGHTS = (
    "name the weights that are meant, `weights: weights.safetensors`, written by "
    "safetensors.torch.save_file(module.state_dict(), 'weights.safetensors')"
)
_NO_ARGUMENTS = "it is called without arguments: name a function that gives them, def make(): return Net(64)"
_MODELLED = ("F32", "I64", "I32", "BOOL")


@dataclass(frozen=True, slots=True)
class LoadedModule:
    """A module in evaluation mode, and the paths of its parts that compute something else in training, where it was
    made in training mode.
    """

    module: Any
    put_into_evaluation: tuple[str, ...] = ()


def load_module(location: str, weights: Path | None, root: Path, *, allow_code: bool) -> LoadedModule:
    """Call ``package.module:factory`` or ``file.py:factory``, found from ``root``, load the weights strictly and set
    evaluation mode.

    Raises CodeNotAllowedError without ``allow_code``, WeightsError for a weights file that does not fit, ModelError for
    a factory that fails.
    """
    if not allow_code:
        raise CodeNotAllowedError(
            f"torch: {location} would run Python code of the model's author",
            "pass --allow-code",
        )
    import torch

    with prints_aside():
        module = _factory(location, root)()
    if not isinstance(module, torch.nn.Module):
        raise ModelError(f"{location} returned {type(module).__name__}, not a torch.nn.Module")
    if weights is not None:
        try:
            load_weights(module, weights)
        except ModelError as problem:
            raise WeightsError(str(problem), problem.hint) from problem
    put = tuple(_otherwise_in_training(module)) if module.training else ()
    module.eval()
    return LoadedModule(module, put)


def _otherwise_in_training(module: Any) -> Iterator[str]:
    """The paths of the parts whose ``forward`` looks at the mode, as dropout and batch normalisation do."""
    import torch

    for path, part in module.named_modules():
        if isinstance(part, torch.nn.RNNBase) and not part.dropout:
            continue
        try:
            source = inspect.getsource(type(part).forward)
        except (OSError, TypeError):
            continue
        if part.training and re.search(r"\bself\.training\b", source):
            yield path or type(part).__name__


def refuse_other_weights(module: Any, location: str, root: Path) -> None:
    """Raises ModelError where the factory that made ``module`` makes other weights when it is called anew: then no
    verdict could be repeated, and none speaks of a network that anyone has.
    """
    if not _same_weights(module, load_module(location, None, root, allow_code=True).module):
        raise ModelError(f"torch: {location} makes other weights each time that it is called", _OTHER_WEIGHTS)


def _same_weights(first: Any, second: Any) -> bool:
    """Whether two modules have the same parameters and buffers, a NaN like any number."""
    import torch

    def plain(tensor: Any) -> Any:
        return tensor.nan_to_num() if tensor.is_floating_point() else tensor

    one, other = first.state_dict(), second.state_dict()
    return one.keys() == other.keys() and all(torch.equal(plain(one[n]), plain(other[n])) for n in one)


def _factory(location: str, root: Path) -> Any:
    import torch

    place, _, attribute = location.rpartition(":")
    in_file = place.endswith(".py")
    if not attribute.isidentifier() or not (in_file or all(part.isidentifier() for part in place.split("."))):
        raise ModelError(f"torch: {location!r} is not of the form package.module:factory or file.py:factory")
    folder = Path(root).resolve()
    folders: tuple[Path, ...] = (folder,)
    name = place
    if in_file:
        file = folder / place
        if not file.is_file():
            raise ModelError(f"torch: {location}: there is no file {place} in {folder}")
        folders, name = tuple(dict.fromkeys((file.parent, folder))), file.stem
    try:
        module = import_from(name, *folders)
        found = getattr(module, attribute, None)
    except ModuleNotFoundError as error:
        hint = f"modules are imported from the spec's folder, {folder}, and from what is installed"
        raise ModelError(f"torch: {location}: there is no module {error.name!r}", hint) from error
    except Exception as error:
        raise ModelError(f"torch: {location}: {type(error).__name__}: {error}") from error
    if isinstance(found, torch.nn.Module):
        message = f"torch: {location}: {attribute!r} is a module, not a function or class that makes one"
        raise ModelError(message, f"write def make(): return {attribute}, and torch: {place}:make")
    if not callable(found):
        near = get_close_matches(attribute, [n for n in vars(module) if not n.startswith("_")], n=1, cutoff=0.6)
        message = f"torch: {location}: {name} has no function or class {attribute!r}"
        raise ModelError(message, f"did you mean {near[0]!r}?" if near else None)

    def call() -> Any:
        try:
            return found()
        except Exception as error:
            hint = None if _takes_nothing(found) else _NO_ARGUMENTS
            raise ModelError(f"torch: {location}(): {type(error).__name__}: {error}", hint) from error

    return call


def _takes_nothing(factory: Any) -> bool:
    """Whether it can be called without arguments; true where that is not known."""
    try:
        inspect.signature(factory).bind()
    except TypeError:
        return False
    except ValueError:
        return True
    return True


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
    try:
        size = header_size(content, len(content))
        entries = parse_header(content[8 : 8 + size], len(content) - 8 - size)
    except TensorFileError as error:
        raise ModelError(f"{path}: {error}", _PICKLE if content[:2] in (b"PK", b"\x80\x02") else None) from error
    for name, entry in entries.items():
        what = f"{path}: tensor {name!r}"
        if entry.dtype not in _MODELLED:
            raise ModelError(f"{what} has element type {entry.dtype!r}, which is not modelled")
        if prod(entry.shape) > MAX_PARAMETERS:
            raise ModelError(f"{what}: more than {MAX_PARAMETERS:,} elements")
    return content
