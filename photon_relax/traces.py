"""A circuit in time: what entered and left its ports, computed and kept as HDF5.

The file is what xarray reads through h5netcdf (`photon_relax.labelled_file`). Light is its envelope
about the carrier in √W, as real and imaginary part; an electrical signal is a number, and its
imaginary part zero::

    /time                          (samples,) s, the beginning of each sample
    /carrier                       (C,) Hz
    /input, /port, /probe          names: lit ports, all ports, ports inside that are watched
    /port_domain, /probe_domain    optical or electrical
    /entering_real, _imag          (inputs, samples), with every carrier alike
    /leaving_real, _imag           (C, ports, samples)
    /probed_real, _imag            (C, probes, samples), what leaves those ports
    /netlist                       attribute of the file: the circuit, SAX's form as JSON
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from circuits import Circuit
from photon_relax.labelled_file import Labelled, write_labelled

__all__ = ["Signals", "Traces", "compute_traces"]


@dataclass(frozen=True, kw_only=True)
class Signals:
    """What enters or leaves some ports over time."""

    names: tuple[str, ...]
    """Of the ports."""

    domains: tuple[str, ...]
    """``"optical"`` or ``"electrical"`` of each."""

    values: NDArray[np.complex128]
    """(carriers, ports, samples): envelopes in √W, or electrical signals."""

    def levels(self, place: int) -> NDArray[np.float64]:
        """Return the power in W, or the electrical signal, at one port, (carriers, samples)."""
        values = self.values[:, place]
        optical = self.domains[place] == "optical"
        return np.asarray(np.abs(values) ** 2 if optical else values.real)


@dataclass(frozen=True, kw_only=True)
class Traces:
    """A circuit's signals over time."""

    time: NDArray[np.float64]
    """(samples,) in s."""

    dt: float
    """Length of a sample in s."""

    frequency: NDArray[np.float64]
    """Of the carriers in Hz, (C,)."""

    entering: Signals
    """At the ports with an input; (1, inputs, samples), for all carriers."""

    leaving: Signals
    """At all ports of the circuit."""

    probed: Signals
    """At probed ports of instances."""

    netlist: dict[str, Any]
    """The circuit in SAX's form."""

    def write(self, path: str | Path) -> None:
        """Write the HDF5 file, see the module."""
        variables = {
            "time": Labelled(("time",), self.time, "s", "beginning of each sample"),
            "carrier": Labelled(("carrier",), self.frequency, "Hz", "frequency of the carrier"),
            "input": Labelled(("input",), list(self.entering.names)),
            "entering": Labelled(
                ("input", "time"), self.entering.values[0], "sqrt(W)", "envelope that enters"
            ),
        }
        for name, each, signals in (
            ("leaving", "port", self.leaving),
            ("probed", "probe", self.probed),
        ):
            if signals.names:
                variables[each] = Labelled((each,), list(signals.names))
                variables[f"{each}_domain"] = Labelled((each,), list(signals.domains))
                variables[name] = Labelled(
                    ("carrier", each, "time"), signals.values, "sqrt(W)", "envelope that leaves"
                )
        write_labelled(path, variables, {"netlist": self.netlist, "convention": "exp(-i omega t)"})


def compute_traces(
    circuit: Circuit,
    inputs: Mapping[str, NDArray[Any]],
    *,
    dt: float,
    frequency: Sequence[float],
    probes: Sequence[str] = (),
    order: int = 5,
    seed: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> Traces:
    """Step a circuit from the dark through its inputs.

    Parameters
    ----------
    circuit
        With its ports.
    inputs
        Envelopes in √W, or electrical signals, by port, (samples,) each.
    dt
        Length of a sample in s.
    frequency
        Of the carriers in Hz: the same envelopes about each, which know nothing of one another.
    probes
        Ports of instances to be seen too, ``INSTANCE,PORT``, see `Circuit.transient`.
    order
        Odd order of the interpolation where a delay is not of whole samples.
    seed
        Of the noise, none without it.
    progress
        Told how many samples are done.
    """
    result = circuit.transient(
        inputs,
        dt=dt,
        frequency=np.array(frequency, dtype=np.float64),
        order=order,
        probes=probes,
        seed=seed,
        progress=progress,
    )

    def signals(seen: Mapping[str, NDArray[Any]]) -> Signals:
        rows = [np.atleast_2d(it) for it in seen.values()]
        return Signals(
            names=tuple(seen),
            domains=tuple(circuit.domain(name) for name in seen),
            values=np.stack(rows, axis=1, dtype=np.complex128)
            if rows
            else np.zeros((0, 0, 0), np.complex128),
        )

    return Traces(
        time=result.time,
        dt=dt,
        frequency=np.array(frequency, dtype=np.float64),
        entering=signals(inputs),
        leaving=signals(result.outputs),
        probed=signals(result.probes),
        netlist=circuit.netlist.to_netlist(),
    )
