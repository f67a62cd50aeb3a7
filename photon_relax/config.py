"""What a training run is told: every setting with its meaning, its limits and its default.

One model holds them all. Its field descriptions are the help texts of the command line, its field
names are the keys of a configuration file and of ``--set``, and its checks are the error messages.
Settings come in layers, the later winning: the defaults of the data set, a TOML file, the options
of the command line. The last one is one layer: an option and ``--set`` may not name the same key.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails

__all__ = [
    "DATASET_DEFAULTS",
    "Settings",
    "TrainingConfig",
    "hardware_changes",
    "load_settings",
    "parse_assignments",
    "read_toml",
    "split_settings",
]

DatasetName = Literal["shakespeare", "svhn", "digits"]
BankName = Literal["dense", "mzi", "ring", "crossbar"]
MachineName = Literal["homodyne", "square_law", "intensity", "electrical"]
FidelityName = Literal["ideal", "slot", "waveform"]
DeviceName = Literal["auto", "cpu", "cuda"]
StartName = Literal["orthogonal", "normal", "identity"]
NonlinearityName = Literal["tanh", "hard_tanh", "sigmoid", "clipped_relu", "relu", "linear"]

DATASET_DEFAULTS: dict[str, dict[str, Any]] = {
    "shakespeare": {
        "bank": "dense",
        "width": 128,
        "batch_size": 256,
        "steps": 3000,
        "validate_every": 250,
    },
    "digits": {
        "bank": "mzi",
        "width": 64,
        "batch_size": 64,
        "steps": 1000,
        "validate_every": 50,
    },
    "svhn": {
        "bank": "dense",
        "repetitions": 12,
        "width": 128,
        "batch_size": 64,
        "steps": 3000,
        "validate_every": 100,
    },
}
"""Where a data set asks for other settings than the defaults of the fields below."""


class TrainingConfig(BaseModel):
    """The settings of one training run: the task, the network, the optimiser, the bookkeeping."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)

    dataset: DatasetName = Field(description="Data set to train on.")
    window: int = Field(
        16, ge=1, le=1024, description="Characters the network sees at once (shakespeare)."
    )
    features: Literal["gradients", "pixels"] = Field(
        "gradients", description="What the network sees of a photo: gradients or pixels (svhn)."
    )
    extra: bool = Field(
        False, description="Whether to train on extra_32x32.mat as well: true or false (svhn)."
    )

    weight_sets: int = Field(
        4, ge=1, description="Weight sets L_W that the switches choose from; at most L_T."
    )
    repetitions: int = Field(
        4,
        ge=1,
        le=4096,
        description="Hidden layers L_T: times the state passes through a weight set.",
    )
    bank: BankName = Field(
        "dense",
        description="What holds a weight set: dense (a matrix), mzi (a mesh), ring (micro-rings) "
        "or crossbar (tunnel junctions).",
    )
    machine: MachineName | None = Field(
        None,
        description="What the machine computes with: homodyne or square_law (fields), intensity "
        "(powers), electrical (currents); by default what suits the bank.",
    )
    fidelity: FidelityName = Field(
        "slot", description="Depth of physics: ideal, slot (a sample a slot) or waveform."
    )
    width: int = Field(
        128, ge=1, le=4096, description="Hidden channels N, the lanes of the machine."
    )
    nonlinearity: NonlinearityName | None = Field(
        None,
        description="Electrical nonlinearity f between the layers: "
        f"{', '.join(get_args(NonlinearityName))}; by default tanh, clipped_relu for powers.",
    )
    embedding_size: int = Field(
        16,
        ge=1,
        le=4096,
        description="Numbers that stand for one character at the input (shakespeare).",
    )
    start: StartName = Field(
        "orthogonal",
        description="Weight sets at the start: orthogonal (random), normal (independent elements) "
        "or identity.",
    )
    start_scale: float | None = Field(
        None,
        gt=0,
        description="What they are scaled by; by default what suits the machine and the skip: 1.4, "
        "square_law 0.8, times sqrt((1+skip)/(1-skip)).",
    )
    slot_gain: bool = Field(
        False,
        description="Whether each layer has a trained electronic gain of its own: true or false.",
    )
    skip: float = Field(
        0.0,
        ge=0,
        lt=1,
        description="Share of each state that an electrical delay line brings into the next one.",
    )
    normalise: float = Field(
        0.0,
        ge=0,
        description="Rms over the lanes at which automatic gain control holds the received "
        "signals, such as 0.8; 0 has no such control.",
    )

    steps: int = Field(2000, ge=1, description="Optimiser steps, one batch each.")
    batch_size: int = Field(256, ge=1, le=65536, description="Samples in a batch.")
    optimiser: Literal["adam", "adamw"] = Field("adam", description="Optimiser: adam or adamw.")
    learning_rate: float = Field(1e-3, gt=0, le=100, description="Learning rate at its highest.")
    schedule: Literal["cosine", "constant"] = Field(
        "cosine", description="Learning rate over time: cosine (falls to zero) or constant."
    )
    warmup_steps: int = Field(
        0, ge=0, description="Steps over which the learning rate first rises from zero."
    )
    weight_decay: float = Field(
        0.0, ge=0, description="Weight decay, added to the gradient by adam, decoupled in adamw."
    )
    gradient_clip: float | None = Field(
        None, gt=0, description="Largest norm of the whole gradient; none leaves it alone."
    )
    seed: int = Field(
        0, ge=0, lt=2**63, description="Seed of the initial weights and of the order of samples."
    )
    device: DeviceName = Field(
        "auto",
        description="Where torch computes: cpu, cuda, or auto: cuda for ideal if there is one.",
    )
    precision: Literal["float32", "bfloat16"] = Field(
        "float32",
        description="Matrix products of training steps in float32, or (ideal) in bfloat16.",
    )

    validate_every: int = Field(500, ge=1, description="Steps between two validations.")
    evaluation_batch: int = Field(
        4096, ge=1, le=65536, description="Samples in a batch of an evaluation."
    )
    checkpoint_seconds: float = Field(
        30.0, ge=0, description="Seconds (s) after which a checkpoint is due; 0: after every step."
    )
    checkpoint_steps: int | None = Field(
        None, ge=1, description="Steps after which a checkpoint is due as well; none: no such rule."
    )

    @field_validator(
        *("machine", "nonlinearity", "start_scale"),
        *("gradient_clip", "checkpoint_steps"),
        mode="before",
    )
    @classmethod
    def _none_by_name(cls, value: object) -> object:
        """TOML has no null, so the word stands for it."""
        return None if value == "none" else value

    @field_validator("normalise", mode="before")
    @classmethod
    def _no_control(cls, value: object) -> object:
        return 0.0 if value in (None, "none") else value

    @model_validator(mode="after")
    def _check_together(self) -> Self:
        if self.weight_sets > self.repetitions:
            raise ValueError(
                f"weight_sets must be at most repetitions (a set that no layer visits is never "
                f"used); got weight_sets {self.weight_sets} and repetitions {self.repetitions}"
            )
        if self.warmup_steps > self.steps:
            raise ValueError(
                f"warmup_steps must be at most steps; got warmup_steps {self.warmup_steps} and "
                f"steps {self.steps}"
            )
        if self.precision == "bfloat16" and self.fidelity != "ideal":
            raise ValueError(
                f"precision bfloat16 is for the fidelity ideal (the kernels of slot and waveform "
                f"compute in float32); got fidelity {self.fidelity}"
            )
        return self

    @classmethod
    def create(
        cls, values: Mapping[str, Any], *, origins: Mapping[str, str] | None = None
    ) -> TrainingConfig:
        """Build from plain values, on top of the defaults of their data set.

        `origins` names where a key was written (a file), for the message about it.

        Raises
        ------
        ValueError
            One line that names every key at fault; a misspelt key comes with the nearest real one.
        """
        dataset = values.get("dataset")
        defaults = DATASET_DEFAULTS.get(dataset, {}) if isinstance(dataset, str) else {}
        try:
            return cls(**{**defaults, **values})
        except ValidationError as error:
            faults = [_sentence(detail, origins or {}) for detail in error.errors()]
            raise ValueError("; ".join(faults)) from None


