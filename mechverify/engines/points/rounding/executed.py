"""One float32 execution of an obligation's graph at many points at once: numpy's own, as one of those that the bounds
of rounding allow for. It only ranks points; the runtimes say what happens at them.
"""

import numpy as np

from mechverify.engines.affine.layout import AffineGroup, Group
from mechverify.engines.points.nominal import Points


class ExecutedPoints(Points):
    """Like ``Points``, but every node that a float32 execution rounds is rounded, sums as numpy forms them."""

    def _run(self, group: Group | AffineGroup) -> None:
        if not group.rounded:
            super()._run(group)
            return
        if isinstance(group, AffineGroup):
            weights, bias = group.weights.astype(np.float32), group.bias.astype(np.float32)
            sums = weights @ self.numbers[group.args].astype(np.float32) + bias[:, None]
            self.numbers[group.out] = sums.astype(np.float64)
            return
        super()._run(group)
        self.numbers[group.out] = self.numbers[group.out].astype(np.float32).astype(np.float64)
