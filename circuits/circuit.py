"""A photonic circuit of any wiring, in frequency: what leaves each port of what enters each.

    in ───[coupler]─────── out      S(ν)[out, in],  e^{-iωt},  noise-free
             │ ╭──╮ │
             ╰─│τ │─╯               feedback is solved, not iterated
               ╰──╯

`Circuit` builds the components that a netlist names, numbers their ports, and eliminates the
joined ones exactly, with one order of elimination for all wavelengths. Gradients with respect to
every continuous setting cost one more such pass, whatever their number.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from math import pi
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.constants import c as speed_of_light

from circuits.circuit_entries import all_zero
from circuits.circuit_layout import Layout, alike, lay_out
from circuits.circuit_system import System
from circuits.component import Component, Domain, Frequencies, Matrices
from circuits.component_nonlinear import Nonlinear
from circuits.components import MODELS, CircuitError, Model, build_component, model_of
from circuits.netlist import Instance, Netlist, PortRef, near
from circuits.transient import SteppedCircuit, Transient
from circuits.transient_inputs import Signal, sampled
from circuits.transient_op_kernels import Op
from devices._fields import POSITIVE, checked_real

_LONGEST = 1e-3
"""Vacuum wavelength in m from which light is no light: 1.55 is a micrometre too many."""


class Circuit:
    """A netlist that light runs through.

    Parameters
    ----------
    netlist : Netlist
        Instances, connections and ports, without hierarchy.
    models : mapping, optional
        What component names stand for beside, or instead of, the house's `MODELS`.

    Raises
    ------
    CircuitError
        Where the netlist names a component, setting, instance or port that does not exist, uses a
        port twice, or has no ports.
    """

    def __init__(self, netlist: Netlist, *, models: Mapping[str, Model] | None = None) -> None:
        self._origin = netlist
        self._changes: dict[str, dict[str, float]] = {}
        self._models = MODELS if models is None else {**MODELS, **models}
        self.components = {name: self._built(name, it) for name, it in netlist.instances.items()}
        self._system = System(self._laid_out())

    def _built(self, name: str, instance: Instance) -> Component:
        settings = dict(instance.settings)
        if "file" in settings:
            settings["file"] = _found(settings["file"], self._origin.source)
        return build_component(name, instance.component, settings, self._models, self._origin.where)

    def _laid_out(self) -> Layout:
        if not self._origin.ports:
            raise CircuitError(
                f"{self._origin.where}the circuit has no ports (no light gets in or out). Name "
                f'some, for example ports={{"in": ("coupler", "in0")}}.'
            )
        connections = [
            (self._named(first), self._named(second)) for first, second in self._origin.connections
        ]
        ports = [(name, self._named(place)) for name, place in self._origin.ports.items()]
        return lay_out(self.components, connections, ports, self._origin.where)

    def _named(self, place: PortRef) -> PortRef:
        """Return (instance, port) with the house's name for the port."""
        instance, port = place
        if instance in self.components and port not in self.components[instance].ports:
            component = self._origin.instances[instance].component
            aliases = model_of(instance, component, self._models, self._origin.where).port_aliases
            port = aliases.get(port, port)
        return instance, port

    @cached_property
    def netlist(self) -> Netlist:
        """The netlist, with the settings that `with_parameters` has changed."""
        instances = dict(self._origin.instances)
        for name, changed in self._changes.items():
            settings = {**instances[name].settings, **changed}
            instances[name] = replace(instances[name], settings=settings)
        return replace(self._origin, instances=instances) if self._changes else self._origin

    def to_netlist(self) -> dict[str, Any]:
        """Write SAX's form; `load_netlist` of it gives the same circuit."""
        return self.netlist.to_netlist()

    @property
    def ports(self) -> tuple[str, ...]:
        """Names of the ports, in the order of rows and columns of S."""
        return tuple(self._origin.ports)

    @property
    def has_sources(self) -> bool:
        """Whether light or a voltage comes from within."""
        parts = (it.component for it in self.layout.parts)
        return any(isinstance(it, Nonlinear) and it.op is Op.SOURCE for it in parts)

    def domain(self, name: str) -> Domain:
        """Return whether a port, or ``INSTANCE,PORT``, is optical or electrical."""
        place = self._origin.ports[name] if name in self._origin.ports else self._probed(name)
        instance, port = self._named(place)
        self.layout.place(instance, port, f"probe {name!r}")
        component = self.components[instance]
        return component.domains[component.ports.index(port)]

    @property
    def layout(self) -> Layout:
        """The memoryless parts and lines of all instances, and their wiring."""
        return self._system.layout

    # Parameters

    @property
    def parameters(self) -> dict[str, dict[str, float]]:
        """Values of all continuous settings by instance and name, defaults among them."""
        return {name: dict(it.parameters) for name, it in self.components.items()}

    def with_parameters(self, values: Mapping[str, Mapping[str, float]]) -> Self:
        """Return the circuit with other values of some parameters; the wiring is not redone.

        Raises
        ------
        CircuitError
            Where an instance or a parameter does not exist, or a value is refused.
        """
        self._check(values)
        other = object.__new__(type(self))
        other._models = self._models
        other._origin = self._origin
        other._changes = {
            **self._changes,
            **{name: {**self._changes.get(name, {}), **of} for name, of in values.items()},
        }
        fresh = {}
        for name in values:
            instance = self._origin.instances[name]
            settings = {**instance.settings, **other._changes[name]}
            fresh[name] = other._built(name, replace(instance, settings=settings))
        other.components = {**self.components, **fresh}
        if all(alike(self.components[name], it) for name, it in fresh.items()):
            other._system = self._system.with_components(fresh)
        else:
            other._system = System(other._laid_out())
        return other

    def _check(self, values: Mapping[str, Mapping[str, float]]) -> None:
        for instance, changed in values.items():
            if instance not in self.components:
                raise CircuitError(
                    f"{self._origin.where}there is no instance {instance!r}."
                    f"{near(instance, self.components)}"
                )
            known = self.components[instance].parameters
            for name in changed:
                if name not in known:
                    raise CircuitError(
                        f"{self._origin.where}instance {instance!r} has no parameter {name!r}."
                        f"{near(name, known)}"
                    )

    # Frequency

    def scattering(
        self, wavelength: ArrayLike | None = None, *, frequency: ArrayLike | None = None
    ) -> Matrices:
        """Return S[out, in] between the ports, (F, P, P), noise-free.

        Ports that are neither connected nor named are matched. A circuit with gain above its
        threshold has an S by algebra, though it would oscillate. Nonlinear parts respond as to
        little light with every drive at zero; electrical parts take the frequency for their own.

        Parameters
        ----------
        wavelength : float or (F,) (m)
            Vacuum wavelengths; or
        frequency : float or (F,) (Hz)
            optical frequencies, one of the two.

        Raises
        ------
        CircuitError
            Where a loop without loss resonates, so that no steady state exists.
        """
        return self._system.scattering(_frequencies(wavelength, frequency))

    def gradients(
        self,
        cotangent: ArrayLike,
        wavelength: ArrayLike | None = None,
        *,
        frequency: ArrayLike | None = None,
    ) -> dict[str, dict[str, float]]:
        """Return ∂L/∂parameter of a real L of which ∂L/∂S is known, by instance and name.

        S_total = M_ee + M_ei (I − M_ii)⁻¹ M_ie, so dS_total = Y dM X with X what enters and Y
        what leaves the ports. With dL = Re Σ conj(G) dS_total,

            dL = Re Σ m̄ dM,   m̄ = Yᵀ conj(G) Xᵀ,

        one adjoint solve for m̄ where M has entries, then one sum a parameter over the entries of
        its component.

        Parameters
        ----------
        cotangent : (F, P, P) complex
            G = ∂L/∂Re S + i ∂L/∂Im S, as torch has it.
        wavelength, frequency
            As of `scattering`.
        """
        light = _frequencies(wavelength, frequency)
        given = np.asarray(cotangent, dtype=np.complex128)
        shape = (len(light), len(self.ports), len(self.ports))
        if given.shape != shape:
            raise ValueError(
                f"cotangent must have the shape {shape} of the scattering matrices; got "
                f"{given.shape}."
            )
        totals = all_zero(self.components.items())
        system = self._system
        for chunk, constant, varying in system.entry_adjoints(light, np.conj(given)):
            system.entries.add_gradients(totals, light[chunk], constant, varying)
        return totals

    def group_delay(
        self,
        output: str,
        input: str,
        wavelength: ArrayLike | None = None,
        *,
        frequency: ArrayLike | None = None,
    ) -> NDArray[np.float64]:
        """Return τ_g = d arg S[output, input]/dω in s, (F,), without differences.

        NaN where nothing passes. Parameters as of `scattering`.
        """
        light = _frequencies(wavelength, frequency)
        row, column = self._port(output), self._port(input)
        pick = np.zeros((len(light), len(self.ports), len(self.ports)), dtype=np.complex128)
        pick[:, row, column] = 1.0
        slope = np.zeros(len(light), dtype=np.complex128)
        system = self._system
        for chunk, _, varying in system.entry_adjoints(light, pick):
            change = system.entries.dispersion(light[chunk])
            slope[chunk] = np.sum(varying * change, axis=0)
        field = system.scattering(light)[:, row, column]
        dark = field == 0
        return np.where(dark, np.nan, np.imag(slope / np.where(dark, 1.0, field)) / (2 * pi))

    def power_balance(
        self, wavelength: ArrayLike | None = None, *, frequency: ArrayLike | None = None
    ) -> NDArray[np.float64]:
        """Return the share of the power into each port that is lost inside, (F, P).

        1 − Σ_out |S[out, in]|²; below zero where the circuit amplifies. Open ports inside count as
        loss. Parameters as of `scattering`.
        """
        power = np.abs(self.scattering(wavelength, frequency=frequency)) ** 2
        return np.asarray(1.0 - power.sum(axis=1))

    # Time

    def transient(
        self,
        inputs: Mapping[str, Signal],
        *,
        dt: float,
        frequency: ArrayLike,
        duration: float | None = None,
        order: int = 5,
        probes: Sequence[str] = (),
        seed: int | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> Transient:
        """Return what leaves the ports of envelopes that enter them; see `SteppedCircuit`.

        Parameters
        ----------
        inputs : mapping of str to (samples,) or (batch, samples), or to a callable
            Envelope in √W about the carrier by port, held over each sample, real for an
            electrical port; others are dark. A callable returns it for times (samples,) in s.
            None at all, with a duration, where the circuit has sources of its own.
        dt : float (s)
            Length of a sample.
        duration : float (s), optional
            How long to run, where callables have to know.
        frequency : float or (batch,) (Hz)
            Of the carrier, or of that of each row.
        order : int
            Odd order of the interpolation where a delay is not of whole samples.
        probes : sequence of str
            Ports inside to be seen as well, each as ``INSTANCE,PORT``: what leaves that port of
            that instance. What enters it is what leaves the port that it is joined to.
        seed : int, optional
            Of the noise, none without it.
        progress : callable, optional
            Told now and then how many samples are done.
        """
        if not inputs and self.has_sources and duration is not None:
            inputs = {self.ports[0]: np.zeros_like}  # a dark port says nothing
        stepped = self.stepped(
            tuple(inputs), probes=probes, dt=dt, frequency=frequency, order=order
        )
        return stepped.run(sampled(inputs, dt=dt, duration=duration), seed=seed, progress=progress)

    def stepped(
        self,
        inputs: Sequence[str],
        outputs: Sequence[str] | None = None,
        *,
        dt: float,
        frequency: ArrayLike,
        order: int = 5,
        probes: Sequence[str] = (),
    ) -> SteppedCircuit:
        """Return the circuit compiled for some lit ports, as `transient` runs it."""
        return SteppedCircuit(
            self.layout,
            self.ports,
            inputs,
            outputs,
            {text: self._named(self._probed(text)) for text in probes},
            dt=dt,
            frequency=frequency,
            order=order,
        )

    def _probed(self, text: str) -> PortRef:
        instance, comma, port = text.rpartition(",")
        if not comma:
            raise CircuitError(
                f"{self._origin.where}a probe is a port of an instance, INSTANCE,PORT (the "
                f"circuit's own ports are seen anyway); got {text!r}."
            )
        return instance.strip(), port.strip()

    def _port(self, name: str) -> int:
        if name not in self.ports:
            raise CircuitError(
                f"{self._origin.where}the circuit has no port {name!r}.{near(name, self.ports)}"
            )
        return self.ports.index(name)


def _found(file: Any, netlist: str) -> Any:
    """Return where a file is that a netlist names: as it is written, or beside the netlist."""
    if isinstance(file, str) and netlist and not Path(file).exists():
        beside = Path(netlist).parent / file
        return str(beside) if beside.exists() else file
    return file


def _frequencies(wavelength: ArrayLike | None, frequency: ArrayLike | None) -> Frequencies:
    """Return the optical frequencies (F,) of either argument."""
    if (wavelength is None) == (frequency is None):
        raise ValueError(
            "give either wavelength (m) or frequency (Hz), one of them; got "
            f"wavelength={wavelength!r} and frequency={frequency!r}."
        )
    if wavelength is not None:
        given = checked_real(wavelength, "wavelength", POSITIVE, "vacuum wavelengths in m")
        if np.any(np.asarray(given) >= _LONGEST):
            raise ValueError(
                f"wavelength must be < {_LONGEST:g} m (light); got {np.max(given):g}. For 1.55 µm "
                f"write 1.55e-6."
            )
        light = speed_of_light / np.atleast_1d(given)
    else:
        given = checked_real(frequency, "frequency", POSITIVE, "optical frequencies in Hz")
        light = np.atleast_1d(given)
    if light.ndim != 1:
        raise ValueError(f"wavelengths must be one list; got an array of shape {light.shape}.")
    return np.asarray(light, dtype=np.float64)
