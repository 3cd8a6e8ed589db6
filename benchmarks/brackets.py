"""Balanced brackets, all strings of a length: what the kernel counts and takes, and each string by itself.

    python benchmarks/brackets.py [LENGTH ...]

The network of specs/models/brackets_16.onnx is cut to each length (8, 10, 12, 14 and 16 by default). Printed are the
terms that one certificate's `enumerate` announces, those of evaluating every string by itself, and processor seconds:
of reading the claim, of the kernel's rule, and of the plain evaluation of every string, as measured on three of them.
"""

import sys
import tempfile
import time
from pathlib import Path

from mechverify.engines.certificates.preparation import prepare
from mechverify.explanation.obligations import compile_claim
from mechverify.graph.graph import Obligation
from mechverify.kernel.search import Prepared, State, batch_of, evaluate, take_step
from mechverify.spec.read import read_spec
from mechverify.verification.loading import load_models

MODELS = Path(__file__).resolve().parent.parent / "specs" / "models"
SAMPLED = 3
SPEC = """\
mechverify: 1
title: Balanced brackets
model: {{onnx: brackets_{length}.onnx, arithmetic: real, feed: {{tokens: t}}}}
inputs:
  t: {{integers: 0 .. 1, shape: [{length}]}}
explanation:
  variables:
    depths: {{value: "[sum(1 - 2 * t[i] for i in range(k + 1)) for k in range({length})]"}}
    balanced:
      value: depths[{last}] == 0 and all(depths[k] >= 0 for k in range({length}))
      located_at: logit[0]
      read_as: it > 0
claims:
  right: {{always: network.balanced == balanced}}
"""


def obligation(length: int, folder: Path) -> Obligation:
    """What is to be proved of all strings of a length."""
    sys.path.insert(0, str(MODELS))
    import brackets  # type: ignore[import-not-found]  # noqa: PLC0415
    import onnx_writer  # type: ignore[import-not-found]  # noqa: PLC0415

    model = brackets.read("brackets_16.onnx")
    onnx_writer.FOLDER = folder
    brackets.save(model, length)
    file = folder / "brackets.yaml"
    file.write_text(SPEC.format(length=length, last=length - 1))
    spec = read_spec(file)
    models = load_models(spec, allow_code=False)
    return compile_claim(spec, models, spec.claims[0], "right", {}).obligation


def plain_seconds(prepared: Prepared, length: int) -> float:
    """Of one string by itself, on average."""
    start = time.process_time()
    for k in range(SAMPLED):
        evaluate(prepared, [(5 * k + 1) >> i & 1 for i in range(length)])
    return (time.process_time() - start) / SAMPLED


def main(lengths: list[int]) -> None:
    """Print a row for each length."""
    print("| brackets | strings | terms | terms, each by itself | reading | kernel | each by itself | times |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for length in lengths:
        start = time.process_time()
        with tempfile.TemporaryDirectory() as folder:
            prepared = prepare(obligation(length, Path(folder)))
        reading = time.process_time() - start
        strings = 1 << length
        alone = strings * prepared.problem.terms(prepared.order(frozenset()))
        each = plain_seconds(prepared, length) * strings
        batch = batch_of(State.start(prepared))
        start = time.process_time()
        counted: list[int] = []
        assert take_step(State.start(prepared), ["enumerate"], counted.append) == []
        taken = time.process_time() - start
        print(
            f"| {length} | {strings:,} | {batch.operations if batch else counted[0]:,} | {alone:,} | {reading:.0f} s "
            f"| {taken:.1f} s | {each:,.0f} s | {each / taken:.0f} |",
            flush=True,
        )


if __name__ == "__main__":
    main([int(one) for one in sys.argv[1:]] or [8, 10, 12, 14, 16])
