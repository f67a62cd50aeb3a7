"""Photonic and electronic devices: one file each, closed-form response, dynamics and noise.

SI units throughout; fields in √W in the e^{-iωt} convention; matrices S[out, in]. Every device is
a frozen, validated dataclass whose fields may be arrays for a parameter sweep.
"""

from devices.add_drop_ring import AddDropRing
from devices.all_pass_ring import AllPassRing
from devices.amplifier import Amplifier, friis_noise_factor
from devices.balanced_photodetector import BalancedPhotodetector
from devices.crosstalk_penalty import crosstalk_penalty_db
from devices.current_switch import CurrentSwitch
from devices.directional_coupler import DirectionalCoupler
from devices.electrical_nonlinearity import ElectricalNonlinearity
from devices.electro_absorption_modulator import ElectroAbsorptionModulator
from devices.fiber import Fiber
from devices.fiber_switch import FiberSwitch
from devices.laser import Laser
from devices.mach_zehnder import MachZehnder
from devices.mirror_array import MirrorArray
from devices.modulator import Modulator
from devices.phase_shifter import PhaseShifter
from devices.photodetector import Photodetector
from devices.quantizer import Quantizer
from devices.ring_dynamics import RingDynamics, RingState, RingTrace
from devices.ring_nonlinearity import RingNonlinearity
from devices.switch import Switch
from devices.transimpedance_amplifier import TransimpedanceAmplifier
from devices.tunnel_junction_crossbar import TunnelJunctionCrossbar
from devices.waveguide import Waveguide

__all__ = [
    "AddDropRing",
    "AllPassRing",
    "Amplifier",
    "BalancedPhotodetector",
    "CurrentSwitch",
    "DirectionalCoupler",
    "ElectricalNonlinearity",
    "ElectroAbsorptionModulator",
    "Fiber",
    "FiberSwitch",
    "Laser",
    "MachZehnder",
    "MirrorArray",
    "Modulator",
    "PhaseShifter",
    "Photodetector",
    "Quantizer",
    "RingDynamics",
    "RingNonlinearity",
    "RingState",
    "RingTrace",
    "Switch",
    "TransimpedanceAmplifier",
    "TunnelJunctionCrossbar",
    "Waveguide",
    "crosstalk_penalty_db",
    "friis_noise_factor",
]
