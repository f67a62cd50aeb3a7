"""Rings in time as plain torch has them: one loop over the samples, recorded by autograd.

In a sample the delays give back what entered them, one matrix joins them with the input, and what
enters the delays is put in front of what they hold:

    (out, into) = M (in, u),   u = the oldest of what is inside
"""

import torch


def step_rings(matrix: torch.Tensor, signal: torch.Tensor, samples: int) -> torch.Tensor:
    """Return what leaves the circuit, (N,).

    Parameters
    ----------
    matrix : (1 + L, 1 + L) complex
        What leaves the circuit and enters each of the L delays, of what enters it and leaves them.
    signal : (N,) complex
        What enters the circuit.
    samples : int
        Length of every delay.
    """
    inside = torch.zeros(len(matrix) - 1, samples, dtype=matrix.dtype)
    outputs = []
    for entering in signal:
        waves = matrix @ torch.cat((entering.reshape(1), inside[:, -1]))
        outputs.append(waves[0])
        inside = torch.cat((waves[1:, None], inside[:, :-1]), dim=1)
    return torch.stack(outputs)
