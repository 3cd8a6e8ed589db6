"""The runtimes of a spec's models made ready once, for all processes that are forked later."""

from collections.abc import Mapping
from contextlib import suppress

from mechverify.deciding.ceilings import beside
from mechverify.deciding.reading.enclosure_check import wanted
from mechverify.errors import ModelError
from mechverify.models.model import Model
from mechverify.spec.spec import ModelDeclaration, Spec


def open_models(spec: Spec, models: Mapping[str, Model]) -> None:
    """Open every model for the runs that the cross-check and the claims ask for. One that does not open says so where
    it is run.
    """
    for declaration in spec.models:
        with suppress(ModelError):
            _open(spec, declaration, models[declaration.name])


def _open(spec: Spec, declaration: ModelDeclaration, model: Model) -> None:
    def work() -> None:
        for names in dict.fromkeys((wanted(spec, declaration, model), tuple(model.outputs))):
            model.open(names)

    beside(f"opening the model {declaration.name}", work, None)
