"""A spec file to a ``Spec``, or all of its mistakes at once."""

from collections.abc import Iterator
from collections.abc import Mapping as Settings
from pathlib import Path
from types import MappingProxyType

from mechverify.errors import InternalError
from mechverify.spec.expression.names import Refusal, Scope
from mechverify.spec.expression.sorts import NUMBER, UNKNOWN, Sort, tensor
from mechverify.spec.expression.syntax import Span
from mechverify.spec.sections.claims import ClaimReader
from mechverify.spec.sections.distributions import Distributions
from mechverify.spec.sections.explanation import Explanation, observed, read_explanation
from mechverify.spec.sections.fields import Fields
from mechverify.spec.sections.inputs import read_conditions, read_inputs, read_parameters
from mechverify.spec.sections.keys import SPEC
from mechverify.spec.sections.models import model_names, read_models
from mechverify.spec.sections.sites import Places
from mechverify.spec.shared import Sharing
from mechverify.spec.source import Mark, Report, read_source
from mechverify.spec.spec import InputDeclaration, MadeVector, NamedCondition, Spec
from mechverify.spec.yaml.tree import Entry, Mapping, Node, Scalar, read_tree

NO_SETTINGS: Settings[str, str] = MappingProxyType({})

_ONLY_INPUTS = Refusal("a precondition speaks only of inputs and parameters, not of a model", "say it in a claim")
_FEED_SITES = Refusal("a feed speaks only of inputs and parameters, not of a model")


def read_spec(path: Path, *, settings: Settings[str, str] = NO_SETTINGS) -> Spec:
    """Read and check a spec. ``settings`` replace parameters, as ``--set n=64`` does.

    Opens the spec, the files that it shares by ``use:`` and those that it reads directions and tables from,
    never a model.
    Raises SpecError with every mistake found.
    """
    report = Report()
    source = read_source(path, report)
    tree = read_tree(source, report) if source is not None else None
    report.raise_if_any()
    if tree is None:
        raise InternalError(f"{path} could not be read, and no mistake was found")
    spec = _Reader(path, Fields(report), settings).read(tree)
    report.raise_if_any()
    return spec


