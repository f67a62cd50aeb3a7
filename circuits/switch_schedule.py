"""Which weight bank is selected in which time slot, and what each switch path transmits then.

    lane ──┬─ a_0 ─ W_0 ─ b_0 ─┬── lane        slot u = t·J + j: layer t of thread j,
           ├─ a_1 ─ W_1 ─ b_1 ─┤               J interleaved inferences share the loop
           └─ a_2 ─ W_2 ─ b_2 ─┘               (PHYSICS §6), bank = order[t]

The coefficient of path k on lane i is ``c_k,i = α_k + λ_k e^{iϑ_k,i}`` relative to a selected,
settled path: α is light that passes while the path is (still) selected, λ the leak of the
unselected path with its crosstalk phase ϑ. Both are real and the same on all lanes, and switching
mixes them linearly, so the pair (α, λ) is all that has to be followed in time.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from devices import CurrentSwitch, Switch

Array = NDArray[np.float64]


def named_order(name: str, weight_sets: int, repetitions: int) -> tuple[int, ...]:
    """Return the bank of each layer, (L_T,), of an order that has a name.

    With L_W = 4 and L_T = 12: 'cyclic' 012301230123 (t mod L_W); 'blocks' 000111222333 (each bank
    repeats before the next is selected: the switches turn L_W − 1 times); 'palindrome'
    012321012321 (there and back); 'random-1', 'random-2' … the cyclic order, shuffled by a
    generator of that seed.

    Raises
    ------
    ValueError
        There is no such order.
    """
    layers = np.arange(repetitions)
    word, _, number = name.partition("-")
    if name == "cyclic":
        banks = layers % weight_sets
    elif name == "blocks":
        banks = layers * weight_sets // repetitions
    elif name == "palindrome":
        period = max(2 * (weight_sets - 1), 1)
        banks = np.minimum(layers % period, -layers % period)
    elif word == "random" and number.isdecimal():
        banks = np.random.default_rng(int(number)).permutation(layers % weight_sets)
    else:
        raise ValueError(
            f"order must be a list of banks, such as [0, 0, 1, 1], or one of cyclic, blocks, "
            f"palindrome, random-1, random-2, …; got {name!r}."
        )
    return tuple(banks.tolist())


@dataclass(frozen=True, kw_only=True)
class SwitchSchedule:
    """The order in which the fast switches select the weight banks during one inference."""

    weight_sets: int
    """L_W, the number of weight banks."""

    repetitions: int
    """L_T, the number of times that the state circulates through a bank (the depth)."""

    interleaved: int = 1
    """J, independent inferences that share the loop, one slot each (PHYSICS §6)."""

    order: tuple[int, ...] | str | None = None
    """Bank of each of the L_T layers, or a word of `named_order`; None for t mod L_W
    (arXiv 2511.00044)."""

    def __post_init__(self) -> None:
        for name in ("weight_sets", "repetitions", "interleaved"):
            value = getattr(self, name)
            if int(value) != value or value < 1:
                raise ValueError(f"{name} must be a whole number of at least 1; got {value}.")
        if self.weight_sets > self.repetitions:
            raise ValueError(
                f"weight_sets must be ≤ repetitions (a bank that no layer uses cannot be trained); "
                f"got weight_sets={self.weight_sets} and repetitions={self.repetitions}. "
                f"For a deep network write repetitions={self.weight_sets}."
            )
        if isinstance(self.order, str):
            named = named_order(self.order, self.weight_sets, self.repetitions)
            object.__setattr__(self, "order", named)
        elif self.order is not None:
            order: Any = self.order
            whole = isinstance(order, (tuple, list)) and all(
                isinstance(bank, (int, np.integer)) and not isinstance(bank, bool) for bank in order
            )
            if not whole:
                raise ValueError(
                    f"order must be a list of banks, whole numbers; got {order!r}. "
                    f"For example write [0, 0, 1, 1]."
                )
            object.__setattr__(self, "order", tuple(int(bank) for bank in order))
            if len(self.order) != self.repetitions:
                raise ValueError(
                    f"order must name one bank for each of the {self.repetitions} layers; "
                    f"got {len(self.order)} entries."
                )
            strangers = sorted(set(self.order) - set(range(self.weight_sets)))
            if strangers:
                raise ValueError(
                    f"order must hold banks 0 … {self.weight_sets - 1}; got {strangers}."
                )

    @property
    def n_slots(self) -> int:
        """Time slots of one group of J inferences, L_T·J."""
        return self.repetitions * self.interleaved

    @property
    def banks(self) -> NDArray[np.int64]:
        """Bank selected in each layer, (L_T,)."""
        if self.order is not None:
            return np.array(self.order, dtype=np.int64)
        return np.arange(self.repetitions, dtype=np.int64) % self.weight_sets

    def settled_coefficients(self, switch: Switch) -> Array:
        """Return (α, λ) of every path when a bank is selected and settled, (L_W, L_W, 2).

        The first axis is the selected bank, the second the path.
        """
        leaks = switch.leakage_amplitudes(self.weight_sets)
        selected = np.eye(self.weight_sets)
        return np.stack([selected, leaks * (1.0 - selected)], axis=-1)

    def slot_coefficients(self, switch: Switch) -> Array:
        """Return the settled (α, λ) of every path in each slot, (L_T·J, 1, L_W, 2)."""
        per_slot = np.repeat(self.banks, self.interleaved)
        return self.settled_coefficients(switch)[per_slot][:, None]

    def sampled_coefficients(self, switch: Switch, slot_duration: float, samples: int) -> Array:
        """Return (α, λ) of every path at the end of every sample, (L_T·J, S, L_W, 2).

        A transient starts from what the switch really transmits at that moment, so a switch too
        slow for its slots never settles; an inference starts settled on its first bank.

        Parameters
        ----------
        switch
            The switch at this end of the banks.
        slot_duration
            T_s in seconds.
        samples
            S, samples per slot.
        """
        settled = self.settled_coefficients(switch)
        per_slot = np.repeat(self.banks, self.interleaved)
        times = (np.arange(samples) + 1) * (slot_duration / samples)
        path = np.empty((self.n_slots, samples, self.weight_sets, 2))
        target = settled[per_slot[0]]
        start, elapsed, switching = target, 0.0, False
        for slot, bank in enumerate(per_slot):
            if slot and bank != per_slot[slot - 1]:
                start, target, elapsed, switching = path[slot - 1, -1], settled[bank], 0.0, True
            if switching:
                new, old = switch.transient_weights(elapsed + times)
                path[slot] = new[:, None, None] * target + old[:, None, None] * start
            else:
                path[slot] = target
            elapsed += slot_duration
        return path

    def injected_currents(self, switch: CurrentSwitch, slot_duration: float, samples: int) -> Array:
        """Return the mean current in A that charge injection adds to each sample, (L_T·J, S).

        Every change of bank pushes its charge into the line; pulses that overlap add.

        Parameters
        ----------
        switch
            The switch that steers the banks' currents.
        slot_duration
            T_s in seconds.
        samples
            S, samples per slot.
        """
        per_slot = np.repeat(self.banks, self.interleaved)
        changes = np.flatnonzero(np.diff(per_slot)) + 1
        dt = slot_duration / samples
        starts = np.arange(self.n_slots * samples) * dt
        current = np.zeros(self.n_slots * samples)
        for slot in changes:
            later = slice(slot * samples, None)
            current[later] += switch.injected_current(starts[: len(starts) - slot * samples], dt)
        return current.reshape(self.n_slots, samples)


def lane_coefficients(path: Array, phases: Array) -> NDArray[np.complex128]:
    """Return the complex coefficient α + λ e^{iϑ} of each path on each lane.

    Parameters
    ----------
    path
        (α, λ) pairs, (..., L_W, 2).
    phases
        Crosstalk phases ϑ in radians, (L_W, N).

    Returns
    -------
    (..., L_W, N).
    """
    return np.asarray(path[..., 0, None] + path[..., 1, None] * np.exp(1j * phases))
