"""The names of a shaped input's elements: each is one input of the graph."""

from itertools import product

from mechverify.spec.spec import InputDeclaration


def input_names(declaration: InputDeclaration) -> tuple[str, ...]:
    """``x`` for a scalar, ``x[0]``, ``x[1]``, ... for a vector, ``x[0][0]``, ... for a tensor, the last index
    fastest."""
    indices = product(*(range(length) for length in declaration.shape))
    return tuple(declaration.name + "".join(f"[{i}]" for i in index) for index in indices)
