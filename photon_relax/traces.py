"""A circuit in time: what left its ports, kept as HDF5 and drawn.

The file is what xarray reads through h5netcdf: dimensions ``port`` and ``time``, the envelopes of
light in √W as real and imaginary part, about a carrier that is an attribute of the file::

    /time                                (samples,) s, the beginning of each sample
    /port                                (P,) names
    /entering_real, /entering_imag       (P, samples), zeros where nothing enters
    /leaving_real, /leaving_imag         (P, samples)
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from circuits import Circuit
from photon_relax.atomic_file import write_atomically
from photon_relax.version import __version__

__all__ = ["Traces", "compute_traces"]


@dataclass(frozen=True, kw_only=True)
class Traces:
    """Light that entered and left the ports of a circuit."""

    time: NDArray[np.float64]
    """(samples,) in s."""

    frequency: float
    """Of the carrier in Hz."""

    ports: tuple[str, ...]
    """Names of the P ports."""

    entering: NDArray[np.complex128]
    """Envelopes in √W, (P, samples)."""

    leaving: NDArray[np.complex128]
    """Envelopes in √W, (P, samples)."""

    netlist: dict[str, Any]
    """The circuit in SAX's form."""

    def write(self, path: str | Path) -> None:
        """Write the HDF5 file, see the module."""
        memory = io.BytesIO()
        with h5py.File(memory, "w") as file:
            file.attrs["program"] = f"photon_relax {__version__}"
            file.attrs["netlist"] = json.dumps(self.netlist)
            file.attrs["carrier_frequency"] = self.frequency
            file["time"] = self.time
            file["time"].attrs["units"] = "s"
            file.create_dataset("port", data=list(self.ports), dtype=h5py.string_dtype())
            for name in ("time", "port"):
                file[name].make_scale(name)
            for name in ("entering", "leaving"):
                for part in ("real", "imag"):
                    data = file.create_dataset(
                        f"{name}_{part}", data=getattr(getattr(self, name), part),
                        compression="gzip",
                    )  # fmt: skip
                    data.dims[0].attach_scale(file["port"])
                    data.dims[1].attach_scale(file["time"])
        write_atomically(path, memory.getvalue())

    def draw(self, path: str | Path) -> None:
        """Draw the power over time: what enters above, what leaves below."""
        figure = Figure(figsize=(9.0, 6.5), layout="constrained")
        FigureCanvasAgg(figure)
        unit, scale = _unit(self.time[-1])
        for panel, fields, title in zip(
            figure.subplots(2, 1, sharex=True),
            (self.entering, self.leaving),
            ("enters", "leaves"),
            strict=True,
        ):
            for port, field in zip(self.ports, fields, strict=True):
                if np.any(field):
                    panel.plot(self.time / scale, np.abs(field) ** 2 * 1e3, label=port)
            panel.set_ylabel(f"power that {title} (mW)")
            panel.grid(alpha=0.3)
            if panel.lines:
                panel.legend(title="port", fontsize=8)
        panel.set_xlabel(f"time ({unit})")
        image = io.BytesIO()
        figure.savefig(image, format="png", dpi=150)
        write_atomically(path, image.getvalue())


def compute_traces(
    circuit: Circuit, inputs: Mapping[str, NDArray[np.complex128]], *, dt: float, frequency: float
) -> Traces:
    """Step a circuit from the dark through its inputs.

    Parameters
    ----------
    circuit
        With its ports.
    inputs
        Envelopes in √W by port, (samples,) each.
    dt
        Length of a sample in s.
    frequency
        Of the carrier in Hz.
    """
    result = circuit.transient(inputs, dt=dt, frequency=frequency)
    dark = np.zeros(len(result.time), dtype=np.complex128)
    return Traces(
        time=result.time,
        frequency=frequency,
        ports=circuit.ports,
        entering=np.array([inputs.get(port, dark) for port in circuit.ports]),
        leaving=np.array([result.outputs[port] for port in circuit.ports]),
        netlist=circuit.netlist.to_netlist(),
    )


def _unit(longest: float) -> tuple[str, float]:
    for unit, scale in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6), ("ns", 1e-9)):
        if longest >= scale:
            return unit, scale
    return "ps", 1e-12
