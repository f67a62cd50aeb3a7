"""From a design, or a trained network, to the budget of the machine that computes it.

A design is hardware and the size of a network that nobody has trained; what its banks would be
programmed to is assumed. Of a trained network the phases, detunings or conductances are known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from circuits import (
    Budget,
    BudgetAssumptions,
    ProgrammedBanks,
    SwitchSchedule,
)
from circuits.budget import MACHINES, BankKind
from circuits.budget_banks import mesh_phases
from circuits.time_multiplexed_loop import Machine
from devices import (
    AddDropRing,
    CurrentSwitch,
    DirectionalCoupler,
    ElectricalNonlinearity,
    PhaseShifter,
    TunnelJunctionCrossbar,
)
from devices.library import LibraryEntry
from photon_relax.hardware import Hardware

if TYPE_CHECKING:
    from photon_relax.network import ReLaXNet

__all__ = ["Design", "design_of_library", "network_budget"]


@dataclass(frozen=True, kw_only=True)
class Design:
    """Hardware, and the size of the network on it."""

    hardware: Hardware
    """Devices and timing."""

    bank: BankKind = "mzi"
    """What holds the weights."""

    machine: Machine | None = None
    """What it computes with; None: what suits the bank."""

    width: int = 64
    """Lanes N."""

    weight_sets: int = 4
    """Banks L_W."""

    repetitions: int = 4
    """Layers L_T."""

    inputs: int = 0
    """Numbers that the digital input layer takes; 0: not counted."""

    outputs: int = 0
    """Numbers that the digital output layer gives; 0: not counted."""

    def budget(self, assumptions: BudgetAssumptions) -> Budget:
        """Return what it needs.

        Raises
        ------
        ValueError
            The sizes contradict one another, the bank or the hardware.
        """
        hardware, n = self.hardware, self.width
        for name in ("width", "weight_sets", "repetitions"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise ValueError(f"{name} must be a whole number ≥ 1; got {value!r}.")
        if self.bank not in MACHINES:
            raise ValueError(f"bank must be one of {', '.join(MACHINES)}; got {self.bank!r}.")
        machine = MACHINES[self.bank][0] if self.machine is None else self.machine
        loop = hardware.loop(
            SwitchSchedule(
                weight_sets=self.weight_sets,
                repetitions=self.repetitions,
                interleaved=hardware.interleaved_inferences,
                order=hardware.order,
            ),
            machine=machine,
            fidelity="slot",
            nonlinearity=ElectricalNonlinearity(
                function="clipped_relu" if machine == "intensity" else "tanh"
            ),
            bank_transmission={
                "mzi": hardware.mesh.processor_transmission(n),
                "ring": n**-0.5,
            }.get(self.bank, 1.0),
            rings=hardware.rings if self.bank == "ring" else None,
        )
        return Budget(
            loop=loop,
            lanes=n,
            bank=self.bank,
            assumptions=_of_heaters(assumptions, hardware),
            inputs=self.inputs,
            outputs=self.outputs,
        )


def design_of_library(entry: LibraryEntry) -> tuple[Mapping[str, Any], BankKind]:
    """Return the table of hardware that has a piece of the library in it, and a bank that uses it.

    A mesh of the library loses two phase shifters and two splitters in every column.
    """
    found = {role: entry.build(role) for role in entry.parts}
    named = {"library": entry.name}
    for device in found.values():
        if isinstance(device, PhaseShifter):
            splitter = found.get("splitter", DirectionalCoupler())
            assert isinstance(splitter, DirectionalCoupler)
            loss = 2 * float(device.insertion_loss_db) + 2 * float(splitter.insertion_loss_db)
            return {"mesh": {"column_loss_db": loss}}, "mzi"
        if isinstance(device, AddDropRing):
            return {"rings": {"ring": named}}, "ring"
        if isinstance(device, TunnelJunctionCrossbar):
            return {"crossbar": {"junction": named}}, "crossbar"
        if isinstance(device, CurrentSwitch):
            return {"current_switch": named}, "crossbar"
    return {"switch": named}, "mzi"


def network_budget(network: ReLaXNet, assumptions: BudgetAssumptions) -> Budget:
    """Return the budget of a trained network, on its own hardware and at its trained settings."""
    settled = network.at("slot")
    assert settled.loop is not None
    inputs = settled.input_layer.in_features
    return Budget(
        loop=settled.loop,
        lanes=settled.n_hidden,
        bank=settled.bank_name,
        banks=_programmed(settled, network.training),
        programmed=True,
        assumptions=_of_heaters(assumptions, settled.hardware),
        inputs=inputs,
        outputs=settled.n_out,
    )


def _of_heaters(assumptions: BudgetAssumptions, hardware: Hardware) -> BudgetAssumptions:
    """Take the heaters of the meshes from the hardware, unless they were given otherwise."""
    if assumptions.origin("half_wave_power") == "given":
        return assumptions
    return replace(assumptions, half_wave_power=hardware.mesh.half_wave_power)


def _programmed(network: ReLaXNet, training: bool) -> ProgrammedBanks:
    """What the banks of a network at 'slot' are programmed to; they go on training if they did."""
    import torch

    from photon_relax.banks import MeshBank, RingBank

    bank, machine = network.bank, network.machine
    bank.eval()
    with torch.no_grad():
        gain = float(bank.gain(0))
        matrices, background = bank.realise(network.chip, 0)
    bank.train(training)
    rows = matrices.detach().double()
    read = rows if machine == "square_law" else rows[:, :1]
    known: dict[str, Any] = {
        "gain": gain,
        "row_norm": float(read.square().sum(dim=(1, 3)).mean()),
    }
    if machine == "intensity":
        known["light"] = float(rows[:, 1].sum(dim=-1).mean())
    if machine == "electrical":
        assert background is not None
        known["conductance"] = float(background[:, 1].double().mean())
    if isinstance(bank, MeshBank):
        settings = (bank.theta, bank.phi, bank.screen, bank.attenuator)
        known["phases"] = mesh_phases(*(setting.detach().cpu().numpy() for setting in settings))
    if isinstance(bank, RingBank):
        rings, errors = network.chip
        known["tuning_power"] = rings.heater_powers(bank.detuning.detach().cpu().numpy(), errors)
    return ProgrammedBanks(**known)
