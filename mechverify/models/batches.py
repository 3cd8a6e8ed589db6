"""Taking a batched result apart."""

import numpy as np

from mechverify.models.model import FloatArray


def split_batch(batched: FloatArray, single: tuple[int, ...], count: int) -> FloatArray | None:
    """``batched`` with its batch axis first and the rest of ``single`` flattened behind: shape (count, size).

    The batch axis is the one whose extent is ``count`` where that of one feed by itself (``single``) is 1, all other
    extents being equal. None where there is no such axis.
    """
    if count == 1 and batched.shape == single:
        return batched.reshape(1, -1)
    for axis in range(len(single)):
        if batched.shape == (*single[:axis], count, *single[axis + 1 :]) and single[axis] == 1:
            return np.moveaxis(batched, axis, 0).reshape(count, -1)
    return None
