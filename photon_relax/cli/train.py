"""``photon-relax train``: train a network, keep the run, show how good it is."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from photon_relax.cli.options import DataDirectory, Json, describe_setting, list_settings
from photon_relax.config import (
    BankName,
    DatasetName,
    FidelityName,
    MachineName,
    load_settings,
)
from photon_relax.parallel import launched

__all__ = ["TRAIN_EPILOG", "train"]

_OWN_OPTIONS = {
    "dataset",
    "weight_sets",
    "repetitions",
    "bank",
    "machine",
    "fidelity",
    "width",
    "steps",
    "seed",
}
TRAIN_EPILOG = (
    "Further keys for --set and --config:\n"
    + list_settings(_OWN_OPTIONS)
    + "\n  hardware.DEVICE.FIELD: a value of the hardware, such as hardware.switch.isolation_db=20"
)


def _setting(key: str, flag: str, metavar: str | None = None) -> Any:
    return typer.Option(flag, metavar=metavar, help=describe_setting(key), show_default=False)


def train(
    dataset: Annotated[
        DatasetName,
        typer.Argument(help="Data set to train on: digits needs no files.", show_default=False),
    ],
    weight_sets: Annotated[int | None, _setting("weight_sets", "--weight-sets", "L_W")] = None,
    repetitions: Annotated[int | None, _setting("repetitions", "--repetitions", "L_T")] = None,
    bank: Annotated[BankName | None, _setting("bank", "--bank")] = None,
    machine: Annotated[MachineName | None, _setting("machine", "--machine")] = None,
    fidelity: Annotated[FidelityName | None, _setting("fidelity", "--fidelity")] = None,
    hardware: Annotated[
        Path | None,
        typer.Option(
            "--hardware",
            metavar="FILE",
            help="TOML file that describes the devices; what it leaves out keeps its default.",
        ),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config",
            metavar="FILE",
            help="TOML file of settings; the options here win over it. Keys: see the end.",
        ),
    ] = None,
    assignments: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY=VALUE",
            help="Set any one setting, or a value of the hardware; may be given again.",
        ),
    ] = None,
    width: Annotated[int | None, _setting("width", "--width", "N")] = None,
    steps: Annotated[int | None, _setting("steps", "--steps", "COUNT")] = None,
    seed: Annotated[int | None, _setting("seed", "--seed", "NUMBER")] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="DIR",
            help="Folder of the run; by default the next free number, runs/DATASET-001 and so on.",
        ),
    ] = None,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume",
            metavar="",
            help="Go on with the run in --out from its last checkpoint, as it was set.",
        ),
    ] = False,
    data_dir: DataDirectory = None,
    as_json: Json = False,
) -> None:
    """Train a network on a data set.

    The run folder receives run.h5 (settings, hardware, metrics, parameters)
    and training.png. Ctrl-C keeps a checkpoint; --resume goes on from it.

    On several processes, each with its part of every batch:
    torchrun --nproc-per-node 2 -m photon_relax train ...
    """
    options = {
        "dataset": dataset,
        "weight_sets": weight_sets,
        "repetitions": repetitions,
        "bank": bank,
        "machine": machine,
        "fidelity": fidelity,
        "width": width,
        "steps": steps,
        "seed": seed,
    }
    if resume and out is None:
        raise ValueError("--resume needs --out DIR, the folder of the run to go on with")
    # Wrong words are found before torch is loaded.
    load_settings(options, config_file=config, assignments=assignments or [])
    # Of several processes, the first alone: the others may come here when it has begun to write.
    if out is not None and launched().first:
        from photon_relax.run_folder import check_run_folder

        check_run_folder(out, resume=resume)

    from photon_relax.cli.training_session import TrainingSession

    session = TrainingSession(
        options=options,
        config_file=config,
        hardware_file=hardware,
        assignments=assignments or [],
        folder=out,
        resume=resume,
        data_dir=data_dir,
        as_json=as_json,
    )
    session.execute()
