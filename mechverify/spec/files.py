"""The files that a spec names: whether they are there, before any model is opened."""

from collections.abc import Collection, Iterator
from difflib import get_close_matches
from pathlib import Path

from mechverify.errors import Diagnostic
from mechverify.spec.expression.syntax import Span
from mechverify.spec.source import Mark, Report, SourceFile
from mechverify.spec.spec import ModelDeclaration, Spec

TENSOR_FILES = (".safetensors",)
SPEC_FILES = (".yaml", ".yml")


def named_files(model: ModelDeclaration) -> Iterator[tuple[str, Span, tuple[str, ...]]]:
    """The model's file and its weights as the spec writes them, with their places and the endings of such files; for a
    torch factory of a package, the weights alone.
    """
    if model.kind == "onnx":
        yield model.location, model.location_span, (".onnx",)
    elif model.kind == "program" or model.location.rpartition(":")[0].endswith(".py"):
        yield model.location.rpartition(":")[0], model.location_span, (".py",)
    if model.weights is not None:
        yield model.weights, model.places[-1] if model.places else model.span, TENSOR_FILES


def _alike(suffix: str, kinds: tuple[str, ...]) -> tuple[str, ...]:
    """The endings that a file may have that was meant: those of its kind, and the one that was written."""
    return kinds if suffix == "" else (*kinds, suffix)


def missing_files(spec: Spec, in_memory: Collection[str] = ()) -> tuple[Diagnostic, ...]:
    """A mistake for every file that a model names and that is not there, at its place in the spec; models
    ``in_memory`` need none.
    """
    report = Report()
    for model in spec.models:
        for name, span, kinds in () if model.name in in_memory else named_files(model):
            path = model.root / name
            if not path.is_file():
                said = Path(span.path) if span.path is not None else spec.path
                file = SourceFile.of(said, said.read_text(encoding="utf-8-sig"))
                mark = Mark(file, file.line_starts[span.line - 1] + span.column - 1)
                report.error(mark, *missing_words(name, path, model.root, kinds))
    return tuple(report.diagnostics)


def missing_words(name: str, path: Path, root: Path, kinds: tuple[str, ...]) -> tuple[str, str]:
    """What is wrong with a path at which there is no file, and what to do. ``kinds`` are the endings that such a file
    has: another kind of file is not what was meant.
    """
    path, root = path.absolute(), root.absolute()
    if path.is_dir():
        return f"'{name}' is a folder, and a file is needed", "name the file in it"
    if not path.parent.is_dir():
        return f"no such file: '{name}' (there is no folder {path.parent})", f"paths start at the spec's folder, {root}"
    names = [p.name for p in path.parent.iterdir() if p.is_file() and p.suffix in _alike(path.suffix, kinds)]
    near = get_close_matches(path.name, names, n=1, cutoff=0.6)
    hint = (
        f"did you mean '{Path(name).with_name(near[0]).as_posix()}'?"
        if near
        else f"paths start at the spec's folder, {root}"
    )
    return f"no such file: '{name}' in the folder {path.parent}", hint
