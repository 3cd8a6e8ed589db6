"""Small models and specs made on the spot, verified through the public interface."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from mechverify.api import VerifyOptions, verify_paths
from mechverify.deciding.decision import Decision
from mechverify.deciding.portfolio import Search, decide
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.graph import Obligation
from mechverify.results import ClaimResult, SpecResult

F = Fraction
Layer = tuple[Any, Any]


def onnx_file(
    path: Path,
    nodes: Sequence[tuple[Any, ...]],
    inputs: dict[str, Any],
    outputs: dict[str, Any],
    weights: dict[str, Any] | None = None,
    *,
    types: dict[str, int] | None = None,
) -> Path:
    """Write an ONNX model: nodes (op, inputs, outputs, attributes), shapes of inputs and outputs, weights as arrays."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    kinds = types or {}
    made = [
        helper.make_node(op, list(given), list(out), name=out[0], **(rest[0] if rest else {}))
        for op, given, out, *rest in nodes
    ]
    graph = helper.make_graph(
        made,
        "tiny",
        [helper.make_tensor_value_info(n, kinds.get(n, TensorProto.FLOAT), s) for n, s in inputs.items()],
        [helper.make_tensor_value_info(n, kinds.get(n, TensorProto.FLOAT), s) for n, s in outputs.items()],
        [
            numpy_helper.from_array(np.asarray(w) if isinstance(w, np.ndarray) else np.asarray(w, dtype=np.float32), n)
            for n, w in (weights or {}).items()
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(model.SerializeToString(deterministic=True))
    return path


def dense(path: Path, layers: Sequence[Layer]) -> Path:
    """A ReLU network x -> hidden_1 -> .. -> output; each layer is (rows of weights, one row for each unit; biases)."""
    nodes: list[tuple[Any, ...]] = []
    weights: dict[str, Any] = {}
    value = "x"
    for k, (rows, bias) in enumerate(layers, start=1):
        weights[f"w_{k}"], weights[f"b_{k}"] = np.asarray(rows, dtype=np.float32), np.asarray(bias, dtype=np.float32)
        last = k == len(layers)
        name = "output" if last else f"before_{k}"
        nodes.append(("Gemm", (value, f"w_{k}", f"b_{k}"), (name,), {"transB": 1}))
        if not last:
            nodes.append(("Relu", (name,), (f"hidden_{k}",)))
            value = f"hidden_{k}"
    width = len(layers[0][0][0])
    return onnx_file(path, nodes, {"x": ["batch", width]}, {"output": ["batch", len(layers[-1][0])]}, weights)


def verify_file(path: Path, **options: Any) -> SpecResult:
    """The result of one spec file."""
    (result,) = verify_paths([path], VerifyOptions(**{"timeout": 4.0, **options})).specs
    return result


def verify(folder: Path, text: str, **options: Any) -> dict[str, ClaimResult]:
    """The claims of a spec that has no mistakes, by name."""
    path = folder / "spec.yaml"
    path.write_text("mechverify: 1\ntitle: A fixture\n" + text, encoding="utf-8")
    result = verify_file(path, **options)
    assert not result.errors, [e.render() for e in result.errors]
    return {c.name: c for c in result.claims}


def mistakes(folder: Path, text: str, **options: Any) -> list[str]:
    """The mistakes of a spec, as printed."""
    path = folder / "spec.yaml"
    path.write_text("mechverify: 1\ntitle: A fixture\n" + text, encoding="utf-8")
    return [e.render() for e in verify_file(path, **options).errors]


def program_spec(folder: Path, source: str, inputs: str, claims: dict[str, str], rest: str = "") -> str:
    """The text of a spec about an integer program ``f`` that returns ``out``."""
    (folder / "program.py").write_text(source, encoding="utf-8")
    lines = [f"  {name}: {{always: {claim!r}}}" for name, claim in claims.items()]
    return (
        "model: {program: 'program.py:f', arithmetic: integer}\n"
        f"inputs: {{{inputs}}}\n"
        "explanation:\n  variables:\n    out: {located_at: out}\n" + rest + "claims:\n" + "\n".join(lines) + "\n"
    )


IDENTITY = "def f(x, y):\n    out = x\n    return out\n"


def expressions(folder: Path, inputs: str, claims: dict[str, str], rest: str = "", **options: Any) -> dict[str, ClaimResult]:
    """Claims about the spec's expressions alone, over a program that copies ``x``."""
    return verify(folder, program_spec(folder, IDENTITY, inputs, claims, rest), **options)


def verdicts(results: dict[str, ClaimResult]) -> dict[str, str]:
    """Each claim's verdict; for OPEN with its reason."""
    return {n: str(c.verdict) + (f" ({c.reason})" if c.reason else "") for n, c in results.items()}


def decided(obligation: Obligation, seconds: float = 2.0) -> Decision:
    """What the portfolio says of an obligation."""
    return decide(obligation, Search(seconds))


def builder() -> GraphBuilder:
    """An empty graph."""
    return GraphBuilder()


def obligation(b: GraphBuilder, claim: int, *assumptions: int) -> Obligation:
    """The claim under these assumptions, over what has been built."""
    assumption = b.all(assumptions)
    return Obligation(b.graph(), assumption, claim)


def verdict_of(b: GraphBuilder, claim: int, *assumptions: int, seconds: float = 2.0) -> str:
    """The portfolio's verdict on a claim."""
    return str(decided(obligation(b, claim, *assumptions), seconds).verdict)
