"""Specs and models that lie, explode or try to run: each a folder, the expected exit codes, and words of the message."""

import os
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from semantics_tools import dense

HEAD = "mechverify: 1\ntitle: t\n"
NETWORK = (
    HEAD + "model: {onnx: m.onnx, feed: {x: [n]}}\ninputs: {n: {integers: 0 .. 9}}\n"
    "explanation: {variables: {o: {located_at: 'output[0]'}}}\nclaims: {c: {always: network.o >= -1}}\n"
)
PROGRAM = (
    HEAD + "model: {program: 'p.py:f', arithmetic: integer}\ninputs: {x: {integers: 0 .. 9}}\n"
    "explanation: {variables: {out: {located_at: out}}}\nclaims:\n  c:\n    always: CLAIM\n"
)
COPY = "def f(x):\n    out = x\n    return out\n"


@dataclass(frozen=True, slots=True)
class Bad:
    """One case; ``place``: whether the message must name a line of the spec."""

    name: str
    write: Callable[[Path], None]
    codes: tuple[int, ...] = (2,)
    words: str = ""
    place: bool = True


def spec(text: str, **files: str | bytes) -> Callable[[Path], None]:
    """Write a spec and files beside it."""

    def write(folder: Path) -> None:
        (folder / "s.yaml").write_bytes(text.encode("utf-8", "surrogateescape"))
        for name, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            (folder / name.replace("_", ".")).write_bytes(data)

    return write


def program(claim: str, source: str = COPY) -> Callable[[Path], None]:
    return spec(PROGRAM.replace("CLAIM", claim), p_py=source)


def network(change: Callable[[Any, Path], None] | None = None, cut: Callable[[bytes], bytes] | None = None) -> Callable[[Path], None]:
    """A network spec whose model was changed as a message, or as bytes."""

    def write(folder: Path) -> None:
        import onnx

        path = dense(folder / "m.onnx", [([[1.0]], [0.5])])
        if change is not None:
            model = onnx.ModelProto.FromString(path.read_bytes())
            change(model, folder)
            path.write_bytes(model.SerializeToString())
        if cut is not None:
            path.write_bytes(cut(path.read_bytes()))
        (folder / "s.yaml").write_text(NETWORK)

    return write


def external(location: str) -> Callable[[Any, Path], None]:
    """The first weight is said to lie in another file."""

    def change(model: Any, folder: Path) -> None:
        tensor = model.graph.initializer[0]
        tensor.ClearField("raw_data")
        tensor.data_location = 1
        entry = tensor.external_data.add()
        entry.key, entry.value = "location", location
        if location == "link.bin":
            os.symlink(folder.parent / "outside" / "secret.bin", folder / "link.bin")

    return change


def weights(value: float) -> Callable[[Any, Path], None]:
    def change(model: Any, folder: Path) -> None:
        model.graph.initializer[0].raw_data = np.array([value], dtype="<f4").tobytes()

    return change


def dims(*sizes: int) -> Callable[[Any, Path], None]:
    def change(model: Any, folder: Path) -> None:
        del model.graph.initializer[0].dims[:]
        model.graph.initializer[0].dims.extend(sizes)

    return change


def cycle(model: Any, folder: Path) -> None:
    model.graph.node[0].input[0] = model.graph.node[0].output[0]


def enormous(model: Any, folder: Path) -> None:
    from onnx import helper, numpy_helper

    model.graph.initializer.append(numpy_helper.from_array(np.array([2**31, 2**31], dtype=np.int64), "shape"))
    model.graph.node.insert(0, helper.make_node("Expand", ["x", "shape"], ["vast"], name="vast"))


class Payload:
    """Unpickling it would touch the canary."""

    def __reduce__(self) -> Any:
        return (os.system, ("touch canary",))


TOUCH = "__import__('os').system('touch canary') == 0"
BOMB = "a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1]\n" + "".join(
    f"{y}: &{y} [{', '.join([f'*{x}'] * 9)}]\n" for x, y in zip("abcdefghi", "bcdefghij", strict=True)
)

