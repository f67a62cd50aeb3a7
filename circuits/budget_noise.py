"""The noise of a budget: what stands beside a signal of one in what the receiver reads.

White noise of the one-sided density S (A²/Hz) leaves S/(4τ) behind the receiver's pole (DESIGN §4);
in units of the signal, of the z that goes into f, divided by the square of the current I₁ that a
signal of one makes:

    shot      2q R P (and of the local oscillator, and 2q I_d of each diode)
    thermal   4kT F/R_L of the receiver, 4kT ΣG of a crossbar's junctions
    RIN       RIN · I₁², of both lasers of a homodyne receiver alike, for they are one
    ADC       Δ²/12;  DAC  Δ²/12 · Σ_j W_ij², squared 4|E|²/2 times as much: E and W_ij with
              phases of their own, which they have but for 1/N

(Agrawal, *Fiber-Optic Communication Systems*, ch. 4; Bennett, Bell Syst. Tech. J. 27, 446 (1948)).
"""

from typing import TYPE_CHECKING

from circuits.budget_figures import Noise

if TYPE_CHECKING:
    from circuits.budget import Budget

__all__ = ["noises"]


def noises(budget: "Budget") -> tuple[Noise, ...]:
    """Return all noises of a signal of one, those of the receiver first."""
    densities = _junctions(budget) if budget.electrical else _diodes(budget)
    thermal = float(budget.loop.detector.thermal_noise_density)
    densities.append(("thermal", thermal, "4kT F/R_L, detector"))
    unit = budget.noise_bandwidth / budget.signal_current**2
    return (
        *(
            Noise(name=name, variance=density * unit, simulated=True, source=source)
            for name, density, source in densities
        ),
        *_intensity_noise(budget),
        *_quantisers(budget),
    )


def _diodes(budget: "Budget") -> list[tuple[str, float, str]]:
    """Densities of shot noise in A²/Hz, by what makes the current."""
    loop, detector = budget.loop, budget.loop.detector
    signal = float(detector.responsivity) * budget.link[-1].level * budget.detected
    found = [("shot, signal", signal, "2qRP at a signal of one")]
    if loop.machine == "homodyne":
        oscillator = float(detector.responsivity) * loop.local_oscillator_power
        found.append(("shot, local oscillator", oscillator, "2qR P_LO, local_oscillator_power"))
    # Every bank of an intensity machine has a pair of diodes of its own.
    diodes = {"homodyne": 2, "square_law": 1}.get(loop.machine, 2 * loop.schedule.weight_sets)
    dark = diodes * float(detector.dark_current)
    found.append(("shot, dark", dark, f"2q I_d of {diodes} diode{'s' if diodes > 1 else ''}"))
    return [
        (name, float(detector.shot_noise_density(current)), source)
        for name, current, source in found
    ]


def _junctions(budget: "Budget") -> list[tuple[str, float, str]]:
    """Density of the junctions' thermal noise in A²/Hz, behind the switch that it passes."""
    passed = float(budget.loop.input_switch.transmission) ** 2
    density = budget.loop.crossbar.thermal_density * budget.detected * passed
    return [("junctions", density, "4kT ΣG of an output, crossbar.junction")]


def _intensity_noise(budget: "Budget") -> tuple[Noise, ...]:
    rin = 0.0 if budget.electrical else 10.0 ** (budget.assumptions.rin_db / 10.0)
    if rin == 0.0:
        return ()
    return (
        Noise(
            name="laser intensity",
            variance=rin * budget.noise_bandwidth,
            simulated=False,
            source=f"RIN · 1/(4τ), {budget.assumptions.source('rin_db')}",
        ),
    )


def _quantisers(budget: "Budget") -> tuple[Noise, ...]:
    loop, found = budget.loop, []
    if loop.adc is not None:
        error = float(loop.adc.noise_variance)
        found.append(Noise(name="ADC", variance=error, simulated=False, source="Δ²/12, adc"))
    if loop.dac is not None:
        rise = 2.0 if loop.machine == "square_law" else 1.0
        error = float(loop.dac.noise_variance) * rise * budget.row_norm
        found.append(Noise(name="DAC", variance=error, simulated=False, source="Δ²/12 Σw², dac"))
    return tuple(found)
