"""The files that a spec names: whether they are there, before any model is opened."""

from pathlib import Path

from mechverify.errors import Diagnostic
from mechverify.spec.source import Mark, Report, SourceFile
from mechverify.spec.spec import ModelDeclaration, Spec


def named_files(model: ModelDeclaration) -> tuple[Path, ...]:
    """The model's file and its weights; for a torch factory, the weights alone."""
    names = {"onnx": [model.location], "program": [model.location.rpartition(":")[0]], "torch": []}[model.kind]
    return tuple(model.root / name for name in (*names, *(() if model.weights is None else (model.weights,))))


def missing_files(spec: Spec) -> tuple[Diagnostic, ...]:
    """A mistake for every file that a model names and that is not there, at the model's place in the spec."""
    report = Report()
    for model in spec.models:
        for path in named_files(model):
            if not path.is_file():
                said = Path(model.span.path) if model.span.path is not None else spec.path
                file = SourceFile.of(said, said.read_text(encoding="utf-8-sig"))
                mark = Mark(file, file.line_starts[model.span.line - 1] + model.span.column - 1)
                report.error(mark, f"no such file: {path}", "paths start at the folder of the file that says them")
    return tuple(report.diagnostics)
