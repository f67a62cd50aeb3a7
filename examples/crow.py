"""A CROW: five coupled rings with a flat band, and the dispersion of a chain without end.

Couplings graded as Butterworth's filter pass the band without ripple. In a chain of equal
couplings light hops from ring to ring with the phase K, cos K = −sin(φ/2)/κ: it travels where that
is below 1, slowly, one ring in 1/(2κ) round trips amid the band.
"""

from math import pi

import numpy as np

from circuits import Circuit, load_netlist
from examples.panels import CARRIER, Curve, Panel, gallery_circuit, netlist_path, powers
from validation.closed_forms import lattice, light, ring

LENGTH, INDEX, LOSS_DB = 60e-6, 4.2, 100.0
CROSS = (0.478, 0.04, 0.0124, 0.0124, 0.04, 0.478)
EQUAL = 0.04
"""Power that crosses each coupler of the chain without end, as the netlist's cell has it."""


def panels() -> list[Panel]:
    """Return spectra, group delay and dispersion."""
    circuit, _ = gallery_circuit("crow")
    spacing = float(ring.ring_spectral_range(LENGTH, INDEX))
    offset = np.linspace(-150e9, 150e9, 1201)
    found = powers(circuit, "in", offset)
    phase = 2 * pi * offset / spacing
    amplitude = float(np.sqrt(light.power_transmission(LOSS_DB * LENGTH)))
    stay = np.sqrt(1 - np.array(CROSS))
    fields = lattice.coupled_rings(phase, amplitude, stay)
    spectra = [
        Curve(name, offset / 1e9, found[name], np.abs(field) ** 2)
        for name, field in zip(("through", "drop"), fields, strict=True)
    ]
    delay = Curve(
        "drop", offset / 1e9,
        circuit.group_delay("drop", "in", frequency=CARRIER + offset) * 1e12,
        _delay(phase, amplitude, stay) / spacing * 1e12,
    )  # fmt: skip
    x = "offset from 1550 nm (GHz)"
    return [
        Panel("five rings, graded couplings", x, "power from in (dB)", spectra, decibels=True,
              floor=-60.0, tolerance=1e-11),
        Panel("their delay", x, "group delay (ps)", [delay], tolerance=1e-6),
        _dispersion(spacing),
    ]  # fmt: skip


def _delay(phase, amplitude, stay):
    """d arg(drop)/dφ in round trips, by differences of fourth order of the closed form."""
    step = 1e-3
    ahead = [
        np.log(
            lattice.coupled_rings(phase + n * step, amplitude, stay)[1]
            / lattice.coupled_rings(phase - n * step, amplitude, stay)[1]
        ).imag / (2 * n * step)
        for n in (1, 2)
    ]  # fmt: skip
    return (4 * ahead[0] - ahead[1]) / 3


def unit_cell() -> Circuit:
    """Return the netlist's cell, one ring and the coupler ahead of it, without loss."""
    cell = Circuit(load_netlist(netlist_path("crow"), top="ring"))
    return cell.with_parameters({half: {"propagation_loss_db": 0.0} for half in ("up", "down")})


def bloch_cosine(cell: Circuit, frequency):
    """Return half the trace of the cell's matrix from (enter, leave) to (onward, back)."""
    enter, leave, onward, back = (
        cell.ports.index(name) for name in ("enter", "leave", "onward", "back")
    )
    s = cell.scattering(frequency=frequency)
    # leave = S_le·enter + S_lb·back, onward = S_oe·enter + S_ob·back, solved for onward and back.
    first = s[:, onward, enter] - s[:, onward, back] * s[:, leave, enter] / s[:, leave, back]
    return (first + 1 / s[:, leave, back]) / 2


def _dispersion(spacing: float) -> Panel:
    cross = float(np.sqrt(EQUAL))
    edge = 2 * np.arcsin(cross) / (2 * pi) * spacing
    offset = np.linspace(-edge, edge, 201)[1:-1]
    cosine = bloch_cosine(unit_cell(), CARRIER + offset)
    exact = lattice.crow_bloch_cosine(2 * pi * offset / spacing, cross)
    curve = Curve("K", offset / 1e9, np.arccos(cosine.real) / pi, np.arccos(exact) / pi)
    return Panel(
        f"a chain of equal couplings without end, κ² = {EQUAL}", "offset from 1550 nm (GHz)",
        "phase from ring to ring (π rad)", [curve], tolerance=1e-11,
        marks={"band edge": -edge / 1e9, "band edge ": edge / 1e9},
    )  # fmt: skip
