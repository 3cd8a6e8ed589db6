"""``use:``: the sections of other files, merged under the spec's own. Files lie in the spec's folder; circles are
refused."""

from dataclasses import dataclass, field
from pathlib import Path

from mechverify.spec.files import SPEC_FILES, missing_words
from mechverify.spec.sections.fields import Fields
from mechverify.spec.sections.models import inside
from mechverify.spec.source import Mark, read_source
from mechverify.spec.yaml.positions import Located
from mechverify.spec.yaml.tree import Entry, Mapping, Node, read_tree

MAX_FILES = 16
MAX_DEPTH = 8

_MERGED = ("parameters", "models", "inputs", "preconditions", "distribution", "explanation", "variables", "claims")
_OWN = ("mechverify", "title", "summary", "use")


@dataclass(slots=True)
class Sharing:
    """Reads shared files, each once."""

    fields: Fields
    folder: Path
    trees: dict[Path, Mapping | None] = field(default_factory=dict)

    def merged(self, tree: Mapping, path: tuple[Path, ...]) -> Mapping:
        """The tree with the sections of the files that it uses; ``path`` is the chain of files that led here."""
        use = tree.get("use")
        if use is None:
            return tree
        result: Mapping | None = None
        for name in self.fields.words(use, "'use'") or ():
            shared = self._file(name, tree.mark, path)
            if shared is not None:
                result = shared if result is None else self._joined(result, shared, name)
        return tree if result is None else _over(result, tree)

    def _file(self, name: Located, at: Mark, path: tuple[Path, ...]) -> Mapping | None:
        report, root = self.fields.report, at.file.path.parent
        if not inside(self.fields, name, root, self.folder):
            return None
        target = root / name.text
        key = target.resolve()
        if key in path:
            report.error(name.mark(0), f"'{name.text}' is used by itself: shared files go round in a circle")
            return None
        if len(path) > MAX_DEPTH or (key not in self.trees and len(self.trees) >= MAX_FILES):
            report.error(name.mark(0), f"more than {MAX_FILES} shared files, or more than {MAX_DEPTH} deep")
            return None
        if key not in self.trees:
            self.trees[key] = None
            if not target.is_file():
                report.error(name.mark(0), *missing_words(name.text, target, root, SPEC_FILES))
                return None
            source = read_source(target, report, shared=True, at=name.mark(0))
            tree = read_tree(source, report) if source is not None else None
            if tree is not None:
                self.trees[key] = self.merged(tree, (*path, key))
        return self.trees[key]

    def _joined(self, first: Mapping, second: Mapping, name: Located) -> Mapping:
        """Two shared files side by side; what both define differently is reported."""
        for entry in _clashes(first, second):
            self.fields.report.error(
                name.mark(0),
                f"'{entry.key.value}' is defined by '{name.text}' and by another shared file",
                "define it in the spec itself",
            )
        return _over(first, second)


def _clashes(first: Mapping, second: Mapping) -> list[Entry]:
    found: list[Entry] = []
    for entry in second.entries:
        other = first.get(entry.key.value)
        if other is None or other is entry.value or entry.key.value in _OWN:
            continue
        if entry.key.value in _MERGED and isinstance(other, Mapping) and isinstance(entry.value, Mapping):
            found += (
                _clashes(other, entry.value) if entry.key.value == "explanation" else _same_names(other, entry.value)
            )
        else:
            found.append(entry)
    return found


def _same_names(first: Mapping, second: Mapping) -> list[Entry]:
    return [e for e in second.entries if first.get(e.key.value) not in (None, e.value)]


def _over(base: Mapping, own: Mapping, *, sections: bool = True) -> Mapping:
    """``own`` laid over ``base``: sections are joined name by name, anything else is replaced; own keys win."""
    entries = {e.key.value: e for e in base.entries if not (sections and e.key.value in _OWN)}
    for entry in own.entries:
        name = entry.key.value
        under: Node | None = entries[name].value if name in entries else None
        joins = sections and name in _MERGED and isinstance(under, Mapping) and isinstance(entry.value, Mapping)
        if joins and isinstance(under, Mapping) and isinstance(entry.value, Mapping):
            entry = Entry(entry.key, _over(under, entry.value, sections=name == "explanation"))  # noqa: PLW2901
        entries[name] = entry
    if sections and own.get("model") is not None:
        entries.pop("models", None)
    elif sections and own.get("models") is not None:
        entries.pop("model", None)
    return Mapping(tuple(entries.values()), own.mark)