CASES: tuple[Bad, ...] = (
    Bad("external data outside", network(external("../outside/secret.bin")), words="external data"),
    Bad("external data at the root", network(external("/etc/passwd")), words="external data"),
    Bad("external data behind a link", network(external("link.bin")), words="external data"),
    Bad("external data that is not there", network(external("none.bin")), words="external data"),
    Bad("a model cut in half", network(cut=lambda data: data[: len(data) // 2])),
    Bad("an empty model", network(cut=lambda data: b"")),
    Bad("a pickle for a model", network(cut=lambda data: pickle.dumps(Payload())), words="not an ONNX model"),
    Bad("NaN weights", network(weights(float("nan"))), words="NaN"),
    Bad("infinite weights", network(weights(float("inf"))), words="NaN or infinity"),
    Bad("more elements than bytes", network(dims(2**40))),
    Bad("a negative dimension", network(dims(-1)), words="negative"),
    Bad("a graph in a circle", network(cycle)),
    Bad("an enormous tensor", network(enormous)),
    Bad("no model", spec(NETWORK)),
    Bad("an exponent bomb", program("x < 9 ** 9 ** 9 ** 9")),
    Bad("an exponent bomb in steps", program("x < ((((10 ** 64) ** 64) ** 64) ** 64) ** 64"), (2, 3)),
    Bad("a power of an input", program("x ** 64 ** 2 >= 0")),
    Bad("a literal beyond all sizes", program("x < 1e999999999")),
    Bad("brackets without end", program("x < " + "(" * 5000 + "1" + ")" * 5000)),
    Bad("minus signs without end", program("x < " + "-" * 20000 + "1")),
    Bad("a comprehension without end", program("sum([x for i in range(1000000000000)]) >= 0")),
    Bad("comprehensions in comprehensions", program("sum([sum([sum([x for i in range(9999)]) for j in range(9999)]) for k in range(9999)]) >= 0")),
    Bad("code in an expression", program(TOUCH)),
    Bad("attributes of classes", program("().__class__.__bases__[0].__subclasses__() == canary")),
    Bad("a lambda", program("(lambda: canary)() == 0")),
    Bad("a walrus", program("(canary := 1) == 1")),
    Bad("code in a program", program("x >= 0", f"import os\nos.system('touch canary')\n{COPY}"), (0, 2)),
    Bad("code in a default", program("x >= 0", "def f(x, y=open('canary', 'w')):\n    out = x\n    return out\n")),
    Bad("a program without end", program("x >= 0", "def f(x):\n    while True:\n        out = x\n    return out\n")),
    Bad("a loop beyond all sizes", program("x >= 0", "def f(x):\n    out = x\n    for i in range(10 ** 15):\n        out = out + i\n    return out\n")),
    Bad("growth without end", program("network.out >= 0", "def f(x):\n    out = x + 2\n    for i in range(200):\n        out = out * out\n    return out\n"), (2, 3, 4), place=False),
    Bad("a yaml tag that runs", spec(HEAD + "model: !!python/object/apply:os.system ['touch canary']\n")),
    Bad("a billion laughs", spec(HEAD + BOMB)),
    Bad("lists in lists without end", spec(HEAD + "inputs: " + "[" * 20000 + "]" * 20000)),
    Bad("a key twice", program("x >= 0\nclaims: {d: {always: x >= 0}}")),
    Bad("bytes that are no text", spec(HEAD + "summary: \udcff\udcfe\n")),
    Bad("an empty spec", spec("")),
    Bad("two documents", spec(HEAD + "---\n" + HEAD)),
    Bad("a shared file outside", spec(HEAD + "use: ../outside/common.yaml\n")),
    Bad("a module without permission", spec(PROGRAM.replace("program: 'p.py:f', arithmetic: integer", "torch: 'p:f'").replace("CLAIM", "x >= 0"), p_py="open('canary', 'w')\n"), words="allow-code"),
    Bad("a precondition that divides by zero", program("x >= 0\npreconditions: {p: 1 / x > 0}"), words="undefined at x = 0"),
    Bad("a contradiction", program("x >= 0\npreconditions: {p: x > 3 and x < 3}"), (3,), "VACUOUS", place=False),
    Bad("an empty range", spec(PROGRAM.replace("0 .. 9", "5 .. 3").replace("CLAIM", "x >= 0"), p_py=COPY), (2, 3), place=False),
)
