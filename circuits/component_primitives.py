"""The parts without memory: couplers, shifters, mirrors, isolators, gain.

Each function takes the fields of its device by keyword and returns the component with its slopes.
Light crosses a coupler, or passes a mirror, with +i: then r and i t make a unitary matrix.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from circuits.component import Matrices, Memoryless
from circuits.component_settings import NEPERS_PER_DB, number, numbers
from devices._fields import (
    FINITE,
    FRACTION,
    NON_NEGATIVE,
    NON_NEGATIVE_OR_INFINITE,
    amplitude_of_loss,
)
from devices.amplifier import Amplifier
from devices.directional_coupler import DirectionalCoupler
from devices.mach_zehnder import MachZehnder
from devices.phase_shifter import PhaseShifter

TWO_PORTS = ("in0", "out0")
FOUR_PORTS = ("in0", "in1", "out0", "out1")


# Interferometry


def directional_coupler(
    *, power_ratio: float | None = None, error_angle: float = 0.0, insertion_loss_db: float = 0.0
) -> Memoryless:
    """Two guides that share their light, S of (in0, in1) → (out0, out1) and back.

    Parameters
    ----------
    power_ratio : float, optional
        Share of the power that crosses; instead of the error angle. At 0 and 1 the field has no
        slope in it, so there it is no parameter.
    error_angle, insertion_loss_db : float
        As of `DirectionalCoupler`.
    """
    if power_ratio is None:
        device = DirectionalCoupler(error_angle=error_angle, insertion_loss_db=insertion_loss_db)
    elif error_angle != 0.0:
        raise ValueError("power_ratio and error_angle both set the split; leave out one of them.")
    else:
        device = DirectionalCoupler.from_power_ratio(
            power_ratio, insertion_loss_db=insertion_loss_db
        )
    held = numbers(device, "error_angle", "insertion_loss_db")
    matrix = DirectionalCoupler(error_angle=held["error_angle"]).transfer_matrix()
    by_angle = 1j * _mirrored(matrix)
    slopes = {"error_angle": by_angle}
    if power_ratio is not None:
        share = number(power_ratio, "power_ratio", FRACTION, "the share that crosses")
        held = {"insertion_loss_db": held["insertion_loss_db"]}
        slopes = {}
        if 0.0 < share < 1.0:
            held["power_ratio"] = share
            slopes["power_ratio"] = by_angle / (2 * np.sqrt(share * (1 - share)))
    return _lossy(FOUR_PORTS, matrix, held, slopes)


def coupler_of_amplitude(self_coupling: float, parameter: str) -> Memoryless:
    """A lossless coupler by the amplitude r in (0, 1) that stays, its slope under a name."""
    r, across = self_coupling, np.sqrt(1.0 - self_coupling**2)
    matrix = np.array([[r, 1j * across], [1j * across, r]])
    slope = np.array([[1.0, -1j * r / across], [-1j * r / across, 1.0]])
    return Memoryless(
        FOUR_PORTS, forward_and_back(matrix), {}, {parameter: forward_and_back(slope)}
    )


def splitter(*, power_ratio: float = 0.5, insertion_loss_db: float = 0.0) -> Memoryless:
    """One guide that parts into two, in0 → out0 and, with the share `power_ratio`, out1.

    Backwards each branch gives what it gets; the rest of the light is lost (a lossless branch
    without reflection does not exist).
    """
    share = number(power_ratio, "power_ratio", FRACTION, "the share of power into out1")
    loss = number(insertion_loss_db, "insertion_loss_db", NON_NEGATIVE, "a loss in dB")
    held, slopes = {"insertion_loss_db": loss}, {}
    if 0.0 < share < 1.0:
        held["power_ratio"] = share
        slopes["power_ratio"] = _branches(-0.5 / np.sqrt(1 - share), 0.5 / np.sqrt(share))
    matrix = _branches(np.sqrt(1 - share), np.sqrt(share))
    return _lossy(("in0", "out0", "out1"), matrix, held, slopes, both_ways=False)


def phase_shifter(**fields: Any) -> Memoryless:
    """A heated guide: the factor 10^(−IL/20) e^{iφ} both ways; fields of `PhaseShifter`."""
    device = PhaseShifter(**fields)
    held = numbers(device, "phase", "insertion_loss_db")
    matrix = np.exp(1j * held["phase"]) * np.eye(1)
    return _lossy(TWO_PORTS, matrix, held, {"phase": 1j * matrix})


def mach_zehnder(**fields: Any) -> Memoryless:
    """Two splitters and two phases; fields of `MachZehnder`."""
    device = MachZehnder(**fields)
    names = ("theta", "phi", "alpha", "beta", "arm_transmission", "insertion_loss_db")
    held = numbers(device, *names)
    arm = np.sqrt(held["arm_transmission"]) * np.exp(1j * held["theta"])
    second, first = (
        DirectionalCoupler(error_angle=held[name]).transfer_matrix() for name in ("beta", "alpha")
    )
    inner, outer = np.diag([arm, 1.0]), np.diag([np.exp(1j * held["phi"]), 1.0])
    top = np.diag([1.0, 0.0])
    slopes = {
        "theta": 1j * second @ (top * arm) @ first @ outer,
        "phi": second @ inner @ first @ (1j * top * outer),
        "alpha": second @ inner @ (1j * _mirrored(first)) @ outer,
        "beta": 1j * _mirrored(second) @ inner @ first @ outer,
        "arm_transmission": second @ (top * arm) @ first @ outer / (2 * held["arm_transmission"]),
    }
    return _lossy(FOUR_PORTS, second @ inner @ first @ outer, held, slopes)


# Loss, mirrors, one-way parts, gain


def attenuator(*, loss_db: float = 3.0) -> Memoryless:
    """A loss of `loss_db` both ways."""
    loss = number(loss_db, "loss_db", NON_NEGATIVE_OR_INFINITE, "a loss in dB, positive for loss")
    matrix = forward_and_back([[_amplitude(loss)]])
    return Memoryless(TWO_PORTS, matrix, {"loss_db": loss}, {"loss_db": -NEPERS_PER_DB * matrix})


def mirror(*, reflectivity: float = 0.5, loss_db: float = 0.0) -> Memoryless:
    """A partial mirror: √R comes back, i√(1−R) passes, both less the loss of `loss_db`."""
    share = number(reflectivity, "reflectivity", FRACTION, "the share of power that comes back")
    loss = number(loss_db, "loss_db", NON_NEGATIVE, "a loss in dB")
    amplitude = _amplitude(loss)
    back, through = np.sqrt(share), 1j * np.sqrt(1 - share)
    matrix = amplitude * np.array([[back, through], [through, back]], dtype=np.complex128)
    held, slopes = {"loss_db": loss}, {"loss_db": -NEPERS_PER_DB * matrix}
    if 0.0 < share < 1.0:
        held["reflectivity"] = share
        slopes["reflectivity"] = amplitude * np.array(
            [[0.5 / back, 0.5 / through], [0.5 / through, 0.5 / back]]
        )
    return Memoryless(TWO_PORTS, matrix, held, slopes)


def terminator(*, reflectivity: float = 0.0, phase: float = 0.0) -> Memoryless:
    """The end of a guide, which sends √R e^{iφ} back; matched where R is 0."""
    share = number(reflectivity, "reflectivity", FRACTION, "the share of power that comes back")
    angle = number(phase, "phase", FINITE, "the phase of the reflection in rad")
    back = np.sqrt(share) * np.exp(1j * np.full((1, 1), angle))
    held, slopes = {"phase": angle}, {"phase": 1j * back}
    if share > 0.0:
        held["reflectivity"], slopes["reflectivity"] = share, back / (2 * share)
    return Memoryless(("in0",), back, held, slopes)


def isolator(*, insertion_loss_db: float = 0.0, isolation_db: float = np.inf) -> Memoryless:
    """One way only: in0 → out0 with the insertion loss, back with the isolation."""
    return _one_way(TWO_PORTS, [(1, 0)], insertion_loss_db, isolation_db)


def circulator(*, insertion_loss_db: float = 0.0, isolation_db: float = np.inf) -> Memoryless:
    """Light goes round: port0 → port1 → port2 → port0, and leaks back with the isolation."""
    ways = [(1, 0), (2, 1), (0, 2)]
    return _one_way(("port0", "port1", "port2"), ways, insertion_loss_db, isolation_db)


def amplifier(**fields: Any) -> Memoryless:
    """The small-signal gain √G e^{−iα ln(G)/2} of an `Amplifier`, no noise, no saturation.

    A semiconductor amplifier amplifies both ways; an erbium one has isolators, in0 → out0 only.
    """
    device = Amplifier(**(_EDFA if fields.get("kind") == "edfa" else {}) | fields)
    held = numbers(device, "small_signal_gain_db", "linewidth_enhancement")
    exponent = held["small_signal_gain_db"] * NEPERS_PER_DB  # ln √G
    turned = 1.0 - 1j * held["linewidth_enhancement"]
    gain = np.exp(exponent * turned)
    matrix = np.array([[0.0, 0.0 if device.kind == "edfa" else gain], [gain, 0.0]])
    slopes = {
        "small_signal_gain_db": NEPERS_PER_DB * turned * matrix,
        "linewidth_enhancement": -1j * exponent * matrix,
    }
    return Memoryless(TWO_PORTS, matrix.astype(np.complex128), held, slopes)


_EDFA = {"noise_figure_db": 5.0, "time_constant": 1e-2, "linewidth_enhancement": 0.0}
"""What an erbium amplifier has unless told otherwise, as `Amplifier.edfa`."""


# Shapes of matrices


def forward_and_back(transfer: ArrayLike) -> Matrices:
    """S of ports (inputs, outputs) that passes a transfer matrix T forwards and Tᵀ backwards."""
    forward = np.asarray(transfer, dtype=np.complex128)
    n = len(forward)
    matrix = np.zeros((2 * n, 2 * n), dtype=np.complex128)
    matrix[n:, :n], matrix[:n, n:] = forward, forward.T
    return matrix


def _amplitude(loss_db: float) -> float:
    return float(np.asarray(amplitude_of_loss(loss_db)))


def _lossy(
    ports: tuple[str, ...],
    transfer: ArrayLike,
    held: Mapping[str, float],
    slopes: Mapping[str, ArrayLike],
    *,
    both_ways: bool = True,
) -> Memoryless:
    """A component with an insertion loss, which acts on all of its matrix.

    `both_ways`: the matrices are T of inputs to outputs, to be used backwards too.
    """
    loss = _amplitude(held["insertion_loss_db"])
    shape = forward_and_back if both_ways else np.asarray
    matrix = np.asarray(shape(transfer), dtype=np.complex128) * loss
    filled: dict[str, Matrices] = {
        name: np.asarray(shape(slope), dtype=np.complex128) * loss for name, slope in slopes.items()
    }
    filled["insertion_loss_db"] = -NEPERS_PER_DB * matrix
    return Memoryless(ports, matrix, held, filled)


def _one_way(
    ports: tuple[str, ...], ways: list[tuple[int, int]], insertion: float, isolation: float
) -> Memoryless:
    """Light passes (out, in) of `ways` with the insertion loss and the reverse with isolation."""
    loss = number(insertion, "insertion_loss_db", NON_NEGATIVE, "a loss in dB")
    leak = number(
        isolation, "isolation_db", NON_NEGATIVE_OR_INFINITE, "a loss backwards in dB, inf for none"
    )
    passing: Matrices = np.zeros((len(ports), len(ports)), dtype=np.complex128)
    for way in ways:
        passing[way] = 1.0
    forward, back = passing * _amplitude(loss), passing.T * _amplitude(leak)
    slopes: dict[str, Matrices] = {
        "insertion_loss_db": -NEPERS_PER_DB * forward,
        "isolation_db": -NEPERS_PER_DB * back,
    }
    held = {"insertion_loss_db": loss, "isolation_db": leak}
    return Memoryless(ports, forward + back, held, slopes)


def _mirrored(splitter_matrix: Matrices) -> Matrices:
    """Columns of [[c, is], [is, c]] exchanged; i times that is its slope in the angle."""
    return splitter_matrix[:, ::-1]


def _branches(straight: float, across: float) -> Matrices:
    """Reciprocal S of one guide into two."""
    matrix = np.zeros((3, 3), dtype=np.complex128)
    matrix[0, 1] = matrix[1, 0] = straight
    matrix[0, 2] = matrix[2, 0] = across
    return matrix
