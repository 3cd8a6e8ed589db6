"""Train a network to add modulo 59, on 85% of all pairs; write modular_addition.onnx, modular_addition_clock.onnx
and modular_addition.safetensors.

An embedding of 16 numbers, the same for both summands, whose rows are added; one layer of 32 ReLUs; 59 logits. AdamW on
all pairs of the training set at once. The clock is a table: of each number cosine and sine of its angle on the hands of
a clock, whose speeds are the frequencies that carry most of the logits. The third file has directions: those of the
embedding along which these are read of a summand, found by least squares, and those of the logits that weigh each of
them by cosine and sine of its own angle, scaled to the size of a hand.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from onnx import TensorProto, helper
from onnx_writer import FOLDER, Network
from safetensors.numpy import save_file
from training import Adam, Matrix

P, WIDTH, HIDDEN = 59, 16, 32
STEPS, RATE, WARM, DECAY, SHARE = 2400, 3e-3, 100, 0.6, 0.85
FREQUENCIES = 3
SEED = 2

Numbers = npt.NDArray[np.int64]
A, B = np.divmod(np.arange(P * P), P)


@dataclass(frozen=True)
class Adder:
    """Matrices that a row is multiplied with from the left; ``numbers`` are the rows of the embedding."""

    numbers: Matrix
    into: Matrix
    bias: Matrix
    out: Matrix

    def all(self) -> list[Matrix]:
        """Every matrix, in one order."""
        return [self.numbers, self.into, self.bias, self.out]

    def logits(self, a: Numbers, b: Numbers) -> Matrix:
        """Of every pair, (pairs, P)."""
        stream = self.numbers[a] + self.numbers[b]
        return np.maximum(stream @ self.into + self.bias, 0) @ self.out

    def gradients(self, a: Numbers, b: Numbers) -> list[Matrix]:
        """Of the mean cross entropy of the sums, in the order of ``all``."""
        stream = self.numbers[a] + self.numbers[b]
        before = stream @ self.into + self.bias
        hidden = np.maximum(before, 0)
        logits = hidden @ self.out
        d = np.exp(logits - logits.max(axis=1, keepdims=True))
        d /= d.sum(axis=1, keepdims=True)
        d[np.arange(len(a)), (a + b) % P] -= 1
        d /= len(a)
        d_before = (d @ self.out.T) * (before > 0)
        d_stream = d_before @ self.into.T
        d_numbers = np.zeros_like(self.numbers)
        np.add.at(d_numbers, a, d_stream)
        np.add.at(d_numbers, b, d_stream)
        return [d_numbers, stream.T @ d_before, d_before.sum(axis=0), hidden.T @ d]


def trained() -> Adder:
    """A network that is right on all pairs, those that it was not trained on too."""
    random = np.random.default_rng(SEED)
    model = Adder(
        random.normal(0, 0.3, (P, WIDTH)),
        random.normal(0, WIDTH**-0.5, (WIDTH, HIDDEN)),
        np.zeros(HIDDEN),
        random.normal(0, HIDDEN**-0.5, (HIDDEN, P)),
    )
    adam = Adam(model.all(), decay=0.98)
    seen = np.sort(random.permutation(P * P)[: int(SHARE * P * P)])
    for step in range(STEPS):
        rate = RATE * min(1, (step + 1) / WARM) * 0.5 * (1 + np.cos(np.pi * step / STEPS))
        gradients = model.gradients(A[seen], B[seen])
        for matrix in model.all():
            matrix[...] = matrix * (1 - rate * DECAY)
        adam.step(gradients, rate)
        if (step + 1) % 500 == 0:
            right = model.logits(A, B).argmax(axis=1) == (A + B) % P
            print(f"step {step + 1}: right on {right[seen].mean():.2%} of its pairs, on {right.mean():.2%} of all")
    for matrix in model.all():
        matrix[...] = matrix.astype(np.float32)
    return model


def angles(frequency: int, count: int = P) -> Matrix:
    """Cosine and sine of the angle of each number below a count, (count, 2)."""
    turned = 2 * np.pi * frequency * (np.arange(count) % P) / P
    return np.stack([np.cos(turned), np.sin(turned)], axis=1)


def main_frequencies(model: Adder) -> list[int]:
    """Those that carry most of the logits."""
    logits = model.logits(A, B)
    power = [((logits @ angles(k)) ** 2).sum() for k in range(1, P // 2 + 1)]
    chosen = sorted(int(k) + 1 for k in np.argsort(power)[-FREQUENCIES:])
    print(f"frequencies {chosen} carry {sum(power[k - 1] for k in chosen) / sum(power):.2%} of the logits' squares")
    return chosen


def directions(model: Adder, frequencies: list[int]) -> dict[str, npt.NDArray[np.float32]]:
    """What the second file has, two columns a frequency, and in print how well they fit."""
    read_along: list[Matrix] = []
    weighed_along: list[Matrix] = []
    rows = np.c_[model.numbers, np.ones(P)]
    for k in frequencies:
        wanted = angles(k)
        read = np.linalg.lstsq(rows, wanted, rcond=None)[0]
        off = np.abs(model.numbers @ read[:-1] - wanted).max()
        logits = model.logits(A, B) @ wanted * 2 / P
        on_side = (logits * wanted[(A + B) % P]).sum(axis=1)
        strength = on_side.mean()
        away = np.abs(logits / strength - wanted[(A + B) % P]).max(axis=1)
        print(f"frequency {k}: the angle of a summand is read off by at most {off:.3f}")
        print(
            f"  that of the sum, {strength:.2f} times in the logits: off by at most {away.max():.2f}, by up to a half "
            f"in {(away <= 0.5).mean():.2%}; {on_side.min() / strength:.3f} of its own at least"
        )
        read_along.append(read[:-1])
        weighed_along.append(wanted * 2 / P / strength)
    found = {"summand": np.concatenate(read_along, axis=1), "logits": np.concatenate(weighed_along, axis=1)}
    return {name: matrix.astype(np.float32) for name, matrix in found.items()}


def save_clock(frequencies: list[int]) -> None:
    """Write the file of a clock: of each of two numbers cosine and sine of each hand's angle."""
    network = Network("modular_addition_clock")
    table = network.weight("table", np.concatenate([angles(k, 2 * P - 1) for k in frequencies], axis=1))
    network.node("Gather", [table, network.tokens("numbers", 2)], "hands")
    network.outputs.append(helper.make_tensor_value_info("hands", TensorProto.FLOAT, ["batch", 2, 2 * FREQUENCIES]))
    network.save("modular_addition_clock.onnx")


def save(model: Adder) -> None:
    """Write the network's file."""
    network = Network("modular_addition")
    numbers = network.weight("numbers", model.numbers)
    rows = [network.node("Gather", [numbers, network.tokens(one, 1)], f"embedded_{one}") for one in ("a", "b")]
    both = network.node("Add", rows, "stream")
    flat = network.node("Reshape", [both, network.integers("shape_flat", [0, WIDTH])], "stream_flat")
    before = [flat, network.weight("w_into", model.into), network.weight("bias", model.bias)]
    hidden = network.node("Relu", [network.node("Gemm", before, "before")], "hidden")
    network.node("MatMul", [hidden, network.weight("w_out", model.out)], "logits")
    network.output("logits", P)
    network.save("modular_addition.onnx")


if __name__ == "__main__":
    network = trained()
    save(network)
    hands = main_frequencies(network)
    save_clock(hands)
    save_file(directions(network, hands), FOLDER / "modular_addition.safetensors")
