"""Scalar arithmetic of a model, in ideal or in float32 arithmetic, as nodes whose errors bound every execution.

In float32 each method adds nodes whose error (``docs/kernel.md``) covers the executions of SEMANTICS 6 and 7. In ideal
arithmetic everything is exact. Methods take and return node numbers.
"""

import math
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from mechverify.errors import ModelError, UnsupportedOperationError
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.float32 import FLUSHES, FLUSHES_HINT, keeps_subnormals
from mechverify.graph.graph import Rounding
from mechverify.graph.rows import words_of
from mechverify.models.tensors import masked
from mechverify.models.tensors.integers import IntegerBounds
from mechverify.models.tensors.limits import Meter
from mechverify.models.tensors.linear_forms import (
    Form,
    Term,
    added,
    anything,
    atom,
    dot_form,
    emit,
    emit_power_of_two,
    has_tiny,
    is_power_of_two,
    scaled,
    shifted,
    tiny_cover,
)
from mechverify.models.tensors.scaled_operands import operand_scaled
from mechverify.models.tensors.scales import Scales
from mechverify.models.tensors.tensor import Tensor, known

NodeArray = npt.NDArray[np.int64]
_PAIRWISE = 64


class Numbers:
    """Exact values of the floats of a model, each made once."""

    def __init__(self) -> None:
        self._fractions: dict[float, Fraction] = {}

    def fraction(self, value: float) -> Fraction:
        """The exact value of a finite float. Raises UnsupportedOperationError for any other."""
        found = self._fractions.get(value)
        if found is None:
            if not math.isfinite(value):
                raise UnsupportedOperationError(f"the number {value} has no meaning in exact arithmetic here")
            found = self._fractions[value] = Fraction(*value.as_integer_ratio())
        return found

    def fractions(self, array: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """The exact values of an array of numbers, as objects."""
        flat = np.empty(array.size, dtype=object)
        values = array.ravel().tolist()
        if array.dtype.kind == "f":
            flat[:] = [self.fraction(value) for value in values]
        else:
            flat[:] = [Fraction(value) for value in values]
        return flat.reshape(array.shape)


class Arithmetic:
    """Builds the nodes of one run of a model. Raises ModelError where subnormal numbers are flushed to zero."""

    def __init__(self, builder: GraphBuilder, rounding: Rounding, numbers: "Numbers | None" = None) -> None:
        if not keeps_subnormals():
            raise ModelError(FLUSHES, FLUSHES_HINT)
        self.builder = builder
        self.rounding: Rounding = rounding
        self.meter = Meter(builder, len(builder))
        self.integers = IntegerBounds(builder)
        self._dots: set[int] = set()
        self._forms: dict[int, Form] = {}
        self._scales = Scales(builder)
        self._constant: dict[int, bool] = {}
        self._numbers = Numbers() if numbers is None else numbers

    @property
    def is_exact(self) -> bool:
        """Whether arithmetic is ideal."""
        return self.rounding == "exact"

    # --- constants

    def fraction(self, value: float) -> Fraction:
        """The exact value of a finite float."""
        return self._numbers.fraction(value)

    def fractions(self, array: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """The exact values of an array of numbers, as objects."""
        return self._numbers.fractions(array)

    def nodes(self, tensor: Tensor) -> NodeArray:
        """The nodes of a tensor, constants included."""
        if not tensor.constant:
            return tensor.array
        flat = np.empty(tensor.array.size, dtype=np.int64)
        for i, value in enumerate(tensor.array.ravel().tolist()):
            if tensor.dtype == "bool":
                flat[i] = self.builder.boolean(bool(value))
            elif value == -math.inf:
                flat[i] = masked.minus_infinity(self.builder)
            else:
                flat[i] = self.builder.const(self.fraction(value) if isinstance(value, float) else value)
        return flat.reshape(tensor.array.shape)

    def weights(self, tensor: Tensor) -> npt.NDArray[Any] | None:
        """The exact values of a tensor all of whose elements are constants, otherwise None. Minus infinity is none."""
        if tensor.constant:
            if tensor.dtype == "float32" and np.isneginf(tensor.array).any():
                return None
            return self.fractions(tensor.array)
        nodes = tensor.array.ravel().tolist()
        if nodes and self.builder.constant_value(nodes[0]) is None:
            return None
        values = [self.builder.constant_value(n) for n in nodes]
        if any(v is None for v in values):
            return None
        flat = np.empty(len(values), dtype=object)
        flat[:] = values
        return flat.reshape(tensor.array.shape)

    def settled(self, tensor: Tensor) -> Tensor:
        """The tensor as known numbers where all its nodes are constant integers or truth values."""
        nodes = [] if tensor.constant or tensor.dtype == "float32" else tensor.array.ravel().tolist()
        values: list[Any] = []
        for node in nodes:
            found = self.builder.truth_value(node) if tensor.dtype == "bool" else self.builder.constant_value(node)
            if found is None:
                return tensor
            values.append(found if tensor.dtype == "bool" else int(found))
        return known(tensor.dtype, np.array(values).reshape(tensor.shape)) if values else tensor

    # --- sums of products

    def dot(self, terms: Iterable[Term], bias: Fraction | int = 0) -> int:
        """``bias + sum w * a``, added in any order."""
        pairs = tuple(terms)
        self.meter.charge(1, len(pairs))
        if self.is_exact:
            return self.builder.affine(pairs, bias)
        common = self._scales.common(a for _, a in pairs)
        self.meter.charge(2 * len(common), 2 * len(common) * len(pairs))
        cover = self._scales.cover([w for w, _ in pairs], common)
        numbers = [Fraction(bias), *(w for w, _ in pairs)]
        plain = not common and words_of(numbers) is not None
        node = self.builder.affine((*pairs, *tiny_cover(pairs), *cover), bias, "float32", plain=plain)
        self._dots.add(node)
        self._scales.remember(node, [ways[0].factor for ways in common])
        return node

    def dots(self, args: Sequence[int], weights: npt.NDArray[np.float32]) -> list[int]:
        """``weights @ args``, each sum added in any order: a node for each row of finite float32 weights."""
        rows = self.builder.affine_rows
        if self.is_exact or (not self._scales.common(args) and not has_tiny(weights)):
            found = rows(args, weights, self.rounding)
            if found is not None:
                self.meter.charge(0, weights.size)
                if not self.is_exact:
                    self._dots.update(found)
                return found
        return [self.dot(zip(one, args, strict=True)) for one in self.fractions(weights).tolist()]

    def total(self, nodes: Sequence[int], bias: Fraction | int = 0) -> int:
        """The sum of some nodes, added in any order."""
        self.meter.charge(1, len(nodes))
        return self.builder.affine(((Fraction(1), n) for n in nodes), bias, self.rounding)

    def products(self, left: Sequence[int], right: Sequence[int]) -> list[int]:
        """``left[i] * right[i]``, each rounded."""
        self.meter.charge(len(left), len(left))
        return [self._product(a, b) for a, b in zip(left, right, strict=True)]

    def _product(self, a: int, b: int) -> int:
        node = self.mul(a, b)
        if not self.is_exact:
            self.meter.charge(self._scales.note_product(node, a, b))
        return node

    def note_scale(self, nodes: NodeArray, sources: NodeArray, step: int, factor: Fraction | None) -> None:
        """Remember that all nodes are their sources scaled by one constant; see ``Scales.note``."""
        if not self.is_exact:
            self._scales.note(nodes.ravel().tolist(), sources.ravel().tolist(), step, factor)

    def is_constant(self, node: int) -> bool:
        """Whether the node depends on no input: a runtime may compute it before, and see a constant."""
        stack = [node]
        while stack:
            top = stack[-1]
            if top in self._constant:
                stack.pop()
                continue
            found = self.builder.node(top)
            args = () if found.op in ("input", "const") else found.args
            waiting = [a for a in args if a not in self._constant]
            if waiting:
                stack += waiting
                continue
            self._constant[stack.pop()] = found.op != "input" and all(self._constant[a] for a in args)
        return self._constant[node]

    def _form(self, node: int) -> Form | None:
        found = self._forms.get(node)
        if found is None and node in self._dots:
            found = dot_form(self.builder, node)
        return found

    def _emitted(self, form: Form) -> int:
        self.meter.charge(1, len(form.terms))
        node = emit(self.builder, form)
        self._forms[node] = form
        return node

    # --- scales, shifts, sums of two

    def scale(self, a: int, factor: Fraction, roundings: int = 1) -> int:
        """``factor * a``: one multiplication, or with ``roundings`` 2 one whose factor was rounded before."""
        if factor > 0 and masked.is_masked(self.builder, a):
            return a
        if self.is_exact:
            return self.builder.affine(((factor, a),))
        self.meter.charge(1, 1)
        form = self._form(a)
        if form is None or factor == 0:
            padding = ((Fraction(0), self.builder.const(0)),) * (roundings - 1)
            terms = ((factor, a),)
            return self.builder.affine((*terms, *tiny_cover(terms), *padding), 0, "float32")
        factors = self._scales.joined(a, factor)
        after = scaled(form, factor, roundings, a)
        if factors is None or after is None:
            return self.anything()
        if is_power_of_two(factor):
            self.meter.charge(1, len(form.terms))
            node = emit_power_of_two(self.builder, a, factor, after, len(form.terms))
            self._forms[node] = after
        else:
            node = self._emitted(after)
        self._scales.remember(node, factors)
        return node

    def scale_product(self, a: int, factor: Fraction, operands: Sequence[int]) -> int:
        """``factor`` times the product, or sum of products, a, where a runtime may multiply either operand instead.

        ``operands`` are the nodes of all operands of these products.
        """
        if self.is_exact or factor in (-1, 0, 1):
            return self.scale(a, factor)
        form = self._form(a) or atom(a)
        self.meter.charge(1 + len(operands), len(operands))
        factors, after = self._scales.joined(a, factor), operand_scaled(self.builder, form, a, factor, operands)
        if factors is None or after is None:
            return self.anything()
        node = self._emitted(after)
        self._scales.remember(node, factors)
        return node

    def anything(self) -> int:
        """A value of which nothing is known, and that is no constant."""
        self.meter.charge(1)
        node = anything(self.builder)
        self._constant[node] = False
        return node

    def shift(self, a: int, constant: Fraction) -> int:
        """``a + constant``."""
        if masked.is_masked(self.builder, a):
            return a
        if self.is_exact:
            return self.builder.affine(((Fraction(1), a),), constant)
        form = self._form(a)
        if form is None:
            self.meter.charge(1, 1)
            return self.builder.affine(((Fraction(1), a),), constant, "float32")
        return self._emitted(shifted(form, (constant,), 1))

    def scale_shift(
        self, a: int, factor: Fraction, constants: tuple[Fraction, ...], roundings: int, *, off_grid: bool
    ) -> int:
        """``factor * a + sum of constants`` in any order, folded into the dot product before or not, as in batch
        normalisation.

        ``roundings`` counts those of the factor, the constants and the operations between them.
        """
        if self.is_exact:
            return self.builder.affine(((factor, a),), sum(constants, Fraction(0)))
        form = self._form(a)
        base = atom(a) if form is None else form
        folded = scaled(base, factor, roundings, None if form is None else a)
        if folded is None:
            return self.anything()
        after = shifted(folded, constants, 0)
        if off_grid:
            after = Form(after.terms, after.constants, after.roundings, after.underflow, after.guards, off_grid=True)
        return self._emitted(after)

    def add(self, a: int, b: int, sign: int = 1) -> int:
        """``a + sign * b``, where either may be folded into the dot product that computed the other."""
        for one, other in ((a, b), (b, a)):
            if masked.is_masked(self.builder, one) and (sign > 0 or one == a):
                return masked.beside(self.builder, one, other)
        if self.is_exact:
            return self.builder.affine(((Fraction(1), a), (Fraction(sign), b)))
        left, right = self._form(a), self._form(b)
        if left is None and right is None:
            self.meter.charge(1, 2)
            return self.builder.affine(((Fraction(1), a), (Fraction(sign), b)), 0, "float32")
        left = atom(a) if left is None else left
        right = atom(b) if right is None else right
        if sign < 0:
            right = Form(tuple((-w, n) for w, n in right.terms), tuple(-c for c in right.constants), right.roundings,
                         right.underflow, right.guards, right.off_grid, right.plain)  # fmt: skip
        form = added(left, right)
        if self.is_constant(a) or self.is_constant(b):
            return self._emitted(form)
        self.meter.charge(1, len(form.terms))
        return emit(self.builder, form)

    # --- products, quotients, powers

    def mul(self, a: int, b: int) -> int:
        """``a * b``."""
        for x, y in ((a, b), (b, a)):
            value = self.builder.constant_value(x)
            if value is not None:
                return self.scale(y, value)
        if not self.is_exact and (self._unknown_scale(a, b) or self._unknown_scale(b, a)):
            return self.anything()
        self.meter.charge(1)
        return self.builder.mul(a, b, self.rounding)

    def _unknown_scale(self, a: int, b: int) -> bool:
        """Whether b scales the sum of products a by a constant whose value is not known here, that a runtime may fold
        into it.
        """
        return self._form(a) is not None and self.is_constant(b)

    def div(self, a: int, b: int) -> int:
        """``a / b``; by a constant, also as a multiplication by its rounded reciprocal. Raises
        UnsupportedOperationError.
        """
        value = self.builder.constant_value(b)
        if not self.is_exact and value is None and self._unknown_scale(a, b):
            return self.anything()
        if value is None or value == 0:
            self.meter.charge(1)
            return self.builder.div(a, b, self.rounding)
        if self.is_exact:
            return self.scale(a, 1 / value)
        if not Fraction(1, 2**100) <= abs(value) <= 2**100:
            raise UnsupportedOperationError(f"division by {float(value)}: the reciprocal may underflow float32")
        return self.scale(a, 1 / value, 2)

    def mean(self, nodes: Sequence[int]) -> int:
        """The sum divided by the count, or multiplied by its reciprocal."""
        return self.scale(self.total(nodes), Fraction(1, len(nodes)), 2)

    def power(self, a: int, exponent: int) -> int:
        """``a ** exponent`` by multiplication in any order, or by a library's ``pow`` good to one unit in the last
        place.
        """
        if exponent == 0:
            return self.builder.const(1)
        if exponent == 1:
            return a
        half = self.power(a, exponent // 2)
        result = self.mul(half, half)
        if exponent % 2 == 1:
            result = self.mul(result, a)
        if self.is_exact or exponent <= 3:
            return result
        cover = ((Fraction(1), result), (Fraction(1, 2**200), self.builder.const(1)))
        return self.builder.affine(cover, 0, "float32")

    def leaky(self, a: int, slope: Fraction) -> int:
        """``a`` where it is not negative, ``slope * a`` elsewhere.

        With slope <= 1 that is max(a, slope a): for a >= 0 some value within the error of ``slope a`` does not exceed
        a, and for a < 0 no rounding of ``slope a`` lies below a.
        """
        below = self.scale(a, slope)
        if slope <= 1:
            return self.builder.max(a, below)
        return self.builder.ite(self.builder.le(self.builder.const(0), a), a, below)

    # --- extremes

    def extremum(self, op: str, nodes: Sequence[int]) -> int:
        """The largest or smallest of some nodes, as a balanced tree."""
        level = list(nodes)
        if not level:
            raise ModelError(f"{op} of no elements")
        self.meter.charge(len(level))
        pick = self.builder.max if op == "max" else self.builder.min
        while len(level) > 1:
            paired = [pick(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
            level = paired + level[len(level) // 2 * 2 :]
        return level[0]

    def arg_extremum(self, op: str, nodes: Sequence[int], *, last: bool) -> int:
        """The index of the first (or last) largest or smallest node: by all pairs where they are few, which engines
        see through best, otherwise by comparing each with the extreme of those before it.
        """
        if len(nodes) > _PAIRWISE:
            return self._running_arg_extremum(op, nodes, last=last)
        self.meter.charge(len(nodes) ** 2)
        order = range(len(nodes) - 1, -1, -1) if last else range(len(nodes))
        candidates = list(order)
        result = self.builder.const(candidates[-1])
        for i in reversed(candidates[:-1]):
            others = [n for j, n in enumerate(nodes) if j != i]
            wins = [self.builder.le(n, nodes[i]) if op == "max" else self.builder.le(nodes[i], n) for n in others]
            result = self.builder.ite(self.builder.all(wins), self.builder.const(i), result)
        return result

    def _running_arg_extremum(self, op: str, nodes: Sequence[int], *, last: bool) -> int:
        self.meter.charge(4 * len(nodes))
        pick = self.builder.max if op == "max" else self.builder.min
        beats = self.builder.le if last else self.builder.lt
        best, index = nodes[0], self.builder.const(0)
        for k, node in enumerate(nodes[1:], 1):
            low, high = (best, node) if op == "max" else (node, best)
            index = self.builder.ite(beats(low, high, whole=True), self.builder.const(k), index)
            best = pick(best, node)
        return index
