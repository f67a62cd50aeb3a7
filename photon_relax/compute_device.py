"""Which torch device a training computes on."""

from __future__ import annotations

import torch

from photon_relax.config import TrainingConfig
from photon_relax.parallel import ALONE, Processes

__all__ = ["choose_device"]


def choose_device(config: TrainingConfig, processes: Processes = ALONE) -> torch.device:
    """Return the device of a configuration; each process on a machine has a CUDA device alone.

    ``auto`` takes a CUDA device for the ideal network alone: the kernels of slot and waveform run
    on the threads of the CPU, and a network on another device sends every batch there and back.

    Raises
    ------
    ValueError
        A CUDA device is asked for, and torch sees none, or none for this process.
    """
    if config.device == "cuda" and not torch.cuda.is_available():
        raise ValueError(
            "device cuda: torch sees no CUDA device here (its driver or a torch built for CUDA is "
            "missing); use device=cpu, or auto, which takes what there is"
        )
    if config.device == "auto" and (config.fidelity != "ideal" or not torch.cuda.is_available()):
        return torch.device("cpu")
    if config.device == "cpu":
        return torch.device("cpu")
    if processes.local_rank >= torch.cuda.device_count():
        raise ValueError(
            f"device {config.device}: this machine has CUDA devices for "
            f"{torch.cuda.device_count()} processes, and torchrun started more; lower its "
            f"--nproc-per-node, or use device=cpu"
        )
    return torch.device("cuda", processes.local_rank)
