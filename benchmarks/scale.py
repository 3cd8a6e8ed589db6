"""How this version, and another one, fare with networks as large as users have: times and memory as ratios.

    python benchmarks/scale.py [--against 9ceebf8] [--repeat 3] [wide] [image] [embedding]

Each stage runs in a cold process of its own with one thread, first the one version, then the other, in turns; figures
are medians of processor seconds. The other version is taken from git into a folder of its own.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from versions import ROOT, environment, unpacked

HERE = Path(__file__).resolve().parent
NETWORKS = {"wide": (2, 512, 512, 1), "image": (784, 256, 256, 10)}
EMBEDDINGS = {"embedding": (1000, 64, 8)}
"""Words, numbers for each, and tokens looked up."""
TITLES = {name: "-".join(map(str, sizes)) for name, sizes in {**NETWORKS, **EMBEDDINGS}.items()}
STAGES = ("spec", "models", "graph", "problem", "kernel's problem", "first engine", "leaf")

SPEC = """\
mechverify: 1
title: {name}
model:
  onnx: model.onnx
  arithmetic: float32
  feed: {{x: [{feed}]}}
inputs:
{inputs}
explanation:
  variables:
    answer: {{located_at: "output[0]"}}
claims:
  bounded:
    always: abs(network.answer) <= 100000
"""


def network(widths: tuple[int, ...], path: Path) -> None:
    """A network of random weights (He's initialisation, seed 0) as ONNX."""
    import onnx  # noqa: PLC0415
    from onnx import TensorProto, helper, numpy_helper  # noqa: PLC0415

    rng = np.random.default_rng(0)
    constants, nodes, before = [], [], "x"
    for k, (ins, outs) in enumerate(pairwise(widths)):
        weights = (rng.normal(size=(ins, outs)) * (2 / ins) ** 0.5).astype(np.float32)
        bias = (rng.normal(size=outs) * 0.1).astype(np.float32)
        constants += [numpy_helper.from_array(weights, f"w{k}"), numpy_helper.from_array(bias, f"b{k}")]
        last = k == len(widths) - 2
        out = "output" if last else f"sum_{k + 1}"
        nodes.append(helper.make_node("Gemm", [before, f"w{k}", f"b{k}"], [out]))
        if not last:
            before = f"hidden_{k + 1}"
            nodes.append(helper.make_node("Relu", [out], [before]))
    ends = ("x", widths[0]), ("output", widths[-1])
    given, out = (helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, width]) for name, width in ends)
    graph = helper.make_graph(nodes, "g", [given], [out], constants)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)


def embedding(words: int, numbers: int, tokens: int, path: Path) -> None:
    """The rows of some tokens in a table of random numbers (seed 0), and a weighted sum of them, as ONNX."""
    import onnx  # noqa: PLC0415
    from onnx import TensorProto, helper, numpy_helper  # noqa: PLC0415

    rng = np.random.default_rng(0)
    constants = {
        "table": rng.normal(size=(words, numbers)).astype(np.float32),
        "weights": (rng.normal(size=(tokens * numbers, 1)) * 0.05).astype(np.float32),
        "shape": np.array([1, tokens * numbers]),
    }
    nodes = [
        helper.make_node("Gather", ["table", "x"], ["rows"], axis=0),
        helper.make_node("Reshape", ["rows", "shape"], ["flat"]),
        helper.make_node("MatMul", ["flat", "weights"], ["output"]),
    ]
    given = helper.make_tensor_value_info("x", TensorProto.INT64, [1, tokens])
    out = helper.make_tensor_value_info("output", TensorProto.FLOAT, [1, 1])
    held = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    graph = helper.make_graph(nodes, "g", [given], [out], held)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)


def write(name: str, folder: Path) -> Path:
    """The spec of one network."""
    if name in EMBEDDINGS:
        embedding(*EMBEDDINGS[name], folder / "model.onnx")
        words, _, tokens = EMBEDDINGS[name]
        return spec(name, folder, tokens, words - 1, "")
    widths = NETWORKS[name]
    network(widths, folder / "model.onnx")
    top = 1_000_000 if widths[0] == 2 else 255
    return spec(name, folder, widths[0], top, f" / {top}")


def spec(name: str, folder: Path, inputs: int, top: int, over: str) -> Path:
    """A spec over that many integers from 0 to the top, and what is fed of each."""
    names = [f"x_{k}" for k in range(inputs)]
    text = SPEC.format(
        name=name,
        feed=", ".join(f"{n}{over}" for n in names),
        inputs="\n".join(f"  {n}: {{integers: 0 .. {top}}}" for n in names),
    )
    path = folder / "spec.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def measured(tree: Path, spec: Path) -> dict[str, Any]:
    """One cold run of the stages with the version in ``tree``."""
    command = [sys.executable, str(HERE / "scale_stages.py"), str(spec)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment(tree), cwd=spec.parent)
    if done.returncode:
        raise SystemExit(f"{tree}, {spec.parent.name}: {done.stderr.strip()[-500:]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def middle(runs: list[dict[str, Any]]) -> dict[str, float]:
    """The median of each figure."""
    return {key: median(run[key] for run in runs) for key in runs[0]}


def table(name: str, ours: dict[str, float], other: dict[str, float], commit: str) -> str:
    """What both took, in Markdown."""
    title = f"### {name}: {TITLES[name]}"
    lines = [title, "", f"| | {commit} | this version | ratio |", "| --- | --- | --- | --- |"]
    before_other, before_ours = 0.0, 0.0
    for stage in STAGES:
        a, b = other[stage], ours[stage]
        if stage != "leaf":
            a, b, before_other, before_ours = a - before_other, b - before_ours, a, b
        lines.append(f"| {stage} | {a:.3g} s | {b:.3g} s | {a / max(b, 1e-9):.3g} |")
    for key, unit, words in (
        ("first engine", "s", "all to the first engine"),
        ("first leaf", "s", "all to the end of the first leaf"),
        ("megabytes", "MB", "memory there"),
        ("bytes", "bytes", "the problem as text"),
        ("nodes", "", "nodes"),
    ):
        lines.append(f"| {words} | {other[key]:,.4g} {unit} | {ours[key]:,.4g} {unit} | {other[key] / ours[key]:.3g} |")
    return "\n".join(lines)


def compared(name: str, tree: Path, folder: Path, repeat: int) -> tuple[dict[str, float], dict[str, float]]:
    """The figures of the version in ``tree`` and of this one on a network, whose files go to ``folder``."""
    folder.mkdir()
    spec = write(name, folder)
    other, ours = [], []
    for _ in range(repeat):
        other.append(measured(tree, spec))
        ours.append(measured(ROOT, spec))
    return middle(other), middle(ours)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--against", default="9ceebf8")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("networks", nargs="*", default=["wide"], help=f"of {', '.join(TITLES)}")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tree = unpacked(asked.against, folder / "other", "mechverify")
        for one in asked.networks:
            other, ours = compared(one, tree, folder / one, asked.repeat)
            print(table(one, ours, other, asked.against), end="\n\n", flush=True)


if __name__ == "__main__":
    main()
