"""The command line ``photon-relax``: what it is called with, and how it ends.

Only light modules are imported here; each command loads torch and the rest when it runs, so that
``--help`` answers at once. Whatever goes wrong for a reason the user can mend ends as one line on
standard error and status 2.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
from importlib.metadata import entry_points
from typing import Annotated

import typer
from typer.exceptions import TyperException

from photon_relax.cli.budget import BUDGET_EPILOG, budget
from photon_relax.cli.data import data
from photon_relax.cli.devices import devices
from photon_relax.cli.evaluate import evaluate
from photon_relax.cli.failures import describe_os_error, describe_shortage
from photon_relax.cli.output import Stopped
from photon_relax.cli.program import PROGRAM_EPILOG, program
from photon_relax.cli.report import report
from photon_relax.cli.reproduce import REPRODUCE_EPILOG, reproduce
from photon_relax.cli.sample import sample
from photon_relax.cli.simulate import SIMULATE_EPILOG, simulate
from photon_relax.cli.study import study
from photon_relax.cli.train import TRAIN_EPILOG, train
from photon_relax.parallel import launched, one_voice
from photon_relax.threads import share_cores, wait_quietly
from photon_relax.version import __version__

__all__ = ["app", "main"]

PROGRAM = "photon-relax"
_UPWARDS = "photon_relax.commands"

app = typer.Typer(
    name=PROGRAM,
    help="Train photonic recurrent networks at the level of their devices, and see which device "
    "limits them.",
    epilog=f"Start with: {PROGRAM} train digits",
    add_completion=False,
    pretty_exceptions_enable=False,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command(epilog=TRAIN_EPILOG)(train)
app.command()(evaluate)
app.command()(sample)
app.command(epilog=PROGRAM_EPILOG)(program)
app.command(epilog=BUDGET_EPILOG)(budget)
app.add_typer(data, name="data")
app.add_typer(study, name="study")
app.command()(devices)
app.command(epilog=SIMULATE_EPILOG)(simulate)
app.command()(report)
app.command(epilog=REPRODUCE_EPILOG)(reproduce)
# What stands on the floors above is not imported from here: it enters itself (pyproject.toml).
# One name is one command, also where an installation is found twice.
for _name, _entry in sorted({entry.name: entry for entry in entry_points(group=_UPWARDS)}.items()):
    app.command(name=_name)(_entry.load())


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"{PROGRAM} {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    context: typer.Context,
    version: Annotated[
        bool,
        typer.Option(
            "--version", metavar="", callback=_show_version, is_eager=True, help="Show the version."
        ),
    ] = False,
) -> None:
    if launched().count > 1 and context.invoked_subcommand != "train":
        raise ValueError(
            f"torchrun starts several processes of the command train alone; call {PROGRAM} itself "
            f"for everything else"
        )
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return the exit status.

    0 done; 2 an error, told in one line; 130 stopped by Ctrl-C, 143 by SIGTERM.
    """
    # Idle OpenMP threads would spin on the cores that the kernels need; read when torch loads.
    wait_quietly()
    if launched().count > 1:
        share_cores()
        # torch would warn, once a process, of the search that `Processes.wrap` asks it for.
        os.environ.setdefault("TORCH_CPP_LOG_LEVEL", "ERROR")
    try:
        with one_voice():
            status = app(arguments, prog_name=PROGRAM, standalone_mode=False)
            sys.stdout.flush()
    except TyperException as error:
        return _fail(_describe_usage(error))
    except Stopped as stop:
        print(f"{PROGRAM}: {stop}", file=sys.stderr)
        return stop.status
    except OSError as error:
        if error.errno == errno.EPIPE:
            return _leave_quietly()
        return _fail(describe_os_error(error))
    except ValueError as error:
        return _fail(str(error))
    except (MemoryError, RuntimeError, TypeError) as error:
        shortage = describe_shortage(error)
        if shortage is None:
            raise
        return _fail(shortage)
    # typer turns a Ctrl-C that nobody answered into this status.
    if status == 128 + signal.SIGINT:
        print(f"{PROGRAM}: interrupted", file=sys.stderr)
    return int(status or 0)


def _fail(message: str) -> int:
    """Tell the reason in one line; lines after the first, such as a list of files, follow it."""
    reason, *details = message.splitlines() or ["unknown reason"]
    print("\n".join([f"{PROGRAM}: error: {reason}", *details]), file=sys.stderr)
    return 2


def _describe_usage(error: TyperException) -> str:
    """What is wrong with the words, without pydantic's preface and with the way to the help."""
    message = " ".join(error.format_message().replace("Value error, ", "").split())
    context = getattr(error, "ctx", None)
    where = context.command_path if context else PROGRAM
    return f"{message} ({where} --help shows what there is)"


def _leave_quietly() -> int:
    """The reader of our output went away, as ``head`` does: no message, and no second attempt."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1
