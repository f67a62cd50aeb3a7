"""Trainable weight banks, one module a technology."""

from photon_relax.banks.bank import Bank, start_matrices
from photon_relax.banks.crossbar import JunctionBank
from photon_relax.banks.dense import DenseBank
from photon_relax.banks.mesh import MeshBank
from photon_relax.banks.ring import RingBank

__all__ = ["Bank", "DenseBank", "JunctionBank", "MeshBank", "RingBank", "start_matrices"]