@dataclass(frozen=True)
class Settings:
    """All that one run is told: the configuration, and changes to the hardware by dotted name."""

    config: TrainingConfig
    hardware: dict[str, Any]


def load_settings(
    options: Mapping[str, Any],
    *,
    config_file: str | Path | None = None,
    assignments: Iterable[str] = (),
    base: Mapping[str, Any] | None = None,
) -> Settings:
    """Lay a configuration file and the words of a command line over the defaults.

    Parameters
    ----------
    options
        Keys of `TrainingConfig` that were given one by one; a None was not given.
    config_file
        TOML file of the same keys; a table ``[hardware.<device>]`` changes the hardware.
    assignments
        ``key=value`` texts; ``hardware.<device>.<field>=value`` changes the hardware.
    base
        Settings to start from in place of the defaults: those of a run that goes on.

    Raises
    ------
    ValueError
        An unknown key, a value out of range, a malformed file, or a key that is given twice.
    OSError
        The file cannot be read.
    """
    given = {key: value for key, value in options.items() if value is not None}
    training, hardware = split_settings(read_toml(config_file)) if config_file else ({}, {})
    own, own_hardware = split_settings(parse_assignments(assignments))
    twice = sorted(given.keys() & own.keys())
    if twice:
        raise ValueError(f"{', '.join(twice)}: given by an option and by --set; keep one of them")
    dataset, named = given.get("dataset"), training.get("dataset")
    if dataset is not None and named not in (None, dataset):
        raise ValueError(f"{config_file} is for the data set {named!r}, not for {dataset!r}")
    command = {**own, **given}
    origins = {key: str(config_file) for key in training.keys() - command.keys()}
    config = TrainingConfig.create({**(base or {}), **training, **command}, origins=origins)
    return Settings(config, {**hardware, **own_hardware})


