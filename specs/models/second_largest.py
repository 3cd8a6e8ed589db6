"""Write second_largest.onnx: a hand-made ReLU recurrent network that points at the second largest of ten numbers.

It reads x_0 .. x_9 one after the other and holds two running maxima, largest = a + b and second = c + d - b, in four
ReLU units that start at zero:

    a <- relu(largest)    b <- relu(x - largest)    c <- relu(second)    d <- relu(x - second)

so that largest <- max(largest, x), and second <- second + relu(x - second) - relu(x - largest), which is x clipped to
between second and largest. The output k is then -|x_k - second|: the greatest one is at the second largest number.
"""

import numpy as np
from onnx_writer import Network

LENGTH = 10


def main() -> None:
    """Write the file."""
    network = Network("second_largest")
    x = network.input("x", LENGTH)
    by_time = network.node("Transpose", [x], "by_time", perm=[1, 0])
    steps = network.node("Unsqueeze", [by_time, network.integers("last_axis", [2])], "steps")
    largest, second = np.array([1.0, 1, 0, 0]), np.array([0.0, -1, 1, 1])
    take = network.weight("take", np.array([[[0.0], [1], [0], [1]]]))
    keep = network.weight("keep", np.stack([largest, -largest, second, -second])[None])
    network.node("RNN", [steps, take, keep], "states", "last_state", activations=["Relu"], hidden_size=4)
    state = network.node("Squeeze", ["last_state", network.integers("first_axis", [0])], "state")
    network.node("MatMul", [state, network.weight("read_second", second[:, None])], "second")
    above = network.node("Relu", [network.node("Sub", [x, "second"], "ahead")], "above")
    below = network.node("Relu", [network.node("Sub", ["second", x], "behind")], "below")
    network.node("Neg", [network.node("Add", [above, below], "distance")], "logits")
    network.output("logits", LENGTH)
    network.save("second_largest.onnx")


if __name__ == "__main__":
    main()
