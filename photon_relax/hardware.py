"""The hardware of one machine: its devices, its timing and its fabrication, as one value.

A `Hardware` is written as TOML: scalars at the top, one table a device, every key optional::

    slot_duration = 1e-9          # s
    noise = true

    [switch]
    isolation_db = 25.0

    [detector]
    bandwidth = 1e9               # Hz

A device of the library by name, ``library = "silicon-mems"``, see `hardware_table`.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np

from circuits import (
    CrossbarBank,
    MeshFabrication,
    RingWeightBank,
    SwitchSchedule,
    TimeMultiplexedLoop,
    named_order,
)
from circuits.time_multiplexed_loop import Fidelity, Machine
from devices import (
    CurrentSwitch,
    ElectricalNonlinearity,
    FiberSwitch,
    Laser,
    MirrorArray,
    Modulator,
    Photodetector,
    Quantizer,
    TunnelJunctionCrossbar,
)
from photon_relax import hardware_table


@dataclass(frozen=True, kw_only=True)
class Hardware:
    """The devices of one time-multiplexed machine. All defaults are typical lab values."""

    laser: Laser = field(default_factory=Laser)
    """Source of the light, shared by all lanes."""

    modulator: Modulator = field(default_factory=Modulator)
    """One per lane."""

    switch: FiberSwitch | MirrorArray = field(default_factory=FiberSwitch)
    """1×L_W switch of light in front of the weight banks, one per lane (rings: one for all)."""

    output_switch: FiberSwitch | MirrorArray | None = None
    """L_W×1 switch behind the banks, where fields add; left out, the same as the one in front."""

    current_switch: CurrentSwitch = field(default_factory=CurrentSwitch)
    """Switch of the currents behind crossbars, the only one of an electrical machine."""

    detector: Photodetector = field(default_factory=Photodetector)
    """Photodiode and receiver, one per lane (two diodes where it is balanced; the receiver alone
    where the machine is electrical)."""

    adc: Quantizer | None = None
    """Quantiser in front of the nonlinearity; none by default."""

    dac: Quantizer | None = None
    """Quantiser in front of the modulator; none by default."""

    mesh: MeshFabrication = field(default_factory=MeshFabrication)
    """Fabrication of the interferometer meshes (bank 'mzi')."""

    rings: RingWeightBank = field(default_factory=RingWeightBank)
    """Micro-rings and their wavelengths (bank 'ring')."""

    crossbar: CrossbarBank = field(default_factory=CrossbarBank)
    """Tunnel junctions and their wires (machine 'electrical')."""

    local_oscillator_power: float = 1e-3
    """Local oscillator of each homodyne detector, W."""

    slot_duration: float = 1e-9
    """Time slot T_s, s."""

    samples_per_slot: int = 16
    """Samples S that 'waveform' takes of each slot."""

    interleaved_inferences: int = 1
    """J inferences that circulate in turn, one slot each."""

    order: tuple[int, ...] | str | None = None
    """Bank of each layer, or 'cyclic' (layer t uses bank t mod L_W, as where it is left out),
    'blocks', 'palindrome' or 'random-1', 'random-2' … (`circuits.named_order`)."""

    drive: Literal["held", "waveform"] = "held"
    """'held': h is sampled at the end of a slot; 'waveform': the receiver's waveform itself."""

    engine: Literal["auto", "step"] = "auto"
    """'step' forces the simulation sample by sample, 'auto' only where it is needed."""

    noise: bool = True
    """Whether the receivers are noisy."""

    seed: int = 0
    """Of everything random in this machine: crosstalk phases, fabrication, noise."""

    def __post_init__(self) -> None:
        for name in ("noise",):
            if not isinstance(getattr(self, name), bool):
                raise ValueError(f"{name} must be true or false; got {getattr(self, name)!r}.")
        for name, least in (("seed", 0), ("samples_per_slot", 1), ("interleaved_inferences", 1)):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < least:
                raise ValueError(f"{name} must be a whole number ≥ {least}; got {value!r}.")
            if value >= 2**63:
                raise ValueError(f"{name} must be below 2^63; got {value}.")
        for name in ("slot_duration", "local_oscillator_power"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                raise ValueError(f"{name} must be a number; got {value!r}.")
            if not 0 < value < np.inf:
                raise ValueError(f"{name} must be > 0 and finite; got {value}.")
            object.__setattr__(self, name, float(value))
        order: Any = self.order
        if isinstance(order, list):
            object.__setattr__(self, "order", tuple(order))
        elif isinstance(order, str):
            _ = named_order(order, 1, 1)
        # Contradictions between devices show when the smallest machine is assembled.
        smallest = SwitchSchedule(weight_sets=1, repetitions=1)
        self.loop(
            smallest,
            machine="homodyne",
            fidelity="waveform",
            nonlinearity=ElectricalNonlinearity(),
        )

    def loop(
        self,
        schedule: SwitchSchedule,
        *,
        machine: Machine,
        fidelity: Fidelity,
        nonlinearity: ElectricalNonlinearity,
        bank_transmission: float = 1.0,
        rings: RingWeightBank | None = None,
        skip: float = 0.0,
        level: float = 0.0,
    ) -> TimeMultiplexedLoop:
        """Return the loop that this hardware makes of a schedule.

        Parameters
        ----------
        bank_transmission
            Amplitude that a lossy but otherwise perfect bank passes, known to the receiver's gain.
        rings
            Those of the banks, where they are rings.
        skip, level
            Of the electronics between two slots, see `TimeMultiplexedLoop`.
        """
        if self.output_switch is not None and machine in ("intensity", "electrical"):
            raise ValueError(
                f"output_switch must be left out for the {machine} machine, which has one switch; "
                f"got a {type(self.output_switch).__name__}."
            )
        return TimeMultiplexedLoop(
            schedule=schedule,
            machine=machine,
            fidelity=fidelity,
            laser=self.laser,
            modulator=self.modulator,
            input_switch=self.current_switch if machine == "electrical" else self.switch,
            output_switch=self.switch if self.output_switch is None else self.output_switch,
            detector=self.detector,
            local_oscillator_power=self.local_oscillator_power,
            crossbar=self.crossbar,
            bank_transmission=bank_transmission,
            rings=rings,
            skip=skip,
            level=level,
            nonlinearity=nonlinearity,
            adc=self.adc,
            dac=self.dac,
            slot_duration=self.slot_duration,
            samples_per_slot=self.samples_per_slot,
            drive=self.drive,
            noise=self.noise,
            engine=self.engine,
            seed=self.seed,
        )

    @classmethod
    def perfect(cls, **changes: Any) -> Self:
        """Return hardware without imperfections: with it every fidelity gives the ideal network.

        No losses on the way, no crosstalk, instant switches, infinite bandwidth, no noise, banks
        that are what they are programmed to be (rings keep their coupling and their loss, which
        only say what detuning makes a weight). ``changes`` replace single devices or settings.
        """
        ideal: dict[str, Any] = {
            "modulator": Modulator(insertion_loss_db=0.0),
            "switch": FiberSwitch(
                insertion_loss_db=0.0, isolation_db=np.inf, time_constant=0.0, transient="gate"
            ),
            "current_switch": CurrentSwitch(
                isolation_db=np.inf, time_constant=0.0, injected_charge=0.0
            ),
            "detector": Photodetector(bandwidth=np.inf, shot_noise=False, thermal_noise=False),
            "mesh": MeshFabrication(splitter_error=0.0, column_loss_db=0.0),
            "rings": RingWeightBank(crosstalk=False, tuning_error=0.0),
            "crossbar": CrossbarBank(
                quantised=False,
                junction=TunnelJunctionCrossbar(half_voltage=np.inf, line_resistance=0.0),
            ),
            "noise": False,
        }
        return cls(**(ideal | changes))

    @classmethod
    def from_toml(cls, path: str | Path) -> Self:
        """Read hardware from a TOML file.

        Raises
        ------
        ValueError
            The file is not TOML, or a key or a value in it is wrong; the message says where.
        FileNotFoundError
            There is no such file.
        """
        try:
            return cls.from_toml_text(Path(path).read_text(encoding="utf-8"))
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from error

    @classmethod
    def from_toml_text(cls, text: str) -> Self:
        """Return the hardware that a TOML text describes."""
        return cls.from_mapping(tomllib.loads(text))

    @classmethod
    def from_mapping(cls, table: Mapping[str, Any]) -> Self:
        """Return hardware from nested dictionaries, as TOML gives them."""
        return hardware_table.build(cls, table)

    def with_values(self, values: Mapping[str, Any]) -> Self:
        """Return a copy with single values changed by dotted name.

        >>> Hardware().with_values({"switch.isolation_db": 10.0}).switch.isolation_db
        10.0
        """
        if self.output_switch is None and any(name.startswith("output_switch.") for name in values):
            # What is left out starts as the one that it stands in for.
            return hardware_table.changed(replace(self, output_switch=self.switch), values)
        return hardware_table.changed(self, values)

    def to_toml(self) -> str:
        """Return the hardware as TOML, complete, so that it can be read back to an equal value."""
        return "\n".join([*hardware_table.to_toml(self), ""])


def unused_parts(machine: str, bank: str) -> set[str]:
    """Return the fields of `Hardware` that a machine with these banks does not have."""
    electrical = machine == "electrical"
    dark = {"laser", "modulator", "switch", "output_switch"}
    unused = dark if electrical else {"current_switch", "crossbar"}
    if machine != "homodyne":
        unused |= {"local_oscillator_power"}
    if machine == "intensity":
        unused |= {"output_switch"}
    return unused | ({"mesh", "rings"} - {{"mzi": "mesh", "ring": "rings"}.get(bank, "")})
