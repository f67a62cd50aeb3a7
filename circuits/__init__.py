"""Devices wired together: meshes, weight banks, the time-multiplexed loop, and any netlist."""

from circuits.budget import Budget
from circuits.budget_assumptions import BudgetAssumptions
from circuits.budget_banks import ProgrammedBanks
from circuits.circuit import Circuit
from circuits.component import Component, Composition, Line, Memoryless
from circuits.component_modes import Modes, ModesSlope
from circuits.component_nonlinear import Nonlinear
from circuits.components import CircuitError
from circuits.crossbar_bank import CrossbarBank, CrossbarErrors
from circuits.crossbar_programming import (
    ProgrammedCrossbar,
    compensate_wires,
    program_crossbar,
)
from circuits.loop_trace import LoopTrace, trace_loop
from circuits.lumerical_file import read_lumerical, write_lumerical
from circuits.measured_model import measured_model
from circuits.mesh import MachZehnderMesh
from circuits.mesh_bench import Bench, SimulatedBench
from circuits.mesh_correction import (
    correct_attenuators,
    correct_program,
    expected_residual,
    unreachable_splits,
)
from circuits.mesh_decomposition import MeshProgram, clements_decompose, reck_decompose
from circuits.mesh_fabrication import MeshErrors, MeshFabrication
from circuits.mesh_heaters import Heated, HeaterValues, MeshHeaters
from circuits.mesh_programming import ProgrammedProcessors, program_processors
from circuits.mesh_self_configuration import calibrate_attenuators, self_configure
from circuits.netlist import Netlist
from circuits.netlist_loading import load_netlist
from circuits.pole_model import PoleModel
from circuits.ring_bench import RingBench
from circuits.ring_calibration import find_resonances, solve_detunings, trim_detunings
from circuits.ring_memory import RingMemory, RingSlots, slot_classes
from circuits.ring_programming import ProgrammedRings, program_rings
from circuits.ring_weight_bank import RingErrors, RingProgram, RingWeightBank
from circuits.s_parameter_reading import read_s_parameters
from circuits.s_parameters import Mode, SParameters
from circuits.svd_processor import SvdProcessor
from circuits.switch_schedule import SwitchSchedule, named_order
from circuits.thermal_crosstalk import ThermalCrosstalk
from circuits.time_multiplexed_loop import TimeMultiplexedLoop
from circuits.touchstone_file import read_touchstone, write_touchstone
from circuits.transient import SteppedCircuit, Transient
from circuits.transient_op_kernels import Function, Op
from circuits.vector_fit import FitError, fit
from circuits.weight_range import (
    RescaledWeights,
    lost_snr_db,
    rescale_singular_values,
    rescale_weights,
)

__all__ = [
    "Bench",
    "Budget",
    "BudgetAssumptions",
    "Circuit",
    "CircuitError",
    "Component",
    "Composition",
    "CrossbarBank",
    "CrossbarErrors",
    "FitError",
    "Function",
    "Heated",
    "HeaterValues",
    "Line",
    "LoopTrace",
    "MachZehnderMesh",
    "Memoryless",
    "MeshErrors",
    "MeshFabrication",
    "MeshHeaters",
    "MeshProgram",
    "Mode",
    "Modes",
    "ModesSlope",
    "Netlist",
    "Nonlinear",
    "Op",
    "PoleModel",
    "ProgrammedBanks",
    "ProgrammedCrossbar",
    "ProgrammedProcessors",
    "ProgrammedRings",
    "RescaledWeights",
    "RingBench",
    "RingErrors",
    "RingMemory",
    "RingProgram",
    "RingSlots",
    "RingWeightBank",
    "SParameters",
    "SimulatedBench",
    "SteppedCircuit",
    "SvdProcessor",
    "SwitchSchedule",
    "ThermalCrosstalk",
    "TimeMultiplexedLoop",
    "Transient",
    "calibrate_attenuators",
    "clements_decompose",
    "compensate_wires",
    "correct_attenuators",
    "correct_program",
    "expected_residual",
    "find_resonances",
    "fit",
    "load_netlist",
    "lost_snr_db",
    "measured_model",
    "named_order",
    "program_crossbar",
    "program_processors",
    "program_rings",
    "read_lumerical",
    "read_s_parameters",
    "read_touchstone",
    "reck_decompose",
    "rescale_singular_values",
    "rescale_weights",
    "self_configure",
    "slot_classes",
    "solve_detunings",
    "trace_loop",
    "trim_detunings",
    "unreachable_splits",
    "write_lumerical",
    "write_touchstone",
]
