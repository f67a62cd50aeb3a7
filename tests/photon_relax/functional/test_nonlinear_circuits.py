"""gradcheck, at its default tolerances, of circuits with nonlinear parts, noise and feedback."""

import numpy as np
import pytest
import torch

from circuits import transient_program
from photon_relax.functional import circuit_transient
from tests.circuits.test_transient import CARRIER, DT
from tests.circuits.test_transient_ops import OPERATIONS, SEED, alone, entering, optoelectronic_loop


def leaving(built, light, settings, seed):
    """What leaves a circuit, of settings given in units of their present values.

    Ports without light, such as electrical outputs, stay so.
    """
    lit = {port: it for port, it in light.items() if np.any(it)}
    dark = {port: torch.from_numpy(it) for port, it in light.items() if port not in lit}

    def of(*scaled):
        count = len(lit)
        inputs = {**dict(zip(lit, scaled[:count], strict=True)), **dark}
        values = {
            name: it * built.parameters[name.split(".")[0]][name.split(".")[1]]
            for name, it in zip(settings, scaled[count:], strict=True)
        }
        seen = circuit_transient(
            built, inputs, settings=values, dt=DT, frequency=CARRIER, order=3, seed=seed
        )
        return tuple(it[..., -6:] for it in seen.values())

    ones = [torch.ones((), dtype=torch.float64) for _ in settings]
    given = [torch.from_numpy(np.ascontiguousarray(it)) for it in lit.values()]
    return of, [it.requires_grad_() for it in (*given, *ones)]


@pytest.mark.parametrize("seed", [None, SEED])
@pytest.mark.parametrize("name", OPERATIONS)
def test_gradcheck_of_operations(name, seed):
    built = alone(name, OPERATIONS[name])
    light = entering(np.random.default_rng(1), built.ports, built.components["it"].domains, 2, 6)
    settings = [f"it.{it}" for it, value in built.parameters["it"].items() if value != 0]
    assert torch.autograd.gradcheck(*leaving(built, light, settings, seed))


@pytest.mark.parametrize("seed", [None, SEED])
def test_gradcheck_of_feedback_through_all(seed, monkeypatch):
    """More samples than one stretch between two remembered states; light of two numbers."""
    monkeypatch.setattr(transient_program, "_NUMBERS_A_CALL", 1)
    built = optoelectronic_loop()
    settings = ["coupler.power_ratio", "guide.propagation_loss_db", "gate.im0", "soa.re0",
                "soa.re3", "diode.re0", "diode.re3", "bend.re1", "clock.re2"]  # fmt: skip
    rng = np.random.default_rng(2)
    shapes = torch.from_numpy(rng.normal(size=(2, 80)) + 1j * rng.normal(size=(2, 80)))
    of, given = leaving(built, {"in": np.ones(80, complex)}, settings, seed)
    sizes = torch.tensor([1.0, 0.5j], dtype=torch.complex128, requires_grad=True)
    assert torch.autograd.gradcheck(lambda it, *rest: of(it @ shapes, *rest), [sizes, *given[1:]])
