"""What the nonlinear operations of a circuit are called."""

from enum import IntEnum


class Op(IntEnum):
    """The operations that a circuit in time knows beside linear ones; P = |in|², u = Re drive.

    Numbers of each, in order, complex where stated, are in brackets.
    """

    SQUARE = 0
    """in (optical) → out (electrical) = I + √(V) ξ, I = R P/(1 + s P) + I_d,
    V = (q₂ I + S₀) B, B = 1/(4τ tanh(dt/2τ)), as `Photodetector` injects before its pole τ.
    [R, s = 1/P_sat, I_d, q₂ = 2q or 0, S₀ in A²/Hz, τ]"""

    EXPONENTIAL = 1
    """in ↔ out (optical), drive (electrical): out = in · exp(c u + c₀). [c, c₀, both complex]"""

    PRODUCT = 2
    """in ↔ out, drive (electrical): out = g · in · u. [g, complex]"""

    FUNCTION = 3
    """in → out (electrical): out = scale · f(slope · in + offset). [scale, slope, offset,
    exponent of f]"""

    AMPLIFIER = 4
    """in ↔ out (optical), both ways of one gain: out = in · exp((1 − iα)h/2) + ASE,
    τ ḣ = h₀ − h − (e^h − 1) Σ P/P_sat, h at the end of the sample; ASE of the complex variance
    (F e^h − 1)(hν/2)/dt, where positive. [h₀, 1/P_sat, α, τ, F, hν in J, h at the start]"""

    SOURCE = 5
    """→ out: the level of the slot, levels[⌊t/slot⌋ mod their number], and white noise of the
    density S: real of the variance S/(2dt) (electrical, one-sided S), complex of S/dt (optical).
    [S, levels…, complex]"""


class Function(IntEnum):
    """f of the operation FUNCTION, p its exponent."""

    TANH = 0
    HARD_TANH = 1
    """Clipped to −1 … 1."""
    SIGMOID = 2
    """1/(1 + e^{−x})."""
    CLIPPED_RELU = 3
    """Clipped to 0 … 1."""
    RELU = 4
    SINE = 5
    SINE_SQUARED = 6
    MACKEY_GLASS = 7
    """x/(1 + |x|^p): Mackey, Glass, Science 197, 287 (1977)."""
    POWER = 8
    """max(x, 0)^p."""
    ARCSINE = 9
    """(2/π) asin of x clipped to ±1: the look-up that makes a Mach-Zehnder linear."""
