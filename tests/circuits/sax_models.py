"""SAX models of what random netlists are made of, written from formulas, not from our matrices.

Each takes the settings that `random_netlists.ALL` draws, and rests on the defaults of the others.
Wavelengths are in µm, as SAX has them; a delay is e^{+iωτ}, light crosses with +i.
"""

from functools import wraps
from itertools import product

import numpy as np
import sax
from scipy.constants import c as speed_of_light


def constant(wl, entries):
    return {ports: value * np.ones_like(wl, dtype=complex) for ports, value in entries.items()}


def amplitude(loss_db):
    return 10 ** (-loss_db / 20)


def offset(wl):
    """Angular frequency about that of 1.55 µm."""
    return 2e6 * np.pi * speed_of_light * (1 / wl - 1 / 1.55)


def two_port(through):
    return sax.reciprocal({("in0", "out0"): through})


def directional_coupler(wl=1.55, power_ratio=0.5):
    bar, cross = (1 - power_ratio) ** 0.5, 1j * power_ratio**0.5
    crossing = {("in0", "out1"): cross, ("in1", "out0"): cross}
    return sax.reciprocal(constant(wl, {("in0", "out0"): bar, ("in1", "out1"): bar} | crossing))


def phase_shifter(wl=1.55, phase=0.0):
    return two_port(np.exp(1j * phase) * np.ones_like(wl))


def attenuator(wl=1.55, loss_db=0.0):
    return two_port(amplitude(loss_db) * np.ones_like(wl, dtype=complex))


def amplifier(wl=1.55, small_signal_gain_db=0.0, noise_figure_db=7.0):
    """Both ways, with the index change of a linewidth enhancement of 5."""
    log_gain = small_signal_gain_db * np.log(10) / 10
    return two_port(np.exp((1 - 5j) * log_gain / 2) * np.ones_like(wl))


def mirror(wl=1.55, reflectivity=0.5):
    back, through = reflectivity**0.5, 1j * (1 - reflectivity) ** 0.5
    entries = {("in0", "in0"): back, ("out0", "out0"): back, ("in0", "out0"): through}
    return sax.reciprocal(constant(wl, entries))


def terminator(wl=1.55, reflectivity=0.0, phase=0.0):
    return constant(wl, {("in0", "in0"): reflectivity**0.5 * np.exp(1j * phase)})


def isolator(wl=1.55, insertion_loss_db=0.0, isolation_db=0.0):
    ways = {("in0", "out0"): insertion_loss_db, ("out0", "in0"): isolation_db}
    return constant(wl, {way: amplitude(loss) for way, loss in ways.items()})


def circulator(wl=1.55, insertion_loss_db=0.0, isolation_db=0.0):
    onward = {(f"port{i}", f"port{(i + 1) % 3}"): insertion_loss_db for i in range(3)}
    back = {(f"port{(i + 1) % 3}", f"port{i}"): isolation_db for i in range(3)}
    return constant(wl, {way: amplitude(loss) for way, loss in (onward | back).items()})


def splitter(wl=1.55, power_ratio=0.5, insertion_loss_db=0.0):
    a = amplitude(insertion_loss_db)
    entries = {("in0", "out0"): a * (1 - power_ratio) ** 0.5, ("in0", "out1"): a * power_ratio**0.5}
    return sax.reciprocal(constant(wl, entries))


def mach_zehnder(wl=1.55, theta=0.0, phi=0.0, alpha=0.0, beta=0.0):
    """S(β) diag(e^{iθ}, 1) S(α) diag(e^{iφ}, 1), written out."""
    c1, s1 = np.cos(np.pi / 4 + alpha), 1j * np.sin(np.pi / 4 + alpha)
    c2, s2 = np.cos(np.pi / 4 + beta), 1j * np.sin(np.pi / 4 + beta)
    inner, outer = np.exp(1j * theta), np.exp(1j * phi)
    entries = {
        ("in0", "out0"): (c2 * inner * c1 + s2 * s1) * outer,
        ("in1", "out0"): c2 * inner * s1 + s2 * c1,
        ("in0", "out1"): (s2 * inner * c1 + c2 * s1) * outer,
        ("in1", "out1"): s2 * inner * s1 + c2 * c1,
    }
    return sax.reciprocal(constant(wl, entries))


def guide(wl, length, effective_index, group_index, loss_db):
    phase = 2 * np.pi * effective_index * length / 1.55e-6
    turn = phase + offset(wl) * group_index * length / speed_of_light
    return amplitude(loss_db * length) * np.exp(1j * turn)


def waveguide(wl=1.55, length=1e-4, effective_index=0.0, propagation_loss_db=0.0):
    return two_port(guide(wl, length, effective_index, 4.2, propagation_loss_db))


def fiber(wl=1.55, length=1.0, effective_index=0.0):
    """The default fibre, with its dispersion of −21.7 ps²/km."""
    angle = offset(wl)
    bend = -0.5 * 21.7e-27 * length * angle**2
    return two_port(guide(wl, length, effective_index, 1.4682, 0.2e-3) * np.exp(1j * bend))


def fabry_perot(wl=1.55, length=1e-4, reflectivity=0.5, propagation_loss_db=0.0):
    """Airy's formulas with r = √R and t = i √(1 − R)."""
    once = guide(wl, length, 0.0, 4.2, propagation_loss_db)
    gathered = (1 - reflectivity) / (1 - reflectivity * once**2)
    back = reflectivity**0.5 * (1 - gathered * once**2)
    entries = {("in0", "in0"): back, ("out0", "out0"): back, ("in0", "out0"): -gathered * once}
    return sax.reciprocal(entries)


def round_trip(wl, tuning):
    """Phase of a round trip of the default ring, 20 µm across; without loss as ALL has it."""
    return (offset(wl) - 2 * np.pi * tuning) * 4.2 * 20e-6 * np.pi / speed_of_light


def all_pass_ring(wl=1.55, self_coupling=0.9, propagation_loss_db=0.0):
    turn = np.exp(1j * round_trip(wl, 0.0))
    return two_port((self_coupling - turn) / (1 - self_coupling * turn))


def add_drop_ring(
    wl=1.55, input_self_coupling=0.9, drop_self_coupling=0.9, propagation_loss_db=0.0, tuning=0.0
):
    near, far, angle = input_self_coupling, drop_self_coupling, round_trip(wl, tuning)
    turn = np.exp(1j * angle)
    share = 1 / (1 - near * far * turn)
    dropped = -((1 - near**2) ** 0.5) * (1 - far**2) ** 0.5 * np.exp(0.5j * angle) * share
    entries = {
        ("in", "through"): (near - far * turn) * share,
        ("add", "drop"): (far - near * turn) * share,
        ("in", "drop"): dropped,
        ("add", "through"): dropped,
    }
    return sax.reciprocal(entries)


def complete(model):
    """The model in NumPy, with zeros where nothing passes: SAX compiles for every other pattern."""

    @wraps(model)
    def filled(**settings):
        entries = model(**{name: np.asarray(value) for name, value in settings.items()})
        ports = {port for pair in entries for port in pair}
        nothing = np.zeros_like(next(iter(entries.values())))
        return {pair: entries.get(pair, nothing) for pair in product(ports, repeat=2)}

    return filled


MODELS = {
    model.__name__: model
    for model in (
        add_drop_ring, all_pass_ring, amplifier, attenuator, circulator, directional_coupler,
        fabry_perot, fiber, isolator, mach_zehnder, mirror, phase_shifter, splitter, terminator,
        waveguide,
    )
}  # fmt: skip
