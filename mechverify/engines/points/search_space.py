"""The points that meet the linear equality preconditions, as a box of free parameters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from mechverify.engines.affine.boxes import Box
from mechverify.engines.points.judge import Point
from mechverify.graph.graph import Obligation
from mechverify.kernel.search import Linear, Parameter

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SearchSpace:
    """Free parameters with their bounds, and each input as an exact linear form of them.

    ``low``, ``high`` (k,) and the ``matrix`` (inputs, k) with ``offset`` (inputs,) are the same in float64.
    """

    live: tuple[int, ...]
    parameters: tuple[Parameter, ...]
    forms: tuple[Linear, ...]
    low: Floats
    high: Floats
    integer: NDArray[np.bool_]
    matrix: Floats
    offset: Floats

    @staticmethod
    def of(obligation: Obligation, box: Box) -> "SearchSpace":
        """The space of a box whose equalities have been eliminated."""
        live = tuple(box.state.live)
        parameters = tuple(box.state.live.values())
        forms = box.state.values[: len(obligation.graph.inputs)]
        matrix = np.zeros((len(forms), len(live)))
        column = {p: k for k, p in enumerate(live)}
        for row, form in enumerate(forms):
            for p, weight in form.terms.items():
                if p in column:
                    matrix[row, column[p]] = _float(weight)
        return SearchSpace(
            live,
            parameters,
            forms,
            np.array([_float(p.low) for p in parameters], dtype=np.float64),
            np.array([_float(p.high) for p in parameters], dtype=np.float64),
            np.array([p.integer for p in parameters], dtype=np.bool_),
            matrix,
            np.array([_float(form.constant) for form in forms], dtype=np.float64),
        )

    def ranges(self) -> list[range]:
        """Each parameter's integers; all must be integer parameters."""
        return [range(int(p.low), int(p.high) + 1) for p in self.parameters]

    def inputs(self, parameters: Floats) -> Floats:
        """Parameters (n, k) to inputs (n, inputs), in float64."""
        return parameters @ self.matrix.T + self.offset

    def parameters_near(self, inputs: Floats) -> Floats:
        """The parameters (n, k), within their bounds, whose inputs are closest to these (n, inputs)."""
        found = np.linalg.lstsq(self.matrix, (inputs - self.offset).T, rcond=None)[0].T.astype(np.float64)
        return np.clip(np.where(self.integer, np.round(found), found), self.low, self.high)

    def point(self, parameters: Sequence[Fraction]) -> Point:
        """The exact inputs at exact parameters."""
        at = dict(zip(self.live, parameters, strict=True))
        return tuple(_value(f, at) for f in self.forms)

    def exact(self, parameters: Floats) -> tuple[Fraction, ...]:
        """One row of float64 parameters as exact ones: integers rounded, all moved into the bounds."""
        found = []
        for value, one in zip(parameters, self.parameters, strict=True):
            exact = round(float(value)) if one.integer else Fraction(float(value))
            found.append(Fraction(min(max(exact, one.low), one.high)))
        return tuple(found)


def _value(form: Linear, at: Mapping[int, Fraction]) -> Fraction:
    """A form at exact parameters; most are one of them."""
    if not form.constant and len(form.terms) == 1:
        ((p, c),) = form.terms.items()
        if c == 1:
            return at[p]
    return form.constant + sum((c * at[p] for p, c in form.terms.items()), Fraction(0))


def _float(value: Fraction | int) -> float:
    limit = 10**300
    return float(min(max(value, -limit), limit))
