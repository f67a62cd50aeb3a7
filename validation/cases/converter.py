"""Converters between numbers and voltages: quantisation and dither."""

from math import pi

import numpy as np

from devices import Quantizer
from validation.case import Measurement, Reals, case, measured
from validation.closed_forms import receiver
from validation.deviation import FOUR_SIGMA, standard_errors

BENNETT = "Bennett, Bell Syst. Tech. J. 27, 446 (1948)"
LIPSHITZ = "Lipshitz, Wannamaker, Vanderkooy, J. Audio Eng. Soc. 40, 355 (1992)"


def _sine_ratio_db(bits: int, amplitude: float) -> float:
    """Signal to quantisation noise in dB of a sine, measured over its phases."""
    sine = amplitude * np.sin((np.arange(1 << 15) + 0.5) / (1 << 15) * 2 * pi)
    error = Quantizer(bits=bits, full_scale=2.0).quantise(sine) - sine
    return float(10 * np.log10(np.mean(sine**2) / np.mean(error**2)))


@case(
    name="converter-sine",
    title="Sine through an 8-bit converter, from full scale down to six steps",
    formula="SQNR = ½a²/(Δ²(1/12 + Σ J₀(2πka/Δ)/(πk)²))",
    source="Blachman, IEEE Trans. Inf. Theory 31, 712 (1985)",
    model="devices.Quantizer.quantise",
    tolerance=1e-3,
    why="dB: 32768 phases stand for all and miss each jump by half of one, 2e-4 together",
)
def sine() -> Measurement:
    """Bennett's 6.02 b + 1.76 dB with the ripple that a sine's turning points leave."""
    level = np.linspace(-26, 0, 80)
    amplitude = 10 ** (level / 20)
    ratio = np.array([_sine_ratio_db(8, a) for a in amplitude])
    noise = receiver.sine_quantisation_variance(amplitude, 2.0 / 256)
    expected = 10 * np.log10(amplitude**2 / 2 / noise)
    return measured(
        level, expected, ratio, x="amplitude / dB of full scale", y="SQNR / dB",
        error=float(np.max(np.abs(ratio - expected))),
    )  # fmt: skip


@case(
    name="converter-bits",
    title="Full-scale sine over the converter's bits",
    formula="SQNR = 6.02 b + 1.76 dB",
    source=BENNETT,
    model="devices.Quantizer.quantise",
    tolerance=0.3,
    why="dB: the error of a sine is not quite uniform, by Σ J₀(π 2^b k)/k²: 0.27 dB at 6 bits, "
    "0.14 dB at 8",
)
def bits() -> Measurement:
    """Measured on a sine at every resolution from 6 bits on."""
    count = np.arange(6, 15)
    ratio = np.array([_sine_ratio_db(int(b), 1.0) for b in count])
    expected = receiver.sine_sqnr_db(count)
    return measured(
        count, expected, ratio, x="b / bit", y="SQNR / dB",
        error=float(np.max(np.abs(ratio - expected))),
    )  # fmt: skip


@case(
    name="converter-figures",
    title="What a converter says of its own noise",
    formula="σ = FS/(2^b √12), SQNR = 10 log₁₀(FS²/8σ²)",
    source=BENNETT,
    model="devices.Quantizer.noise_variance",
    tolerance=1e-4,
    why="the reference's 6.0206 and 1.7609 are rounded to a digit in 1e5",
)
def figures() -> Measurement:
    """Step, noise and ratio at every resolution that a converter can have."""
    count = np.arange(1, 33)
    converter = Quantizer(bits=count, full_scale=1.6)
    noise = receiver.quantisation_variance(count, 1.6)
    ratio = receiver.sine_sqnr_db(count)
    error = max(
        float(np.max(np.abs(converter.noise_variance / noise - 1))),
        float(np.max(np.abs(converter.sqnr_db - ratio))),
    )
    return measured(
        count, ratio, 10 * np.log10(1.6**2 / 8 / np.asarray(converter.noise_variance)),
        x="b / bit", y="SQNR / dB", error=error,
    )  # fmt: skip


