"""Every linear netlist of the gallery: time against frequency, and energy.

Each names by ``info: {dt: …}`` a sample of which its delays are multiples. Amplifiers count as
linear: impulses are too faint to tire them, and without gain they have nothing to tire of.
"""

from pathlib import Path

import numpy as np
import pytest
from scipy.constants import c as speed_of_light

from circuits import Circuit, Line, load_netlist
from circuits.component_nonlinear import Nonlinear
from circuits.component_wiring import close
from circuits.transient_delays import shortest, taps_of
from circuits.transient_op_kernels import Op

CARRIER = speed_of_light / 1.55e-6
FAINT = 2.0**-40
"""Field in √W that tires no amplifier; a power of two rounds nothing."""


def is_linear(path):
    """Whether light passes by itself: detectors, gates and sources have no impulse response."""
    parts = [it.component for it in Circuit(load_netlist(path)).layout.parts]
    return all(it.op is Op.AMPLIFIER for it in parts if isinstance(it, Nonlinear))


FOLDER = Path(__file__).parents[2] / "examples" / "circuits"
LINEAR = [path for path in sorted(FOLDER.glob("*.pic.yml")) if is_linear(path)]

pytestmark = pytest.mark.parametrize("path", LINEAR, ids=lambda path: path.name.split(".")[0])


def impulse_response(built, dt, order=5):
    """Return S[f, out, in] of impulses that have rung down, and the frequencies' offsets."""
    n, found = 256, None
    while found is None or np.abs(found[-n // 8 :]).max() >= 1e-14:
        n *= 2
        assert n <= 2**19, "the impulse does not die away: is there more gain than loss?"
        pulse = np.zeros(n, dtype=complex)
        pulse[0] = FAINT
        options = {"dt": dt, "frequency": CARRIER, "order": order}
        runs = [built.transient({name: pulse}, **options).outputs for name in built.ports]
        found = np.stack([[run[name] for name in built.ports] for run in runs]).T / FAINT
    return n * np.fft.ifft(found, axis=0), np.fft.fftfreq(n, dt)


def rounding(built, offsets):
    """What light of 2e14 Hz, known to 0.03 Hz, feels of that: 0.03 Hz times max |dS/dν|."""
    ascending = np.sort(offsets)
    change = np.diff(built.scattering(frequency=CARRIER + ascending), axis=0)
    return 0.03 * np.max(np.abs(change)) / (ascending[1] - ascending[0])


def lines_of(built):
    return [(it, it.component) for it in built.layout.parts if isinstance(it.component, Line)]


def test_impulse_response_is_scattering(path):
    netlist = load_netlist(path)
    built, dt = Circuit(netlist), float(netlist.info["dt"])
    delays = np.array([line.delay / dt for _, line in lines_of(built)])
    np.testing.assert_allclose(delays, np.round(delays), rtol=1e-12)
    found, offsets = impulse_response(built, dt)
    expected = built.scattering(frequency=CARRIER + offsets)
    slack = rounding(built, offsets)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-10 + slack)


def test_fractional_delays_err_as_stated(path):
    """Samples that no delay is a multiple of: the same spectra as far as interpolation goes."""
    built, order = Circuit(load_netlist(path)), 5
    dt = min(line.delay for _, line in lines_of(built) if line.delay > 0) / 3.37
    found, offsets = impulse_response(built, dt, order)
    slack = 1e-10 + rounding(built, offsets)
    # Every so many frequencies: the bound takes dense matrices of all parts.
    some = np.argsort(offsets)[:: len(offsets) // 400]
    found, frequency = found[some], CARRIER + offsets[some]
    exact, change, stated = parts_of(built, frequency, dt, order)
    wiring = built.layout.wiring
    # In time the circuit is the one whose lines have the taps' response …
    through = close(exact + change, wiring)
    np.testing.assert_allclose(found, through.total, rtol=0, atol=slack)
    # … which differs from S by Y ΔM X, with |ΔM| as stated for each line.
    bound = np.abs(close(exact, wiring).leaving) @ stated @ np.abs(through.entering)
    error = np.abs(found - built.scattering(frequency=frequency))
    assert np.all(error <= bound + slack)
    narrow = np.abs(2 * np.pi * offsets[some] * dt) < 0.3
    assert error[narrow].max() < 0.02  # where envelopes ought to be, the error is small


def parts_of(built, frequency, dt, order):
    """All parts' S about the carrier, what taps change in it, and what is stated about that."""
    size = built.layout.wiring.n_ports
    exact, change = np.zeros((2, len(frequency), size, size), dtype=complex)
    stated = np.zeros(exact.shape)
    angle = 2 * np.pi * (frequency - CARRIER) * dt
    for it in built.layout.parts:
        span = slice(it.first_port, it.first_port + len(it.component.ports))
        exact[:, span, span] = it.component.scattering(frequency)
        if isinstance(it.component, Line) and it.component.delay > 0:
            samples = it.component.delay / dt
            assert samples >= shortest(samples, order)
            taps = taps_of(samples, order)
            ratio = taps.response(angle) * np.exp(-1j * angle * samples) - 1
            change[:, span, span] = exact[:, span, span] * ratio[:, None, None]
            error = taps.constant * np.abs(angle) ** (order + 1)
            stated[:, span, span] = np.abs(exact[:, span, span]) * error[:, None, None]
    return exact, change, stated


def lossless(built):
    """The circuit without losses and gains."""
    changes = {
        instance: {
            name: 0.0 for name in of if name.endswith("loss_db") or name == "small_signal_gain_db"
        }
        for instance, of in built.parameters.items()
    }
    return built.with_parameters({name: of for name, of in changes.items() if of})


def test_energy_is_out_or_inside_at_every_step(path):
    """Over 10⁵ steps, with noise going in: in = out + what is on its way along the lines."""
    netlist = load_netlist(path)
    built, dt = lossless(Circuit(netlist)), float(netlist.info["dt"])
    # An amplifier of erbium takes what runs backwards: light enters where none is lost.
    kept = np.abs(built.power_balance(frequency=CARRIER + np.array([0.0, 0.13 / dt]))).max(axis=0)
    sources = [name for name, lost in zip(built.ports, kept, strict=True) if lost < 1e-12]
    assert sources
    rng = np.random.default_rng(1)
    light = {name: rng.normal(size=(100_000, 2)) @ [1, 1j] for name in sources}
    probes = {}
    for it, line in lines_of(built):
        for i in (0, 1):
            before = built.layout.wiring.partner[it.first_port + i]
            if before >= 0:
                probes[port_name(built, before)] = round(line.delay / dt)
    result = built.transient(light, dt=dt, frequency=CARRIER, probes=list(probes))
    inside = sum(
        np.convolve(result.power(name), np.ones(samples))[: len(result.time)]
        for name, samples in probes.items()
    )
    entered = np.cumsum(sum(np.abs(trace) ** 2 for trace in light.values()))
    left = np.cumsum(sum(result.power(name) for name in built.ports))
    np.testing.assert_allclose(left + inside, entered, rtol=1e-10)


def port_name(built, number):
    part = [it for it in built.layout.parts if it.first_port <= number][-1]
    return f"{part.instance},{part.component.ports[number - part.first_port]}"
