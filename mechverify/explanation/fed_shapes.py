"""What shapes a spec feeds to a model, found before the model is read: a module does not say what it takes."""

from collections.abc import Mapping

from mechverify.errors import MechverifyError
from mechverify.explanation.causal import CausalGraph
from mechverify.explanation.formulas.symbolic import shape_of
from mechverify.spec.spec import ModelDeclaration, Spec


def fed_shapes(spec: Spec, declaration: ModelDeclaration) -> Mapping[str, tuple[int, ...]]:
    """The shape of each fed tensor by the model input's name; the inputs of the spec are fed under their own names.

    What cannot be computed is left out: it is reported where the spec is compiled.
    """
    shapes = {i.name: i.shape for i in spec.inputs}
    graph = CausalGraph(spec, {}, {}, runs_models=False)
    for item in declaration.feed:
        try:
            shapes[item.model_input] = shape_of(graph.compiler().compile(item.value.expression).value)
        except (MechverifyError, ValueError):
            shapes.pop(item.model_input, None)
    return shapes
