"""What a budget has to assume: numbers that no device of the loop says.

Each has a unit and a source; "typical" in a source means that a handful of parts would agree and
that none was read for it. A number that is replaced is no assumption any more, it is `given`:

>>> BudgetAssumptions(laser_efficiency=0.2).origin("laser_efficiency")
'given'
"""

from dataclasses import dataclass, field, fields
from math import pi
from typing import Any, Literal

__all__ = ["BudgetAssumptions", "Origin"]

Origin = Literal["device", "programmed", "assumed", "given"]
"""Where a number comes from: a field of the simulated hardware, what its banks are programmed to,
an assumption, or an assumption that was replaced."""


def _assumed(value: float, unit: str, source: str) -> Any:
    return field(default=value, metadata={"unit": unit, "source": source})


_UNBOUNDED = ("rin_db",)
_POSITIVE = ("laser_efficiency", "settled_amplitude", "separation")
_SHARES = ("laser_efficiency", "settled_amplitude", "mean_square_drive", "mean_drive",
           "mean_weight")  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class BudgetAssumptions:
    """The numbers behind a budget that the hardware does not hold.

    Raises
    ------
    ValueError
        A number is not finite, has the wrong sign, or is a share beyond 1.
    """

    # Power

    laser_efficiency: float = _assumed(0.1, "1", "light per electrical power, 0.05 to 0.2, typical")
    """Wall-plug efficiency η_wp of laser and local oscillator."""

    half_wave_power: float = _assumed(
        24.77e-3, "W", "Harris et al., Opt. Express 22, 10487 (2014); undercut 1 to 5 mW, typical"
    )
    """P_π of every heater of a mesh."""

    mean_phase: float = _assumed(
        pi, "rad", "uniform phases; Haar-random meshes have ⟨φ⟩ = π and ⟨θ⟩ below it"
    )
    """Mean phase of heaters whose setting is not known."""

    switch_power: float = _assumed(
        0.2, "W", "bias of a semiconductor amplifier gate, typical; other switches as much"
    )
    """Power of one 1×L_W switch of light and its driver, where it is no mirror array."""

    mirror_array_power: float = _assumed(5.0, "W", "mirror array with its controller, typical")
    """Power of one mirror array, which switches all lanes."""

    gate_voltage: float = _assumed(1.0, "V", "supply of a CMOS gate, typical")
    """Supply of current switches: a switching draws the charge of a channel, 2 q_inj, from it."""

    modulator_energy: float = _assumed(
        10e-15,
        "J",
        "0.9 to 200 fJ a bit; Timurdogan et al., Nat. Commun. 5, 4008 (2014); Baehr-Jones et al., "
        "Opt. Express 20, 12014 (2012)",
    )
    """Energy of one sample of one modulator."""

    converter_bits: float = _assumed(
        8.0, "bit", "where the hardware names no converter; 0 where there is none, typical"
    )
    """Bits of the converters that the hardware leaves out."""

    adc_figure_of_merit: float = _assumed(
        50e-15, "J", "Walden's figure, energy = FoM·2^bits, 4.4 to 200 fJ, typical"
    )
    """Energy of an analogue-to-digital conversion per level."""

    dac_energy: float = _assumed(
        1e-12, "J", "a sample of one digital-to-analogue converter, typical"
    )
    """Energy of a digital-to-analogue conversion."""

    receiver_energy: float = _assumed(0.3e-12, "J", "a sample of photodiode and amplifier, typical")
    """Energy of one sample of one receiver."""

    digital_energy: float = _assumed(
        4.6e-12, "J", "32-bit multiply and add at 45 nm; Horowitz, ISSCC 10 (2014)"
    )
    """Energy of a multiply-accumulate of the digital input and output layers."""

    # Signals

    mean_square_drive: float = _assumed(1 / 3, "1", "⟨h²⟩ of a uniform h within ±1")
    """Mean square of what the lanes carry."""

    mean_drive: float = _assumed(0.5, "1", "⟨h⟩ of a uniform h in 0 … 1")
    """Mean of what the lanes of an intensity machine carry."""

    mean_weight: float = _assumed(0.5, "1", "⟨|w|⟩ of a uniform w within ±1")
    """Mean size of weights that are not known."""

    rin_db: float = _assumed(
        float("-inf"), "dB/Hz", "the loop's light is steady; −155: a quiet laser, typical"
    )
    """Relative intensity noise of the laser."""

    # Time

    layer_time: float = _assumed(0.0, "s", "digital input and output layers in no time")
    """Time t_in + t_out of the digital layers in each inference."""

    fiber_length: float = _assumed(0.0, "m", "all on chips: no fibre in the loop")
    """Length of fibre in the loop; 4.90 ns/m."""

    electronics_delay: float = _assumed(0.0, "s", "converters and f in no time, a lower bound")
    """Delay of the electronics from receiver to modulator."""

    column_delay: float = _assumed(4.2e-12, "s", "0.3 mm of n_g = 4.2; library, thermo-optic-mesh")
    """Delay of one column of a mesh."""

    heater_time: float = _assumed(
        1.2e-6, "s", "Harris et al., Opt. Express 22, 10487 (2014): 130 kHz"
    )
    """Time constant with which a mesh can be written anew."""

    ring_heater_time: float = _assumed(
        4.17e-7, "s", "thermal lifetime 1/(2.4e6 1/s); de Cea et al., Opt. Express 27, 24274 (2019)"
    )
    """Time constant with which a ring can be written anew."""

    junction_write_time: float = _assumed(10e-9, "s", "spin-transfer torque, some 10 ns, typical")
    """Time to write a row of tunnel junctions; N rows follow one another."""

    # Drift

    temperature_drift: float = _assumed(
        0.01, "K", "a stabilised chip between calibrations, typical"
    )
    """Change of temperature since the weights were calibrated."""

    fiber_phase: float = _assumed(40.0, "rad/(m K)", "silica fibre, typical")
    """Phase that a metre of fibre gains per kelvin."""

    # Area

    interferometer_area: float = _assumed(
        1e-8, "m²", "0.01 mm² with heaters, typical; library, thermo-optic-mesh"
    )
    """Footprint of a Mach-Zehnder interferometer, also of a 2×2 switch."""

    ring_area: float = _assumed(6e-10, "m²", "0.0006 mm², typical; library, micro-ring-bank")
    """Footprint of a ring with its heater."""

    junction_area: float = _assumed(5e-14, "m²", "0.05 µm² a cell of 28 nm MRAM, typical")
    """Footprint of one tunnel junction with its transistor."""

    mirror_array_area: float = _assumed(
        1024 * 768 * 13.68e-6**2, "m²", "1024 × 768 mirrors 13.68 µm apart, DLP7000, typical"
    )
    """Footprint of one mirror array."""

    # Criteria

    settled_amplitude: float = _assumed(0.01, "1", "criterion: 1 % of what was there before")
    """Share of the old signal that may be left when a slot is read."""

    separation: float = _assumed(10.0, "1", "criterion: one order of magnitude")
    """Times by which switches have to be faster than the writing of weights."""

    def __post_init__(self) -> None:
        for entry in fields(self):
            value, name = getattr(self, entry.name), entry.name
            unit = entry.metadata["unit"]
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                raise ValueError(f"{name} must be a number ({unit}); got {value!r}.")
            if name in _UNBOUNDED:
                if not value < 0:
                    raise ValueError(f"{name} must be < 0 or -inf ({unit}); got {value}.")
            elif not (0 <= value < float("inf")) or (value == 0 and name in _POSITIVE):
                sign = ">" if name in _POSITIVE else "≥"
                raise ValueError(f"{name} must be {sign} 0 and finite ({unit}); got {value}.")
            if name in _SHARES and value > 1:
                raise ValueError(f"{name} must be at most 1 (a share); got {value}.")
            object.__setattr__(self, name, float(value))

    def origin(self, name: str) -> Origin:
        """Return whether a number is assumed or was given."""
        return "assumed" if getattr(self, name) == self._entry(name).default else "given"

    def source(self, name: str) -> str:
        """Return where a number comes from."""
        if self.origin(name) == "given":
            return "given"
        return str(self._entry(name).metadata["source"])

    def unit(self, name: str) -> str:
        """Return the unit of a number."""
        return str(self._entry(name).metadata["unit"])

    def _entry(self, name: str) -> Any:
        return next(entry for entry in fields(self) if entry.name == name)
