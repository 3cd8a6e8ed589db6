"""What default onnxruntime makes of a graph, compared with the rewrites that the table of float errors covers.

The comparison fails closed: an operation of the rewritten graph is covered where it computes one value of the graph as
written from others of it, and the operations in between, as written, are those of a rewrite that is listed here. What
is listed is what ``mechverify explain`` prints.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from mechverify.models.onnx.dataflow import CONSTANT, Computation, Dataflow, dataflow

_LONGEST = 1000
_ACTIVATIONS = ("Clip", "LeakyRelu", "Relu")


Cone = Sequence[Computation]


@dataclass(frozen=True, slots=True)
class Rewrite:
    """Operations as written that a runtime may compute as one. ``says`` is the row that ``explain`` prints.

    ``into`` are the kinds of the one operation; ``may`` tells whether these operations, the last one first, may become
    one.
    """

    says: str
    into: tuple[str, ...]
    may: Callable[[Cone], bool]


def _chain(cone: Cone) -> tuple[str, ...]:
    """The kinds of operations each of which takes the result of the next one and otherwise what is given; empty where
    they are no such chain.
    """
    for one, following in pairwise(cone):
        if one.args.count(following.result) != 1:
            return ()
    inside = {c.result for c in cone}
    if any(sum(a in inside for a in c.args) > 1 for c in cone):
        return ()
    return tuple(c.kind for c in cone)


def _without_activation(cone: Cone) -> Cone:
    return cone[1:] if cone[0].kind in _ACTIVATIONS and set(cone[0].args[1:]) <= {CONSTANT} else cone


def _by_constants(computation: Computation) -> bool:
    """Whether all arguments but one are constants."""
    return sum(a != CONSTANT for a in computation.args) == 1


def _convolution(cone: Cone) -> bool:
    kinds = _chain(cone)
    rest = _without_activation(cone)
    if not kinds or not rest:
        return False
    rest = rest[:-1] if rest[-1].kind == "Pad" else rest
    if not rest or rest[-1].kind != "Conv" or not _by_constants(rest[-1]):
        return False
    tensors = 0
    for one in rest[:-1]:
        if one.kind not in ("Add", "Mul", "BatchNormalization") or (one.kind != "Add" and not _by_constants(one)):
            return False
        tensors += not _by_constants(one)
    return tensors <= 1


def _blocked_scale(cone: Cone) -> bool:
    """A scale by constants or a batch normalisation, which in blocks of channels is a convolution of each by itself."""
    rest = _without_activation(cone)
    return (
        bool(_chain(cone))
        and [one.kind for one in rest] in (["Mul"], ["BatchNormalization"])
        and all(map(_by_constants, rest))
    )


def _product(cone: Cone) -> bool:
    kinds = _chain(cone)
    rest = _without_activation(cone)
    if not kinds or not rest or rest[-1].kind not in ("Gemm", "MatMul"):
        return False
    for one in rest[:-1]:
        if one.kind not in ("Add", "Sum", "BatchNormalization") or len(rest) > 2:
            return False
        if (one.kind == "Sum" and len(one.args) != 2) or (one.kind == "BatchNormalization" and not _by_constants(one)):
            return False
    return True


def _scaled_product(cone: Cone) -> bool:
    """One matrix product, and scales by single constants."""
    scales = [c for c in cone if c.kind != "MatMul"]
    return len(cone) - len(scales) == 1 and all(
        (c.kind in ("Mul", "Div") and c.scalars[1]) or (c.kind == "Mul" and c.scalars[0]) for c in scales
    )


def _reciprocal(cone: Cone) -> bool:
    return _chain(cone) == ("Mul", "Div") and cone[1].ones[0]


_NCHWC = "com.microsoft.nchwc:"
_MS = "com.microsoft:"
_POOLS = ("MaxPool", "AveragePool", "GlobalMaxPool", "GlobalAveragePool")

REWRITES: tuple[Rewrite, ...] = (
    Rewrite(
        "a convolution with the padding before it, scales, shifts, batch normalisation and the addition of a tensor "
        "folded into it, and with the activation Relu, LeakyRelu or Clip after it",
        ("Conv", f"{_MS}FusedConv", f"{_NCHWC}Conv"),
        _convolution,
    ),
    Rewrite(
        "a scale or a batch normalisation in blocks of channels, with the activation after it",
        (f"{_NCHWC}Conv",),
        _blocked_scale,
    ),
    Rewrite(
        "MatMul or Gemm with the addition after it, or batch normalisation folded into it, and with the activation "
        "Relu, LeakyRelu or Clip",
        ("Gemm", f"{_MS}FusedGemm"),
        _product,
    ),
    Rewrite(
        "scalar factors before and after MatMul joined into one that is applied to its result",
        ("MatMul", f"{_MS}FusedMatMul"),
        _scaled_product,
    ),
    Rewrite("a product with a reciprocal as a quotient", ("Div",), _reciprocal),
    Rewrite("Clip of Relu as one Clip", ("Clip",), lambda cone: _chain(cone) == ("Clip", "Relu")),
    Rewrite(
        "a choice by a negated condition with its branches exchanged",
        ("Where",),
        lambda cone: _chain(cone) == ("Where", "Not"),
    ),
)
# Besides: every operation by itself, in blocks of channels where it is a pool.
_SAME = {f"{_NCHWC}{pool}": pool for pool in _POOLS}
LISTED: tuple[str, ...] = (
    *(r.says for r in REWRITES),
    "convolutions and pools in blocks of channels",
    "transposition, slices and other movements of elements elsewhere; what changes nothing left out",
    "equal operations computed once; what depends on no input computed before",
)


def uncovered(written: Any, rewritten: Any, singles: Mapping[str, float | None] | None = None) -> str | None:
    """The first operation of the rewritten graph that no listed rewrite accounts for, in words; None where all are.

    Both are ONNX models; names that occur in both name the same value. ``singles`` has the tensors with one element as
    written, and their numbers where they are known.
    """
    known = {} if singles is None else singles
    return _Comparison(dataflow(written.graph, known), dataflow(rewritten.graph, known)).first()


class _Comparison:
    def __init__(self, written: Dataflow, rewritten: Dataflow) -> None:
        self.written, self.rewritten = written, rewritten
        self.meanings: dict[int, set[int]] = {}
        self.names: dict[int, str] = {}
        for name, value in rewritten.values.items():
            if name in written.values:
                self.names.setdefault(value, name)
                self.meanings.setdefault(value, set()).add(written.values[name])

    def first(self) -> str | None:
        """What is not accounted for."""
        for value, meant in self.meanings.items():
            if len(meant) > 1 or (value == CONSTANT) != (meant == {CONSTANT}):
                return f"it leaves out operations that compute {self.names[value]!r}"
        for value, computation in self.rewritten.computations.items():
            found = set(self._accounts(computation, self.meanings.get(value)))
            if not found:
                name = self.names.get(value)
                what = "a value in between" if name is None else repr(name)
                return f"it computes {what} by {computation.kind} in place of other operations"
            self.meanings[value] = found
        return None

    def _accounts(self, computation: Computation, wanted: Iterable[int] | None) -> Iterator[int]:
        """The values as written that this operation computes from values as written by a listed rewrite."""
        given: set[int] = set()
        for arg in computation.args:
            if arg != CONSTANT:
                given |= self.meanings.get(arg, set())
        for value in self.written.computations if wanted is None else wanted:
            if value == CONSTANT or value not in self.written.computations:
                continue
            cone = self._cone(value, given)
            if cone is not None and _listed(computation.kind, cone):
                yield value

    def _cone(self, value: int, given: set[int]) -> Cone | None:
        """The operations as written between some values and the one given, the last first; None where it needs more."""
        found: dict[int, Computation] = {}
        waiting = [value]
        while waiting:
            top = waiting.pop()
            if top == CONSTANT or top in found or (top in given and top != value):
                continue
            computation = self.written.computations.get(top)
            if computation is None or len(found) > _LONGEST:
                return None
            found[top] = computation
            waiting += computation.args
        return list(found.values())


def _listed(kind: str, cone: Cone) -> bool:
    if len(cone) == 1 and cone[0].kind == _SAME.get(kind, kind) and ":" not in cone[0].kind:
        return True
    return any(kind in r.into and r.may(cone) for r in REWRITES)