def parse_assignments(assignments: Iterable[str]) -> dict[str, Any]:
    """Read ``key=value`` texts; the value is TOML, and a bare word is taken as text.

    Raises
    ------
    ValueError
        A text without ``=`` or without a key, or a key that occurs twice.
    """
    values: dict[str, Any] = {}
    for text in assignments:
        key, separator, value = (part.strip() for part in text.partition("="))
        if not separator or not key or not value:
            raise ValueError(f"--set takes key=value, such as steps=500; got {text!r}")
        if key in values:
            raise ValueError(f"--set {key} is given twice; keep one of them")
        values[key] = _toml_value(value)
    return values


def hardware_changes(assignments: Iterable[str]) -> dict[str, Any]:
    """Read ``hardware.DEVICE.FIELD=value`` texts where nothing but hardware can be set.

    Raises
    ------
    ValueError
        A malformed text, or a key that is not of the hardware.
    """
    others, changes = split_settings(parse_assignments(assignments))
    if others:
        raise ValueError(
            f"only the hardware can change here, such as hardware.switch.isolation_db=10; "
            f"got {', '.join(others)}"
        )
    return changes


def _toml_value(text: str) -> Any:
    try:
        document = tomllib.loads(f"value = {text}")
    except tomllib.TOMLDecodeError:
        return text
    # A text with a line break could smuggle in further keys.
    return document["value"] if len(document) == 1 else text


def read_toml(path: str | Path) -> dict[str, Any]:
    """Read a TOML file.

    Raises
    ------
    ValueError
        It is not TOML; the message names the file and the place.
    OSError
        It cannot be read.
    """
    try:
        with Path(path).open("rb") as file:
            return tomllib.load(file)
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{path} is not valid TOML, which is UTF-8 text: byte {error.start + 1} is "
            f"0x{error.object[error.start]:02x}"
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{path} is not valid TOML: {error}") from None


def split_settings(values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Separate the keys of the training from those of the hardware, which come out dotted."""
    training: dict[str, Any] = {}
    hardware: dict[str, Any] = {}
    for key, value in values.items():
        if key == "hardware":
            if not isinstance(value, Mapping):
                raise ValueError(
                    "hardware takes a device and a field, such as hardware.switch.isolation_db=10"
                )
            hardware.update(_flatten(value))
        elif key.startswith("hardware."):
            hardware[key.removeprefix("hardware.")] = value
        else:
            training[key] = value
    return training, hardware


def _flatten(table: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in table.items():
        if isinstance(value, Mapping):
            flat.update(_flatten(value, f"{prefix}{key}."))
        else:
            flat[f"{prefix}{key}"] = value
    return flat


def _sentence(detail: ErrorDetails, origins: Mapping[str, str]) -> str:
    """One fault that pydantic found, in the words of this house."""
    name = ".".join(str(part) for part in detail["loc"])
    where = f"{origins[name]}: " if name in origins else ""
    if detail["type"] == "extra_forbidden":
        near = get_close_matches(name, TrainingConfig.model_fields, n=1)
        keys = ", ".join(sorted(TrainingConfig.model_fields))
        return f"{where}unknown key {name}; " + (
            f"did you mean {near[0]}?" if near else f"the keys are {keys}"
        )
    message = detail["msg"].removeprefix("Value error, ")
    if not name:
        return message
    return f"{where}{name} {message.removeprefix('Input ')}; got {detail['input']!r}"
