"""Running a module on the thread that asks, whatever torch's thread pools are."""

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def calling_thread_only() -> Iterator[None]:
    """Have torch compute on this thread alone, and give the process its number of threads back afterwards.

    A pool of threads does not survive a fork: a child that hands work to the pool that its parent has used waits for
    ever. With one thread torch, OpenMP and MKL hand nothing out (what the workers of torch's own ``DataLoader`` do).
    It also makes an execution the same on every machine, whatever its number of cores.
    """
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
