"""The spectra of a circuit: computed, kept as HDF5, drawn.

The file is what xarray reads through h5netcdf (`photon_relax.labelled_file`): the scattering matrix
S[out, in] of fields in the e^{-iωt} convention as its real and imaginary part::

    /wavelength            (F,) m, ascending
    /out, /in              (P,) names of the ports
    /scattering_real       (F, P, P)
    /scattering_imag       (F, P, P)
    /netlist               attribute of the file: the circuit, SAX's form as JSON
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from circuits import Circuit
from photon_relax.atomic_file import write_atomically
from photon_relax.labelled_file import Labelled, write_labelled

__all__ = ["Spectra", "compute_spectra"]

_CHUNK = 256
_DARKEST = -80.0  # dB that a picture shows at least


@dataclass(frozen=True, kw_only=True)
class Spectra:
    """Scattering matrices of a circuit over the wavelength."""

    wavelength: NDArray[np.float64]
    """Vacuum wavelengths in m, (F,)."""

    ports: tuple[str, ...]
    """Names of the P ports."""

    scattering: NDArray[np.complex128]
    """S[out, in], (F, P, P)."""

    netlist: dict[str, Any]
    """The circuit in SAX's form."""

    def power_db(self, output: str, source: str) -> NDArray[np.float64]:
        """Return the power that leaves a port per power into another, in dB, −inf where none."""
        field = self.scattering[:, self.ports.index(output), self.ports.index(source)]
        with np.errstate(divide="ignore"):
            power: NDArray[np.float64] = 20 * np.log10(np.abs(field))
        return power

    def write(self, path: str | Path) -> None:
        """Write the HDF5 file, see the module."""
        ports = list(self.ports)
        write_labelled(
            path,
            {
                "wavelength": Labelled(("wavelength",), self.wavelength, "m", "vacuum wavelength"),
                "out": Labelled(("out",), ports, long_name="port that light leaves"),
                "in": Labelled(("in",), ports, long_name="port that light enters"),
                "scattering": Labelled(
                    ("wavelength", "out", "in"), self.scattering, "1", "field out per field in"
                ),
            },
            {"netlist": self.netlist, "convention": "exp(-i omega t)"},
        )

    def draw(self, path: str | Path, sources: Sequence[str]) -> None:
        """Draw the power at every port, one panel for each port that light enters."""
        figure = Figure(figsize=(9.0, 1.2 + 3.2 * len(sources)), layout="constrained")
        FigureCanvasAgg(figure)
        panels = np.atleast_1d(figure.subplots(len(sources), 1, sharex=True, squeeze=False)[:, 0])
        for panel, source in zip(panels, sources, strict=True):
            lowest = 0.0
            for output in self.ports:
                power = self.power_db(output, source)
                if not np.any(power > _DARKEST):
                    continue  # nothing arrives there
                panel.plot(self.wavelength * 1e9, np.maximum(power, _DARKEST), label=output)
                lowest = min(lowest, float(power[np.isfinite(power)].min()))
            panel.set_ylabel(f"power from {source} (dB)")
            panel.set_ylim(bottom=max(_DARKEST, lowest - 3.0))
            panel.grid(alpha=0.3)
            if panel.lines:
                panel.legend(title="leaves at", fontsize=8, loc="best")
        panels[-1].set_xlabel("vacuum wavelength (nm)")
        image = io.BytesIO()
        figure.savefig(image, format="png", dpi=150)
        write_atomically(path, image.getvalue())


def compute_spectra(
    circuit: Circuit,
    wavelength: NDArray[np.float64],
    progress: Callable[[int], None] = lambda done: None,
) -> Spectra:
    """Compute the spectra of a circuit.

    Parameters
    ----------
    circuit
        With its ports.
    wavelength
        Vacuum wavelengths in m, (F,).
    progress
        Told how many wavelengths are done.
    """
    parts = []
    for start in range(0, len(wavelength), _CHUNK):
        parts.append(circuit.scattering(wavelength[start : start + _CHUNK]))
        progress(min(start + _CHUNK, len(wavelength)))
    return Spectra(
        wavelength=wavelength,
        ports=circuit.ports,
        scattering=np.concatenate(parts),
        netlist=circuit.netlist.to_netlist(),
    )
