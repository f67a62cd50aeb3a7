"""Coupled-mode stepping of 10⁴ rings against a general solver of the same accuracy.

A sampled waveform, held over every sample as everywhere in the simulator, crosses add-drop rings of
scattered resonance; both carry the stored amplitudes from sample to sample. The reference is
`scipy.integrate.solve_ivp` over each held sample, all rings in one vector, by the method and the
tolerance that need least time for an error of 1e-6 at the end; ours is exact for a held input. Both
errors are measured against the exponential of every ring, sample by sample.
"""

from collections.abc import Callable

import numpy as np
from scipy.integrate import solve_ivp

from benchmarks.timing import interleaved, show
from devices import AddDropRing, RingDynamics

RINGS, SAMPLES, DT = 10_000, 256, 5e-12
ERROR = 1e-6
BOUND = 1 / 100
METHODS = [("RK45", 1e-8), ("DOP853", 1e-6), ("DOP853", 1e-7), ("DOP853", 1e-8)]


class Task:
    """The rings, the waveform and the exact answer."""

    def __init__(self) -> None:
        rng = np.random.default_rng(0)
        ring = AddDropRing(resonance_offset=rng.normal(0.0, 5e9, RINGS))
        self.rings = RingDynamics(ring=ring)
        self.frequency = float(np.mean(ring.resonance_frequency))
        self.field = np.sqrt(1e-3) * rng.uniform(0.5, 1.0, SAMPLES)
        self.pole = 1j * self.rings.detuning(self.frequency) - self.rings.decay_rate
        self.drive = 1j * np.sqrt(2 * self.rings.input_rate)
        self.exact = np.zeros(RINGS, complex)
        for field in self.field:
            rest = -self.drive * field / self.pole
            self.exact = rest + (self.exact - rest) * np.exp(self.pole * DT)

    def ours(self) -> np.ndarray:
        trace = self.rings.propagate(self.field, self.frequency, DT, every=SAMPLES)
        return trace.state.amplitude

    def solved(self, method: str, tolerance: float) -> np.ndarray:
        a = np.zeros(RINGS, complex)
        for field in self.field:
            source = self.drive * field
            run = solve_ivp(
                lambda t, y, source=source: self.pole * y + source,
                (0.0, DT), a, method=method, rtol=tolerance, atol=tolerance * 1e-9,
            )  # fmt: skip
            a = run.y[:, -1]
        return a

    def error(self, amplitude: np.ndarray) -> float:
        return float(np.max(np.abs(amplitude - self.exact)) / np.max(np.abs(self.exact)))


def run(rounds: int = 5) -> list[dict[str, object]]:
    """Return one row: seconds of ours and of the reference, ratio, bound."""
    task = Task()
    assert task.error(task.ours()) < ERROR
    candidates: dict[str, Callable[[], object]] = {"ours": task.ours}
    for method, tolerance in METHODS:
        if task.error(task.solved(method, tolerance)) <= ERROR:
            candidates[f"{method} {tolerance:g}"] = lambda m=method, t=tolerance: task.solved(m, t)
    seconds = interleaved(candidates, rounds)
    own = seconds.pop("ours")
    best = min(seconds, key=lambda name: seconds[name])
    steps = RINGS * SAMPLES
    return [
        {
            "name": f"{RINGS} rings, {steps / own:.3g} against {steps / seconds[best]:.3g} steps/s "
            f"({best})",
            "ours": own,
            "reference": seconds[best],
            "ratio": own / seconds[best],
            "bound": f"≤ 1/{1 / BOUND:g}",
            "holds": own / seconds[best] <= BOUND,
        }
    ]


if __name__ == "__main__":
    show("coupled-mode stepping, against solve_ivp at an error of 1e-6", run())
