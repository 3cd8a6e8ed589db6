"""The files that ``init`` makes: never over one that is there."""

from collections.abc import Mapping
from pathlib import Path

from mechverify.errors import UsageError
from mechverify.report.starter import PROGRAM, onnx_spec, program_spec, torch_spec


def starter_files(file: Path, model: Path | None, location: str | None = None) -> Mapping[Path, str]:
    """Each new file with its text: about an ONNX ``model``, or the module at a ``location``, or a program of its own.

    Raises UsageError for a name that is no spec's, ModelError for a broken model.
    """
    if file.suffix not in (".yaml", ".yml"):
        raise UsageError(f"{file} is no name for a spec: it should end in .yaml")
    if model is not None and location is not None:
        raise UsageError("a spec is started about one model: give --onnx or --torch")
    if location is not None:
        return {file: _torch_text(file, location)}
    if model is not None:
        return {file: _onnx_text(file, model)}
    program = file.with_name(f"{file.stem}_model.py")
    return {file: program_spec(program.name), program: PROGRAM}


def _onnx_text(file: Path, model: Path) -> str:
    from mechverify.models.onnx.model import read_onnx

    folder = file.parent.resolve()
    if not model.resolve().is_relative_to(folder):
        raise UsageError(
            f"{model} lies outside the folder of {file}; a spec speaks only of files beside it or below it"
        )
    relative = model.resolve().relative_to(folder).as_posix()
    read = read_onnx(model)
    inputs = {i.name: (i.shape, i.dtype) for i in read.inputs}
    return onnx_spec(relative, inputs, read.activations, read.outputs)


def _torch_text(file: Path, location: str) -> str:
    from mechverify.models.torch.model import read_torch_factory

    read = read_torch_factory(location, None, file.parent, allow_code=True, any_weights=True)
    inputs = {i.name: (i.shape, i.dtype) for i in read.inputs}
    return torch_spec(location, inputs, read.activations, read.outputs)


def write_new_files(files: Mapping[Path, str]) -> None:
    """Write them, after a look at all. Raises UsageError if one is there already or its folder is not."""
    for file in files:
        if not file.parent.is_dir():
            raise UsageError(f"there is no folder {file.parent}")
        if file.exists() or file.is_symlink():
            raise UsageError(f"{file} is there already; init writes new files only")
    for file, text in files.items():
        try:
            with file.open("x", encoding="utf-8") as stream:
                stream.write(text)
        except FileExistsError as error:
            raise UsageError(f"{file} is there already; init writes new files only") from error