@case(
    name="converter-busy",
    title="Quantisation error of a busy signal",
    formula="σ² = Δ²/12, Δ = FS/2^b",
    source=BENNETT,
    model="devices.Quantizer.quantise",
    tolerance=4.0,
    why=FOUR_SIGMA,
)
def busy() -> Measurement:
    """A uniform signal over the whole range, clipped nowhere."""
    scale = np.logspace(-1, 1, 30)
    signal = np.random.default_rng(12).uniform(-0.5, 0.5, size=(30, 40, 400)) * scale[:, None, None]
    converter = Quantizer(bits=5, full_scale=scale[:, None, None])
    runs = np.mean((converter.quantise(signal) - signal) ** 2, axis=-1)
    expected = receiver.quantisation_variance(5, scale)
    return measured(
        scale, np.sqrt(expected), np.sqrt(runs.mean(axis=1)),
        x="FS", y="σ", error=standard_errors(runs, expected),
    )  # fmt: skip


def _dithered_error(signal: Reals, dither: Reals, step: float) -> Reals:
    """Errors (signals, dithers) of a fine converter whose input is dithered, in steps."""
    converter = Quantizer(bits=6, full_scale=64 * step)
    return (converter.quantise(signal[:, None] + dither) - signal[:, None]) / step


@case(
    name="converter-uniform-dither",
    title="Noise of a converter with a uniform dither one step wide",
    formula="⟨e⟩ = 0, σ² = Δ² r(1 − r), r the signal's place between two levels",
    source=LIPSHITZ,
    model="devices.Quantizer.quantise",
    tolerance=1e-12,
    why="rounding: at whole 40ths of a step 2000 even dithers split as exactly as all of them do",
)
def uniform_dither() -> Measurement:
    """The mean becomes linear, the noise follows the signal."""
    step = 0.1
    signal = np.linspace(-step, step, 81)
    dither = ((np.arange(2000) + 0.5) / 2000 - 0.5) * step
    error = _dithered_error(signal, dither, step)
    variance = error.var(axis=1)
    expected = receiver.uniform_dither_variance(signal, step) / step**2
    worst = max(np.max(np.abs(error.mean(axis=1))), np.max(np.abs(variance - expected)))
    return measured(
        signal / step, expected, variance, x="signal / Δ", y="σ² / Δ²", error=float(worst)
    )


@case(
    name="converter-triangular-dither",
    title="Noise of a converter with a triangular dither two steps wide",
    formula="σ² = Δ²/12 + Δ²/6 = Δ²/4, whatever the signal",
    source=LIPSHITZ,
    model="devices.Quantizer.quantise",
    tolerance=4.0,
    why=FOUR_SIGMA,
)
def triangular_dither() -> Measurement:
    """Neither the mean nor the noise knows of the signal any more."""
    step, rng = 0.1, np.random.default_rng(1992)
    # Not at 0 itself: there the error is ±Δ/2 whatever the dither, and has no spread.
    signal = ((np.arange(40) + 0.5) / 20 - 1) * step
    dither = (rng.uniform(size=(2, 40, 16_000)) - 0.5).sum(axis=0) * step
    error = _dithered_error(signal, dither, step).reshape(40, 40, 400)
    runs, expected = np.mean(error**2, axis=-1), receiver.triangular_dither_variance(step) / step**2
    return measured(
        signal / step, expected, runs.mean(axis=1), x="signal / Δ", y="σ² / Δ²",
        error=max(
            standard_errors(runs, np.broadcast_to(expected, 40)),
            standard_errors(error.mean(axis=-1), np.zeros(40)),
        ),
    )  # fmt: skip


@case(
    name="converter-slope",
    title="Slope of a dithered converter, and where it clips",
    formula="d⟨q(x + dither)⟩/dx = 1 within ±FS/2, 0 beyond",
    source=f"uniform dither makes the mean linear: {LIPSHITZ}",
    model="devices.Quantizer.passes",
    tolerance=1e-12,
    why="rounding: over whole steps 2000 even dithers are as exact as all of them",
)
def slope() -> Measurement:
    """The slope that gradients are given is the one that dither would make."""
    converter, step = Quantizer(bits=5, full_scale=2.0), 2.0 / 32
    signal = (np.arange(48) - 23.5) * step
    dither = ((np.arange(2000) + 0.5) / 2000 - 0.5) * step
    # Across one step of the converter; the outermost lie within ±(FS/2 − Δ) or beyond FS/2 + Δ.
    signal = signal[np.abs(np.abs(signal) - 1.0) > step]
    ends = [
        converter.quantise(signal[:, None] + shift * step + dither).mean(axis=1)
        for shift in (-0.5, 0.5)
    ]
    reference, found = (ends[1] - ends[0]) / step, converter.passes(signal)
    expected = (np.abs(signal) < 1.0).astype(np.float64)
    error = max(np.max(np.abs(reference - expected)), np.max(np.abs(found - expected)))
    return measured(signal, expected, found, x="x", y="slope", error=float(error))
