"""``photon-relax program``: trained weights onto imperfect chips, and what each stage costs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from photon_relax.cli.options import DataDirectory, HardwareChanges, Json, Run, Split
from photon_relax.config import hardware_changes

__all__ = ["PROGRAM_EPILOG", "program"]

PROGRAM_EPILOG = """Stages, each evaluated on every chip:
  ideal (or trained): the network as it was trained
  perfect banks: on the machine, its banks without errors: what all the rest costs
  naive: set as perfect parts are set
  corrected (mzi): set around what is known of the chip: splitters, warmth of heaters
  self-configured (mzi): set by measured powers alone, nothing known of the splitters
  calibrated (ring): resonances found by sweeps, neighbours solved; feedback: trimmed by readings
  verified (crossbar): junctions read and written again; compensated: and wires made up for
  fine-tuned: trained with the hardware in the loop
Files in --out: program.csv (settings and heater powers for the bench), program.h5 (all stages, for
xarray), stages.csv, program.json, program.png, and chip-SEED/run.h5, which evaluate, budget and
report open."""


def program(
    run: Run,
    hardware: Annotated[
        Path | None,
        typer.Option(
            "--hardware",
            metavar="FILE",
            help="TOML file of the machine and its tolerances; by default that of the training.",
        ),
    ] = None,
    assignments: HardwareChanges = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="DIR",
            help="Folder of the files; by default runs/DATASET-programmed-001 and so on.",
        ),
    ] = None,
    bank: Annotated[
        Literal["mzi", "ring", "crossbar"] | None,
        typer.Option(
            "--bank",
            help="What holds the weights: mzi for fields, ring for powers, crossbar for currents; "
            "by default the one that suits the machine.",
        ),
    ] = None,
    chips: Annotated[
        int | None,
        typer.Option(
            "--chips",
            metavar="COUNT",
            min=1,
            help="How many chips, fabrication draws, from the seed of the hardware on (default 3).",
        ),
    ] = None,
    chip: Annotated[
        list[int] | None,
        typer.Option(
            "--chip", metavar="SEED", min=0, help="One chip by its seed; may be given again."
        ),
    ] = None,
    stages: Annotated[
        list[str] | None,
        typer.Option(
            "--stage",
            metavar="NAME",
            help="Only this way of programming, such as corrected; may be given again. Fine-tuning "
            "starts from the last one.",
        ),
    ] = None,
    fidelity: Annotated[
        Literal["slot", "waveform"],
        typer.Option("--fidelity", help="Depth of physics on the chips."),
    ] = "slot",
    fine_tune: Annotated[
        int,
        typer.Option(
            "--fine-tune", metavar="STEPS", min=0, help="Steps of fine-tuning; 0 leaves it out."
        ),
    ] = 100,
    fine_tune_on: Annotated[
        Literal["chip", "draws"],
        typer.Option(
            "--fine-tune-on",
            help="chip: each chip by itself; draws: one network on ever new chips, so that it "
            "works uncorrected on chips that it never saw.",
        ),
    ] = "chip",
    learning_rate: Annotated[
        float,
        typer.Option("--learning-rate", metavar="RATE", help="Of the fine-tuning, at its highest."),
    ] = 2e-3,
    split: Split = None,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume", metavar="", help="Go on with a programming in --out that was stopped."
        ),
    ] = False,
    data_dir: DataDirectory = None,
    as_json: Json = False,
) -> None:
    """Program a trained network onto imperfect chips.

    Its weights become phases and heater powers (mzi), stage by stage: as for
    perfect parts, around what is known of a chip, by measurements, trained on
    it. The table shows the accuracy on the task after each stage, means over the chips with
    95 % intervals and the paired change from the stage before.
    """
    changes = hardware_changes(assignments or [])
    if chip and chips is not None:
        raise ValueError("--chips counts chips and --chip names them; keep one of them")
    if resume and out is None:
        raise ValueError("--resume needs --out DIR, the folder of the programming to go on with")

    from photon_relax.cli.program_session import ProgramSession

    session = ProgramSession(
        run=run,
        hardware_file=hardware,
        changes=changes,
        folder=out,
        chips=chip or chips or 3,
        resume=resume,
        as_json=as_json,
        options={
            "bank": bank,
            "stages": stages or None,
            "fidelity": fidelity,
            "fine_tune": fine_tune,
            "fine_tune_on": fine_tune_on,
            "learning_rate": learning_rate,
            "split": split,
            "data_dir": data_dir,
        },
    )
    session.execute()
