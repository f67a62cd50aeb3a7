"""Netlists in which light is made, gated, turned and counted."""

from math import pi

import numpy as np

from validation.case import Measurement, case, measured
from validation.cases.sample_circuits import CARRIER, DT, coupler, guide, wired
from validation.closed_forms import amplifier, light, modulator


@case(
    name="circuit-sidebands",
    title="Light whose phase a sine turns: its lines, the carrier all but gone",
    formula="P_n = J_n(β)², β = π V/V_π = 2.4",
    source="Jacobi, Anger; Agrawal, Fiber-Optic Communication Systems",
    model="circuits.Circuit.transient",
    tolerance=1e-14,
    why="rounding of a transform of 64 samples of size 1",
)
def sidebands() -> Measurement:
    """A laser and a phase modulator; four periods of sixteen samples."""
    circuit = wired(
        {
            "laser": {"component": "laser", "settings": {"power": 1.0}},
            "turn": {"component": "phase_modulator", "settings": {"half_wave_voltage": 3.0}},
        },
        {"laser,out0": "turn,in0"},
        {"drive": "turn,drive", "out": "turn,out0"},
    )
    samples, periods = 1024, 16
    voltage = 3.0 * 2.4 / pi * np.sin(2 * pi * periods / samples * np.arange(samples))
    trace = circuit.transient({"drive": voltage}, dt=DT, frequency=CARRIER).outputs["out"]
    lines = np.abs(np.fft.ifft(trace)) ** 2
    orders = np.arange(-10, 11)
    return measured(
        orders, modulator.sideband_powers(orders, 2.4), lines[orders * periods],
        x="order of the line", y="power / W",
    )  # fmt: skip


@case(
    name="circuit-gated-pulse",
    title="What a gate lets pass of a pulse, counted by a detector slower than both",
    formula="Q = R √(π/(4 ln 2)) w₁w₂/w e^{−4 ln 2 (t/w)²}, w² = w₁² + w₂²",
    source="integral of two Gaussians",
    model="circuits.Circuit.transient",
    tolerance=1e-12,
    why="Gaussians that are sampled well integrate by their sum; the detector has let go by e^−30",
)
def gated_pulse() -> Measurement:
    """A pulse of 12 samples, gates of 5 that come up to 20 later, all in one batch."""
    circuit = wired(
        {
            "gate": {
                "component": "modulator",
                "settings": {"insertion_loss_db": 0.0, "half_wave_voltage": 1.0},
            },
            "detector": {
                "component": "photodetector",
                "settings": {"bandwidth": 5e9, "responsivity": 0.9, "dark_current": 0.0},
            },
        },
        {"gate,out0": "detector,in0"},
        {"in": "gate,in0", "drive": "gate,drive", "current": "detector,out0"},
    )
    time = np.arange(1200) * DT - 80 * DT
    delay = np.linspace(-20, 20, 41) * DT
    pulse = 2.0 ** (-2 * (time / (12 * DT)) ** 2) * np.ones((41, 1))
    gate = 2.0 ** (-2 * ((time - delay[:, None]) / (5 * DT)) ** 2)
    result = circuit.transient({"in": pulse, "drive": gate}, dt=DT, frequency=CARRIER)
    charge = result.outputs["current"].real.sum(axis=1) * DT
    exact = 0.9 * light.gated_pulse_energy(delay, 12 * DT, 5 * DT)
    return measured(
        delay * 1e12, exact * 1e12, charge * 1e12, x="delay of the gate / ps", y="charge / pC"
    )


@case(
    name="circuit-oscillation",
    title="A loop above its threshold comes to rest where gain equals losses",
    formula="P = P_sat ln(G₀/G)/(G−1), G = 1/losses",
    source="Agrawal, Olsson, IEEE J. Quantum Electron. 25, 2297 (1989)",
    model="circuits.Circuit.transient",
    tolerance=1e-10,
    why="40 ns are many times what it takes to come to rest; rounding",
)
def oscillation() -> Measurement:
    """A sample around a semiconductor amplifier, 3.56 dB lost; light where it enters the gain."""
    loss = 3.1 - 10 * np.log10(0.9)
    gains = np.linspace(4.5, 15.0, 8)
    seed = np.zeros(40_000)
    seed[0] = 1e-3
    found = []
    for gain_db in gains:
        circuit = wired(
            {
                "coupler": coupler(0.1),
                "way": guide(1),
                "loss": {"component": "attenuator", "settings": {"loss_db": 3.1}},
                "gain": {
                    "component": "semiconductor_amplifier",
                    "settings": {"small_signal_gain_db": float(gain_db)},
                },
            },
            {
                "coupler,out1": "way,in0",
                "way,out0": "loss,in0",
                "loss,out0": "gain,in0",
                "gain,out0": "coupler,in1",
            },
            {"in": "coupler,in0", "out": "coupler,out0"},
        )
        result = circuit.transient({"in": seed}, dt=DT, frequency=CARRIER, probes=["loss,out0"])
        found.append(result.power("loss,out0")[-1] * 1e3)
    left = 1 / light.power_transmission(loss)
    full = 1 / light.power_transmission(gains)
    exact = amplifier.saturated_input_power(left, full, 10e-3) * 1e3
    return measured(gains, exact, found, x="small-signal gain / dB", y="power at the gain / mW")
