"""Rings by coupled-mode theory: one state for each way round, near one resonance.

              ╭─ a ─╮              ȧ     = (i(ω − ω_res) − 1/τ) a + iμ₁ in + iμ₂ add
    in ═══════╧═════╧═══ through   through = in + iμ₁ a,     drop = add + iμ₂ a

Rates as `devices.ring_dynamics` has them, 1/τ_k = −ln r_k/T_R, μ_k = √(2/τ_k). Fields of the same
ring as a composition of couplers and lines, which has all resonances, differ by less than
((1/τ + |δ|) T_R)²/12. This one costs one state a direction where the composition costs two delays
of a few samples, and needs no steps below the round trip.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from circuits.component import LineSlope
from circuits.component_compositions import LOOP, loop
from circuits.component_modes import Modes, ModesSlope
from circuits.component_primitives import TWO_PORTS
from circuits.component_settings import numbers
from devices.add_drop_ring import AddDropRing
from devices.all_pass_ring import AllPassRing
from devices.micro_ring import MicroRing

Numbers = NDArray[np.float64]


def coupled_mode_all_pass_ring(**fields: Any) -> Modes:
    """A ring on one guide, in0 ↔ out0; fields of `AllPassRing`."""
    return _ring(AllPassRing(**fields), TWO_PORTS, ("self_coupling",))


def coupled_mode_ring(**fields: Any) -> Modes:
    """A ring between two guides, in → through, drop ← add and back; fields of `AddDropRing`."""
    couplings = ("input_self_coupling", "drop_self_coupling")
    return _ring(AddDropRing(**fields), ("in", "through", "add", "drop"), couplings)


def _ring(ring: MicroRing, ports: tuple[str, ...], couplings: tuple[str, ...]) -> Modes:
    """Build the states: guide k joins ports 2k and 2k + 1; state 0 is driven by 2k, 1 by 2k + 1."""
    held = numbers(ring, *LOOP, *couplings)
    line = loop(ring, 1.0)
    trip = line.delay
    rates = np.array([line.attenuation, *(-np.log(held[name]) for name in couplings)]) / trip

    def change(name: str, of: LineSlope) -> Numbers:
        """∂ of the three rates, which share the round trip."""
        found = -rates * of.delay / trip
        found[0] += of.attenuation / trip
        if name in couplings:
            found[1 + couplings.index(name)] -= 1.0 / (trip * held[name])
        return found

    mu = np.sqrt(2.0 * rates[1:])
    slopes = {}
    for name in held:
        of = line.slopes.get(name, LineSlope())
        rate = change(name, of)
        into, out = _couplings(rate[1:] / mu)
        slopes[name] = ModesSlope(
            poles=np.full(2, -rate.sum()),
            into=into,
            out=out,
            reference_frequency=of.reference_frequency,
        )
    into, out = _couplings(mu)
    past = np.kron(np.eye(len(mu)), [[0.0, 1.0], [1.0, 0.0]])
    return Modes(
        ports=ports,
        poles=np.full(2, -rates.sum()),
        into=into,
        out=out,
        direct=past,
        reference_frequency=line.reference_frequency,
        parameters=held,
        slopes=slopes,
    )


def _couplings(mu: Numbers) -> tuple[NDArray[np.complex128], NDArray[np.complex128]]:
    """(into, out) of both states: what enters 2k drives state 0, which leaves by 2k + 1."""
    into = 1j * np.kron(mu, np.eye(2))
    out = 1j * np.kron(mu[:, None], np.eye(2)[::-1])
    return into.astype(np.complex128), out.astype(np.complex128)
