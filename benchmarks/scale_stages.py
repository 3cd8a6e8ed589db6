"""The stages of one claim up to its first engine, and a leaf of the kernel, timed in this process: for ``scale.py``.

Prints a line of JSON: processor seconds from the start of the process to the end of each stage, those of one leaf (the
second, so that what is computed once is not counted), and the memory at the first engine.
"""

import json
import resource
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any


def found(*names: str) -> Any:
    """The first of these that this version has: ``module:attribute``, the newest name first."""
    for name in names:
        module, attribute = name.split(":")
        try:
            return getattr(import_module(f"mechverify.{module}"), attribute)
        except (ImportError, AttributeError):
            continue
    raise ImportError(names[0])


def main() -> None:
    """Run the stages on the spec that is named."""
    done: dict[str, float] = {}

    def mark(stage: str) -> None:
        done[stage] = time.process_time()

    read_spec = found("spec.read:read_spec")
    spec = read_spec(Path(sys.argv[1]))
    mark("spec")
    models = found("verification.loading:load_models", "pipeline.loading:load_models")(spec, allow_code=False)
    mark("models")
    options = found("deciding.options:VerifyOptions", "pipeline.options:VerifyOptions")(timeout=60)
    (planned,) = found("verification.plan:plan", "pipeline.plan:plan")(spec, models, options)
    obligation = planned.job.compiled.obligation
    mark("graph")
    prefix = ("engines.certificates.preparation", "engines.preparation")
    data = found(*(f"{p}:remembered_data" for p in prefix))(obligation)
    mark("problem")
    prepared = found(*(f"{p}:prepare" for p in prefix))(obligation)
    mark("kernel's problem")
    make_plan = found("engines.affine.layout:make_plan", "engines.plan:make_plan")
    make_plan(obligation.graph, (obligation.assumption, obligation.claim))
    mark("first engine")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    state = found("kernel.state:State").start(prepared)
    try_step = found("kernel.search:try_step", "kernel.api:try_step")
    seconds = 0.0
    for stage in ("first leaf", "second leaf"):
        before = time.process_time()
        if try_step(state, ["leaf"]) is None:
            raise SystemExit("the leaf does not close")
        mark(stage)
        seconds = time.process_time() - before
    text = json.dumps(data, separators=(",", ":"))
    figures = {"leaf": seconds, "megabytes": memory, "bytes": len(text), "nodes": len(obligation.graph.nodes)}
    print(json.dumps({**done, **figures}))


if __name__ == "__main__":
    main()
