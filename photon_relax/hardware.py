"""The hardware of one machine: its devices, its timing and its fabrication, as one value.

A `Hardware` is written as TOML: scalars at the top, one table a device, every key optional::

    slot_duration = 1e-9          # s
    noise = true

    [switch]
    isolation_db = 25.0

    [detector]
    bandwidth = 1e9               # Hz
"""

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np

from circuits import MeshFabrication, SwitchSchedule, TimeMultiplexedLoop
from devices import (
    ElectricalNonlinearity,
    FiberSwitch,
    Laser,
    Modulator,
    Photodetector,
    Quantizer,
)


@dataclass(frozen=True, kw_only=True)
class Hardware:
    """The devices of one time-multiplexed machine. All defaults are typical lab values."""

    laser: Laser = field(default_factory=Laser)
    """Source of the light, shared by all lanes."""

    modulator: Modulator = field(default_factory=Modulator)
    """One per lane."""

    switch: FiberSwitch = field(default_factory=FiberSwitch)
    """1×L_W switch in front of the weight banks, one per lane."""

    output_switch: FiberSwitch | None = None
    """L_W×1 switch behind the banks; left out, it is the same as the one in front."""

    detector: Photodetector = field(default_factory=Photodetector)
    """Photodiode and receiver, one per lane (homodyne: two diodes)."""

    adc: Quantizer | None = None
    """Quantiser in front of the nonlinearity; none by default."""

    dac: Quantizer | None = None
    """Quantiser in front of the modulator; none by default."""

    mesh: MeshFabrication = field(default_factory=MeshFabrication)
    """Fabrication of the interferometer meshes (bank 'mzi')."""

    local_oscillator_power: float = 1e-3
    """Local oscillator of each homodyne detector, W."""

    slot_duration: float = 1e-9
    """Time slot T_s, s."""

    samples_per_slot: int = 16
    """Samples S that 'waveform' takes of each slot."""

    interleaved_inferences: int = 1
    """J inferences that circulate in turn, one slot each."""

    order: tuple[int, ...] | None = None
    """Bank of each layer; left out, layer t uses bank t mod L_W."""

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
        # Contradictions between devices show when the smallest machine is assembled.
        smallest = SwitchSchedule(weight_sets=1, repetitions=1)
        self._assemble(smallest, "homodyne", "waveform", ElectricalNonlinearity(), 1.0)

    def loop(
        self,
        schedule: SwitchSchedule,
        *,
        machine: Literal["homodyne", "square_law"],
        fidelity: Literal["slot", "waveform"],
        nonlinearity: ElectricalNonlinearity,
        bank_columns: int = 0,
    ) -> TimeMultiplexedLoop:
        """Return the loop that this hardware makes of a schedule.

        Parameters
        ----------
        bank_columns
            Mesh columns that the light crosses in a bank; their loss is in the receiver's gain.
        """
        transmission = 10.0 ** (-self.mesh.column_loss_db * bank_columns / 20.0)
        return self._assemble(schedule, machine, fidelity, nonlinearity, transmission)

    def _assemble(
        self,
        schedule: SwitchSchedule,
        machine: Literal["homodyne", "square_law"],
        fidelity: Literal["slot", "waveform"],
        nonlinearity: ElectricalNonlinearity,
        transmission: float,
    ) -> TimeMultiplexedLoop:
        return TimeMultiplexedLoop(
            schedule=schedule,
            machine=machine,
            fidelity=fidelity,
            laser=self.laser,
            modulator=self.modulator,
            input_switch=self.switch,
            output_switch=self.switch if self.output_switch is None else self.output_switch,
            detector=self.detector,
            local_oscillator_power=self.local_oscillator_power,
            bank_transmission=transmission,
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

        No losses, no crosstalk, instant switches, infinite bandwidth, no noise, an exact mesh.
        ``changes`` replace single devices or settings.
        """
        ideal: dict[str, Any] = {
            "modulator": Modulator(insertion_loss_db=0.0),
            "switch": FiberSwitch(
                insertion_loss_db=0.0, isolation_db=np.inf, time_constant=0.0, transient="gate"
            ),
            "detector": Photodetector(bandwidth=np.inf, shot_noise=False, thermal_noise=False),
            "mesh": MeshFabrication(splitter_error=0.0, column_loss_db=0.0),
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
        _refuse_unknown(table, cls, "")
        return cls(**{name: _device(name, value) for name, value in table.items()})

    def with_values(self, values: Mapping[str, Any]) -> Self:
        """Return a copy with single values changed by dotted name.

        >>> Hardware().with_values({"switch.isolation_db": 10.0}).switch.isolation_db
        10.0
        """
        settings: dict[str, Any] = {}
        inner: dict[str, dict[str, Any]] = {}
        for name, value in values.items():
            head, _, tail = name.partition(".")
            _refuse_unknown({head: value}, type(self), "")
            if not tail:
                settings[head] = _device(head, value)
            elif head not in _DEVICES:
                raise ValueError(f"{head} is a plain setting; write {head}, not {name}.")
            else:
                _refuse_unknown({tail: value}, _DEVICES[head], f"{head}.")
                inner.setdefault(head, {})[tail] = value
        # All changes of a device together, then all devices: no order of them is wrong.
        for head, changes in inner.items():
            device = settings.get(head, getattr(self, head))
            if device is None:
                device = self.switch if head == "output_switch" else _DEVICES[head]()
            try:
                settings[head] = replace(device, **changes)
            except ValueError as error:
                raise ValueError(f"[{head}] {error}") from error
        return replace(self, **settings)

    def to_toml(self) -> str:
        """Return the hardware as TOML, complete, so that it can be read back to an equal value."""
        top, tables = [], []
        for entry in fields(self):
            value = getattr(self, entry.name)
            if value is None:
                continue
            if is_dataclass(value):
                rows = [f"{f.name} = {_toml(getattr(value, f.name))}" for f in fields(value)]
                tables.append("\n".join(["", f"[{entry.name}]", *rows]))
            else:
                top.append(f"{entry.name} = {_toml(value)}")
        return "\n".join([*top, *tables, ""])


_DEVICES: dict[str, type[Any]] = {
    "laser": Laser,
    "modulator": Modulator,
    "switch": FiberSwitch,
    "output_switch": FiberSwitch,
    "detector": Photodetector,
    "adc": Quantizer,
    "dac": Quantizer,
    "mesh": MeshFabrication,
}


def _refuse_unknown(table: Mapping[str, Any], owner: type[Any], prefix: str) -> None:
    known = [entry.name for entry in fields(owner)]
    for name in table:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"Did you mean {prefix}{near[0]}?" if near else f"Known: {', '.join(known)}."
            raise ValueError(f"unknown hardware key {prefix}{name}. {hint}")


def _device(name: str, value: Any) -> Any:
    """Return a device from its table; plain settings and devices pass unchanged."""
    if name not in _DEVICES or isinstance(value, _DEVICES[name]):
        return value
    if not isinstance(value, Mapping):
        raise ValueError(f"{name} is a device: write a table [{name}]; got {value!r}.")
    _refuse_unknown(value, _DEVICES[name], f"{name}.")
    try:
        return _DEVICES[name](**value)
    except ValueError as error:
        raise ValueError(f"[{name}] {error}") from error


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(_toml(entry) for entry in value)}]"
    return repr(value)