class _Reader:
    def __init__(self, path: Path, fields: Fields, settings: Settings[str, str]) -> None:
        self.path, self.fields, self.settings = path, fields, settings

    def read(self, tree: Mapping) -> Spec:
        fields, folder = self.fields, self.path.parent
        merged = Sharing(fields, folder).merged(tree, (self.path.resolve(),))
        start = Mark(tree.mark.file, 0)
        keys = fields.keyed(merged, SPEC, "a spec", at=start) or {}
        self.version(keys.get("mechverify"))
        declared = read_parameters(fields, _value(keys, "parameters"), self.settings, start)
        inputs, vectors = read_inputs(fields, keys["inputs"].value) if "inputs" in keys else ((), ())
        self.apart(inputs, vectors, keys)
        known = self.input_names(inputs, vectors, keys)
        entry = self.model_entry(keys)
        names = model_names(entry)
        variables = self.declared_variables(keys)
        plain = self.scope(inputs, vectors, keys)
        refused = {v: _of_variable(v, "a feed") for v in variables}
        models = read_models(
            fields, entry, folder, Scope(plain.sorts, plain.parameters, refused=refused, no_sites=_FEED_SITES)
        )
        conditions = Scope(
            plain.sorts,
            plain.parameters,
            refused={v: _of_variable(v, "a precondition") for v in variables if v not in plain.sorts},
            no_sites=_ONLY_INPUTS,
        )
        preconditions = self.preconditions(keys, conditions)
        conditions_known = _names(_value(keys, "preconditions"))
        explanation = read_explanation(
            fields, _value(keys, "explanation"), plain, Places(names, folder), conditions_known
        )
        distributions = Distributions(fields, inputs, known, folder)
        shared = distributions.read(keys["distribution"].value) if "distribution" in keys else {}
        claims = ClaimReader(
            fields,
            conditions,
            self.claim_scope(plain, explanation, names),
            known,
            explanation,
            conditions_known,
            distributions,
            {} if shared is None else shared,
            Places(names, folder),
        )
        return Spec(
            self.path,
            " ".join((fields.prose(keys.get("title")) or "").split()),
            fields.prose(keys.get("summary")) or "",
            tuple(fields.parameters.items()),
            models,
            inputs,
            preconditions,
            explanation.variables,
            explanation.cases,
            claims.read(keys["claims"].value) if "claims" in keys else (),
            declared,
            tuple(self.unspoken(keys)),
            vectors,
            tuple(fields.report.named),
        )

    def input_names(
        self, inputs: tuple[InputDeclaration, ...], vectors: tuple[MadeVector, ...], keys: dict[str, Entry]
    ) -> tuple[str, ...]:
        """The names of the inputs, of those too that could not be read; of vectors those that they are made of."""
        made = {one.name for one in vectors}
        written = (name for name in _names(_value(keys, "inputs")) if name not in made)
        return tuple(dict.fromkeys([*written, *(one.name for one in inputs)]))

    def unspoken(self, keys: dict[str, Entry]) -> Iterator[tuple[str, Span]]:
        """The parameters of this file itself, not of one that it shares, that no expression speaks of."""
        parameters = _value(keys, "parameters")
        for entry in parameters.entries if isinstance(parameters, Mapping) else ():
            if not entry.key.mark.file.shared and entry.key.value not in self.fields.report.spoken:
                yield entry.key.value, entry.key.mark.span

    def version(self, entry: Entry | None) -> None:
        if entry is not None and (not isinstance(entry.value, Scalar) or entry.value.value != "1"):
            found = f"'{entry.value.value[:20]}'" if isinstance(entry.value, Scalar) else "a list or mapping"
            self.fields.report.error(
                entry.value.mark, f"this mechverify reads version 1 of the spec language, found {found}"
            )

    def apart(
        self, inputs: tuple[InputDeclaration, ...], vectors: tuple[MadeVector, ...], keys: dict[str, Entry]
    ) -> None:
        """Inputs, parameters and models have different names."""
        models = model_names(keys.get("models") or keys.get("model"))
        for name, span in [*((i.name, i.span) for i in inputs), *((v.name, v.span) for v in vectors)]:
            if name in self.fields.parameters or name in models:
                mark = self.fields.report.at(span)
                self.fields.report.error(mark, f"'{name}' is already the name of a parameter or a model")
        parameters = _value(keys, "parameters")
        for entry in parameters.entries if isinstance(parameters, Mapping) else ():
            if entry.key.value in models:
                self.fields.report.error(entry.key.mark, f"'{entry.key.value}' is already the name of a model")

    def model_entry(self, keys: dict[str, Entry]) -> Entry | None:
        if "model" in keys and "models" in keys:
            self.fields.report.error(keys["models"].key.mark, "a spec has 'model' or 'models', not both")
        return keys.get("models") or keys.get("model")

    def declared_variables(self, keys: dict[str, Entry]) -> tuple[str, ...]:
        explanation = _value(keys, "explanation")
        return _names(explanation.get("variables")) if isinstance(explanation, Mapping) else ()

    def scope(
        self, inputs: tuple[InputDeclaration, ...], vectors: tuple[MadeVector, ...], keys: dict[str, Entry]
    ) -> Scope:
        """Inputs and parameters; an input that could not be read is of unknown sort."""
        sorts: dict[str, Sort] = dict.fromkeys(_names(_value(keys, "inputs")), UNKNOWN)
        sorts.update({i.name: tensor(i.shape) for i in inputs})
        sorts.update({v.name: tensor((v.length,)) for v in vectors})
        sorts.update(dict.fromkeys(self.fields.parameters, NUMBER))
        return Scope(sorts, dict(self.fields.parameters))

    def preconditions(self, keys: dict[str, Entry], scope: Scope) -> tuple[NamedCondition, ...]:
        if "preconditions" not in keys:
            return ()
        return read_conditions(self.fields, keys["preconditions"].value, scope, "precondition")

    def claim_scope(self, plain: Scope, explanation: Explanation, models: tuple[str, ...]) -> Scope:
        refused = {v.name: observed(v.name) for v in explanation.variables if v.value is None}
        return Scope(
            {**plain.sorts, **explanation.values},
            plain.parameters,
            refused=refused,
            sites=explanation.sites,
            models=models,
            variables=(*(v.name for v in explanation.variables), *explanation.broken),
        )


def _value(keys: dict[str, Entry], name: str) -> Node | None:
    return keys[name].value if name in keys else None


def _names(node: Node | None) -> tuple[str, ...]:
    """The keys of a section, whether or not their values can be read."""
    return tuple(e.key.value for e in node.entries) if isinstance(node, Mapping) else ()


def _of_variable(name: str, what: str) -> Refusal:
    return Refusal(f"{what} speaks only of inputs and parameters, and '{name}' is a variable", "write its value out")
