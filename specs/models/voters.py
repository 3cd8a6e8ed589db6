"""Train a 3-6-1 ReLU network to tell how people will vote, and write voters.onnx and voters.csv.

The table is the American National Election Study of 1996 (944 people; public domain) as statsmodels ships it:
https://www.statsmodels.org/stable/datasets/generated/anes96.html. This script alone needs statsmodels.
"""

import numpy as np
import statsmodels.api as sm
from onnx_writer import FOLDER, save_dense
from training import Batch, initial, train

SEED = 3
COLUMNS = ("party", "age", "income")
SCALES = (6, 100, 24)


def main() -> None:
    """Train on all people at once: 1 for a vote for Dole, 0 for one for Clinton."""
    table = sm.datasets.anes96.load_pandas().data
    people = table[["PID", "age", "income"]].to_numpy(dtype=np.int64)
    votes = table[["vote"]].to_numpy(dtype=np.float64)
    scaled = people / np.array(SCALES, dtype=np.float64)

    def batch() -> Batch:
        return scaled, votes

    layers = initial((3, 6, 1), np.random.default_rng(SEED))
    train(layers, batch, steps=3000, rate=0.02)
    save_dense("voters.onnx", layers)
    rows = [",".join(map(str, person)) for person in people.tolist()]
    (FOLDER / "voters.csv").write_text("\n".join([",".join(COLUMNS), *rows]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
