"""Random whole specs, each a file with its model beside it, and for most of their claims whether they are true.

Ten kinds: programs and networks that are right everywhere and wrong at one point, faithful explanations and those with
a planted flaw, networks and programs with every kind of intervention, ONNX models whose gate is open at one input,
random programs, random expressions under random preconditions, networks under preconditions.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import frexp
from pathlib import Path
from random import Random

import numpy as np
from interventions_truth import OverlapError, Truth, small_case
from random_causal import FLAWS
from random_causal import make as causal
from random_claims import spec_text
from random_expressions import NAMES, truth
from random_modular import make as modular
from random_onnx import HIGHEST, planted
from random_programs import HIGH, LOW, Writer, python_function
from semantics_tools import dense

from mechverify.errors import ModelError
from mechverify.models.onnx.model import model_of
from mechverify.spec.expression.evaluate import InexactError, LimitError, UndefinedError, evaluate
from mechverify.spec.text import expression_text

Truths = Mapping[str, bool | None]
HEAD = "mechverify: 1\ntitle: t\n"
RAISES = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


@dataclass(frozen=True, slots=True)
class RandomSpec:
    """A spec file; ``truths`` has each claim by name, None where it is not known whether it is true."""

    kind: str
    path: Path
    truths: Truths


def right(seed: int, folder: Path) -> Truths:
    """A program or a network with a claim that is true."""
    (folder / "s.yaml").write_text(spec_text(seed, folder, planted=False))
    return {"c": True}


def wrong_at_one_point(seed: int, folder: Path) -> Truths:
    """The same with a point of up to 10^10 at which it is false."""
    (folder / "s.yaml").write_text(spec_text(seed, folder, planted=True))
    return {"c": False}


def faithful(seed: int, folder: Path) -> Truths:
    """A causal model compiled into a network, and its claim with interventions."""
    causal(seed, None).spec(folder)
    return {"c": True}


def flawed(seed: int, folder: Path) -> Truths:
    """The same with a flaw at which the claim is false."""
    causal(seed, FLAWS[seed % len(FLAWS)]).spec(folder)
    return {"c": False}


def enumerated(seed: int, folder: Path) -> Truths:
    """A small network with ``faithful`` and one interchange, true or not."""
    case = modular(seed)
    path = case.spec(folder)
    text = path.read_text()
    truths = {"whole": case.faithful()}
    if case.swapped:
        truths["swap"] = case.interchanged(case.swapped)
        text = text.replace("interchange: all", f"interchange: [{', '.join(case.swapped)}]")
    else:
        text = "".join(line for line in text.splitlines(keepends=True) if "interchange: all" not in line)
    path.write_text(text)
    return truths


def intervened(seed: int, folder: Path) -> Truths:
    """A small program, or two, with interchange, resampling, ``ignores`` and the rest."""
    case = small_case(seed)
    case.write(folder)
    try:
        known = None if case.claim.every_subset else Truth(case).true()
    except OverlapError:
        known = None
    return {"c": known}


def gated(seed: int, folder: Path) -> Truths:
    """An ONNX model with extreme constants, and a bound that it exceeds at one integer of a million, if at all."""
    case = planted(seed)
    path = folder / "m.onnx"
    path.write_bytes(case.proto.SerializeToString())
    points = [case.at, *(k * HIGHEST // 7 for k in range(8))]
    try:
        runs = [
            run.values["y"].astype(np.float64)
            for run in model_of(case.proto, path).run({"x": case.feed(points)}, ("y",))
        ]
        sizes = np.max([np.where(np.isnan(r), np.inf, np.abs(r)).max(axis=1) for r in runs], axis=0)
    except ModelError:
        sizes = np.zeros(len(points))
    elsewhere = float(sizes[1:].max())
    power = frexp(elsewhere)[1] if 0 < elsewhere < np.inf else -149
    bound = str(2**power) if power >= 0 else f"1 / {2**-power}"
    (folder / "s.yaml").write_text(
        f"{HEAD}model: {{onnx: m.onnx, feed: {{x: '[a for k in range({case.width})]'}}}}\n"
        f"inputs: {{a: {{integers: 0 .. {HIGHEST}}}}}\nexplanation: {{variables: {{y: {{located_at: y}}}}}}\n"
        f"claims: {{c: {{always: 'max(abs(network.y[k]) for k in range({case.size})) <= {bound}'}}}}\n"
    )
    return {"c": False if sizes.max() > 2.0**power else None}


def programmed(seed: int, folder: Path) -> Truths:
    """A random program that Python runs without an error at every input, and a bound of it: one that it keeps, or the
    next lower one."""
    for attempt in range(seed * 1000, seed * 1000 + 1000):
        source = Writer(attempt).source()
        run = python_function(source)
        try:
            values = [int(run(x, y)) for x, y in product(range(LOW, HIGH + 1), repeat=2)]
        except RAISES:
            continue
        if min(values) < max(values):
            break
    (folder / "m.py").write_text(source)
    holds = seed % 2 == 0
    inputs = ", ".join(f"{n}: {{integers: {LOW} .. {HIGH}}}" for n in "xy")
    (folder / "s.yaml").write_text(
        f"{HEAD}model: {{program: 'm.py:f', arithmetic: integer}}\ninputs: {{{inputs}}}\n"
        f"explanation: {{variables: {{o: {{located_at: output}}}}}}\n"
        f"claims: {{c: {{always: network.o <= {max(values) - (not holds)}}}}}\n"
    )
    return {"c": holds}


def expressed(seed: int, folder: Path) -> Truths:
    """A random expression under a random precondition, on a program that copies its first input."""
    rng = Random(f"expressed {seed}")
    condition, claim = truth(rng, rng.randint(0, 2)), truth(rng, rng.randint(1, 4))
    (folder / "m.py").write_text("def f(a, b, c):\n    out = a\n    return out\n")
    inputs = ", ".join(f"{n}: {{integers: -4 .. 4}}" for n in NAMES)
    (folder / "s.yaml").write_text(
        f"{HEAD}model: {{program: 'm.py:f', arithmetic: integer}}\ninputs: {{{inputs}}}\n"
        f'preconditions: {{some: "{expression_text(condition)}"}}\n'
        f"explanation: {{variables: {{o: {{value: a, located_at: out}}}}}}\n"
        f'claims: {{c: {{always: "network.o == o and ({expression_text(claim)})"}}}}\n'
    )
    known: bool | None = None
    try:
        for point in product(map(Fraction, range(-4, 5)), repeat=len(NAMES)):
            at = dict(zip(NAMES, point, strict=True))
            if evaluate(condition, at) is True:
                try:
                    holds = evaluate(claim, at) is True
                except UndefinedError:
                    holds = False
                if not holds:
                    return {"c": False}
                known = True
    except (UndefinedError, InexactError, LimitError):
        return {"c": None}
    return {"c": known}


def conditioned(seed: int, folder: Path) -> Truths:
    """A small network of integers under one or two preconditions, and a bound that is met, or the next lower one."""
    rng = Random(f"conditioned {seed}")
    top = rng.choice((6, 20, 40))
    hidden = [[rng.randint(-3, 3), rng.randint(-3, 3)] for _ in range(rng.randint(2, 4))]
    bias = [rng.randint(-top, top) for _ in hidden]
    out, last = [rng.choice((-2, -1, 1, 2)) for _ in hidden], rng.randint(-3, 3)
    dense(folder / "m.onnx", [(hidden, bias), ([out], [last])])
    conditions = rng.sample(
        ["x == y", "x <= y", f"x + y <= {top}", "x % 3 == 1", "abs(x - y) <= 2", f"max(x, y) == {top}", "x != y"],
        rng.randint(1, 2),
    )
    values = [
        last + sum(w * max(0, b + r[0] * x + r[1] * y) for w, r, b in zip(out, hidden, bias, strict=True))
        for x, y in product(range(top + 1), repeat=2)
        if all(eval(c, {"x": x, "y": y, "max": max, "abs": abs}) for c in conditions)  # noqa: S307 - our own text
    ]
    holds = rng.random() < 0.5
    named = ", ".join(f"c_{k}: '{c}'" for k, c in enumerate(conditions))
    (folder / "s.yaml").write_text(
        f"{HEAD}model: {{onnx: m.onnx, arithmetic: {rng.choice(('float32', 'real'))}, feed: {{x: [x, y]}}}}\n"
        f"inputs: {{x: {{integers: 0 .. {top}}}, y: {{integers: 0 .. {top}}}}}\npreconditions: {{{named}}}\n"
        f"explanation: {{variables: {{o: {{located_at: 'output[0]'}}}}}}\n"
        f"claims: {{c: {{always: network.o <= {max(values, default=0) - (not holds)}}}}}\n"
    )
    return {"c": holds if values else None}


KINDS: tuple[Callable[[int, Path], Truths], ...] = (
    right, wrong_at_one_point, faithful, flawed, enumerated, intervened, gated, programmed, expressed, conditioned,
)  # fmt: skip


def write(number: int, folder: Path) -> RandomSpec:
    """The spec with this number, ``s.yaml`` in the folder; kinds take turns."""
    kind = KINDS[number % len(KINDS)]
    truths = kind(number // len(KINDS), folder)
    return RandomSpec(kind.__name__, folder / "s.yaml", truths)
