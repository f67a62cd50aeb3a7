"""Threads that wait quietly, so that the libraries do not take the cores from each other.

A training step goes through three thread pools in turn: torch's OpenMP, numpy's OpenBLAS and
numba's. By default a pool that waits for work spins. On two cores beside one busy process that
made a step of 16 ms take 77 ms, of 31 ms take 267 ms. Asleep, they wait far less for each other; a
product of numpy's BLAS can still stall while another process holds a core.
"""

import os


def wait_quietly() -> None:
    """Let idle threads sleep; must run before numpy and torch are first imported."""
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    # The power of two of the clock cycles that OpenBLAS spins, 26 by default; 4 is the least.
    os.environ.setdefault("OPENBLAS_THREAD_TIMEOUT", "4")


def share_cores() -> None:
    """Let numba have no more threads than OpenMP, beside other processes of one training.

    torchrun gives each of them one OpenMP thread unless OMP_NUM_THREADS says otherwise, but numba
    would take every core; must run before numba is first imported.
    """
    os.environ.setdefault("NUMBA_NUM_THREADS", os.environ.get("OMP_NUM_THREADS", "1"))
