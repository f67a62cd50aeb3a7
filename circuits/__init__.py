"""Devices wired together: meshes, processors, switch schedules and the time-multiplexed loop."""

from circuits.mesh import MachZehnderMesh
from circuits.mesh_decomposition import MeshProgram, clements_decompose, reck_decompose
from circuits.mesh_fabrication import MeshErrors, MeshFabrication
from circuits.svd_processor import SvdProcessor
from circuits.switch_schedule import SwitchSchedule
from circuits.time_multiplexed_loop import TimeMultiplexedLoop

__all__ = [
    "MachZehnderMesh",
    "MeshErrors",
    "MeshFabrication",
    "MeshProgram",
    "SvdProcessor",
    "SwitchSchedule",
    "TimeMultiplexedLoop",
    "clements_decompose",
    "reck_decompose",
]
