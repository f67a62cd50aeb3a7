"""Meshes, stage by stage: as perfect ones, around what is known of the chip, or by measuring it.

'naive' sets the phases of perfect meshes and every heater as if it were alone; a network that was
trained on a chip keeps the phases it has. 'corrected' goes around splitter errors that are known,
'self-configured' knows none and reads powers only (`circuits.program_processors`); both set heater
powers around the warmth of other heaters, which follows from the layout.
"""

from __future__ import annotations

import copy
from dataclasses import replace
from math import sqrt
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from circuits import HeaterValues, SvdProcessor, expected_residual, program_processors
from circuits.mesh_functions import cells_per_column
from circuits.mesh_programming import ProgrammedProcessors, ProgrammingMethod
from photon_relax.banks import MeshBank
from photon_relax.banks.bank import assembled
from photon_relax.hardware import Hardware
from photon_relax.network import ReLaXNet
from photon_relax.programming.stages import Elements
from photon_relax.programming.technique import Programmed, Technique

__all__ = ["MeshTechnique", "random_mesh_error"]

_METHODS: dict[str, ProgrammingMethod] = {
    "naive": "naive",
    "corrected": "corrected",
    "self-configured": "self-configured",
}


class MeshTechnique(Technique):
    """Interferometer meshes U Σ V†, see the module."""

    stages = tuple(_METHODS)

    def without_errors(self, hardware: Hardware) -> Hardware:
        """Return the hardware with meshes that come out as programmed, their loss aside."""
        return _with_mesh(
            hardware,
            splitter_error=0.0,
            phase_error=0.0,
            arm_loss_db=0.0,
            corrected=False,
            thermal_crosstalk=0.0,
            heater_bits=None,
        )

    def blind(self, hardware: Hardware) -> Programmed:
        """Return the trained settings, with powers around the warmth of other heaters.

        That follows from the layout.
        """
        hardware = _with_mesh(hardware, corrected=False, compensated=True)
        return Programmed(network=self.settings, hardware=hardware)

    def program(self, stage: str, hardware: Hardware) -> Programmed:
        """Set the phases of both meshes and of the attenuators of every bank."""
        # The phases themselves go around the errors.
        hardware = _with_mesh(hardware, corrected=False, compensated=stage != "naive")
        if stage == "naive" and self.perfect is not self.settings:
            return Programmed(network=self.settings, hardware=hardware)
        network = copy.deepcopy(self.perfect)
        bank = _mesh_bank(network)
        wanted = assembled(self.wanted).numpy()
        chip = hardware.mesh.draw(2 * len(wanted), bank.n, bank.n, hardware.seed)
        made = program_processors(wanted, chip, _METHODS[stage], seed=hardware.seed)
        _set_phases(bank, made)
        return Programmed(
            network=network,
            hardware=hardware,
            mesh_errors=tuple((right, left) for left, right in made.mesh_error.tolist()),
            expected_errors=tuple(_expected(stage, w, hardware) for w in wanted),
        )

    @property
    def reference_gain(self) -> float:
        """Root mean square of the singular values: the gain of unitary banks of the same norm."""
        values = torch.linalg.svdvals(assembled(self.wanted))
        return float(values.square().mean().sqrt()) or 1.0

    def elements(self, network: ReLaXNet) -> list[tuple[Elements, ...]]:
        """Return phases and heater powers of every mesh, screen and attenuator."""
        bank = _mesh_bank(network)
        theta, phi, screen = (
            phases.detach().flatten(0, 1).double().numpy()
            for phases in (bank.theta, bank.phi, bank.screen)
        )
        attenuator = bank.attenuator.detach().double().numpy()
        own = -attenuator / 2 - np.pi / 2
        phases = HeaterValues.of_banks(theta, phi, screen, attenuator, own)
        heaters = network.hardware.mesh.heaters(bank.theta.shape[2], bank.n)
        powers = heaters.settle(phases).powers
        return [_elements(phases, powers, k, bank.n) for k in range(network.weight_sets)]


def _elements(phases: HeaterValues, powers: HeaterValues, k: int, n: int) -> tuple[Elements, ...]:
    """Return the elements of bank k, in the order of the light."""
    columns = phases.theta.shape[1]
    real = np.arange(n // 2) < cells_per_column(n, columns)[:, None]
    listed = []
    for mesh, m in (("right", 2 * k + 1), ("left", 2 * k)):
        for name in ("phi", "theta", "screen"):
            grid = name != "screen"
            here = real if grid else np.array(True)
            listed.append(
                Elements(
                    mesh=mesh,
                    element=name,
                    unit="rad",
                    dimensions=("column", "cell") if grid else ("lane",),
                    values=_kept(np.mod(getattr(phases, name)[m], 2 * np.pi), here),
                    power=_kept(getattr(powers, name)[m], here),
                )
            )
        if mesh == "right":
            listed.append(
                Elements(
                    mesh="attenuators",
                    element="theta",
                    unit="rad",
                    dimensions=("lane",),
                    values=np.mod(phases.attenuators[m], 2 * np.pi),
                    power=powers.attenuators[m],
                )
            )
    return tuple(listed)


@torch.no_grad()
def _set_phases(bank: MeshBank, made: ProgrammedProcessors) -> None:
    for name in ("theta", "phi", "screen", "attenuator"):
        getattr(bank, name).copy_(torch.from_numpy(getattr(made, name)))
    bank.log_gain.copy_(torch.tensor(made.gain).log())


def _expected(stage: str, matrix: NDArray[Any], hardware: Hardware) -> tuple[float, ...]:
    """Return the errors of V† and U that splitter errors let expect, () where none are known."""
    spread = hardware.mesh.splitter_error
    if stage == "naive":
        return (spread * sqrt(2 * (len(matrix) - 1)),) * 2
    if stage == "corrected":
        processor = SvdProcessor.program(matrix)
        return tuple(expected_residual(mesh, spread) for mesh in (processor.right, processor.left))
    return ()


def _kept(values: NDArray[np.float64], here: NDArray[np.bool_]) -> NDArray[np.float64]:
    return np.where(here, values, np.nan)


def _mesh_bank(network: ReLaXNet) -> MeshBank:
    assert isinstance(network.bank, MeshBank)
    return network.bank


def _with_mesh(hardware: Hardware, **changes: Any) -> Hardware:
    return replace(hardware, mesh=replace(hardware.mesh, **changes))


def random_mesh_error(stage: str, n: int, splitter_error: float) -> float | None:
    """Return the ‖ΔU‖_F/√N of a Haar-random unitary, None where no closed form is known.

    σ√(2(N−1)) as it comes, which holds for any unitary, and √(2/3) N σ² corrected; of splitter
    errors alone (PHYSICS §2; Bandyopadhyay, Hamerly, Englund, Optica 8, 1247 (2021); Hamerly,
    Bandyopadhyay, Englund, Phys. Rev. Applied 18, 024018 (2022)).
    """
    if stage == "naive":
        return splitter_error * sqrt(2 * (n - 1))
    if stage == "corrected":
        return sqrt(2 / 3) * n * splitter_error**2
    return None
