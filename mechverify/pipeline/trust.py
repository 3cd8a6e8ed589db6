"""What a reader of the verdicts has to trust (SEMANTICS 25)."""

from collections.abc import Mapping

from mechverify.models.model import Model
from mechverify.spec.spec import Spec

_READERS = {"onnx": "the ONNX reader", "torch": "the PyTorch reader", "program": "the program reader"}


def trusted_parts(spec: Spec, models: Mapping[str, Model]) -> tuple[str, ...]:
    """The parts that a `checked` verdict on this spec rests on."""
    readers = dict.fromkeys(_READERS[m.kind] for m in spec.models if m.name in models)
    rounded = any(m.arithmetic == "float32" for m in spec.models)
    table = ("the table of float errors (mechverify explain)",) if rounded else ()
    return ("the spec compiler", *readers, *table, "the kernel (mechverify/kernel)", "Python")
