"""Torch autograd over the circuit kernels: numpy views in, kernels, gradients out."""

from photon_relax.functional.banks import (
    crossbar_matrices,
    mesh_matrices,
    mesh_propagate,
    ring_matrices,
    ring_slots,
    ring_weights,
)
from photon_relax.functional.circuits import circuit_scattering, circuit_transient
from photon_relax.functional.electronics import amplify, mix
from photon_relax.functional.loop import circulate

__all__ = [
    "amplify",
    "circuit_scattering",
    "circuit_transient",
    "circulate",
    "crossbar_matrices",
    "mesh_matrices",
    "mesh_propagate",
    "mix",
    "ring_matrices",
    "ring_slots",
    "ring_weights",
]
